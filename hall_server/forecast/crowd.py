"""Everybody whom a run may call: who waits, who has an appointment, who will come, and the questions asked.

Visitors stand in stretches of columns, one for each line, in the order of their keys; a last column of each stretch
holds nobody. All draws of a kind are made at once: small arrays cost as much as large ones.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from hall_server.forecast.draws import Draws
from hall_server.forecast.outlook import Expected, Line, Outlook

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
ScalarT = TypeVar("ScalarT", bound=np.generic)

NOBODY = -1
"""Mark of a visitor who was not asked about; the last column of a result."""
HERE = -1e9
LONGEST_LOOK_S = 4 * 3600.0
HALF_HOUR_S = 1800.0
LEAVING_MATTERS_PER_H = 0.01
SUREST = 0.999
LAST_KEY = 1e7
"""Seconds; later than anything in a day."""


class Crowd(NamedTuple):
    """Arrays with a row a run and a column a visitor."""

    lines: list[int]
    """The outlook's line of each stretch; a line may have two."""
    starts: Ints
    """The first column of each stretch."""
    key: Floats
    here: Floats
    """From when they can be called."""
    work: Floats
    """Seconds at a window of usual speed; 0 for a question."""
    asked: Ints
    """Number of the waiting visitor or question, or NOBODY."""
    leaves: Floats | None
    """When they give up."""


class _Group(NamedTuple):
    """Some visitors before they are put in order."""

    stretch: list[int]
    """Twice the line's number, and one more for those whom the others of the line do not stand behind."""
    key: Floats
    here: Floats
    work: Floats
    asked: Ints


