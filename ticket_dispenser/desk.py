"""The dispenser's heart: a press is stored, ordered, printed and reported; one press, one ticket."""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import structlog

from hall_protocol.codec import decode
from hall_protocol.commands import CheckIn, Issue, booking_id
from hall_protocol.device import DeviceLink, NoReplyError
from hall_protocol.messages import Catalogue, HallState, Progress, Refused
from ticket_dispenser.drivers.port import Answer, Status
from ticket_dispenser.memory import Memory
from ticket_dispenser.offline.counter import NotGiven, OfflineCounter, OwnTicket
from ticket_dispenser.offline.time import HallTime
from ticket_dispenser.printers.port import Printer, PrintReport, Result
from ticket_dispenser.printing import MakeSlip, Printing
from ticket_dispenser.reach import Reach
from ticket_dispenser.repeat_guard import RepeatGuard
from ticket_dispenser.slips.content import from_hall, from_own
from ticket_dispenser.spool import JobState, Pending, Spool

log = structlog.get_logger()


class Times(NamedTuple):
    """How long things may take, in seconds."""

    repeat_guard_s: float
    answer_within_s: float
    grace_s: float = 0.7
    """So long a visitor waits for a link that has just gone."""


class TicketDesk:
    """Takes presses from any driver. What is left to be told to the hall is the settler's (`settling.py`)."""

    def __init__(
        self,
        link: DeviceLink,
        printer: Printer,
        memory: Memory,
        counter: OfflineCounter,
        hall_time: HallTime,
        make_slip: MakeSlip,
        times: Times,
    ) -> None:
        self._link, self._device = link, link.device
        self._printing = Printing(printer, make_slip, link.say_state)
        self._memory = memory
        self._spool: Spool = memory.spool
        self._counter, self._hall_time = counter, hall_time
        self._times, self._guard = times, RepeatGuard(times.repeat_guard_s)
        self._listeners: list[Callable[[], None]] = []
        self.reach = Reach(link.session.linked, times.grace_s)
        self.unsettled = asyncio.Event()
        """There may be something to tell the hall."""
        self.in_hand: set[str] = set()
        """Orders that are being worked on just now."""
        self.catalogue: Catalogue | None = memory.catalogue()
        self._others: tuple[str, ...] = ()
        """Dispensers that print, as the hall last said."""
        self._issuing: dict[str, bool] = {}
        """Whether a queue takes tickets, by the hall's last word."""

    @property
    def linked(self) -> bool:
        """Whether the hall can be reached."""
        return self.reach.up

    def adjust(self, make_slip: MakeSlip, times: Times) -> None:
        """Take over other slips and other times, from the next press on."""
        self._printing.make_slip = make_slip
        self._times, self._guard = times, RepeatGuard(times.repeat_guard_s)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Hear when the catalogue or the link changes."""
        self._listeners.append(listener)

    def receive(self, topic: str, payload: bytes) -> None:
        """A published message."""
        topics = self._link.topics
        if topic == topics.catalogue:
            catalogue = decode(payload, Catalogue)
            if catalogue is not None and catalogue != self.catalogue:
                self.catalogue = catalogue
                self._memory.keep_catalogue(payload)
                self._link.say_state()
                self.changed()
        elif topic == topics.hall_state:
            state = decode(payload, HallState)
            if state is not None:
                self.reach.hear(state)
                self._others = tuple(one for one in state.dispensers if one != self._device)
                self.changed()
        elif topic == topics.progress:
            progress = decode(payload, Progress)
            if progress is not None:
                self._hall_time.hear(progress.generated_at)
                self._issuing = {queue.queue_id: queue.issuing for queue in progress.queues}

    def link_changed(self, up: bool) -> None:
        """The link to the broker has come or gone."""
        self.reach.link(up)
        self.changed()

    def changed(self) -> None:
        """Tell the drivers; and with the hall in reach, whatever it has not been told."""
        self.unsettled.set()
        for listener in self._listeners:
            listener()

    def status(self, service_id: str) -> Status:
        """Whether numbers are given out for a service just now."""
        service = self.catalogue.service(service_id) if self.catalogue else None
        if self._printing.last_report.result is Result.FAILED:
            return "trouble"
        if service is None:
            return "paused" if self.catalogue else "trouble"
        if not service.available or not self._issuing.get(service.queue_id, True):
            return "paused"
        return "issuing" if self.reach.up or self._memory.leases.left(service.queue_id) else "trouble"

    def health(self) -> dict[str, Any]:
        """What the hall is told about this dispenser, besides how its board is."""
        report = self._printing.last_report
        return {
            "printer": report.reason or ("ok" if report.result is Result.PRINTED else report.result.value),
            "paper_low": report.paper_low,
            "catalogue_version": self.catalogue.version if self.catalogue else "",
            "unsettled": len(self._spool.all()),
        }

    async def press(self, order: Issue | CheckIn) -> Answer:
        """A visitor asks for a number, or comes with an appointment.

        Returns when the slip is out, or when it is clear that it is not.
        """
        pressed_at = time.monotonic()
        if self._guard.is_repeat(order, pressed_at):
            return Answer("repeated")
        try:
            return await self._pressed(order, pressed_at)
        except OSError as error:
            # The card is full or broken. Nobody has been given a number; one that the hall has issued becomes void.
            log.error("card_cannot_be_written", reason=str(error))
            return Answer("refused", code="storage_failed", message="out of order")

    async def _pressed(self, order: Issue | CheckIn, pressed_at: float) -> Answer:
        if not await self.reach.up_soon():
            answer = await self._by_itself(order)
            if answer is not None:
                return answer
        answer = await self._from_hall(order, pressed_at)
        if answer is None:
            answer = await self._by_itself(order)
        return answer or Answer("no_answer", code="no_answer", message="please press again")

    async def _from_hall(self, order: Issue | CheckIn, pressed_at: float) -> Answer | None:
        """The hall's number; None if it does not answer in time."""
        pending = Pending(str(uuid.uuid4()), msgspec.to_builtins(order), state=JobState.QUEUED)
        with _InHand(self, pending) as known:
            try:
                async with self._printing.ready() as job:
                    reply = await self._link.request(
                        order,
                        within_s=self._times.answer_within_s,
                        command_id=pending.command_id,
                        ordered_at=pressed_at,
                    )
                    self.reach.answered(True)
                    if isinstance(reply, Refused):
                        self._spool.settle(pending.command_id)
                        return Answer("refused", code=reply.code, message=reply.message)
                    ticket_id = reply.result["ticket_id"]
                    known.pending = pending._replace(ticket_id=ticket_id)
                    content = from_hall(order, reply.result, self.catalogue)
                    report = await self._printing.print(content, await job, known.came_to, ticket_id)
            except NoReplyError:
                self.reach.answered(False)
                self._spool.put(pending._replace(expired=True))
                self.changed()
                return None
        result = reply.result
        answer = self._answer(report, result["label"], result["url"], ticket_id=ticket_id)
        return answer._replace(came=result.get("came"))

    async def _by_itself(self, order: Issue | CheckIn) -> Answer | None:
        """A lent number; None if there is none to give out."""
        if isinstance(order, Issue):
            return await self._give(order, {})
        known = {"booking_id": booking_id(order.booking_code)}
        before = next((one for one in self._spool.all() if one.own and known.items() <= one.order.items()), None)
        if before is not None and before.own is not None:
            return await self._shown_again(msgspec.convert(before.order, Issue), OwnTicket(**before.own))
        issue = self._counter.as_issue(order)
        if isinstance(issue, NotGiven):
            return Answer("refused", code=issue.code, message=issue.message)
        return await self._give(issue, known)

    async def _give(self, order: Issue, appointment: dict[str, str]) -> Answer | None:
        given = self._counter.give(order, self.catalogue, booked=bool(appointment))
        if isinstance(given, NotGiven):
            return Answer("refused", code=given.code, message=given.message)
        if given is None:
            return None
        kept = {**msgspec.to_builtins(order), **appointment}
        pending = Pending(str(uuid.uuid4()), kept, state=JobState.QUEUED, own=given._asdict())
        with _InHand(self, pending) as known:
            async with self._printing.ready() as job:
                content = from_own(order, given, self._hall_time.local(), self.catalogue)
                report = await self._printing.print(content, await job, known.came_to, None)
        log.info("given_out_offline", label=given.label)
        return self._answer(report, given.label, given.url, offline=True)

    async def _shown_again(self, order: Issue, given: OwnTicket) -> Answer:
        """A second scan while the hall is away: the same ticket on another slip."""
        report = await self._printing.print_again(from_own(order, given, self._hall_time.local(), self.catalogue))
        return self._answer(report, given.label, given.url, offline=True)._replace(came="again")

    def _answer(
        self, report: PrintReport, label: str, url: str, *, ticket_id: str | None = None, offline: bool = False
    ) -> Answer:
        printed = report.result is Result.PRINTED
        return Answer(
            "printed" if printed else "on_screen", label, url, trouble=report.reason or None, ticket_id=ticket_id,
            offline=offline, others=() if printed else self._others,
        )  # fmt: skip

    def put(self, pending: Pending) -> None:
        """Store how far an order has come."""
        self._spool.put(pending)

    def gets_on(self) -> bool:
        """Whether no press has been in hand for longer than any press may take."""
        return self._printing.gets_on()

    async def reprint(self) -> Answer:
        """Print the last slip again that may not have come out, marked as a reprint; somebody has mended the printer.

        Never by itself, never one that the printer has confirmed, and none that is older than ten minutes.
        """
        last = self._printing.missing()
        if last is None:
            return Answer("refused", code="nothing_to_reprint", message="no slip of the last minutes is missing")
        report = await self._printing.print_again(last.content)
        if report.result is Result.PRINTED:
            self._printing.found()
            if last.ticket_id is not None:
                # Told in an order of its own: the first outcome may have reached the hall already.
                done = Pending(str(uuid.uuid4()), {}, state=JobState.CONFIRMED, ticket_id=last.ticket_id)
                self._spool.put(done)
                self.unsettled.set()
        log.info("reprinted", label=last.content.label, result=report.result.value)
        return self._answer(report, last.content.label, last.content.url, ticket_id=last.ticket_id)


class _InHand:
    """An order that is being worked on: on the disk first, and nobody else's until it is through."""

    def __init__(self, desk: TicketDesk, pending: Pending) -> None:
        self._desk, self.pending = desk, pending

    def __enter__(self) -> "_InHand":
        # Before anything leaves: after a power cut we must know what we have asked for.
        self._desk.put(self.pending)
        self._desk.in_hand.add(self.pending.command_id)
        return self

    def __exit__(self, *_: object) -> None:
        self._desk.in_hand.discard(self.pending.command_id)
        self._desk.unsettled.set()

    def came_to(self, state: JobState, reason: str) -> None:
        self.pending = self.pending._replace(state=state, reason=reason)
        self._desk.put(self.pending)
