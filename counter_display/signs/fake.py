"""Signs without lamps: the other end of an RS-485 line, for tests and for trying a configuration."""

import os
import select
import threading
import tty
from collections.abc import Callable
from pathlib import Path

from counter_display.signs.simple_gb2312 import ACK, ETX, EVERYBODY, NAK, Frame, read_frames


class FakeSigns:
    """All signs of a line. `shown` is what each address shows; `deaf` ones answer nothing, `garbled` counts noise."""

    def __init__(self, device: Path, show: Callable[[int, str], None] = lambda _address, _text: None) -> None:
        self._show = show
        self._line, self._other = os.openpty()
        tty.setraw(self._other)
        device.unlink(missing_ok=True)
        device.symlink_to(os.ttyname(self._other))
        self.shown: dict[int, Frame] = {}
        self.deaf: set[int] = set()
        self.refuses_next = 0
        self.garbled = 0
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._run, name="fake-signs", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        data = b""
        while True:
            ready, _, _ = select.select([self._line, self._stop], [], [])
            if self._stop in ready:
                return
            frames, data = read_frames(data + os.read(self._line, 1024))
            for frame in frames:
                self._take(frame)

    def _take(self, frame: Frame | None) -> None:
        if frame is None:
            self.garbled += 1
            return
        if frame.address in self.deaf:
            return
        if self.refuses_next:
            self.refuses_next -= 1
            os.write(self._line, bytes((NAK, frame.address, ETX)))
            return
        self.shown[frame.address] = frame
        self._show(frame.address, frame.text)
        if frame.address != EVERYBODY:
            os.write(self._line, bytes((ACK, frame.address, ETX)))

    def close(self) -> None:
        """Take the signs down."""
        os.write(self._stopped, b".")
        self._thread.join()
        for descriptor in (self._line, self._other, self._stop, self._stopped):
            os.close(descriptor)
