"""The managers' pages: sign-in, waits, windows, alerts and why each visitor was called."""

from collections.abc import Mapping
from typing import NamedTuple

from aiohttp import web

from hall_protocol.messages import Refused
from hall_server.web import keys, words
from hall_server.web.pages import render
from hall_server.web.sessions import COOKIE, LASTS_S, Session, is_own_form

routes = web.RouteTableDef()

ADVICE_FIELDS = 400
"""Longer words about an alert are cut."""


def _form_text(form: Mapping[str, object], name: str) -> str:
    value = form.get(name, "")
    return value[:ADVICE_FIELDS] if isinstance(value, str) else ""


@routes.get("/manage")
async def dashboard(request: web.Request) -> web.Response:
    """The dashboard, or the form to sign in."""
    session = request.app[keys.SESSIONS].of(request)
    if session is None:
        return _private(render(request, "sign_in.html", wrong=False))
    return await dashboard_with(request, session)


async def dashboard_with(request: web.Request, session: Session, refused: str = "", status: int = 200) -> web.Response:
    """The dashboard, with a word about what was refused."""
    shown = await request.app[keys.MANAGERS].dashboard()
    return _private(render(request, "manage.html", status, hall=shown, session=session, refused=refused, words=words))


class Signed(NamedTuple):
    """A form of our own page, sent by somebody who is signed in."""

    session: Session
    form: Mapping[str, object]


async def own_form(request: web.Request) -> Signed | None:
    """What was sent; None if nobody is signed in or the form is not ours."""
    session = request.app[keys.SESSIONS].of(request)
    form = await request.post()
    return Signed(session, form) if session is not None and is_own_form(session, form) else None


def sign_in_first(request: web.Request) -> web.Response:
    """The form to sign in, in answer to somebody who is not."""
    return _private(render(request, "sign_in.html", 403, wrong=False))


def back_to_dashboard(request: web.Request) -> web.HTTPSeeOther:
    """After something was done: a page that may be loaded again."""
    return web.HTTPSeeOther(str(request.rel_url.with_path("/manage", keep_query=True)))


def _private(response: web.Response) -> web.Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@routes.post("/manage/sign-in")
async def sign_in(request: web.Request) -> web.Response:
    """Name and password."""
    form = await request.post()
    cookie = await request.app[keys.SESSIONS].sign_in(_form_text(form, "name"), _form_text(form, "password"))
    if cookie is None:
        return _private(render(request, "sign_in.html", 403, wrong=True))
    response = web.HTTPSeeOther(str(request.rel_url.with_path("/manage", keep_query=True)))
    response.set_cookie(
        COOKIE, cookie, max_age=LASTS_S, path="/manage", httponly=True, samesite="Strict", secure=request.secure
    )
    raise response


@routes.post("/manage/sign-out")
async def sign_out(request: web.Request) -> web.Response:
    """End the session."""
    session = request.app[keys.SESSIONS].of(request)
    if session is not None and is_own_form(session, await request.post()):
        request.app[keys.SESSIONS].sign_out(request)
    raise back_to_dashboard(request)


@routes.post("/manage/alerts/{alert}")
async def handle_alert(request: web.Request) -> web.Response:
    """A step in an alert's life."""
    sent = await own_form(request)
    if sent is None:
        return sign_in_first(request)
    step, text = _form_text(sent.form, "step"), _form_text(sent.form, "text")
    reply = await request.app[keys.MANAGERS].handle(request.match_info["alert"], step, sent.session.name, text)
    if isinstance(reply, Refused):
        return await dashboard_with(request, sent.session, reply.code, 409)
    raise back_to_dashboard(request)


@routes.post("/manage/devices/{device}/numbers")
async def take_back_numbers(request: web.Request) -> web.Response:
    """Take back the numbers that are lent to a dispenser whose card has died (J8)."""
    sent = await own_form(request)
    if sent is None:
        return sign_in_first(request)
    reply = await request.app[keys.MANAGERS].take_back_numbers(request.match_info["device"])
    if isinstance(reply, Refused):
        return await dashboard_with(request, sent.session, reply.code, 409)
    raise back_to_dashboard(request)
