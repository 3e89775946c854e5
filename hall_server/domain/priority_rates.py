"""How fast each class gains priority: solved from what the hall promises and the load it has.

The mean waits under accumulating priority come from Kleinrock's recursion for time-dependent priorities (1964), the
two-class case of which has a closed form. Both need only the wait under first come, first served and each class's
share of the load; they are exact for one server and good for several, and in a queue that builds up over a rush they
hold for the waits relative to each other. Source: Kleinrock, Queueing Systems II, 3.7; Stanford, Taylor, Ziedins,
"Waiting time distributions in the accumulating priority queue", Queueing Systems 77 (2014).
"""

from collections.abc import Mapping
from typing import NamedTuple

from hall_server.domain.configuration import Order
from hall_server.domain.tickets import TicketClass

FASTEST = 40.0
"""Beyond this a class goes first in practice: more would change nothing."""
FULL = 0.98
"""A rush that is more than the windows can do counts as a load just below full."""
P95_TO_MEAN = 2.5
"""A promise to 95 of 100 is kept by aiming at a mean of so much less; tried out on simulated days."""
SWEEPS = 30
TOLERANCE = 1.02

Shares = Mapping[TicketClass, float]
FASTER = (TicketClass.APPOINTMENT, TicketClass.GREEN, TicketClass.URGENT)


class Solved(NamedTuple):
    """Rates by class, ordinary being 1, and the classes whose promise no rate can keep with this staff."""

    rates: dict[TicketClass, float]
    missed: tuple[TicketClass, ...]


def mean_waits(fifo_wait: float, load: Shares, rates: Shares) -> dict[TicketClass, float]:
    """The mean wait of each class, in the unit of `fifo_wait`, by Kleinrock's recursion from the slowest class up."""
    waits: dict[TicketClass, float] = {}
    slowest_first = sorted(load, key=lambda of: rates[of])
    for own in slowest_first:
        below = sum(load[i] * waits[i] * (1 - rates[i] / rates[own]) for i in waits if rates[i] < rates[own])
        above = sum(load[i] * (1 - rates[own] / rates[i]) for i in load if rates[i] > rates[own])
        waits[own] = (fifo_wait - below) / (1 - above)
    return waits


def two_class_rate(ratio: float, fast_load: float, load: float) -> float | None:
    """The rate that gives the faster of two classes `ratio` times the wait of first come, first served.

    None if not even absolute priority does. `load` is that of both.
    """
    if ratio >= 1:
        return 1.0
    gap = (1 - ratio) / (load - ratio * fast_load)
    return None if gap >= 1 else 1 / (1 - gap)


def solve(fifo_wait_s: float, load: Shares, promises: Order) -> Solved:
    """The least rates that keep the promises.

    Each faster class gets just what its promise needs; where ordinary visitors would be slowed down more than the
    hall allows, all faster classes give way together. What is missed then is a matter of staff, not of priority.
    """
    present = {of: share for of, share in load.items() if share > 0}
    total = sum(present.values())
    if total > FULL:
        present = {of: share * FULL / total for of, share in present.items()}
    wanted = {of: promises.wait_s.of(of) / P95_TO_MEAN for of in FASTER}
    rates = _wanted_rates(fifo_wait_s, present, wanted)
    rates = _within_slowdown(fifo_wait_s, present, rates, promises.ordinary_slowdown)
    waits = mean_waits(fifo_wait_s, present, rates)
    missed = tuple(of for of in FASTER if of in present and waits[of] > TOLERANCE * wanted[of])
    return Solved(rates, missed)


def _wanted_rates(fifo: float, load: Shares, wanted: Mapping[TicketClass, float]) -> dict[TicketClass, float]:
    """One class after the other by bisection, again and again as each changes the others' waits."""
    rates = dict.fromkeys(TicketClass, 1.0)
    fast = [of for of in FASTER if of in load and fifo > wanted[of]]
    if len(load) == 2 and len(fast) == 1 and TicketClass.ORDINARY in load:
        closed = two_class_rate(wanted[fast[0]] / fifo, load[fast[0]], sum(load.values()))
        rates[fast[0]] = FASTEST if closed is None else min(closed, FASTEST)
        return _in_order(rates)
    for _ in range(SWEEPS):
        before = dict(rates)
        for own in fast:
            rates[own] = _bisect(fifo, load, rates, own, wanted[own])
        if all(abs(rates[of] - before[of]) < 0.01 for of in fast):
            break
    return _in_order(rates)


def _in_order(rates: dict[TicketClass, float]) -> dict[TicketClass, float]:
    """A class that is more urgent and absent now never starts behind one that is less urgent."""
    slower = 1.0
    for of in FASTER:
        rates[of] = slower = max(slower, rates[of])
    return rates


def _bisect(
    fifo: float, load: Shares, rates: dict[TicketClass, float], own: TicketClass, wanted: float
) -> float:  # fmt: skip
    low, high = 1.0, FASTEST
    if mean_waits(fifo, load, {**rates, own: high})[own] > wanted:
        return high
    for _ in range(20):
        middle = (low + high) / 2
        if mean_waits(fifo, load, {**rates, own: middle})[own] > wanted:
            low = middle
        else:
            high = middle
    return high


def _within_slowdown(
    fifo: float, load: Shares, rates: dict[TicketClass, float], slowdown: float
) -> dict[TicketClass, float]:
    """The same rates, or all of them drawn towards 1 until ordinary visitors wait no more than allowed."""
    if TicketClass.ORDINARY not in load or fifo <= 0:
        return rates

    def drawn(share: float) -> dict[TicketClass, float]:
        return {of: 1 + (rate - 1) * share for of, rate in rates.items()}

    def kept(share: float) -> bool:
        return mean_waits(fifo, load, drawn(share))[TicketClass.ORDINARY] <= slowdown * fifo

    if kept(1.0):
        return rates
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) else (low, middle)
    return drawn(low)
