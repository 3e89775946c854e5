"""A network printer without paper: speaks ESC/POS over TCP, keeps every slip as a file, and can be told to fail.

Beside each `0001-A001.bin` it leaves what a visitor would read: the picture (`.png`) and the text (`.txt`). The fault
is the word in the file `fault` in the same folder, read at each connection, so that anybody can cause one by hand.
"""

import asyncio
import os
import re
import tty
from enum import StrEnum
from pathlib import Path

import structlog

from hall_protocol.whole_file import write_whole
from ticket_dispenser.printers.picture import picture_of, text_of
from ticket_dispenser.printers.status import FIXED

log = structlog.get_logger()


class Fault(StrEnum):
    """What can be wrong."""

    NONE = "none"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    JAM = "jam"
    CUTTER = "cutter"
    MUTE = "mute"
    """Prints but never answers."""
    STALL = "stall"
    """Takes the connection and then nothing more."""
    DROP = "drop"
    """Closes the connection in the middle of a slip."""


_STATUS: dict[Fault, tuple[int, int, int, int]] = {
    Fault.PAPER_LOW: (FIXED, FIXED, FIXED, FIXED | 0x0C),
    Fault.PAPER_OUT: (FIXED | 0x08, FIXED | 0x20, FIXED, FIXED | 0x60),
    Fault.COVER_OPEN: (FIXED | 0x08, FIXED | 0x04, FIXED, FIXED),
    Fault.JAM: (FIXED | 0x08, FIXED | 0x40, FIXED | 0x20, FIXED),
    Fault.CUTTER: (FIXED | 0x08, FIXED | 0x40, FIXED | 0x08, FIXED),
}
_HEALTHY = (FIXED, FIXED, FIXED, FIXED)
_QUESTION = re.compile(rb"\x10\x04([\x01-\x04])|\x1dr\x01")
_LABEL = re.compile(r"^[A-Z]{1,2}\d{3,}$", re.MULTILINE)
SLIP_LIMIT = 1 << 20


class FakePrinter:
    """One fake printer. `fault` may be set directly or through the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.fault = Fault.NONE
        self.slips: list[bytes] = []

    async def serve(self, host: str, port: int) -> asyncio.Server:
        """Listen; the caller closes the server."""
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        return await asyncio.start_server(self._connection, host, port)

    async def serve_line(self, device: Path) -> asyncio.Task[None]:
        """Be the other end of a serial line, or of a USB printer's device file; `device` becomes a link to it.

        A line has no connections: a slip ends with the question whether it has been printed.
        """
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        printer, other = os.openpty()
        tty.setraw(other)
        await asyncio.to_thread(_link, device, os.ttyname(other))
        return asyncio.create_task(self._line(printer, other), name="fake-printer-line")

    async def _line(self, printer: int, other: int) -> None:
        paper = bytearray()
        try:
            os.set_blocking(printer, False)
            while True:
                try:
                    paper += os.read(printer, 4096)
                except BlockingIOError:
                    await asyncio.sleep(0.005)
                    continue
                fault = self._read_fault()
                while fault is not Fault.STALL and (question := _QUESTION.search(paper)):
                    slip, paper = bytes(paper[: question.start()]), paper[question.end() :]
                    answer = _answer(question, fault)
                    if answer is not None:
                        os.write(printer, answer)
                    if slip:
                        await asyncio.to_thread(self._keep, slip)
        finally:
            os.close(printer)
            os.close(other)

    def _read_fault(self) -> Fault:
        try:
            word = (self._folder / "fault").read_text().strip()
        except OSError:
            return self.fault
        if word not in Fault.__members__.values():
            log.warning("unknown_fault", word=word, known=[fault.value for fault in Fault])
            return self.fault
        return Fault(word)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self._read_fault()
        paper = bytearray()
        try:
            if fault is Fault.STALL:
                await reader.read()
                return
            pending = b""
            while chunk := await reader.read(4096):
                pending += chunk
                while question := _QUESTION.search(pending):
                    paper += pending[: question.start()]
                    pending = pending[question.end() :]
                    if fault is Fault.DROP and paper:
                        writer.transport.abort()
                        return
                    answer = _answer(question, fault)
                    if answer is not None:
                        writer.write(answer)
                # The last bytes may be the beginning of a question.
                paper, pending = paper + pending[:-2], pending[-2:]
                if len(paper) > SLIP_LIMIT:
                    writer.transport.abort()
                    return
            paper += pending
        except ConnectionError:
            pass
        finally:
            writer.close()
            if paper and fault is not Fault.DROP:
                await asyncio.to_thread(self._keep, bytes(paper))

    def _keep(self, slip: bytes) -> None:
        self.slips.append(slip)
        text = text_of(slip)
        label = _LABEL.search(text)
        number = sum(1 for _ in self._folder.glob("*.bin")) + 1
        stem = f"{number:04d}-{label.group() if label else 'slip'}"
        (self._folder / f"{stem}.txt").write_text(text, "utf-8")
        picture_of(slip).save(self._folder / f"{stem}.png")
        # Last and whole, so that who sees the bytes finds all of them, and picture and text beside them.
        write_whole(self._folder / f"{stem}.bin", slip)


def _answer(question: re.Match[bytes], fault: Fault) -> bytes | None:
    if fault is Fault.MUTE:
        return None
    number = question.group(1)
    answer = _STATUS.get(fault, _HEALTHY)[number[0] - 1] if number else 0x03 if fault is Fault.PAPER_LOW else 0
    return bytes((answer,))


def _link(device: Path, to: str) -> None:
    device.unlink(missing_ok=True)
    device.symlink_to(to)
