"""Tells a second press of the same button from a new one: visitors press twice when nothing seems to happen."""

from hall_protocol.commands import CheckIn, Issue


class RepeatGuard:
    """Tells a second press of the same button from a new one. Pure; time comes in."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: tuple[Issue | CheckIn, float] | None = None

    def is_repeat(self, order: Issue | CheckIn, now: float) -> bool:
        """Whether this press belongs to the last one; it then starts no new time."""
        if self._last is not None and self._last[0] == order and now - self._last[1] < self._seconds:
            return True
        self._last = (order, now)
        return False
