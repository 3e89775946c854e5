"""A USB keypad or scanner on Linux: what is typed on an input device of its own, line by line.

The kernel tells each key as a `struct input_event` (linux/input.h). The device is taken for this program alone, so that
nothing else reacts to the keys.
"""

import asyncio
import contextlib
import fcntl
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path

EVENT = struct.Struct("llHHi")
"""Seconds, microseconds, type, code, value."""
EV_KEY = 0x01
PRESSED = 1
EVIOCGRAB = 0x40044590
ENTER = frozenset({28, 96})
BACKSPACE = 14
SHIFT = frozenset({42, 54})
_PLAIN = {
    **{2 + number: digit for number, digit in enumerate("1234567890")},
    **{16 + number: letter for number, letter in enumerate("qwertyuiop")},
    **{30 + number: letter for number, letter in enumerate("asdfghjkl")},
    **{44 + number: letter for number, letter in enumerate("zxcvbnm")},
    71: "7", 72: "8", 73: "9", 75: "4", 76: "5", 77: "6", 79: "1", 80: "2", 81: "3", 82: "0",
    12: "-", 13: "=", 39: ";", 40: "'", 51: ",", 52: ".", 53: "/", 57: " ", 74: "-", 78: "+", 83: ".", 98: "/",
}  # fmt: skip
"""Key codes of linux/input-event-codes.h on a US layout, which is what scanners type."""
_SHIFTED = {39: ":", 12: "_", 53: "?", 13: "+", 8: "&", 6: "%", 4: "#"}
LINE_LIMIT = 512


class Typing:
    """Keys become lines. Pure."""

    def __init__(self) -> None:
        self._line, self._shift, self._rest = "", False, b""

    def lines(self, data: bytes) -> list[str]:
        """The lines that these bytes complete; a device may cut an event anywhere."""
        data = self._rest + data
        whole = len(data) - len(data) % EVENT.size
        self._rest = data[whole:]
        done = []
        for _s, _us, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_KEY and code in SHIFT:
                self._shift = value != 0
            elif kind == EV_KEY and value == PRESSED:
                if code in ENTER:
                    done.append(self._line)
                    self._line = ""
                elif code == BACKSPACE:
                    self._line = self._line[:-1]
                elif len(self._line) < LINE_LIMIT:
                    self._line += self._character(code)
        return done

    def _character(self, code: int) -> str:
        plain = _PLAIN.get(code, "")
        return _SHIFTED.get(code, plain.upper()) if self._shift else plain


class EventKeys:
    """Lines typed on an input device. A device that is pulled out ends it; systemd starts the program again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self, take: Callable[[str | None], None]) -> asyncio.ReadTransport:
        """Tell of every line, and None at the end."""
        typing = Typing()

        class Input(asyncio.Protocol):
            def data_received(self, data: bytes) -> None:
                for line in typing.lines(data):
                    take(line)

            def connection_lost(self, exc: Exception | None) -> None:
                del exc
                take(None)

        opened = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        if stat.S_ISCHR(os.fstat(opened).st_mode):
            with contextlib.suppress(OSError):
                fcntl.ioctl(opened, EVIOCGRAB, 1)
        file = os.fdopen(opened, "rb", buffering=0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(Input, file)
        return transport
