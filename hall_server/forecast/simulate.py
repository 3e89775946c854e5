"""The hall lived forward many times at once, under the domain's calling order: one array operation moves all runs.

In each step every run lets its window that is free first call its next visitor. A run's state is when each window is
free and who is at the head of each line; so a step costs the same for ten runs as for a hundred.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hall_server.forecast.crowd import NOBODY, Crowd, gather
from hall_server.forecast.draws import Draws
from hall_server.forecast.outlook import Outlook
from hall_server.forecast.service_times import reached

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

NEVER = np.inf
MINUTES = 1501
"""Blocks are looked up by minute of the day, an hour past midnight included."""
LOOK_UP_EVERY = 8
SHORTEST_REST_S = 5.0
PAST_LIMIT = 1e12


class Foreseen(NamedTuple):
    """Waits in seconds, a row a run; `nan` where nobody would call."""

    waiting: Floats
    """A column for each of the outlook's waiting, counted from now."""
    probes: Floats
    """A column for each probe, counted from its time."""


def simulate(outlook: Outlook, runs: int, chance: np.random.Generator) -> Foreseen:
    """Live the outlook forward in `runs` runs."""
    draws = Draws(outlook.tables, runs, chance)
    crowd = gather(outlook, draws)
    called = np.full((runs, len(outlook.waiting) + len(outlook.probes) + 1), np.nan)
    if outlook.windows and called.shape[1] > 1:
        with np.errstate(invalid="ignore"):  # a run with nobody left to call takes forever from forever
            _Runs(outlook, crowd, draws).live(called)
    waits = called[:, : len(outlook.waiting)] - outlook.now
    asked = called[:, len(outlook.waiting) : -1] - np.array([probe.time for probe in outlook.probes])
    return Foreseen(np.maximum(waits, 0.0), np.maximum(asked, 0.0))


