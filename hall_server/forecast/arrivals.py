"""Who is still to come today: by line and half hour, and how much busier than usual the day is."""

from math import exp

from hall_server.domain.calendar import Moment
from hall_server.forecast.learned import (
    HALF_HOUR_MS,
    HALF_HOURS,
    Effect,
    Learned,
    day_variance,
    half_hour,
    walk_ins,
    weekday_of,
)

WEEKDAY_VARIANCE = 0.1**2


class Arrivals:
    """What has been learned about arrivals, seen from one moment."""

    def __init__(self, learned: Learned, now: Moment) -> None:
        self._learned = learned
        self._here = half_hour(now.ms, now.offset_s)
        self._into = (now.ms + now.offset_s * 1000) % HALF_HOUR_MS / HALF_HOUR_MS
        self._variance = day_variance(learned)
        effect = learned.weekdays.get(weekday_of(now.ms, now.offset_s), Effect())
        self._weekday = exp(effect.total / (effect.weight + self._variance / WEEKDAY_VARIANCE + 1))

    def rates(self, line: str) -> list[float]:
        """Walk-ins that a usual day of this weekday brings, by half hour."""
        if not self._learned.days:
            return self._as_lately(line)
        known = self._learned.profile.get(line)
        return [count * self._weekday / self._learned.days for count in known] if known else [0.0] * HALF_HOURS

    def _as_lately(self, line: str) -> list[float]:
        """Before any day has been learned it goes on as in the last two half hours."""
        counts = self._learned.today.came.get(line, [0] * HALF_HOURS)
        lately = sum(counts[max(0, self._here - 2) : self._here + 1])
        return [lately / (min(2, self._here) + max(0.2, self._into))] * HALF_HOURS

    def busier(self) -> tuple[float, float]:
        """Gamma distribution of today's factor, shape and rate: what days do, and what today has shown so far."""
        came = float(sum(map(sum, walk_ins(self._learned.today.came))))
        usual = came
        if self._learned.days:
            profile = walk_ins(self._learned.profile)
            so_far = sum(sum(counts[: self._here]) + counts[self._here] * self._into for counts in profile)
            usual = so_far * self._weekday / self._learned.days
        return 1 / self._variance + came, 1 / self._variance + usual
