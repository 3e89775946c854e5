"""One slip at a time: the printer made ready, each step of a slip on the disk, the last one that may be missing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import NamedTuple

import structlog

from ticket_dispenser.printers.port import Job, Printer, PrintReport, Result
from ticket_dispenser.slips.content import SlipContent
from ticket_dispenser.spool import JobState

log = structlog.get_logger()

REPRINT_WITHIN_S = 600.0
STUCK_AFTER_S = 120.0
"""A raster slip at 9600 baud takes 45 seconds."""
MakeSlip = Callable[[SlipContent], bytes]
CameTo = Callable[[JobState, str], None]
"""Stores durably how far a slip has come, and why no further."""
_END = {Result.PRINTED: JobState.CONFIRMED, Result.UNCERTAIN: JobState.UNCERTAIN, Result.FAILED: JobState.FAILED}


class Unconfirmed(NamedTuple):
    """A slip that may not have come out."""

    content: SlipContent
    ticket_id: str | None
    at: float


class Printing:
    """The printer of one dispenser.

    Args:
        changed: called when the printer's report is another than before.
    """

    def __init__(self, printer: Printer, make_slip: MakeSlip, changed: Callable[[], None]) -> None:
        self._printer, self.make_slip, self._changed = printer, make_slip, changed
        self._one = asyncio.Lock()
        self._busy_since: float | None = None
        self._unconfirmed: Unconfirmed | None = None
        self.last_report = PrintReport(Result.PRINTED)
        """How the printer was the last time it was needed."""

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[asyncio.Task[Job]]:
        """The printer is asked how it is while the hall decides. One job at a time."""
        async with self._one:
            self._busy_since = time.monotonic()
            getting_ready = asyncio.create_task(self._printer.ready(), name="printer-ready")
            try:
                yield getting_ready
            finally:
                (await getting_ready).close()
                self._busy_since = None

    async def print(self, content: SlipContent, job: Job, came_to: CameTo, ticket_id: str | None) -> PrintReport:
        """Print a new slip."""
        slip = self.make_slip(content)
        if job.failed is None:
            # From here on nobody can be sure that no slip comes out, so that must be on the disk first.
            came_to(JobState.SENT, "")
        report = await job.print(slip)
        self._note(report)
        try:
            came_to(_END[report.result], report.reason)
        except OSError as error:
            # The card says "sent": the hall hears that nobody knows, and the ticket stays valid.
            log.error("card_cannot_be_written", reason=str(error))
        if report.result is not Result.PRINTED:
            self._unconfirmed = Unconfirmed(content, ticket_id, time.monotonic())
        return report

    async def print_again(self, content: SlipContent) -> PrintReport:
        """Print a slip that is marked as one more of a ticket's."""
        async with self.ready() as getting_ready:
            report = await (await getting_ready).print(self.make_slip(replace(content, again=True)))
        self._note(report)
        return report

    def missing(self) -> Unconfirmed | None:
        """The last slip that may not have come out, unless it is too old to be of use to anybody."""
        last = self._unconfirmed
        return last if last is not None and time.monotonic() - last.at <= REPRINT_WITHIN_S else None

    def found(self) -> None:
        """The missing slip has come out."""
        self._unconfirmed = None

    def gets_on(self) -> bool:
        """Whether no slip has been in hand for longer than any slip may take."""
        return self._busy_since is None or time.monotonic() - self._busy_since < STUCK_AFTER_S

    def _note(self, report: PrintReport) -> None:
        before, self.last_report = self.last_report, report
        if report != before:
            log.warning("printer", result=report.result.value, reason=report.reason, paper_low=report.paper_low)
            self._changed()
