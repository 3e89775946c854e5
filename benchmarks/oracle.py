"""Forecasts that know the truth and only draw the future anew.

One knows every parameter of the scenario and, of the day, what the hall's own forecast could see: nobody can honestly
do better. The other also knows what nobody can: how busy the day will be, and how slow each window is today.
"""

import random
from functools import lru_cache
from math import log

from msgspec.structs import replace

from hall_server.domain.calendar import Moment
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketClass
from hall_server.forecast.learned import HALF_HOURS, Learned
from hall_server.forecast.look import Looker
from hall_server.forecast.outlook import Line, Outlook
from hall_server.forecast.service_times import POINTS, mean_of
from simulators.days.draw import Day, service_time
from simulators.days.scenario import OPENS_MIN, Scenario, queue_ids

DRAWS = 100_000
CERTAIN = 1e9
FIRST_HALF_HOUR = OPENS_MIN // 30


@lru_cache(maxsize=64)
def _table(scenario: Scenario, kind: int | None) -> list[float]:
    """The true quantile function of a service, or of any service where the kind is not known."""
    chance = random.Random(1)  # noqa: S311  a simulation
    kinds = range(len(scenario.services))
    shares = [service.share for service in scenario.services]
    drawn = sorted(
        60 * service_time(chance, scenario.services[chance.choices(kinds, shares)[0] if kind is None else kind])
        for _ in range(DRAWS)
    )
    table = [drawn[min(DRAWS - 1, step * DRAWS // POINTS)] for step in range(POINTS + 1)]
    table[-1] = max(table[-2], table[-1] - 2 * POINTS * (mean_of(table) - sum(drawn) / DRAWS))
    return table


def _exponential(mean: float) -> list[float]:
    table = [-mean * log(1 - min(step, POINTS - 0.4) / POINTS) for step in range(POINTS + 1)]
    table[-1] = max(table[-2], table[-1] - 2 * POINTS * (mean_of(table) - mean))
    return table


def _line(scenario: Scenario, line: Line, mix: list[tuple[int, float]]) -> Line:
    share = {TicketClass.ORDINARY: 1 - scenario.green, TicketClass.GREEN: scenario.green}.get(
        TicketClass(line.ticket_class), 0.0
    )
    of_queue = sum(service.share for service in scenario.services if service.queue == line.queue_id)
    rates = [0.0] * HALF_HOURS
    for index, expected in enumerate(scenario.walk_ins):
        rates[FIRST_HALF_HOUR + index] = expected * scenario.load * share * of_queue
    return replace(line, no_show=scenario.no_show, rates=rates, mix=mix)


class KnowingLooker(Looker):
    """Looks at the hall with the scenario's truth in place of what was learned on earlier days."""

    def __init__(self, learned: Learned, scenario: Scenario) -> None:
        super().__init__(learned)
        self._scenario = scenario

    def look(self, state: State, now: Moment, probes: tuple[float, ...] = (0.0,)) -> Outlook:
        """The hall now."""
        return enlighten(super().look(state, now, probes), self._scenario)


def all_knowing(outlook: Outlook, scenario: Scenario, day: Day) -> Outlook:
    """With the scenario's truth, and the day's."""
    speeds = [log(day.speeds[int(window.window_id) - 1]) for window in outlook.windows]
    windows = [replace(w, speed=speed, speed_spread=0.0) for w, speed in zip(outlook.windows, speeds, strict=True)]
    return replace(enlighten(outlook, scenario), windows=windows, day_shape=CERTAIN, day_rate=CERTAIN / day.factor)


def enlighten(outlook: Outlook, scenario: Scenario) -> Outlook:
    """The same outlook with the scenario's truth in place of what was learned on earlier days."""
    kinds: list[int | None] = list(range(len(scenario.services))) if scenario.types_known else [None]
    absence = _exponential((scenario.absences.mean_min if scenario.absences else 1.0) * 60)
    no_show = [scenario.no_show_min * 60 + step * 1e-6 for step in range(POINTS + 1)]
    mixes = {
        queue: [
            (kind or 0, scenario.services[kind].share if kind is not None else 1.0)
            for kind in kinds
            if kind is None or scenario.services[kind].queue == queue
        ]
        for queue in queue_ids(scenario)
    }
    mixes = {queue: [(of, share / sum(s for _, s in mix)) for of, share in mix] for queue, mix in mixes.items()}
    how = scenario.appointments
    return replace(
        outlook,
        lines=[_line(scenario, line, mixes[line.queue_id]) for line in outlook.lines],
        tables=[*(_table(scenario, kind) for kind in kinds), absence, no_show],
        absence_table=len(kinds),
        show_up=how.show,
        early_mean=-how.early_min * 60,
        early_spread=how.spread_min * 60,
        leaves_per_s=1 / (scenario.patience_min * 60) if scenario.patience_min else 0.0,
        turnaround=0.0,
        absences_per_s=scenario.absences.per_hour / 3600 if scenario.absences else 0.0,
        hour_factors=[1.0] * 24,
    )
