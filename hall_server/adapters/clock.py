"""The hall's time: the system's, or a faster one for demonstrations."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hall_server.domain.calendar import Moment


class SystemClock:
    """Real time in the hall's time zone, running `speed` times faster from the moment it was made."""

    def __init__(self, timezone: str, speed: float = 1.0) -> None:
        self._zone = ZoneInfo(timezone)
        self._speed = speed
        self._wall = time.time()
        self._started = time.monotonic()
        self._offset_s = 0
        self._offset_until = 0.0

    def now(self) -> Moment:
        """The present moment. At speed 1 the wall clock itself, so that a set clock is followed."""
        demonstrated = self._wall + (time.monotonic() - self._started) * self._speed
        seconds = time.time() if self._speed == 1.0 else demonstrated
        if seconds >= self._offset_until or seconds < self._offset_until - 900:
            # Offsets change on quarter hours at most.
            self._offset_until = (seconds // 900 + 1) * 900
            offset = datetime.fromtimestamp(seconds, self._zone).utcoffset() or timedelta()
            self._offset_s = int(offset.total_seconds())
        return Moment(int(seconds * 1000), self._offset_s)

    def seconds(self, real_seconds: float) -> float:
        """Hall time for so much real time."""
        return real_seconds * self._speed