class _Runs:
    """All runs side by side."""

    def __init__(self, outlook: Outlook, crowd: Crowd, draws: Draws) -> None:
        self._crowd = crowd
        runs = draws.runs
        windows = outlook.windows
        self._all = np.arange(runs)
        self._refuses = np.array([[0.0 if line in w.lines else NEVER for line in crowd.lines] for w in windows])
        credit = outlook.preference_s * np.array([[line in w.prefers for line in crowd.lines] for w in windows])
        self._credit = credit if credit.any() else None
        lines = [outlook.lines[line] for line in crowd.lines]
        self._rate = np.array([line.rate for line in lines])
        self._limit = np.array([line.limit_s for line in lines])
        self._first = np.array([PAST_LIMIT * (10 - line.urgency) for line in lines])
        # Ties are broken as the domain does: the more urgent class, then the earlier ticket.
        self._rate = self._rate * (1 + 1e-12 * np.array([10 - line.urgency for line in lines]))
        self._blocked = _blocked(outlook)
        self._any_blocks = bool(self._blocked.any())
        self._speeds = np.exp(draws.normal([w.speed for w in windows], [w.speed_spread for w in windows])).ravel()
        self._work = crowd.work.ravel()
        self._leaves = None if crowd.leaves is None else crowd.leaves.ravel()
        self._hours = np.array([*outlook.hour_factors, outlook.hour_factors[-1]])
        self._by_hour = bool(np.abs(self._hours - 1).max() > 0.01)
        self._turnaround = outlook.turnaround
        self._free = self._unblocked(self._all_free(outlook, draws), np.arange(len(windows)))
        self._away: tuple[Floats, Floats] | None = None
        if outlook.absences_per_s * 3600 > 0.005:
            leaves = outlook.now + draws.exponential(len(windows)) / outlook.absences_per_s
            self._away = leaves, leaves + draws.times(np.full(len(windows), outlook.absence_table))

    def _all_free(self, outlook: Outlook, draws: Draws) -> Floats:
        """When each window has done with what it is at."""
        free = np.empty((draws.runs, len(outlook.windows)))
        for column, window in enumerate(outlook.windows):
            free[:, column] = window.free_at
            if window.serving < 0:
                continue
            scale = 1.0 if window.absent else window.factor * float(np.exp(window.speed))
            gone = reached(outlook.tables[window.serving], window.elapsed / scale)
            rest = draws.rest(window.serving, gone) * scale - window.elapsed
            # Longer than anything seen yet: as long again as a quarter of what has passed.
            endless = draws.exponential(1)[:, 0] * window.elapsed / 4
            free[:, column] += np.maximum(rest if gone < 1 else endless, SHORTEST_REST_S)
        return free

    def _unblocked(self, free: Floats, window: Ints) -> Floats:
        """The same times, or the end of the break or the night that they fall into."""
        minute = np.minimum(free * (1 / 60), MINUTES - 1).astype(np.intp)
        blocked: Floats = np.maximum(free, self._blocked[window, minute])
        return blocked

    def live(self, called: Floats) -> None:
        """Until everybody who was asked about is called. Fills `called` with the times.

        Arrays are read and written through flat indices: that halves the time of a step.
        """
        crowd, runs = self._crowd, len(self._all)
        widths = crowd.key.shape[1], len(crowd.lines), self._free.shape[1], called.shape[1]
        of_visitor, of_line, of_window, of_asked = (self._all * width for width in widths)
        key, here, asked = crowd.key.ravel(), crowd.here.ravel(), crowd.asked.ravel()
        head = (of_visitor[:, None] + crowd.starts).ravel()
        head_key, head_here = key[head].reshape(runs, -1), here[head].reshape(runs, -1)
        heads_key, heads_here = head_key.reshape(-1), head_here.reshape(-1)
        free, times = self._free.reshape(-1), called.reshape(-1)
        left = np.full(runs, called.shape[1] - 1)
        for step in range(crowd.key.shape[1] + self._free.shape[1]):
            if step % LOOK_UP_EVERY == 0 and not (left > 0).any():
                return
            window = self._free.argmin(1)
            reachable = head_here + self._refuses.take(window, axis=0)
            time = np.maximum(free.take(of_window + window), reachable.min(1))
            line = of_line + self._priority(time, window, head_key, reachable).argmax(1)
            who = head.take(line)
            question = asked.take(who)
            if time.max() == NEVER:
                nobody = time == NEVER
                question[nobody] = NOBODY
                left[nobody & (self._free.min(1) == NEVER)] = 0
                moved = who + ~nobody
            else:
                moved = who + 1
            times[of_asked + question] = time
            left -= question != NOBODY
            free[of_window + window] = self._free_again(time, window, of_window + window, who)
            head[line] = moved
            heads_key[line], heads_here[line] = key.take(moved), here.take(moved)

    def _priority(self, time: Floats, window: Ints, head_key: Floats, reachable: Floats) -> Floats:
        """The domain's calling order, over all heads of all runs."""
        waited = time[:, None] - head_key
        gained = (waited if self._credit is None else waited + self._credit[window]) * self._rate
        past = waited >= self._limit
        if np.count_nonzero(past):
            gained = np.where(past, self._first + waited, gained)
        return np.where(reachable <= time[:, None], gained, -NEVER)

    def _free_again(self, time: Floats, window: Ints, place: Ints, who: Ints) -> Floats:
        """When the windows have done with whom they called; those without anybody never call again."""
        work = self._work.take(who)
        took = work * self._speeds.take(place)
        if self._by_hour:
            took = took * self._hours[np.minimum(time * (1 / 3600), 24).astype(np.intp)]
        if self._turnaround > 1:
            took = took + self._turnaround * (work > 0)
        if self._leaves is not None:
            took = took * (time <= self._leaves.take(who))
        free = time + took
        if self._any_blocks:
            free = self._unblocked(free, window)
        if self._away is not None:
            leaves, back = self._away[0].take(place), self._away[1].take(place)
            free = np.where((free >= leaves) & (free < back), back, free)
        return free


def _blocked(outlook: Outlook) -> Floats:
    """By window and minute of the day: until when the window does not call, 0 if it does."""
    table = np.zeros((len(outlook.windows), MINUTES))
    for row, window in enumerate(outlook.windows):
        for block in window.blocks:
            start, end = int(block.start // 60), min(MINUTES, block.end / 60)
            table[row, start : int(end)] = np.maximum(table[row, start : int(end)], block.end)
    return table