def gather(outlook: Outlook, draws: Draws) -> Crowd:
    """Draw the crowd."""
    overtake, apart = _who_may_overtake(outlook), _come_apart(outlook)
    groups = [
        _waiting(outlook, draws),
        _questions(outlook, draws.runs),
        _booked([b for b in outlook.expected if overtake(outlook.lines[b.line])], outlook, draws, apart),
        _walk_ins([n for n, line in enumerate(outlook.lines) if overtake(line)], outlook, draws, apart),
    ]
    stretches = sorted({number for group in groups for number in group.stretch})
    groups.append(_nobody(stretches, draws.runs))
    key, here, work = (np.concatenate([group[field] for group in groups], axis=1) for field in (1, 2, 3))
    asked = np.concatenate([group.asked for group in groups], axis=1)
    place = {number: place for place, number in enumerate(stretches)}
    stretch = np.array([place[number] for group in groups for number in group.stretch], np.intp)
    order = (np.minimum(key, LAST_KEY) + stretch * (4 * LAST_KEY)).argsort(axis=1, kind="stable")
    order += np.arange(draws.runs)[:, None] * key.shape[1]
    key, here, work, asked = key.take(order), here.take(order), work.take(order), asked.take(order)
    leaves = None
    if outlook.leaves_per_s * 3600 > LEAVING_MATTERS_PER_H:
        # Patience has no memory, so it counts from now for those who are here.
        leaves = np.maximum(here, outlook.now) + draws.exponential(key.shape[1]) / outlook.leaves_per_s
    starts = np.cumsum([0, *np.bincount(stretch, minlength=1)[:-1]]).astype(np.intp)
    return Crowd([number // 2 for number in stretches], starts, key, here, work, asked, leaves)


def _who_may_overtake(outlook: Outlook) -> Callable[[Line], bool]:
    """Whether those of a line who are still to come can be called before anybody who is asked about."""
    asked = {w.line for w in outlook.waiting} | {probe.line for probe in outlook.probes}
    least_urgent = max((outlook.lines[line].urgency for line in asked), default=-1)
    # Who came before the time of their appointment gains nothing until then.
    later = any(p.time > outlook.now for p in outlook.probes) or any(w.key > outlook.now for w in outlook.waiting)
    return lambda line: later or line.urgency < least_urgent


def _come_apart(outlook: Outlook) -> set[int]:
    """Lines in which somebody is here before the time of an appointment.

    They stand behind some who have not come yet, but are not held up by them.
    """
    return {w.line for w in outlook.waiting if w.key > outlook.now}


def _waiting(outlook: Outlook, draws: Draws) -> _Group:
    waiting = outlook.waiting
    count = len(waiting)
    work = np.zeros((draws.runs, count))
    for leg in range(max((len(w.work) for w in waiting), default=0)):
        tables = np.array([w.work[min(leg, len(w.work) - 1)] for w in waiting], np.intp)
        work += draws.times(tables) * np.array([leg < len(w.work) for w in waiting])
    work *= np.array([w.factor for w in waiting])
    lines = [w.line for w in waiting]
    return _Group(
        [2 * line for line in lines],
        _rows(np.array([w.key for w in waiting]), draws.runs),
        np.full((draws.runs, count), HERE),
        _unless_absent(work, lines, outlook, draws),
        _rows(np.arange(count), draws.runs),
    )


def _questions(outlook: Outlook, runs: int) -> _Group:
    time = _rows(np.array([probe.time for probe in outlook.probes]), runs)
    numbers = _rows(len(outlook.waiting) + np.arange(len(outlook.probes)), runs)
    return _Group([2 * probe.line for probe in outlook.probes], time, time, np.zeros(time.shape), numbers)


def _rows(row: NDArray[ScalarT], runs: int) -> NDArray[ScalarT]:
    return np.broadcast_to(row, (runs, len(row)))


def _nobody(stretches: list[int], runs: int) -> _Group:
    shape = (runs, len(stretches))
    never = np.full(shape, np.inf)
    return _Group(stretches, never, never, np.zeros(shape), np.full(shape, NOBODY, np.intp))


def _to_come(lines: list[int], times: Floats, work: Floats, apart: set[int]) -> _Group:
    stretch = [2 * line + (line in apart) for line in lines]
    return _Group(stretch, times, times, work, np.full(times.shape, NOBODY, np.intp))


def _unless_absent(work: Floats, lines: list[int], outlook: Outlook, draws: Draws) -> Floats:
    """Whoever does not come when called takes only as long as that."""
    absent = draws.uniform(len(lines)) < np.array([outlook.lines[line].no_show for line in lines])
    vain = draws.times(np.full(len(lines), len(outlook.tables) - 1))
    return np.where(absent, vain, work)


def _booked(expected: list[Expected], outlook: Outlook, draws: Draws, apart: set[int]) -> _Group:
    """Visitors of appointments. Who has not come by now is less likely to come at all."""
    until = _horizon(outlook)
    booked = [b for b in expected if b.slot < until]
    slots, lines = np.array([b.slot for b in booked]), [b.line for b in booked]
    arrives, still = draws.later_normal(slots + outlook.early_mean, outlook.early_spread, outlook.now)
    show_up = min(outlook.show_up, SUREST)
    comes = show_up * still / (show_up * still + 1 - show_up)
    times = np.where(draws.uniform(len(slots)) < comes, np.maximum(arrives, slots), np.inf)
    work = draws.times(np.array([b.work for b in booked], np.intp))
    return _to_come(lines, times, _unless_absent(work, lines, outlook, draws), apart)


def _walk_ins(numbers: list[int], outlook: Outlook, draws: Draws, apart: set[int]) -> _Group:
    """Who will come without an appointment, as far ahead as it may matter; `inf` after that."""
    factor = draws.gamma(outlook.day_shape, outlook.day_rate)
    until = _horizon(outlook)
    usual = np.ones(draws.runs)
    pieces = [
        (n, _arrivals(line, outlook.now, until, draws, usual if line.steady else factor))
        for n, line in enumerate(outlook.lines)
        if n in numbers
    ]
    pieces = [(n, times) for n, times in pieces if times.shape[1]]
    empty = np.empty((draws.runs, 0))
    times = np.concatenate([empty, *(times for _, times in pieces)], axis=1)
    lines = [n for n, piece in pieces for _ in range(piece.shape[1])]
    luck = draws.uniform(len(lines))
    tables = np.zeros(luck.shape, np.intp)
    column = 0
    for n, piece in pieces:
        here = slice(column, column := column + piece.shape[1])
        mix = outlook.lines[n].mix
        shares = np.cumsum([share for _, share in mix])
        tables[:, here] = np.array([table for table, _ in mix])[np.searchsorted(shares[:-1], luck[:, here])]
    return _to_come(lines, times, _unless_absent(draws.times(tables), lines, outlook, draws), apart)


def _horizon(outlook: Outlook) -> float:
    """How far ahead somebody who is still to come may matter."""
    work = sum(outlook.tables[w.work[0]][len(outlook.tables[0]) * 5 // 8] for w in outlook.waiting)
    drained = 1.5 * work / max(1, len(outlook.windows)) + 1800
    last_question = max((probe.time for probe in outlook.probes), default=outlook.now) - outlook.now
    return min(outlook.last_arrival, outlook.now + min(LONGEST_LOOK_S, drained + 2 * last_question))


def _arrivals(line: Line, now: float, until: float, draws: Draws, factor: Floats) -> Floats:
    """A Poisson process with the line's rates, each run with its own factor: unit intervals stretched to the rates."""
    first, last = int(now // HALF_HOUR_S), int(until // HALF_HOUR_S)
    edges = [now, *((half_hour + 1) * HALF_HOUR_S for half_hour in range(first, last)), until]
    pieces = [
        line.rates[half_hour % len(line.rates)] * (edges[piece + 1] - edges[piece]) / HALF_HOUR_S
        for piece, half_hour in enumerate(range(first, last + 1))
    ]
    expected = sum(pieces) * float(factor.max()) if until > now else 0.0
    if expected <= 0:
        return np.empty((draws.runs, 0))
    points = draws.exponential(int(expected + 3 * np.sqrt(expected) + 3)).cumsum(axis=1) / factor[:, None]
    times: Floats = np.interp(points, np.concatenate([[0.0], np.cumsum(pieces)]), edges, right=np.inf)
    return times
