"""One day as it will come, drawn before it begins: who comes, how long each takes, who is away.

Nothing here depends on the calling order or the forecast, so rivals are compared on the same random numbers.
"""

import random
from math import log as ln
from math import sqrt
from typing import NamedTuple

from simulators.days.scenario import HALF_HOUR_MIN, Scenario, ServiceKind

SHORT, LONG, LONG_SHARE = 0.6, 2.2, 0.25
"""A bimodal service is short in three cases of four; times the mean, before it is scaled to the mean."""


class Visitor(NamedTuple):
    """Somebody who will come. Seconds since opening."""

    arrives: float
    kind: int
    green: bool
    slot: float | None
    work: float
    """How long the service takes at a window of normal speed."""
    shows: bool
    """Comes to the window when called."""
    patience: float


class Booking(NamedTuple):
    """An appointment, kept or not."""

    slot: float
    kind: int


class Day(NamedTuple):
    """Everything that chance decides."""

    number: int
    factor: float
    visitors: list[Visitor]
    bookings: list[Booking]
    speeds: list[float]
    """Each window's; 1 is normal, 1.1 takes a tenth longer."""
    absences: list[list[tuple[float, float]]]
    """Each window's, start and end."""


def lognormal(chance: random.Random, mean: float, cv: float) -> float:
    """A lognormal draw with this mean and coefficient of variation."""
    variance = ln(1 + cv * cv)
    return chance.lognormvariate(ln(mean) - variance / 2, sqrt(variance))


def service_time(chance: random.Random, kind: ServiceKind) -> float:
    """Minutes of one service."""
    if kind.family == "lognormal":
        return lognormal(chance, kind.mean, kind.cv)
    if kind.family == "gamma":
        return chance.gammavariate(1 / kind.cv**2, kind.mean * kind.cv**2)
    scale = kind.mean / (SHORT * (1 - LONG_SHARE) + LONG * LONG_SHARE)
    middle = LONG if chance.random() < LONG_SHARE else SHORT
    return lognormal(chance, scale * middle, 0.25)


def draw_day(scenario: Scenario, seed: int, number: int) -> Day:
    """Day `number` of a seed; always the same."""

    def stream(what: str) -> random.Random:
        return random.Random(f"{seed}/{number}/{what}")

    factor = lognormal(stream("factor"), 1.0, scenario.day_cv) if scenario.day_cv else 1.0
    windows = sum(group.count for group in scenario.windows)
    speed = stream("speed")
    speeds = [lognormal(speed, 1.0, scenario.window_cv) if scenario.window_cv else 1.0 for _ in range(windows)]
    visitors = _walk_ins(scenario, stream("walk-ins"), factor)
    bookings, kept = _appointments(scenario, stream("appointments"))
    absence = stream("absences")
    return Day(
        number, factor, sorted(visitors + kept), bookings, speeds, [_absences(scenario, absence) for _ in speeds]
    )


def _visitor(
    scenario: Scenario, chance: random.Random, arrives: float, kind: int | None = None, slot: float | None = None
) -> Visitor:  # fmt: skip
    shares = [kind.share for kind in scenario.services]
    drawn = chance.choices(range(len(shares)), shares)[0]
    green = chance.random() < scenario.green
    shows = chance.random() >= scenario.no_show
    patience = chance.expovariate(1.0)
    chosen = drawn if kind is None else kind
    work = service_time(chance, scenario.services[chosen]) * 60
    patient = float("inf") if scenario.patience_min is None else patience * scenario.patience_min * 60
    return Visitor(arrives, chosen, green and slot is None, slot, work, shows, patient)


def _walk_ins(scenario: Scenario, chance: random.Random, factor: float) -> list[Visitor]:
    visitors = []
    for index, expected in enumerate(scenario.walk_ins):
        rate = expected * scenario.load * factor / HALF_HOUR_MIN
        time = index * float(HALF_HOUR_MIN)
        while rate and (time := time + chance.expovariate(rate)) < (index + 1) * HALF_HOUR_MIN:
            visitors.append(_visitor(scenario, chance, time * 60))
    if scenario.surge is not None:
        surge = scenario.surge
        times = sorted(chance.uniform(surge.at, surge.at + surge.over_min) for _ in range(surge.count))
        visitors += [_visitor(scenario, chance, time * 60) for time in times]
    return visitors


def _appointments(scenario: Scenario, chance: random.Random) -> tuple[list[Booking], list[Visitor]]:
    how = scenario.appointments
    bookings, kept = [], []
    shares = [kind.share for kind in scenario.services]
    for half_hour in range(len(scenario.walk_ins) if how.per_half_hour else 0):
        for index in range(how.per_half_hour):
            slot = (half_hour + index / how.per_half_hour) * HALF_HOUR_MIN * 60
            kind = chance.choices(range(len(shares)), shares)[0]
            arrives = slot + chance.gauss(-how.early_min, how.spread_min) * 60
            comes = chance.random() < how.show
            visitor = _visitor(scenario, chance, max(0.0, arrives), kind, slot)
            bookings.append(Booking(slot, kind))
            if comes:
                kept.append(visitor)
    return bookings, kept


def _absences(scenario: Scenario, chance: random.Random) -> list[tuple[float, float]]:
    how = scenario.absences
    if how is None:
        return []
    found = []
    time = 0.0
    while (time := time + chance.expovariate(how.per_hour / 3600)) < scenario.minutes * 60:
        ends = time + chance.expovariate(1 / (how.mean_min * 60))
        found.append((time, ends))
        time = ends
    return found
