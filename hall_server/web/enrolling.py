"""How devices come to belong to the hall and are sent away: for them and for `paihao devices`."""

import base64
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from aiohttp import web

from hall_protocol.codec import encode
from hall_protocol.enrolment import MOST_BYTES, Answer, Approval, Renewal, Request
from hall_protocol.messages import Refused
from hall_protocol.topics import is_id
from hall_server.web import keys
from hall_server.web.problems import problem, refused

routes = web.RouteTableDef()

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)


async def _body(request: web.Request, kind: type[AnyStruct]) -> AnyStruct | None:
    payload = await request.read()
    try:
        return msgspec.json.decode(payload, type=kind) if len(payload) <= MOST_BYTES else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _json(message: msgspec.Struct, status: int = 200) -> web.Response:
    return web.Response(
        body=encode(message), status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


@routes.post("/api/v1/enrolments")
async def request_enrolment(request: web.Request) -> web.Response:
    """A device asks. Anybody may: only the code that it shows makes it one of ours."""
    asked = await _body(request, Request)
    if asked is None or not is_id(asked.device) or not is_id(asked.nonce):
        return problem(400, "invalid", "the body is no enrolment request")
    request.app[keys.ENROLMENT].request(asked, request.remote or "")
    return _json(Answer("waiting"), 202)


@routes.get("/api/v1/enrolments/{device}/{nonce}")
async def enrolment(request: web.Request) -> web.Response:
    """What has become of it."""
    return _json(request.app[keys.ENROLMENT].answer(request.match_info["device"], request.match_info["nonce"]))


@routes.post("/api/v1/certificates")
async def renew(request: web.Request) -> web.Response:
    """A device's certificate comes to its end."""
    renewal = await _body(request, Renewal)
    if renewal is None:
        return problem(400, "invalid", "the body is no renewal")
    return _json(await request.app[keys.ENROLMENT].renew(renewal))


def for_managers(handler: Callable[[web.Request, str], Awaitable[web.Response]]) -> keys.Handler:
    """Only for managers at a command line; `handler` is told who asks, by the name of the sign-in."""

    async def asked(request: web.Request) -> web.StreamResponse:
        by = await _manager(request)
        return await handler(request, by) if by is not None else _not_known()

    return asked


async def _manager(request: web.Request) -> str | None:
    """By name and password (HTTP Basic)."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return None
    known = kind == "Basic" and await request.app[keys.SESSIONS].knows(name, password)
    return name if known else None


def _not_known() -> web.Response:
    response = problem(401, "wrong_password", "name or password is wrong")
    response.headers["WWW-Authenticate"] = 'Basic realm="managers"'
    return response


@routes.get("/api/v1/devices")
@for_managers
async def devices(request: web.Request, by: str) -> web.Response:
    """Who waits, and who is there."""
    del by
    shown = await request.app[keys.MANAGERS].dashboard()
    told = {
        "waiting": [one._asdict() for one in shown.waiting],
        "devices": [
            {
                "device": one.device,
                "role": one.role,
                "state": one.state,
                "enrolled": one.enrolled,
                "lent": one.lent,
            }
            for one in shown.devices
        ],
    }
    return web.json_response(told, headers={"Cache-Control": "no-store"})


@routes.post("/api/v1/devices/{device}/approval")
@for_managers
async def approve(request: web.Request, by: str) -> web.Response:
    """A manager has typed a device's code at a command line."""
    approval = await _body(request, Approval)
    if approval is None:
        return problem(400, "invalid", "the body is no approval")
    await request.app[keys.ENROLMENT].approve(request.match_info["device"], approval.code, by)
    return web.Response(status=204)


@routes.post("/api/v1/devices/{device}/revocation")
@for_managers
async def revoke(request: web.Request, by: str) -> web.Response:
    """A manager sends a device away at a command line."""
    await request.app[keys.ENROLMENT].revoke(request.match_info["device"], by)
    return web.Response(status=204)


@routes.post("/api/v1/devices/{device}/numbers")
@for_managers
async def take_back_numbers(request: web.Request, by: str) -> web.Response:
    """A manager takes back the numbers that are lent to a dispenser whose card has died (J8)."""
    del by
    reply = await request.app[keys.MANAGERS].take_back_numbers(request.match_info["device"])
    return refused(reply) if isinstance(reply, Refused) else web.json_response(reply.result)
