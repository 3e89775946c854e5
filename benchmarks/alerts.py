"""`paihao bench alerts`: warnings before the crowd, beside thresholds that look at the present.

What an episode is, and which warnings tell of one, stands in `forecast/scoring.py`: an episode begins with the first
visitor who will wait longer than the limit, so a wait that long is only seen when it is over.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from benchmarks.days import interval, spread
from benchmarks.figures import Report, quantile
from benchmarks.forecast import Memory, learn
from benchmarks.oracle import KnowingLooker
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketClass, TicketState
from hall_server.forecast.foresee import CrowdMemory, crowding
from hall_server.forecast.learned import Learned
from hall_server.forecast.learning import observe
from hall_server.forecast.look import Looker
from hall_server.forecast.scoring import Span, score, spans, waits_by_minute
from hall_server.forecast.told import Crowding
from hall_server.forecast.watch import MINUTE_MS, Key, Level, Watch
from simulators.days.draw import draw_day
from simulators.days.run import DayInHall
from simulators.days.scenario import hall_of, load_scenario

SCENARIO = "S1"
AHEAD_MIN = 10
"""An alert is in time if it stands so long before the onset."""
BRIER_MIN = 20
NO_CROWD = Crowding((0.0,) * 4, (0,) * 4, 0.0)


class Minute(NamedTuple):
    """What was known at one minute, and what happened to an ordinary visitor of then."""

    over: tuple[float, ...]
    level: float
    oracle: float
    """The level that a forecast which knows every parameter of the scenario would have given."""
    les_min: float
    ql_min: float
    waited_min: float


class Tally(NamedTuple):
    """One day of one kind of warning."""

    episodes: int
    in_time: int
    alerts: int
    true: int
    leads: tuple[int, ...]


def watch_day(seed: int, item: tuple[int, Memory]) -> list[Minute]:
    """One day, minute by minute."""
    number, (before, habits, tuning) = item
    scenario = load_scenario(SCENARIO)
    day = DayInHall(scenario, hall_of(scenario), draw_day(scenario, seed, number), None, tuning)
    learned = msgspec.json.decode(before, type=Learned)
    lookers = Looker(learned), KnowingLooker(learned, scenario)
    memories = CrowdMemory({}), CrowdMemory({})
    known: list[tuple[tuple[float, ...], float, float, float, float]] = []
    last_wait = 0.0

    def hear(state: State, events: list[e.Event], now: Moment) -> None:
        nonlocal last_wait
        for event in events:
            observe(learned, state, event, now.offset_s)
            if isinstance(event, e.TicketCalled):
                ticket = state.tickets[event.ticket_id]
                if ticket.ticket_class is TicketClass.ORDINARY:
                    last_wait = (event.at - ticket.key) / MINUTE_MS

    def minute() -> None:
        windows = max(1, sum(window.status == "open" for window in day.state.windows.values()))
        waiting = len(day.state.in_state[TicketState.WAITING])
        own, oracle = (
            memory.smooth(crowding(looker, day.state, day.now, advising=False)).get("q1", NO_CROWD)
            for looker, memory in zip(lookers, memories, strict=True)
        )
        ql = waiting * habits.busy_s / habits.served / 60 / windows
        known.append((own.over, own.level, oracle.level, last_wait, ql))
        if day.now_s < (scenario.minutes - 1) * 60:
            day.at(day.now_s + 60, minute)

    day.listeners.append(hear)
    day.at(60.0, minute)
    tickets = [t for t in day.run().tickets.values() if t.ticket_class is TicketClass.ORDINARY]
    visitors = [
        ((t.taken_at - day.opens_ms) / MINUTE_MS, (t.first_called_at - t.taken_at) / MINUTE_MS)
        for t in tickets
        if t.first_called_at is not None
    ]
    waited = waits_by_minute(visitors, len(known))
    return [Minute(*one, waits) for one, waits in zip(known, waited, strict=True)]


def warned(day: Sequence[Minute], level: Callable[[Minute], Level]) -> list[Span]:
    """When a warning stood."""
    watch, stands, signs = Watch(), False, []
    for number, minute in enumerate(day):
        for moved in watch.step({Key("bench", "q1"): level(minute)}, number * MINUTE_MS):
            stands = moved.on
        signs.append(stands)
    return spans(signs)


def tally(day: Sequence[Minute], limit_min: float, level: Callable[[Minute], Level]) -> Tally:
    """Episodes and warnings of one day."""
    alerts = warned(day, level)
    found = score([minute.waited_min for minute in day], limit_min, alerts)
    in_time = [any(alert.start <= crowd.start - AHEAD_MIN < alert.end for alert in alerts) for crowd in found.crowds]
    return Tally(len(found.crowds), sum(in_time), len(alerts), len(found.true), tuple(found.leads))


def _share(what: str, of: str, days: Sequence[Tally]) -> float:
    part, whole = (sum(int(getattr(day, field)) for day in days) for field in (what, of))
    return 100 * part / max(1, whole)


def _false(days: Sequence[Tally]) -> float:
    return sum(day.alerts - day.true for day in days) / len(days)


class Brier(NamedTuple):
    """Sums over one day's minutes: how many, how many over the limit, squared error of what was told."""

    minutes: int
    over: int
    error: float


