"""How devices come to belong to the hall and are sent away: for them, the managers' page and `paihao devices`."""

import base64
from typing import TypeVar

import msgspec
from aiohttp import web

from hall_protocol.codec import encode
from hall_protocol.enrolment import MOST_BYTES, Answer, Approval, Renewal, Request
from hall_protocol.messages import Refused
from hall_protocol.topics import is_id
from hall_server.application.enrolment import EnrolmentError
from hall_server.web import keys
from hall_server.web.manage import back_to_dashboard, dashboard_with, own_form, sign_in_first
from hall_server.web.problems import problem, refused

routes = web.RouteTableDef()

MOST_TYPED = 40
STATUS = {"unknown_device": 404, "unknown_request": 404, "nobody_waiting": 404, "not_enrolled": 404, "busy": 503}
SENTENCES = {
    "unknown_device": "hall.toml names no such device",
    "unknown_request": "the request is too old, or its code was mistyped too often: ask again",
    "nobody_waiting": "no such device is waiting: run paihao enrol on it",
    "not_enrolled": "the device has no certificate",
    "busy": "too many devices are waiting",
    "wrong_code": "the code is not the one that the device shows",
    "bad_request": "this is no request for a certificate",
    "not_ours": "the certificate is not of this hall",
    "revoked": "the certificate has been revoked: enrol the device anew",
    "expired": "the certificate ended too long ago: enrol the device anew",
    "bad_signature": "the request is not signed by the certificate's key",
}
AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)


def _refused(error: EnrolmentError) -> web.Response:
    return problem(STATUS.get(error.code, 403), error.code, SENTENCES[error.code])


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
    try:
        request.app[keys.ENROLMENT].request(asked, request.remote or "")
    except EnrolmentError as error:
        return _refused(error)
    return _json(Answer("waiting"), 202)


@routes.get("/api/v1/enrolments/{device}/{nonce}")
async def enrolment(request: web.Request) -> web.Response:
    """What has become of it."""
    try:
        return _json(request.app[keys.ENROLMENT].answer(request.match_info["device"], request.match_info["nonce"]))
    except EnrolmentError as error:
        return _refused(error)


@routes.post("/api/v1/certificates")
async def renew(request: web.Request) -> web.Response:
    """A device's certificate comes to its end."""
    renewal = await _body(request, Renewal)
    if renewal is None:
        return problem(400, "invalid", "the body is no renewal")
    try:
        return _json(await request.app[keys.ENROLMENT].renew(renewal))
    except EnrolmentError as error:
        return _refused(error)


async def _manager(request: web.Request) -> str | None:
    """Who asks from a command line, by name and password (HTTP Basic)."""
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
async def devices(request: web.Request) -> web.Response:
    """Who waits, and who is there."""
    if await _manager(request) is None:
        return _not_known()
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
async def approve(request: web.Request) -> web.Response:
    """A manager has typed a device's code at a command line."""
    by = await _manager(request)
    if by is None:
        return _not_known()
    approval = await _body(request, Approval)
    if approval is None:
        return problem(400, "invalid", "the body is no approval")
    try:
        await request.app[keys.ENROLMENT].approve(request.match_info["device"], approval.code, by)
    except EnrolmentError as error:
        return _refused(error)
    return web.Response(status=204)


@routes.post("/api/v1/devices/{device}/revocation")
async def revoke(request: web.Request) -> web.Response:
    """A manager sends a device away at a command line."""
    by = await _manager(request)
    if by is None:
        return _not_known()
    try:
        await request.app[keys.ENROLMENT].revoke(request.match_info["device"], by)
    except EnrolmentError as error:
        return _refused(error)
    return web.Response(status=204)


@routes.post("/api/v1/devices/{device}/numbers")
async def take_back_numbers(request: web.Request) -> web.Response:
    """A manager takes back the numbers that are lent to a dispenser whose card has died (J8)."""
    if await _manager(request) is None:
        return _not_known()
    reply = await request.app[keys.MANAGERS].take_back_numbers(request.match_info["device"])
    return refused(reply) if isinstance(reply, Refused) else web.json_response(reply.result)


@routes.post("/manage/devices/{device}/approval")
async def approve_on_page(request: web.Request) -> web.Response:
    """A manager has typed a device's code on the page."""
    sent = await own_form(request)
    if sent is None:
        return sign_in_first(request)
    code = str(sent.form.get("code", ""))[:MOST_TYPED]
    try:
        await request.app[keys.ENROLMENT].approve(request.match_info["device"], code, sent.session.name)
    except EnrolmentError as error:
        return await dashboard_with(request, sent.session, error.code, 409)
    raise back_to_dashboard(request)


@routes.post("/manage/devices/{device}/revocation")
async def revoke_on_page(request: web.Request) -> web.Response:
    """A manager sends a device away on the page."""
    sent = await own_form(request)
    if sent is None:
        return sign_in_first(request)
    try:
        await request.app[keys.ENROLMENT].revoke(request.match_info["device"], sent.session.name)
    except EnrolmentError as error:
        return await dashboard_with(request, sent.session, error.code, 409)
    raise back_to_dashboard(request)
