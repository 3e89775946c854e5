"""`paihao bench forecast`: what visitors are told when they take a number, beside what then happened."""

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil, sqrt
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace

from benchmarks import passes, warsaw
from benchmarks.days import interval, spread
from benchmarks.figures import Report
from benchmarks.oracle import all_knowing, enlighten
from benchmarks.rival_waits import Habits, Rivals
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.evolve import evolve
from hall_server.domain.state import State, Tuning
from hall_server.forecast.learned import Learned
from hall_server.forecast.learning import observe
from hall_server.forecast.look import Looker
from hall_server.forecast.ranges import RUNS, ranges
from hall_server.forecast.simulate import simulate
from simulators.days.draw import draw_day
from simulators.days.run import DayInHall
from simulators.days.scenario import hall_of, load_scenario

SCENARIOS = ("S1", "S2", "S3", "S4", "S5", "S6", "S7")
LEARNED_FROM = 30
"""Days before the first forecast."""
ORACLE_AIM = {"S1": 1.10, "S2": 1.10, "S5": 1.35, "S6": 1.35, "S7": 1.35}
AGAINST_POSITION = {"S1", "S2"}
CLASSES = ("ordinary", "green", "appointment")
OWN, ORACLE, SEER = "forecast", "oracle", "oracle that knows the day"
Memory = tuple[bytes, Habits, Tuning]
"""What earlier days leave: learned, the rivals' means, the order's rates."""
POSITION = "average x position"


class Told(NamedTuple):
    """One visitor, in minutes: what was told, and what happened."""

    ticket_class: str
    waited: float
    low: float
    high: float
    told: dict[str, float]
    """The point estimate of each method."""


def learn(scenario_name: str, seed: int) -> Memory:
    """What a month of days leaves behind. Their numbers are negative: no day is both learned from and asked about."""
    scenario = load_scenario(scenario_name)
    learned, habits, tuning = Learned(), Habits(), Tuning()
    for number in range(LEARNED_FROM):
        day = DayInHall(scenario, hall_of(scenario), draw_day(scenario, -1 - seed, number), None, tuning)

        def hear(state: State, events: list[e.Event], now: Moment) -> None:
            for event in events:
                observe(learned, state, event, now.offset_s)
                habits.observe(state, event, now)

        day.listeners.append(hear)
        state = day.run()
        tuning = replace(state.tuning, at=0)
        habits.end_day(state)
        ended = e.DayEnded(at=day.now.ms, day=state.day or "")
        evolve(state, ended)
        observe(learned, state, ended, day.now.offset_s)
    return msgspec.json.encode(learned), habits, tuning


def ask_all(seed: int, item: tuple[str, int, bytes, Habits, Tuning]) -> list[Told]:
    """Everybody who takes a number on one day, and what then happened."""
    name, number, before, habits, tuning = item
    scenario = load_scenario(name)
    drawn = draw_day(scenario, seed, number)
    day = DayInHall(scenario, hall_of(scenario), drawn, None, tuning)
    learned, rivals = msgspec.json.decode(before, type=Learned), Rivals(habits)
    looker = Looker(learned)
    told: dict[str, tuple[float, float, dict[str, float]]] = {}

    def hear(state: State, events: list[e.Event], now: Moment) -> None:
        for event in events:
            observe(learned, state, event, now.offset_s)
            rivals.observe(state, event)
            if isinstance(event, e.TicketIssued):
                outlook = looker.look(state, now, ())
                index = next(i for i, w in enumerate(outlook.waiting) if w.ticket_id == event.ticket_id)
                own = ranges(simulate(outlook, RUNS, np.random.default_rng(len(told))).waiting)[index]
                truths = {ORACLE: enlighten(outlook, scenario), SEER: all_knowing(outlook, scenario, drawn)}
                best = {
                    name: ranges(simulate(truth, RUNS, np.random.default_rng(len(told) + 100_000)).waiting)[index]
                    for name, truth in truths.items()
                }
                if own is None:
                    continue
                estimates = rivals.ask(state, state.tickets[event.ticket_id], now)
                estimates |= {OWN: own.mean / 60, **{name: one.mean / 60 for name, one in best.items() if one}}
                told[event.ticket_id] = own.low / 60, own.high / 60, estimates

    day.listeners.append(hear)
    tickets = day.run().tickets
    return [
        Told(tickets[id_].ticket_class, (tickets[id_].first_called_at - tickets[id_].taken_at) / 60_000, *answer)  # type: ignore[operator]  # those who left are not asked
        for id_, answer in told.items()
        if tickets[id_].first_called_at is not None
    ]


