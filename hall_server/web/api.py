"""The JSON interface: progress, own ticket, catalogue, health."""

import hashlib

from aiohttp import web

from hall_protocol.codec import encode
from hall_protocol.messages import Refused
from hall_server.web import keys
from hall_server.web.openapi import DESCRIPTION
from hall_server.web.problems import problem, refused, unknown_ticket

routes = web.RouteTableDef()
JSON = "application/json"

PROGRESS = "progress"
BOARD = "board"
WINDOW = "window/"
TICKET = "ticket/"
VOICE = "voice"

voice_routes = web.RouteTableDef()
"""For halls whose main display speaks."""


@routes.get("/api/v1/progress")
async def progress(request: web.Request) -> web.Response:
    """hall-progress/1 with an ETag."""
    _, payload = request.app[keys.PUBLICATION].progress()
    tag = hashlib.sha256(payload).hexdigest()[:20]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if any(etag.value == tag for etag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=payload, content_type=JSON, charset="utf-8", headers=headers)


@routes.get("/api/v1/progress/stream")
async def progress_stream(request: web.Request) -> web.StreamResponse:
    """The same as events."""
    return await request.app[keys.STREAMS].serve(request, PROGRESS)


@routes.get("/api/v1/board/stream")
async def board_stream(request: web.Request) -> web.StreamResponse:
    """The main display's calls as events."""
    return await request.app[keys.STREAMS].serve(request, BOARD)


@voice_routes.get("/api/v1/board/voice/stream")
async def voice_stream(request: web.Request) -> web.StreamResponse:
    """What is being said, as events: the address of a sound, or null when it is over."""
    return await request.app[keys.STREAMS].serve(request, VOICE)


@voice_routes.get(r"/api/v1/board/voice/{number:\d{1,9}}.wav")
async def announcement(request: web.Request) -> web.Response:
    """One announcement."""
    found = request.app[keys.SOUNDS].get(int(request.match_info["number"]))
    if found is None:
        raise web.HTTPNotFound(reason="this announcement is over")
    return web.Response(body=found, content_type="audio/wav", headers={"Cache-Control": "no-store"})


@routes.get("/api/v1/windows/{window}/stream")
async def window_stream(request: web.Request) -> web.StreamResponse:
    """One window's screen as events."""
    publication, window = request.app[keys.PUBLICATION], request.match_info["window"]
    if publication.topics.window(window) not in publication.newest:
        return problem(404, "unknown_window", f"there is no window {window!r}")
    return await request.app[keys.STREAMS].serve(request, WINDOW + window)


@routes.get("/api/v1/services")
async def services(request: web.Request) -> web.Response:
    """The catalogue."""
    publication = request.app[keys.PUBLICATION]
    return web.Response(
        body=publication.newest[publication.topics.catalogue].payload, content_type=JSON, charset="utf-8"
    )


@routes.get("/api/v1/tickets/{token}")
async def ticket(request: web.Request) -> web.Response:
    """One ticket by its secret."""
    view = await request.app[keys.DESK].view(request.match_info["token"])
    return web.Response(body=encode(view), content_type=JSON, charset="utf-8") if view else unknown_ticket()


@routes.get("/api/v1/tickets/{token}/stream")
async def ticket_stream(request: web.Request) -> web.StreamResponse:
    """One ticket as events."""
    token, streams = request.match_info["token"], request.app[keys.STREAMS]
    view = await request.app[keys.DESK].view(token)
    if view is None:
        return unknown_ticket()
    streams.offer(TICKET + token, "ticket", encode(view))
    return await streams.serve(request, TICKET + token, lasting=False)


@routes.post("/api/v1/tickets/{token}/abandon")
async def abandon(request: web.Request) -> web.Response:
    """Give up the place."""
    reply = await request.app[keys.DESK].abandon(request.match_info["token"])
    return refused(reply) if isinstance(reply, Refused) else web.json_response({"state": "abandoned"})


@routes.get("/healthz")
async def healthz(request: web.Request) -> web.Response:
    """200 while orders can be taken and stored; the broker's link is told beside it."""
    health = request.app[keys.HEALTH]
    storage, broker = health.storage(), health.broker()
    body = {"status": "ok" if storage and broker else "degraded", "storage": storage, "broker": broker}
    return web.json_response(body, status=200 if storage else 503)


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Prometheus' text format."""
    text = await request.app[keys.METRICS]()
    return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


@routes.get("/openapi.json")
async def openapi(request: web.Request) -> web.Response:
    """The description of this interface."""
    del request
    return web.json_response(DESCRIPTION)
