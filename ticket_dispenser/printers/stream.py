"""A printer at the end of a byte stream: status before, evidence after, a fresh connection for every slip.

A write after the peer has closed still succeeds, so only an answer of the printer is evidence. No answer means
uncertain, and an uncertain slip is never sent again.
"""

import asyncio
from collections.abc import Awaitable, Callable

from ticket_dispenser.printers.port import PrintReport, Result, Trouble
from ticket_dispenser.printers.status import DLE_EOT, GS_R, is_status, paper_ended, paper_low, trouble

CONNECT_S = 1.0
STATUS_S = 0.5
EVIDENCE_S = 4.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]
"""Opens the way to the printer; OSError if there is none."""


class StreamPrinter:
    """One printer.

    Args:
        connect: a way to it, see `connections.py`.
        answers: False for models that never say how they are.
        bytes_per_s: how fast bytes go there, so that a long slip gets the time it needs.
    """

    def __init__(self, connect: Connect, *, answers: bool = True, bytes_per_s: float = 100_000) -> None:
        self._connect, self._answers, self._bytes_per_s = connect, answers, bytes_per_s

    async def ready(self) -> "StreamJob":
        """Connect and ask; whatever is wrong is told by the job."""
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await self._connect()
        except (OSError, TimeoutError):
            return StreamJob(None, failed=Trouble.OFFLINE)
        if not self._answers:
            return StreamJob((reader, writer), answers=False, bytes_per_s=self._bytes_per_s)
        try:
            writer.write(b"".join(DLE_EOT))
            async with asyncio.timeout(STATUS_S):
                status = await reader.readexactly(4)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return StreamJob((reader, writer), failed=Trouble.NO_ANSWER)
        except asyncio.CancelledError:
            writer.close()
            raise
        failed = trouble(*status) if all(map(is_status, status)) else Trouble.ERROR
        return StreamJob((reader, writer), failed=failed, low=paper_low(status[3]), bytes_per_s=self._bytes_per_s)


class StreamJob:
    """One connection for one slip. A job that `failed` has sent nothing that could be printed."""

    def __init__(
        self,
        streams: Streams | None,
        *,
        answers: bool = True,
        failed: Trouble | None = None,
        low: bool = False,
        bytes_per_s: float = 100_000,
    ) -> None:
        self._streams, self._answers, self._low = streams, answers, low
        self._bytes_per_s = bytes_per_s
        self.failed = (failed or Trouble.OFFLINE) if streams is None else failed

    async def print(self, slip: bytes) -> PrintReport:
        """Send the slip and wait for the printer's word that it has worked through it."""
        if self._streams is None or self.failed is not None:
            self.close()
            return PrintReport(Result.FAILED, self.failed or Trouble.OFFLINE)
        reader, writer = self._streams
        patience_s = EVIDENCE_S + len(slip) / self._bytes_per_s
        try:
            writer.write(slip + (GS_R if self._answers else b""))
            async with asyncio.timeout(patience_s):
                await writer.drain()
            if not self._answers:
                return PrintReport(Result.UNCERTAIN, "", self._low)
            async with asyncio.timeout(patience_s):
                answer = await reader.readexactly(1)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return PrintReport(Result.UNCERTAIN, Trouble.NO_ANSWER, self._low)
        finally:
            self.close()
        if paper_ended(answer[0]):
            return PrintReport(Result.UNCERTAIN, Trouble.PAPER_OUT, self._low)
        return PrintReport(Result.PRINTED, "", self._low)

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
