"""The managers' pages: sign-in, waits, windows, alerts and why each visitor was called."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from hall_protocol.messages import Accepted, Refused
from hall_server.application.enrolment import EnrolmentError
from hall_server.web import keys, words
from hall_server.web.pages import render
from hall_server.web.sessions import COOKIE, LASTS_S, Session, is_own_form

routes = web.RouteTableDef()
fleet_routes = web.RouteTableDef()
"""For halls that enrol their devices."""

Form = Mapping[str, object]
MOST_TYPED = 400
"""Longer words are cut."""


def _text(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value[:MOST_TYPED] if isinstance(value, str) else ""


@routes.get("/manage")
async def dashboard(request: web.Request) -> web.Response:
    """The dashboard, or the form to sign in."""
    session = request.app[keys.SESSIONS].of(request)
    if session is None:
        return _private(render(request, "sign_in.html", wrong=False))
    return await _dashboard(request, session)


async def _dashboard(request: web.Request, session: Session, refused: str = "") -> web.Response:
    shown = await request.app[keys.MANAGERS].dashboard()
    status = 409 if refused else 200
    return _private(render(request, "manage.html", status, hall=shown, session=session, refused=refused, words=words))


Act = Callable[[web.Request, Session, Form], Awaitable[Accepted | Refused | None]]


def own_form(act: Act) -> keys.Handler:
    """What a form of our own page does if its sender is signed in; then the dashboard, with a word if refused."""

    async def handler(request: web.Request) -> web.StreamResponse:
        session = request.app[keys.SESSIONS].of(request)
        form = await request.post()
        if session is None or not is_own_form(session, form):
            return _private(render(request, "sign_in.html", 403, wrong=False))
        try:
            reply = await act(request, session, form)
        except EnrolmentError as error:
            return await _dashboard(request, session, error.code)
        if isinstance(reply, Refused):
            return await _dashboard(request, session, reply.code)
        raise _back_to_dashboard(request)

    return handler


def _back_to_dashboard(request: web.Request) -> web.HTTPSeeOther:
    """After something was done: a page that may be loaded again."""
    return web.HTTPSeeOther(str(request.rel_url.with_path("/manage", keep_query=True)))


def _private(response: web.Response) -> web.Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@routes.post("/manage/sign-in")
async def sign_in(request: web.Request) -> web.Response:
    """Name and password."""
    form = await request.post()
    cookie = await request.app[keys.SESSIONS].sign_in(_text(form, "name"), _text(form, "password"))
    if cookie is None:
        return _private(render(request, "sign_in.html", 403, wrong=True))
    response = _back_to_dashboard(request)
    response.set_cookie(
        COOKIE, cookie, max_age=LASTS_S, path="/manage", httponly=True, samesite="Strict", secure=request.secure
    )
    raise response


@routes.post("/manage/sign-out")
@own_form
async def sign_out(request: web.Request, session: Session, form: Form) -> None:
    """End the session."""
    del session, form
    request.app[keys.SESSIONS].sign_out(request)


@routes.post("/manage/alerts/{alert}")
@own_form
async def handle_alert(request: web.Request, session: Session, form: Form) -> Accepted | Refused:
    """A step in an alert's life."""
    step, text = _text(form, "step"), _text(form, "text")
    return await request.app[keys.MANAGERS].handle(request.match_info["alert"], step, session.name, text)


@routes.post("/manage/devices/{device}/numbers")
@own_form
async def take_back_numbers(request: web.Request, session: Session, form: Form) -> Accepted | Refused:
    """Take back the numbers that are lent to a dispenser whose card has died (J8)."""
    del session, form
    return await request.app[keys.MANAGERS].take_back_numbers(request.match_info["device"])


@fleet_routes.post("/manage/devices/{device}/approval")
@own_form
async def approve(request: web.Request, session: Session, form: Form) -> None:
    """The code that a device shows has been typed."""
    await request.app[keys.ENROLMENT].approve(request.match_info["device"], _text(form, "code"), session.name)


@fleet_routes.post("/manage/devices/{device}/revocation")
@own_form
async def revoke(request: web.Request, session: Session, form: Form) -> None:
    """Send a device away."""
    del form
    await request.app[keys.ENROLMENT].revoke(request.match_info["device"], session.name)
