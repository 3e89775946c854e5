"""The dispenser's heart: a press is stored, ordered, printed and reported; one press, one ticket."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import structlog

from hall_protocol.codec import decode
from hall_protocol.commands import Body, Issue, Printed, PrintFailed
from hall_protocol.device import DeviceLink, NoReplyError
from hall_protocol.messages import Accepted, Catalogue, Refused
from ticket_dispenser.drivers.port import Answer
from ticket_dispenser.escpos_slip import slip_bytes
from ticket_dispenser.printers.port import Job, Printer, PrintReport, Result
from ticket_dispenser.slip import SlipContent, layout
from ticket_dispenser.spool import Pending, Spool

log = structlog.get_logger()

SETTLE_WITHIN_S = 30.0
SETTLE_PAUSE_S = 2.0


class RepeatGuard:
    """Tells a second press of the same button from a new one. Pure; time comes in."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: tuple[Issue, float] | None = None

    def is_repeat(self, order: Issue, now: float) -> bool:
        """Whether this press belongs to the last one; it then starts no new time."""
        if self._last is not None and self._last[0] == order and now - self._last[1] < self._seconds:
            return True
        self._last = (order, now)
        return False


class TicketDesk:
    """Takes presses from any driver."""

    def __init__(
        self,
        link: DeviceLink,
        printer: Printer,
        spool: Spool,
        *,
        columns: int,
        repeat_guard_s: float,
        answer_within_s: float,
    ) -> None:
        self._link = link
        self._printer = printer
        self._spool = spool
        self._columns = columns
        self._guard = RepeatGuard(repeat_guard_s)
        self._answer_within_s = answer_within_s
        self._printing = asyncio.Lock()
        self._unsettled = asyncio.Event()
        self._in_hand: set[str] = set()
        self._reports: dict[str, tuple[str, str]] = {}
        """Ticket and outcome of slips that the hall has not been told of, by order."""
        self._listeners: list[Callable[[], None]] = []
        self.catalogue: Catalogue | None = None
        self.paper_low = False

    @property
    def linked(self) -> bool:
        """Whether the broker can be reached."""
        return self._link.session.linked.is_set()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Hear when the catalogue or the link changes."""
        self._listeners.append(listener)

    def receive(self, topic: str, payload: bytes) -> None:
        """A published message."""
        if topic == self._link.topics.catalogue:
            catalogue = decode(payload, Catalogue)
            if catalogue is not None:
                self.catalogue = catalogue
                self.changed()

    def changed(self) -> None:
        """Tell the drivers."""
        for listener in self._listeners:
            listener()

    async def press(self, order: Issue) -> Answer:
        """A visitor asks for a number. Returns when the slip is out, or when it is clear that it is not."""
        pressed_at = time.monotonic()
        if self._guard.is_repeat(order, pressed_at):
            return Answer("repeated")
        command_id = str(uuid.uuid4())
        self._in_hand.add(command_id)
        # Before anything leaves: after a power cut we must know what we have asked for.
        stored = msgspec.to_builtins(order)
        self._spool.put(Pending(command_id, stored))
        try:
            async with self._printer_ready() as job:
                reply = await self._link.request(
                    order, within_s=self._answer_within_s, command_id=command_id, ordered_at=pressed_at
                )
                if isinstance(reply, Refused):
                    self._spool.settle(command_id)
                    return Answer("refused", code=reply.code, message=reply.message)
                report = await self._print(order, reply, await job)
                # In memory only: cut off now, the order is uncertain, which leaves the ticket as valid as it is.
                self._reports[command_id] = reply.result["ticket_id"], _outcome(report)
        except NoReplyError:
            self._spool.put(Pending(command_id, stored, expired=True))
            return Answer("no_answer", code="no_answer", message="please press again")
        finally:
            self._in_hand.discard(command_id)
            self._unsettled.set()
        result = reply.result
        kind = "printed" if report.result is Result.PRINTED else "on_screen"
        trouble = report.reason or None
        return Answer(kind, result["label"], result["url"], trouble=trouble, ticket_id=result["ticket_id"])

    @asynccontextmanager
    async def _printer_ready(self) -> AsyncIterator[asyncio.Task[Job]]:
        """The printer is asked how it is while the hall decides. One job at a time."""
        async with self._printing:
            getting_ready = asyncio.create_task(self._printer.ready(), name="printer-ready")
            try:
                yield getting_ready
            finally:
                (await getting_ready).close()

    async def _print(self, order: Issue, reply: Accepted, job: Job) -> PrintReport:
        report = await job.print(slip_bytes(layout(self._content(order, reply)), self._columns))
        if report.result is not Result.PRINTED or report.paper_low != self.paper_low:
            log.warning("printer", result=report.result.value, reason=report.reason, paper_low=report.paper_low)
        self.paper_low = report.paper_low
        return report

    def _content(self, order: Issue, reply: Accepted) -> SlipContent:
        result, catalogue = reply.result, self.catalogue
        service = next((s for s in catalogue.services if s.service_id == order.service_id), None) if catalogue else None
        wait = result["est_wait_s"]
        return SlipContent(
            hall=catalogue.name if catalogue else {"zh-Hans": ""},
            label=result["label"],
            service=service.name if service else {"zh-Hans": order.service_id},
            zone=result["zone"],
            windows=tuple(result["windows"]),
            ahead=result["ahead"],
            wait_min=(wait["low"] // 60, max(-(-wait["high"] // 60), wait["low"] // 60 + 1)) if wait else None,
            taken=result["issued_at"][:16].replace("T", " "),
            url=result["url"],
            phone=catalogue.phone if catalogue else "",
            language=order.language,
        )

    async def settle_forever(self) -> None:
        """Finish what is pending: report slips, void late tickets, clear up after a power cut."""
        self._unsettled.set()
        while True:
            await self._unsettled.wait()
            self._unsettled.clear()
            for pending in self._spool.all():
                if pending.command_id in self._in_hand:
                    continue
                try:
                    await self._settle(pending)
                except NoReplyError:
                    # No hall: keep it and come back.
                    asyncio.get_running_loop().call_later(SETTLE_PAUSE_S, self._unsettled.set)
                    break

    async def _settle(self, pending: Pending) -> None:
        """Tell the hall what became of an order's slip, and forget the order."""
        report = self._reports.get(pending.command_id) or await self._after_a_cut(pending)
        if report is not None:
            ticket_id, outcome = report
            body: Body = Printed(ticket_id) if outcome == "printed" else PrintFailed(ticket_id, outcome)
            answer = await self._link.request(body, within_s=SETTLE_WITHIN_S, command_id=f"{pending.command_id}-p")
            if isinstance(answer, Refused):
                log.warning("slip_report_refused", code=answer.code)
        self._spool.settle(pending.command_id)
        self._reports.pop(pending.command_id, None)

    async def _after_a_cut(self, pending: Pending) -> tuple[str, str] | None:
        """An order whose end is not known here: the same id gets the same reply, also after a power cut.

        Cut off in mid-print nobody knows whether there is a slip: the ticket stays valid, and is marked.
        """
        order = msgspec.convert(pending.order, Issue)
        reply = await self._link.request(order, within_s=SETTLE_WITHIN_S, command_id=pending.command_id)
        if isinstance(reply, Refused):
            return None
        return reply.result["ticket_id"], "expired" if pending.expired else "uncertain"


def _outcome(report: PrintReport) -> str:
    return {Result.PRINTED: "printed", Result.UNCERTAIN: "uncertain"}.get(report.result, report.reason or "error")
