"""The touch screen's pages: every choice is a link, so they work without a script; one post takes the number."""

import asyncio
import socket
from pathlib import Path
from typing import Any, cast, get_args

import segno
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hall_protocol.commands import CheckIn, Green, Issue
from hall_protocol.messages import said
from ticket_dispenser.drivers.port import Answer, Desk
from ticket_dispenser.drivers.scanned import code_in
from ticket_dispenser.drivers.words import REASONS, WORDS
from ticket_dispenser.menu import GUIDE_FIELDS, Menu

HERE = Path(__file__).parent
LANGUAGES = (("zh-Hans", "简体"), ("zh-Hant", "繁體"), ("en", "English"))
WISHES: tuple[Green, ...] = get_args(Green)
KEYS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ERASE, MOST_TYPED = "erase", 64
BACK_AFTER_S, ANSWER_FOR_S = 60, 12
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With no-referrer a browser hides the page's origin from its own form.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Kiosk:
    """Serves `/kiosk/{device}` on this board alone."""

    def __init__(self, device: str, host: str, port: int) -> None:
        self._device, self._host, self._port = device, host, port
        self.url = ""
        """The origin of the pages, once they are served."""
        loader = FileSystemLoader(HERE)
        pages = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._page = pages.get_template("kiosk.html")

    async def run(self, desk: Desk) -> None:
        """Serve visitors until cancelled."""
        app = web.Application(client_max_size=16 * 1024)
        path = f"/kiosk/{self._device}"

        async def look(request: web.Request) -> web.Response:
            return self._shown(desk, request)

        async def press(request: web.Request) -> web.Response:
            # A page from elsewhere, opened in the same browser, must take no numbers.
            if request.headers.get("Origin", self.url) != self.url:
                raise web.HTTPForbidden
            form = await request.post()
            if "key" in form:
                return self._shown(desk, request, typed=_typed(str(form.get("typed", "")), str(form["key"])))
            if "code" in form:
                return self._shown(desk, request, await _check_in(desk, request, str(form["code"])))
            order = _order(request, str(form.get("service", "")), behalf=bool(form.get("behalf")))
            return self._shown(desk, request, await desk.press(order))

        app.router.add_get(path, look)
        app.router.add_post(path, press)
        app.router.add_static("/static", HERE / "static")
        app.on_response_prepare.append(_headers)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        with socket.create_server((self._host, self._port)) as listening:
            try:
                await web.SockSite(runner, listening).start()
                # Port 0 takes any.
                self.url = f"http://{self._host}:{listening.getsockname()[1]}"
                await asyncio.Event().wait()
            finally:
                # While the socket is still open: it is taken out of the loop here.
                await runner.cleanup()

    def _shown(self, desk: Desk, request: web.Request, answer: Answer | None = None, typed: str = "") -> web.Response:
        language, large = _language(request), request.query.get("large") == "1"
        catalogue, green = desk.catalogue, _green(request)
        asked = request.query.get("service", "")
        service = catalogue.service(asked) if catalogue and not answer else None
        menu = Menu(catalogue, request.query.get("category") or None, service) if catalogue else None

        def link(**changes: str) -> str:
            query = {**request.query, "lang": language, **changes}
            return str(request.rel_url.with_query({key: value for key, value in query.items() if value}))

        page = "service" if service else "category" if menu and menu.category_id else "start"
        asked_page = request.query.get("page", "")
        if asked_page in ("help", "code") and not answer:
            page = asked_page
        html = self._page.render(
            path=request.path, page=page, language=language, languages=LANGUAGES, large=large, words=WORDS[language],
            said=lambda text: said(text, language), catalogue=catalogue, linked=desk.linked, answer=answer,
            reason=_reason(answer, language),
            qr=segno.make(answer.url, error="m").svg_data_uri(scale=6) if answer and answer.url else "",
            keys=KEYS, erase=ERASE, typed=typed,
            choices=menu.choices() if menu else [], service=service, fields=GUIDE_FIELDS, green=green, wishes=WISHES,
            link=link, toggled=lambda wish: link(green=_toggled(green, wish)),
            back_after_s=ANSWER_FOR_S if answer else BACK_AFTER_S,
        )  # fmt: skip
        return web.Response(text=html, content_type="text/html")


def _order(request: web.Request, service_id: str, *, behalf: bool) -> Issue:
    green: Any = _green(request)
    return Issue(service_id, green=green, on_behalf_of=behalf, language=_language(request))


async def _check_in(desk: Desk, request: web.Request, typed: str) -> Answer:
    """A scanner types into the first page; so may a visitor."""
    code, green = code_in(typed), cast("tuple[Green, ...]", _green(request))
    if code is None:
        return Answer("refused", code="unknown_booking", message="this is no code")
    return await desk.press(CheckIn(code, green=green, language=_language(request)))


def _typed(before: str, key: str) -> str:
    """A code so far, after one more touch."""
    return before[:-1] if key == ERASE else (before + key[:1])[:MOST_TYPED]


def _language(request: web.Request) -> str:
    asked = request.query.get("lang", "")
    return asked if asked in WORDS else "zh-Hans"


def _reason(answer: Answer | None, language: str) -> str:
    """Why there is no number, in the visitor's words."""
    if answer is None or answer.label is not None:
        return ""
    return REASONS[language].get(answer.code or "", "") or answer.message or ""


def _green(request: web.Request) -> tuple[str, ...]:
    return tuple(wish for wish in request.query.get("green", "").split(" ") if wish in WISHES)


def _toggled(green: tuple[str, ...], wish: str) -> str:
    return " ".join(one for one in green if one != wish) if wish in green else " ".join((*green, wish))


async def _headers(request: web.Request, response: web.StreamResponse) -> None:
    del request
    response.headers.update(HEADERS)
