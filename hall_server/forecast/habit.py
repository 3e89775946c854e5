"""What a queue is told by habit: how long people in the same place waited on earlier days, at about this time.

For halls of which only counts are known, and for the first days of any hall. Nothing about services, windows or
order is needed: a wait is the queue's historic time between calls times the position, times how that guess turned
out for similar positions at similar times of day, later days counting more; and shrunk towards how it turned out over
all queues. What today has shown so far moves it a little.
"""

from bisect import bisect_left
from math import exp, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEARBY_POSITION = 0.6
"""In logarithms: somebody at half the position tells half as much as one at the same."""
NEARBY_MIN = 120.0
RECENT = 0.85
"""What a day tells beside the day after it."""
SHARED_WEIGHT = 10.0
"""All queues together count as so many observations of the queue's own."""
TODAY_WEIGHT = 20.0
"""Today's visitors, called by now, count beside so many who turned out as expected."""
TODAY_MIN = 120.0
ROUNDING_MIN = 3.0
"""Short waits are compared with this added: nobody is told of seconds."""
FEWEST_CALLS = 20
POSITIONS = (1, 2, 3, 5, 8, 12, 20, 35, 60, 120)
STEPS = (0.125, 0.375, 0.625, 0.875)
SPAN = 0.35
QUANTILES = (0.1, 0.5, 0.9)


class Observed:
    """Visitors of earlier days by position, minute of day and wait in minutes, and the times between calls."""

    def __init__(self) -> None:
        self.days: list[list[tuple[int, float, float]]] = []
        self.paces: list[tuple[float, float]] = []

    def add_day(self, visitors: list[tuple[int, float, float]], busy_min: float, calls: float) -> None:
        """One more day: who waited, and how long somebody waited while how many were called."""
        self.days.append(visitors)
        self.paces.append((busy_min, calls))

    @property
    def pace(self) -> float | None:
        """Minutes between calls while somebody waited, later days counting more; None with too few calls."""
        if sum(calls for _, calls in self.paces) < FEWEST_CALLS:
            return None
        weights = [RECENT**back for back in range(len(self.paces) - 1, -1, -1)]
        calls = sum(w * n for w, (_, n) in zip(weights, self.paces, strict=True))
        return sum(w * busy for w, (busy, _) in zip(weights, self.paces, strict=True)) / calls if calls > 0 else None


class SharedHabit:
    """How guesses turned out over all queues, by position."""

    def __init__(self, queues: list[Observed]) -> None:
        found = [
            (log(position), waited / (queue.pace * position))
            for queue in queues
            if queue.pace
            for day in queue.days
            for position, _, waited in day
        ]
        self._at = np.log(np.array(POSITIONS))
        where = np.array([place for place, _ in found])
        ratios = np.array([ratio for _, ratio in found])
        rows = []
        for place in self._at:
            near = np.abs(where - place) < SPAN if len(found) else np.zeros(0, bool)
            rows.append(np.quantile(ratios[near], STEPS) if near.sum() > 20 else np.array([0.6, 0.9, 1.1, 1.5]))
        self._rows = np.array(rows)

    def steps(self, position: int) -> Floats:
        """Four equally likely ratios of wait to guess."""
        place = log(position)
        return np.array([np.interp(place, self._at, self._rows[:, column]) for column in range(len(STEPS))])


class QueueHabit:
    """One queue: asked during a day, told of each visitor who is called."""

    def __init__(self, observed: Observed, shared: SharedHabit) -> None:
        self._pace = observed.pace
        self._shared = shared
        rows = [
            (log(position), minute, waited / (self._pace * position), RECENT**back)
            for back, day in enumerate(reversed(observed.days))
            for position, minute, waited in day
            if self._pace
        ]
        self._seen = np.array(rows).reshape(-1, 4)
        self._called: list[tuple[float, float]] = []

    def called(self, at_min: float, told_min: float, waited_min: float) -> None:
        """Somebody who had been told was called."""
        ratio = log((waited_min + ROUNDING_MIN) / (told_min + ROUNDING_MIN))
        self._called.append((at_min, min(1.0, max(-1.0, ratio))))
        self._called.sort()

    def usual(self, position: int, minute: float) -> tuple[Floats, float] | None:
        """10, 50 and 90 % quantiles and mean as on earlier days, in minutes; None for a queue that is not known."""
        if self._pace is None:
            return None
        seen = self._seen
        weights = seen[:, 3] * np.exp(
            -0.5 * ((seen[:, 0] - log(position)) / NEARBY_POSITION) ** 2
            - 0.5 * ((seen[:, 1] - minute) / NEARBY_MIN) ** 2
        )
        ratios = np.append(seen[:, 2], self._shared.steps(position))
        weights = np.append(weights, [SHARED_WEIGHT / len(STEPS)] * len(STEPS))
        guess = self._pace * position
        order = ratios.argsort()
        share = np.cumsum(weights[order]) / weights.sum()
        places = np.minimum(np.searchsorted(share, QUANTILES), len(ratios) - 1)
        return guess * ratios[order][places], float(guess * (ratios * weights).sum() / weights.sum())

    def ask(self, position: int, minute: float) -> tuple[Floats, float] | None:
        """The same, moved by what today has shown."""
        usual = self.usual(position, minute)
        if usual is None:
            return None
        first = bisect_left(self._called, (minute - TODAY_MIN, -2.0))
        lately = [ratio for at, ratio in self._called[first:] if at <= minute]
        moved = exp(sum(lately) / (len(lately) + TODAY_WEIGHT))
        return usual[0] * moved, usual[1] * moved
