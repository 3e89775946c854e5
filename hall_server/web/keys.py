"""What the pages and the API are given by the composition root."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from jinja2 import Environment

from hall_server.application.devices import DeviceBook
from hall_server.application.enrolment import EnrolmentDesk
from hall_server.application.managers_desk import ManagersDesk
from hall_server.application.publication import Publication
from hall_server.application.tickets_desk import TicketsDesk
from hall_server.web.sessions import Sessions
from hall_server.web.sounds import Sounds
from hall_server.web.streams import Streams

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""What answers a request."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `/healthz` asks."""

    storage: Callable[[], bool]
    broker: Callable[[], bool]


PUBLICATION = web.AppKey("publication", Publication)
DESK = web.AppKey("desk", TicketsDesk)
ENROLMENT = web.AppKey("enrolment", EnrolmentDesk)
MANAGERS = web.AppKey("managers", ManagersDesk)
DEVICES = web.AppKey("devices", DeviceBook)
SOUNDS = web.AppKey("sounds", Sounds)
SESSIONS = web.AppKey("sessions", Sessions)
STREAMS = web.AppKey("streams", Streams)
HEALTH = web.AppKey("health", Health)
METRICS: web.AppKey[Callable[[], Awaitable[bytes]]] = web.AppKey("metrics")
TEMPLATES = web.AppKey("templates", Environment)
