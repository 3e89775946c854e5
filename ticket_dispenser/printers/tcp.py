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

    async def print(self, slip: bytes) -> PrintReport:
        """Print one slip."""
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(self._host, self._port), CONNECT_S)
        except (OSError, TimeoutError):
            return PrintReport(Result.FAILED, Trouble.OFFLINE)
        try:
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return await self._job(reader, writer, slip)
        finally:
            writer.close()

    async def _job(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slip: bytes) -> PrintReport:
        low = False
        if self._answers:
            try:
                writer.write(b"".join(DLE_EOT))
                status = await asyncio.wait_for(reader.readexactly(4), STATUS_S)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                # Nothing was sent that could be printed.
                return PrintReport(Result.FAILED, Trouble.NO_ANSWER)
            if not all(map(is_status, status)):
                return PrintReport(Result.FAILED, Trouble.ERROR)
            problem = trouble(*status)
            if problem is not None:
                return PrintReport(Result.FAILED, problem)
            low = paper_low(status[3])
        try:
            writer.write(slip + (GS_R if self._answers else b""))
            await asyncio.wait_for(writer.drain(), EVIDENCE_S)
            if not self._answers:
                return PrintReport(Result.UNCERTAIN, "", low)
            answer = await asyncio.wait_for(reader.readexactly(1), EVIDENCE_S)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return PrintReport(Result.UNCERTAIN, Trouble.NO_ANSWER, low)
        if paper_ended(answer[0]):
            return PrintReport(Result.UNCERTAIN, Trouble.PAPER_OUT, low)
        return PrintReport(Result.PRINTED, "", low)
