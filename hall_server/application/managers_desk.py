"""What managers see and do: waits, windows, alerts and why each visitor was called."""

import asyncio
import uuid
from typing import Any, NamedTuple

import msgspec

from hall_protocol import messages as m
from hall_protocol.codec import decode_reply
from hall_protocol.messages.devices import Reported
from hall_server.application import pictures
from hall_server.application.devices import Device, DeviceBook
from hall_server.application.enrolment import EnrolmentDesk, Waiting
from hall_server.application.foresight import Foresight
from hall_server.application.orders import Order
from hall_server.application.ports import Clock
from hall_server.application.times import rfc3339
from hall_server.application.writer import Writer
from hall_server.domain.alerts import Alert
from hall_server.domain.calendar import Moment
from hall_server.domain.commands import Command, HandleAlert, RevokeLeases
from hall_server.domain.leases import label_of
from hall_server.domain.state import BoardEntry, State
from hall_server.forecast.told import Crowding

RECENT_CALLS = 12
FEWEST_TOLD = 20


class QueueRow(NamedTuple):
    """A queue: how it is, and how it will be."""

    queue: m.QueueView
    progress: m.QueueProgress
    crowding: Crowding | None
    held_percent: int | None
    """Of 100 visitors who were told a range, so many waited a time inside it; None with too few."""


class CallRow(NamedTuple):
    """A call, and why."""

    label: str
    window: str
    at: str
    why: str
    waited_min: int | None
    passed_over: str | None
    passed_over_min: int | None


class DeviceRow(NamedTuple):
    """A device, and how it says it is."""

    device: str
    role: str
    state: str
    version: str
    generation: int
    desired: int
    """The generation that it is to have; 0 where nobody has published one."""
    not_taken: Reported | None
    """Its own word on why it does not have it."""
    catalogue_version: str
    health: dict[str, Any]
    enrolled: bool
    """Whether it has a certificate that can be revoked."""
    lent: list[str]
    """Numbers it may give out without the hall, as `A701–A710`."""


class Dashboard(NamedTuple):
    """All of the managers' page."""

    name: m.Text
    at: str
    state: str
    forecast_at: str | None
    queues: list[QueueRow]
    windows: list[m.WindowStaffView]
    alerts: list[m.AlertView]
    calls: list[CallRow]
    missed_promises: list[str]
    devices: list[DeviceRow]
    catalogue_version: str
    waiting: list[Waiting]
    """Devices that ask to belong to the hall."""


class ManagersDesk:
    """For the managers' page alone."""

    def __init__(
        self,
        writer: Writer,
        clock: Clock,
        foresight: Foresight,
        devices: DeviceBook,
        enrolment: EnrolmentDesk | None = None,
    ) -> None:
        self._writer, self._clock, self._foresight, self._devices = writer, clock, foresight, devices
        self._enrolment = enrolment

    async def dashboard(self) -> Dashboard:
        """The hall as it durably is."""
        return await self._writer.see(self._dashboard)

    def _dashboard(self, state: State) -> Dashboard:
        now = self._clock.now()
        progress, staff = pictures.progress(state, now, self._foresight), pictures.queues(state, now)
        forecast = self._foresight.newest
        rows = [
            QueueRow(queue, shown, forecast.crowds.get(queue.queue_id), self._held(queue.queue_id))
            for queue, shown in zip(staff.queues, progress.queues, strict=True)
        ]
        alerts = sorted(state.alerts.values(), key=lambda alert: (alert.eased_at is not None, -alert.raised_at))
        return Dashboard(
            name=progress.name,
            at=progress.generated_at,
            state=progress.state,
            forecast_at=rfc3339(forecast.at_ms, now.offset_s) if forecast.at_ms else None,
            queues=rows,
            windows=staff.windows,
            alerts=[self._alert(alert, now) for alert in alerts],
            calls=[_call(entry, now) for entry in state.board[:RECENT_CALLS]],
            missed_promises=[of.value for of in state.tuning.missed],
            devices=[self._device(device, state) for device in self._devices.all()],
            catalogue_version=state.catalogue_version,
            waiting=self._enrolment.waiting() if self._enrolment else [],
        )

    def _alert(self, alert: Alert, now: Moment) -> m.AlertView:
        """With the newest advice where the alert was raised without any."""
        view = pictures.alert_view(alert, now)
        crowding = self._foresight.newest.crowds.get(alert.queue_id or "")
        if view.advice is not None or crowding is None or crowding.advice is None or alert.kind != "extra_window":
            return view
        return msgspec.structs.replace(view, advice=msgspec.to_builtins(crowding.advice))

    def _held(self, queue_id: str) -> int | None:
        kept = [one for line, one in self._foresight.newest.kept.items() if line.partition("/")[0] == queue_id]
        told = sum(one.called for one in kept)
        return None if told < FEWEST_TOLD else round(100 * sum(one.inside for one in kept) / told)

    def _device(self, device: Device, state: State) -> DeviceRow:
        told, health = device.state, dict(device.state.health)
        version = str(health.pop("catalogue_version", ""))
        lent = [
            f"{label_of(prefix, lease.first)}–{label_of(prefix, lease.last)}"
            for lease in state.leases
            if lease.device == device.device and not lease.closed
            for prefix in (state.known.queues[lease.queue_id].prefix,)
        ]
        desired = self._devices.desired.get(device.device, 0)
        return DeviceRow(
            device.device,
            told.role,
            told.state,
            told.version,
            told.config_generation,
            desired,
            device.not_taken(desired),
            version,
            health,
            self._enrolment is not None and self._enrolment.enrolled(device.device),
            lent,
        )

    async def handle(self, alert_id: str, step: str, by: str, text: str) -> m.Accepted | m.Refused:
        """Take a step in an alert's life."""
        return await self._give(HandleAlert(alert_id, step, by, text))

    async def take_back_numbers(self, device: str) -> m.Accepted | m.Refused:
        """A dispenser's card has died: nothing more comes from the numbers that are lent to it."""
        return await self._give(RevokeLeases(device))

    async def _give(self, command: Command) -> m.Accepted | m.Refused:
        replied: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def answer(payload: bytes) -> None:
            if not replied.done():
                replied.set_result(payload)

        self._writer.submit(Order(str(uuid.uuid4()), command, answer))
        reply = decode_reply(await replied)
        assert reply is not None  # noqa: S101  the writer encodes what decode_reply reads
        return reply


def _call(entry: BoardEntry, now: Moment) -> CallRow:
    return CallRow(
        entry.label,
        entry.window,
        rfc3339(entry.at, now.offset_s),
        entry.why,
        None if entry.waited_s is None else entry.waited_s // 60,
        entry.passed_over,
        None if entry.passed_over_waited_s is None else entry.passed_over_waited_s // 60,
    )
