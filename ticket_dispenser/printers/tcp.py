"""A network printer on TCP port 9100: status before, evidence after, a fresh connection for every slip.

A write after the peer has closed still succeeds, so only an answer of the printer is evidence. No answer means
uncertain, and an uncertain slip is never sent again.
"""

import asyncio
import socket

from ticket_dispenser.printers.port import PrintReport, Result, Trouble
from ticket_dispenser.printers.status import DLE_EOT, GS_R, is_status, paper_ended, paper_low, trouble

CONNECT_S = 1.0
STATUS_S = 0.5
EVIDENCE_S = 4.0


class TcpPrinter:
    """One printer at an address. `answers` is False for models that never say how they are."""

    def __init__(self, host: str, port: int = 9100, *, answers: bool = True) -> None:
        self._host, self._port, self._answers = host, port, answers

    async def ready(self) -> "TcpJob":
        """Connect and ask; whatever is wrong is told by the job."""
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(self._host, self._port), CONNECT_S)
        except (OSError, TimeoutError):
            return TcpJob(None, failed=Trouble.OFFLINE)
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._answers:
            return TcpJob((reader, writer), answers=False)
        try:
            writer.write(b"".join(DLE_EOT))
            status = await asyncio.wait_for(reader.readexactly(4), STATUS_S)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return TcpJob((reader, writer), failed=Trouble.NO_ANSWER)
        except asyncio.CancelledError:
            writer.close()
            raise
        failed = trouble(*status) if all(map(is_status, status)) else Trouble.ERROR
        return TcpJob((reader, writer), failed=failed, low=paper_low(status[3]))


class TcpJob:
    """One connection for one slip. A job that `failed` has sent nothing that could be printed."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None,
        *,
        answers: bool = True,
        failed: Trouble | None = None,
        low: bool = False,
    ) -> None:
        self._streams, self._answers, self._failed, self._low = streams, answers, failed, low

    async def print(self, slip: bytes) -> PrintReport:
        """Send the slip and wait for the printer's word that it has worked through it."""
        if self._streams is None or self._failed is not None:
            self.close()
            return PrintReport(Result.FAILED, self._failed or Trouble.OFFLINE)
        reader, writer = self._streams
        try:
            writer.write(slip + (GS_R if self._answers else b""))
            await asyncio.wait_for(writer.drain(), EVIDENCE_S)
            if not self._answers:
                return PrintReport(Result.UNCERTAIN, "", self._low)
            answer = await asyncio.wait_for(reader.readexactly(1), EVIDENCE_S)
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
