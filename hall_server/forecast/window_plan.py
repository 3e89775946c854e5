"""When a window is planned to call today. Times are seconds of the local day."""

from hall_server.domain.configuration import Hours, Window
from hall_server.forecast.outlook import Block

NEVER = float("inf")
LATE_OPENING_S = 600.0
"""So long after its planned opening a window is still expected to open."""
ABOUT_TO_OPEN_S = 60.0
EARLY_BREAK_S = 600.0
"""A pause that begins so long before a planned break is the break."""


class WindowPlan:
    """A window's hours and breaks of one day."""

    def __init__(self, window: Window, sessions: list[Hours], day: str) -> None:
        own = _of_day(window.hours, day)
        self._hours = own or _seconds(sessions)
        self._breaks = _of_day(window.breaks, day)
        self._closes = max((end for _, end in _seconds(sessions)), default=0.0)

    def blocks(self, now: float) -> list[Block]:
        """Stretches from now on in which it does not call.

        Whoever still waits at the end of the last session is served: only a window that ends before that goes home.
        """
        found = [Block(start, end) for start, end in self._breaks if end > now]
        if any(start <= now < end for start, end in self._hours) or self._next_start(now) is not None:
            ends = [end for _, end in self._hours]
            starts = [start for start, _ in self._hours][1:]
            found += [Block(end, start) for end, start in zip(ends, starts, strict=False) if start > max(now, end)]
            if ends and now < ends[-1] < self._closes:
                found.append(Block(ends[-1], NEVER))
        return sorted(found, key=lambda block: block.start)

    def opens(self, now: float) -> float | None:
        """When a closed window will open; None if not any more today."""
        if any(start <= now < start + LATE_OPENING_S for start, _ in self._hours):
            return now + ABOUT_TO_OPEN_S
        return self._next_start(now)

    def back_from_break(self, now: float) -> float | None:
        """When a paused window is planned to be back; None if the pause is not planned."""
        return next((end for start, end in self._breaks if start - EARLY_BREAK_S <= now < end), None)

    def _next_start(self, now: float) -> float | None:
        return next((start for start, _ in self._hours if start > now), None)


def _of_day(stretches: tuple[Hours, ...], day: str) -> list[tuple[float, float]]:
    named = [stretch for stretch in stretches if day in stretch.days]
    return _seconds(named or [stretch for stretch in stretches if not stretch.days])


def _seconds(stretches: list[Hours]) -> list[tuple[float, float]]:
    return sorted((stretch.start * 60.0, stretch.end * 60.0) for stretch in stretches)
