"""The hall server's composition root: everything is made and connected here, and nowhere else."""

import asyncio
import fcntl
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from hall_protocol.codec import decode_reply
from hall_protocol.messages import HallState, Presence, Refused
from hall_protocol.session import BrokerAddress
from hall_protocol.topics import Role, Topics
from hall_protocol.watchdog import Progress, keep_telling
from hall_server.adapters.broker_files import nats_configuration, users
from hall_server.adapters.broker_process import nats_server
from hall_server.adapters.clock import SystemClock
from hall_server.adapters.desired import DesiredConfigurations
from hall_server.adapters.forecast_process import ForecastProcess
from hall_server.adapters.hall_file import ConfigurationError, LoadedHall
from hall_server.adapters.home_assistant import discovery
from hall_server.adapters.meter import PrometheusMeter
from hall_server.adapters.pins import Pins
from hall_server.adapters.secrets_file import HALL_USER
from hall_server.adapters.webhook import Webhook
from hall_server.adapters.wire import HallWire
from hall_server.application.answers import Answers
from hall_server.application.catalogue import catalogue
from hall_server.application.devices import DeviceBook
from hall_server.application.enrolment import EnrolmentDesk
from hall_server.application.foresight import Foresight
from hall_server.application.managers_desk import ManagersDesk
from hall_server.application.orders import Order, Sender
from hall_server.application.publication import Publication
from hall_server.application.supervisor import Supervisor
from hall_server.application.tickets_desk import TicketsDesk
from hall_server.application.times import rfc3339
from hall_server.application.watching import Watchman
from hall_server.application.writer import Writer
from hall_server.domain.commands import Begin, Command, Configure, Tick
from hall_server.journal.store import SqliteJournal
from hall_server.web.app import make_app
from hall_server.web.keys import Health
from hall_server.web.sessions import Sessions
from hall_server.web.sounds import Sounds
from voice.clips import MissingClipError
from voice.settings import all_clips
from voice.speaker import Player, Speaker

log = structlog.get_logger()

VERSION = "0.1.0"
TICK_S = 1.0
TICKS_WITHIN_S = 10.0
STREAMS_END_WITHIN_S = 1.0


class HallError(Exception):
    """The hall cannot start or go on; the sentence says why."""


@dataclass(frozen=True, slots=True)
class RunningHall:
    """A hall that is open for orders."""

    http_url: str
    writer: Writer
    wire: HallWire
    devices: DeviceBook
    enrolment: EnrolmentDesk | None


@asynccontextmanager
async def run_hall(loaded: LoadedHall) -> AsyncIterator[RunningHall]:
    """Run a hall until the block is left.

    Raises:
        HallError: a port is busy, the data belongs to another server, or secrets are missing.
        StorageError: the journal cannot be opened or read.
        BrokerError: the embedded broker does not start.
    """
    _check_secrets(loaded)
    file, topics = loaded.file, Topics(loaded.hall.hall_id)
    roles = {HALL_USER: Role.HALL, **{device.id: device.role for device in file.devices}}
    async with AsyncExitStack() as stack:
        stack.enter_context(_only_server(loaded.data))
        journal = SqliteJournal(loaded.data)
        stack.callback(journal.close)
        clock = SystemClock(file.calendar.timezone, file.server.speed)
        if file.broker.kind == "embedded":
            configuration = nats_configuration(
                users(topics, roles),
                loaded.secrets.devices,
                host=file.broker.host,
                port=file.broker.port,
                store=loaded.data / "broker",
            )
            folder = loaded.data / "broker"
            await stack.enter_async_context(nats_server(configuration, folder, file.broker.host, file.broker.port))
        http_socket, http_url = _listen(file.server.http_host, file.server.http_port)
        stack.callback(http_socket.close)
        foresight = Foresight()
        meter, publication = PrometheusMeter(), Publication(loaded.hall.hall_id, clock, foresight)
        state = journal.recover()
        answers = Answers(journal.answer_to, journal.known_commands())
        public_url = (file.server.public_url or http_url).rstrip("/")
        writer = Writer(journal, state, answers, clock, publication, meter, public_url, foresight)
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        supervise = Supervisor(tasks, writer.alarm)
        running = [tasks.create_task(writer.run(), name="writer")]
        stack.callback(lambda: [task.cancel() for task in running])

        published = catalogue(loaded.hall)
        await _give(writer, Tick())
        await _give(writer, Configure(loaded.hall, published.version))
        await _give(writer, Begin())
        await writer.see(lambda state: publication.start(state, writer.ask_refresh))
        senders = {device.id: Sender(device.id, device.role, device.windows) for device in file.devices}
        boot_id, desired = uuid.uuid4().hex, DesiredConfigurations(loaded.data, senders)
        await asyncio.to_thread(desired.look)
        enrolment = None
        if file.fleet is not None:
            # Only where it is used: certificates cost memory that other halls need not have.
            from hall_server.adapters.certified_fleet import enrolment_desk

            enrolment = await asyncio.to_thread(enrolment_desk, loaded, file.fleet, public_url)
        devices = DeviceBook(desired.generations, enrolment.blocked if enrolment else None)

        def hall_state(value: Presence) -> HallState:
            now = clock.now()
            at = rfc3339(now.ms, now.offset_s)
            working = devices.working_dispensers()
            return HallState(value, boot_id, VERSION, published.version, at, working)

        address = BrokerAddress(file.broker.host, file.broker.port, HALL_USER, loaded.secrets.devices[HALL_USER])
        pins, managers = Pins(loaded.secrets.staff), Pins(loaded.secrets.managers)
        wire = HallWire(address, topics, senders, writer, publication, pins, meter, hall_state, devices, desired)
        if file.broker.home_assistant:
            wire.standing = tuple(discovery(loaded, VERSION))
        ticking = Progress(TICKS_WITHIN_S, time.monotonic)
        forecasts = ForecastProcess(loaded.data, clock, publication.foresee)
        publication.journal_listeners.append(lambda _record: forecasts.changed())
        running += [
            supervise.run("mqtt-session", wire.session.run),
            supervise.run("republish", wire.republish),
            supervise.run("configure", wire.configure),
            supervise.run("heartbeat", publication.heartbeat),
            supervise.run("forecasts", forecasts.run),
            supervise.run("alerts", Watchman(writer, clock, foresight, devices).run),
            supervise.run("ticks", lambda: _ticks(writer, ticking)),
        ]

        async def metrics(viewers: int) -> bytes:
            dropped = {"in": wire.session.dropped_incoming, "out": wire.session.dropped_outgoing}
            return await writer.see(lambda state: meter.text(state, viewers, dropped, foresight.newest))

        sounds = Sounds()
        speaker = _speaker(loaded, publication, sounds)
        if speaker is not None:
            running.append(supervise.run("voice", speaker.run))
        app = make_app(
            publication,
            TicketsDesk(writer, clock, foresight),
            Health(lambda: writer.storage_works, wire.session.linked.is_set),
            metrics,
            ManagersDesk(writer, clock, foresight, devices, enrolment),
            Sessions(managers.locked, managers.verify),
            devices,
            enrolment,
            sounds if speaker else None,
        )
        if enrolment is not None:
            running.append(supervise.run("certificates", enrolment.run))
        if loaded.file.webhook is not None:
            url, secret = loaded.file.webhook.url, loaded.secrets.webhook or ""
            hook = Webhook(loaded.data, loaded.hall.hall_id, url, secret, clock.now().offset_s)
            publication.journal_listeners.append(lambda _record: hook.changed())
            running.append(supervise.run("webhook", hook.run))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STREAMS_END_WITHIN_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, http_socket).start()
        running.append(tasks.create_task(keep_telling(ticking.recent), name="watchdog"))
        log.info("hall_open", hall=loaded.hall.hall_id, http=http_url, seq=state.seq)
        yield RunningHall(http_url, writer, wire, devices, enrolment)