def rmse(method: str, days: Sequence[Sequence[Told]]) -> float:
    """Root of the mean squared error, minutes."""
    return sqrt(sum(_squared(method, day) for day in days) / sum(map(len, days)))


def _squared(method: str, day: Sequence[Told]) -> float:
    return sum((one.told[method] - one.waited) ** 2 for one in day)


def ratio_interval(method: str, to: str, days: Sequence[Sequence[Told]]) -> tuple[float, float]:
    """Of two methods' errors, from each day's sums."""
    pairs = [(_squared(method, day), _squared(to, day)) for day in days]
    return interval(pairs, _ratio)


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    own, other = (sum(column) for column in zip(*pairs, strict=True))
    return sqrt(own / other) if other else 1.0


def _counts(
    of: Callable[[Told], bool], among: Callable[[Told], bool], days: Sequence[Sequence[Told]]
) -> list[tuple[int, int]]:
    asked = [[one for one in day if among(one)] for day in days]
    return [(sum(map(of, day)), len(day)) for day in asked]


def _percent(counts: Sequence[tuple[int, int]]) -> float:
    return 100 * sum(hits for hits, _ in counts) / max(1, sum(asked for _, asked in counts))


def covered(days: Sequence[Sequence[Told]]) -> list[tuple[int, int]]:
    """By day: who waited a time in their range, of those who were told of a wait at all."""
    return _counts(lambda one: one.low <= one.waited <= one.high, lambda one: one.high >= 1 / 60, days)


def over_twice(days: Sequence[Sequence[Told]]) -> list[tuple[int, int]]:
    """By day: who waited more than twice what they were told, in whole minutes as it is shown, of all."""
    return _counts(lambda one: one.waited > 2 * max(1, ceil(one.told[OWN])), lambda _: True, days)


def of_class(ticket_class: str, days: Sequence[Sequence[Told]]) -> list[list[Told]]:
    """The visitors of one class."""
    return [[one for one in day if one.ticket_class == ticket_class] for day in days]


def run(days: int, seed: int) -> Report:
    """All scenarios."""
    learned: list[Memory] = spread(partial(_learn, seed), SCENARIOS, "learning")
    memories = dict(zip(SCENARIOS, learned, strict=True))
    items: list[Any] = [(name, number, *memories[name]) for name in SCENARIOS for number in range(days)]
    told: list[list[Told]] = spread(partial(ask_all, seed), items, "forecasting")
    report = Report("forecast")
    for index, name in enumerate(SCENARIOS):
        _add(report, name, told[index * days : (index + 1) * days])
    warsaw.add_to(report)
    passes.add_to(report)
    return report


def _learn(seed: int, name: str) -> Memory:
    return learn(name, seed)


def _add(report: Report, name: str, days: list[list[Told]]) -> None:
    aim = f"<= {ORACLE_AIM[name]:.2f} x" if name in ORACLE_AIM else ""
    for ticket_class in ("", *CLASSES):
        part = of_class(ticket_class, days) if ticket_class else days
        if not any(part):
            continue
        report.add(
            f"{name} {ticket_class or 'all'}: error beside the oracle's", rmse(OWN, part), "min",
            floor=rmse(ORACLE, part), interval=ratio_interval(OWN, ORACLE, part), of_ratio=True,
            aim=aim if not ticket_class or name in AGAINST_POSITION else "",
        )  # fmt: skip
        for rival in days[0][0].told:
            if rival in (OWN, ORACLE) or (ticket_class and rival != SEER and not rival.startswith(POSITION)):
                continue
            report.add(
                f"{name} {ticket_class or 'all'}: beside {rival}", rmse(OWN, part), "min", floor=rmse(rival, part),
                interval=ratio_interval(OWN, rival, part), of_ratio=True,
                aim="<= 0.50 x" if name in AGAINST_POSITION and rival.startswith(POSITION) else "",
            )  # fmt: skip
    for what, counts, aim in (
        ("80 % range holds", covered(days), "77 to 83 %"),
        ("over twice what was told", over_twice(days), "<= 5 %"),
    ):
        report.add(f"{name}: {what}", _percent(counts), "%", interval=interval(counts, _percent), aim=aim)
