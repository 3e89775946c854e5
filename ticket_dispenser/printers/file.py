"""A printer that is a folder: each slip a file. For trials, and for print servers that watch a folder."""

import asyncio
import itertools
from pathlib import Path

from hall_protocol.whole_file import write_whole
from ticket_dispenser.printers.port import PrintReport, Result, Trouble


class FilePrinter:
    """Writes `slip-000001.bin`, … whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self.failed = None

    async def ready(self) -> "FilePrinter":
        """A folder is always ready."""
        return self

    def close(self) -> None:
        """Nothing is open."""

    async def print(self, slip: bytes) -> PrintReport:
        """Write one slip."""
        try:
            await asyncio.to_thread(self._write, slip)
        except OSError:
            return PrintReport(Result.FAILED, Trouble.ERROR)
        return PrintReport(Result.PRINTED)

    def _write(self, slip: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = next(p for n in self._numbers if not (p := self._folder / f"slip-{n:06d}.bin").exists())
        write_whole(path, slip)