def brier(day: Sequence[Minute], limit_min: float) -> Brier:
    """The probability given for a visitor in 20 minutes, beside what that visitor waited."""
    pairs = [(now.over[2], later.waited_min > limit_min) for now, later in zip(day, day[BRIER_MIN:], strict=False)]
    return Brier(len(pairs), sum(over for _, over in pairs), sum((told - over) ** 2 for told, over in pairs))


def brier_skill(days: Sequence[Brier]) -> float:
    """1 is certain and right, 0 as good as always telling the share of all minutes; 0 too if nothing ever happened."""
    minutes, over = sum(day.minutes for day in days), sum(day.over for day in days)
    usual = over * (1 - over / minutes)
    return 1 - sum(day.error for day in days) / usual if usual else 0.0


def run(days: int, seed: int) -> Report:
    """The forecast alert with the hall's own thresholds, beside the oracle's, and thresholds on LES and QL."""
    memory = learn(SCENARIO, seed)
    items: list[Any] = [(number, memory) for number in range(days)]
    watched: list[list[Minute]] = spread(partial(watch_day, seed), items, "days")
    rules = hall_of(load_scenario(SCENARIO)).rules.alerts
    limit = rules.wait_limit_s / 60
    after = rules.raise_after_s * 1000
    levels: dict[str, Callable[[Minute], Level]] = {
        "forecast": lambda now: Level(now.level, rules.raise_at, rules.ease_at, after),
        "oracle": lambda now: Level(now.oracle, rules.raise_at, rules.ease_at, after),
        "oracle, on at 0.4": lambda now: Level(now.oracle, 0.4, 0.2, after),
    }
    for share in (1.0, 0.75, 0.5):
        levels[f"LES over {share:.0%} of the limit"] = partial(_threshold, "les_min", share * limit)
        levels[f"QL over {share:.0%} of the limit"] = partial(_threshold, "ql_min", share * limit)
    report = Report("alerts")
    for name, level in levels.items():
        _add(report, name, [tally(day, limit, level) for day in watched])
    briers = [brier(day, limit) for day in watched]
    skill, span = brier_skill(briers), interval(briers, brier_skill)
    report.add(f"forecast: Brier skill at +{BRIER_MIN} min", skill, "", interval=span, aim=">= 0.6")
    return report


def _threshold(field: str, on: float, now: Minute) -> Level:
    return Level(getattr(now, field), on, 0.7 * on)


def _add(report: Report, name: str, days: list[Tally]) -> None:
    own = name == "forecast"
    if own:
        report.add("episodes", sum(day.episodes for day in days), "", aim=">= 35")
    in_time, true = partial(_share, "in_time", "episodes"), partial(_share, "true", "alerts")
    report.add(
        f"{name}: stood {AHEAD_MIN} min before the onset", in_time(days), "%", interval=interval(days, in_time),
        aim=">= 50 %" if own else "",
    )  # fmt: skip
    report.add(f"{name}: precision", true(days), "%", interval=interval(days, true), aim=">= 65 %" if own else "")
    report.add(f"{name}: false a day", _false(days), "", interval=interval(days, _false), aim="<= 0.25" if own else "")
    leads = [lead for day in days for lead in day.leads]
    if leads:
        report.add(f"{name}: lead, median", quantile(leads, 0.5), "min")
