"""The web application of one hall: wires pages, API and streams; adds headers; catches errors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hall_protocol.codec import encode
from hall_server.application.devices import DeviceBook
from hall_server.application.enrolment import EnrolmentDesk, EnrolmentError
from hall_server.application.managers_desk import ManagersDesk
from hall_server.application.publication import Picture, Publication
from hall_server.application.tickets_desk import TicketsDesk
from hall_server.web import api, enrolling, keys, manage, pages
from hall_server.web.problems import not_enrolled, problem
from hall_server.web.sessions import Sessions
from hall_server.web.sounds import Sounds
from hall_server.web.streams import Streams

log = structlog.get_logger()

HERE = Path(__file__).parent

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # A ticket's address is its key: it must not travel on in a Referer.
    "Referrer-Policy": "no-referrer",
}


@web.middleware
async def errors(request: web.Request, handler: keys.Handler) -> web.StreamResponse:
    """Known errors become problem details or a page; a bug is logged loudly and shown as one sentence."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _error(request, error.status, error.reason)
    except EnrolmentError as error:
        return not_enrolled(error)
    except Exception:
        log.exception(
            "page_failed", path=request.match_info.route.resource and request.match_info.route.resource.canonical
        )
        return _error(request, 500, "something went wrong here")


def _error(request: web.Request, status: int, reason: str) -> web.StreamResponse:
    if request.path.startswith("/api/"):
        code = {404: "not_found", 405: "method_not_allowed"}.get(status, "failed")
        return problem(status, code, reason)
    known = {404: ("Not found", "There is no such page.")}
    title, text = known.get(status, ("Something went wrong", "Please try again in a moment."))
    return pages.render(request, "message.html", status, title=title, text=text)


async def _headers(request: web.Request, response: web.StreamResponse) -> None:
    del request
    response.headers.update(SECURITY_HEADERS)


def make_app(
    publication: Publication,
    desk: TicketsDesk,
    health: keys.Health,
    metrics: Callable[[int], Awaitable[bytes]],
    managers: ManagersDesk,
    sessions: Sessions,
    devices: DeviceBook,
    enrolment: EnrolmentDesk | None,
    sounds: Sounds | None,
) -> web.Application:
    """The application; all its parts come in by argument."""
    app = web.Application(middlewares=[errors], client_max_size=64 * 1024)
    streams = Streams()
    app[keys.PUBLICATION], app[keys.DESK], app[keys.HEALTH], app[keys.STREAMS] = publication, desk, health, streams
    app[keys.MANAGERS], app[keys.SESSIONS], app[keys.DEVICES] = managers, sessions, devices
    app[keys.METRICS] = lambda: metrics(streams.count)
    app[keys.TEMPLATES] = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    app.add_routes(api.routes)
    app.add_routes(pages.routes)
    app.add_routes(manage.routes)
    if enrolment is not None:
        app[keys.ENROLMENT] = enrolment
        app.add_routes(enrolling.routes)
        app.add_routes(manage.fleet_routes)
    if sounds is not None:
        app[keys.SOUNDS] = sounds
        app.add_routes(api.voice_routes)
        sounds.announce = lambda event: streams.offer(api.VOICE, "voice", event)
    app.router.add_static("/static", HERE / "static")
    app.on_response_prepare.append(_headers)
    feed = Feed(publication, desk, streams)
    app.cleanup_ctx.append(feed.run)
    app.on_shutdown.append(feed.close)
    return app


class Feed:
    """Brings new pictures to the streams that show them."""

    def __init__(self, publication: Publication, desk: TicketsDesk, streams: Streams) -> None:
        self._publication = publication
        self._desk = desk
        self._streams = streams
        self._moved = asyncio.Event()

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        """While the application runs."""
        del app
        for picture in self._publication.newest.values():
            self._show(picture)
        self._publication.listeners.append(self._show)
        tasks = [
            asyncio.create_task(self._streams.run(), name="streams"),
            asyncio.create_task(self._tickets(), name="ticket-streams"),
        ]
        yield
        self._publication.listeners.remove(self._show)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self, app: web.Application) -> None:
        """The server stops: end the streams first."""
        del app
        self._streams.close()

    def _show(self, picture: Picture) -> None:
        topics = self._publication.topics
        if picture.topic == topics.progress:
            self._streams.offer(api.PROGRESS, "progress", picture.payload)
            self._moved.set()
        elif picture.topic == topics.board:
            self._streams.offer(api.BOARD, "board", picture.payload)
        elif picture.topic.startswith(topics.window("")):
            channel = api.WINDOW + picture.topic.removeprefix(topics.window(""))
            self._streams.offer(channel, "window", picture.payload)

    async def _tickets(self) -> None:
        """After each change of the hall, the tickets that somebody looks at."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            watched = self._streams.watched(api.TICKET)
            for token, view in (await self._desk.views(watched)).items() if watched else ():
                self._streams.offer(api.TICKET + token, "ticket", encode(view))
