"""A scanner beside any panel or screen: whoever has an appointment shows its code, and the slip comes."""

import asyncio
from contextlib import suppress

import structlog

from hall_protocol.commands import CheckIn
from ticket_dispenser.drivers.port import Desk, Lines
from ticket_dispenser.drivers.scanned import code_in

log = structlog.get_logger()

WAITING = 8
"""Scans; a visitor who scans more often than that is not served sooner."""


class Scanner:
    """Reads lines from a scanner that types."""

    def __init__(self, lines: Lines, language: str) -> None:
        self._source, self._language = lines, language
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(WAITING)

    async def run(self, desk: Desk) -> None:
        """Check visitors in until the scanner is pulled out; then the program ends, and systemd starts it again."""
        reading = await self._source.read(self._take)
        try:
            while (line := await self._lines.get()) is not None:
                code = code_in(line)
                if code is None:
                    log.warning("scanned_no_code")
                    continue
                answer = await desk.press(CheckIn(code, language=self._language))
                log.info("scanned", kind=answer.kind, code=answer.code, came=answer.came)
        finally:
            reading.close()

    def _take(self, line: str | None) -> None:
        with suppress(asyncio.QueueFull):
            self._lines.put_nowait(line)
