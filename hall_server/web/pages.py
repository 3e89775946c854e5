"""Pages: rendered here, readable without JavaScript, live with it."""

from typing import Any

import msgspec
from aiohttp import web

from hall_protocol.messages import Board, Catalogue, Refused, WindowView
from hall_server.web import keys
from hall_server.web.languages import LANGUAGES, NAMES, language_of, minutes, pick, texts

routes = web.RouteTableDef()

SCRIPT_TEXTS = (
    "not known yet", "{low}–{high} min", "open", "paused", "closed", "no tickets now", "Stale: data of {time}",
    "No connection; trying again", "Please go to window {window}", "You are being served", "waiting",
    "called", "serving", "held", "no_show", "finished", "abandoned", "void",
)  # fmt: skip
"""What the page scripts say; they get these texts in the page's language."""


def render(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    """A page in the visitor's language."""
    language = language_of(request)
    translate = texts(language).gettext
    large = request.query.get("large") == "1"
    page = request.app[keys.TEMPLATES].get_template(template)

    def link(**changes: str) -> str:
        query = {"lang": language, **({"large": "1"} if large else {}), **changes}
        kept = {key: value for key, value in query.items() if value}
        return str(request.rel_url.with_path(request.path).with_query(kept))

    html = page.render(
        _=translate,
        language=language,
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        large=large,
        link=link,
        pick=lambda text: pick(text, language),
        minutes=lambda wait: minutes(msgspec.to_builtins(wait), language),
        script_texts={text: translate(text) for text in SCRIPT_TEXTS},
        **values,
    )
    return web.Response(status=status, text=html, content_type="text/html", headers={"Vary": "Accept-Language"})


def _catalogue(request: web.Request) -> Catalogue:
    publication = request.app[keys.PUBLICATION]
    message = publication.newest[publication.topics.catalogue].message
    assert isinstance(message, Catalogue)  # noqa: S101  the topic's type
    return message


@routes.get("/")
@routes.get("/h/{hall}")
async def progress_page(request: web.Request) -> web.Response:
    """How the hall is now."""
    progress, _ = request.app[keys.PUBLICATION].progress()
    if request.match_info.get("hall", progress.hall_id) != progress.hall_id:
        return render(request, "message.html", 404, title="Not found", text="There is no such hall here.")
    return render(request, "progress.html", progress=progress, catalogue=_catalogue(request))


@routes.get("/kiosk/{dispenser}")
async def kiosk_page(request: web.Request) -> web.Response:
    """A touch dispenser's screen: the dispenser serves it itself, so that it works without the hall."""
    url = request.app[keys.DEVICES].kiosk_url(request.match_info["dispenser"])
    if url is None:
        return render(request, "message.html", 404, title="Not found", text="There is no such touch screen here.")
    raise web.HTTPFound(f"{url}?{request.query_string}" if request.query_string else url)


@routes.get("/t/{token}")
async def ticket_page(request: web.Request) -> web.Response:
    """One ticket."""
    view = await request.app[keys.DESK].view(request.match_info["token"])
    if view is None:
        text = "No ticket of today has this number. Tickets are valid on the day they were taken."
        return render(request, "message.html", 404, title="Ticket not found", text=text)
    return render(request, "ticket.html", ticket=view, token=request.match_info["token"], catalogue=_catalogue(request))


@routes.post("/t/{token}/abandon")
async def abandon_from_page(request: web.Request) -> web.Response:
    """Give up the place, for browsers without JavaScript."""
    reply = await request.app[keys.DESK].abandon(request.match_info["token"])
    if isinstance(reply, Refused):
        return render(request, "message.html", 409, title="Your place", text="This ticket cannot be given up any more.")
    raise web.HTTPSeeOther(str(request.rel_url.with_path(f"/t/{request.match_info['token']}", keep_query=True)))


@routes.get("/board")
async def board_page(request: web.Request) -> web.Response:
    """The main display."""
    publication = request.app[keys.PUBLICATION]
    progress, _ = publication.progress()
    board = publication.newest[publication.topics.board].message
    assert isinstance(board, Board)  # noqa: S101  the topic's type
    speaks = keys.SOUNDS in request.app
    return render(request, "board.html", board=board, progress=progress, catalogue=_catalogue(request), speaks=speaks)


@routes.get("/window/{window}")
async def window_page(request: web.Request) -> web.Response:
    """One window's screen."""
    publication = request.app[keys.PUBLICATION]
    picture = publication.newest.get(publication.topics.window(request.match_info["window"]))
    if picture is None:
        return render(request, "message.html", 404, title="Not found", text="There is no such window.")
    assert isinstance(picture.message, WindowView)  # noqa: S101  the topic's type
    return render(request, "window.html", window=picture.message, catalogue=_catalogue(request))