def _check_secrets(loaded: LoadedHall) -> None:
    devices = [HALL_USER, *(device.id for device in loaded.file.devices)]
    lines = [f"secrets.devices.{device}: missing" for device in devices if device not in loaded.secrets.devices]
    staff = (person.staff_id for person in loaded.hall.staff)
    lines += [f"secrets.staff.{person}: missing" for person in staff if person not in loaded.secrets.staff]
    if loaded.file.webhook is not None and not loaded.secrets.webhook:
        lines.append("secrets.webhook: missing")
    if lines:
        raise ConfigurationError([*lines, f"make them with: paihao secrets {loaded.path}"])


def _speaker(loaded: LoadedHall, publication: Publication, player: Player) -> Speaker | None:
    """The main display's voice. Without its clips the hall is silent, and opens all the same."""
    if loaded.file.voice is None:
        return None
    try:
        clips = all_clips(loaded.file.voice, loaded.path.parent)
    except MissingClipError as error:
        log.error("no_voice", reason=str(error))
        return None
    speaker = Speaker(publication.topics, loaded.file.voice, clips, player)
    for picture in publication.newest.values():
        speaker.hear(picture.message)
    publication.listeners.append(lambda picture: speaker.hear(picture.message))
    return speaker


class _only_server:  # noqa: N801  used like a function in a with statement
    """Locks the data directory: two servers on one journal would both believe to be the only writer."""

    def __init__(self, data: Path) -> None:
        self._path = data / "server.lock"

    def __enter__(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise HallError(f"the data directory {self._path.parent} cannot be used: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise HallError(f"another hall server is running on {self._path.parent}") from error

    def __exit__(self, *error: object) -> None:
        os.close(self._file)


def _listen(host: str, port: int) -> tuple[socket.socket, str]:
    """Bind now, so that a busy port is known before anything is promised."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise HallError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    listening.setblocking(False)
    shown = f"[{host}]" if ":" in host else host
    return listening, f"http://{shown}:{listening.getsockname()[1]}"


async def _give(writer: Writer, command: Command) -> None:
    """An order of the hall to itself, which must be accepted."""
    answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    writer.submit(Order(None, command, answered.set_result))
    reply = decode_reply(await answered)
    if isinstance(reply, Refused):
        raise HallError(reply.message)


async def _ticks(writer: Writer, ticking: Progress) -> None:
    """Let the domain see time pass. An answered tick is the proof that the hall takes orders."""
    while True:
        await asyncio.sleep(TICK_S)
        writer.submit(Order(None, Tick(), lambda _answer: ticking.made()))
