"""One forecast of the whole hall: what everybody who waits, and whoever might take a number now, is told."""

from math import sqrt

import msgspec
import numpy as np

from hall_server.domain.calendar import Moment
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketClass
from hall_server.forecast.advice import advise
from hall_server.forecast.learned import WINDOW_VARIANCE, Learned, line_of, shrunk_variance
from hall_server.forecast.look import Looker
from hall_server.forecast.outlook import Outlook, Probe
from hall_server.forecast.ranges import RUNS, Range, ranges
from hall_server.forecast.service_times import mean_of
from hall_server.forecast.simulate import simulate
from hall_server.forecast.told import Crowding, Forecast, Kept, Wait, crowded

ASKED_CLASSES = (TicketClass.ORDINARY, TicketClass.APPOINTMENT, TicketClass.GREEN)


FEWEST_SERVED = 30
FEWEST_OF_WINDOW = 8
NEWEST_WEIGHT = 1 / 3
"""Of the newest minute in the smoothed level: about five minutes are remembered."""
ALERT_RUNS = 120
"""A probability needs more runs than a range."""
AHEAD_S = (0.0, 600.0, 1200.0, 1800.0)


def foresee(looker: Looker, state: State, now: Moment) -> Forecast:
    """The forecast of this moment; without waits in a hall that has hardly served anybody yet.

    The same state and moment give the same forecast.
    """
    if not served_enough(looker):
        return Forecast(now.ms, state.seq, kept=kept(looker.learned))
    outlook = looker.look(state, now, ())
    lines = {(line.queue_id, line.ticket_class): number for number, line in enumerate(outlook.lines)}
    asked = [(queue, of) for queue in state.known.queues for of in ASKED_CLASSES]
    outlook = msgspec.structs.replace(outlook, probes=[Probe(lines[key], outlook.now) for key in asked])
    foreseen = simulate(outlook, RUNS, np.random.default_rng(state.seq))
    return Forecast(
        at_ms=now.ms,
        seq=state.seq,
        tickets=_waits([waiting.ticket_id for waiting in outlook.waiting], ranges(foreseen.waiting)),
        lines=_waits([line_of(*key) for key in asked], ranges(foreseen.probes)),
        call_s=_call_times(outlook, state),
        window_shifts=_shifts(looker.learned),
        no_show=_usual_no_show(looker.learned),
        kept=kept(looker.learned),
    )


def crowding(looker: Looker, state: State, now: Moment, *, advising: bool = True) -> dict[str, Crowding]:
    """All queues at a whole minute. A replay gives the same answers, and so the same alerts."""
    if not served_enough(looker):
        return {}
    rules = state.known.hall.rules.alerts
    outlook = looker.look(state, now, AHEAD_S)
    waits = simulate(outlook, ALERT_RUNS, np.random.default_rng(now.ms // 60_000)).probes
    found = {}
    for number, queue in enumerate(state.known.queues.values()):
        limit_s = float(queue.wait_limit_s or rules.wait_limit_s)
        columns = waits[:, number * len(AHEAD_S) : (number + 1) * len(AHEAD_S)]
        if np.isnan(columns).any():
            continue
        over = tuple(float(share) for share in (columns > limit_s).mean(axis=0))
        plain = msgspec.structs.replace(outlook, probes=[])
        worst = AHEAD_S[over.index(max(over))]
        wanted = advising and max(over) >= rules.raise_at
        advice = advise(plain, state, queue.queue_id, limit_s, worst) if wanted else None
        means = tuple(round(float(mean)) for mean in columns.mean(axis=0))
        found[queue.queue_id] = Crowding(over, means, crowded(over), advice)
    return found


class CrowdMemory:
    """Smooths what decides over alerts: a crowd builds up over minutes, chance comes and goes in one."""

    def __init__(self, levels: dict[str, float]) -> None:
        self.levels = levels
        """The last minute's, by queue."""

    def smooth(self, crowds: dict[str, Crowding]) -> dict[str, Crowding]:
        """The same with smoothed levels; one call a minute. A queue that is not told of is forgotten."""
        before, self.levels = self.levels, {}
        for queue_id, crowd in crowds.items():
            last = before.get(queue_id, crowd.level)
            self.levels[queue_id] = last + NEWEST_WEIGHT * (crowd.level - last)
        return {of: msgspec.structs.replace(crowd, level=self.levels[of]) for of, crowd in crowds.items()}


def served_enough(looker: Looker) -> bool:
    """Whether the hall has seen enough to forecast at all."""
    return sum(times.weight for times in looker.learned.services.values()) >= FEWEST_SERVED


def _waits(names: list[str], found: list[Range | None]) -> dict[str, Wait]:
    return {
        name: Wait(round(wait.low), round(wait.high), round(wait.mean))
        for name, wait in zip(names, found, strict=True)
        if wait is not None
    }


def _call_times(outlook: Outlook, state: State) -> dict[str, int]:
    found = {}
    for number, line in enumerate(outlook.lines):
        windows = sum(number in window.lines and window.free_at <= outlook.now for window in outlook.windows)
        if line.ticket_class == TicketClass.ORDINARY and windows and state.known.services_of[line.queue_id]:
            mean = sum(share * mean_of(outlook.tables[table]) for table, share in line.mix)
            found[line.queue_id] = round(mean / windows)
    return found


def _shifts(learned: Learned) -> dict[str, tuple[float, float, int]]:
    found = {}
    for window, today in learned.today.windows.items():
        if today.weight >= FEWEST_OF_WINDOW:
            usual = learned.windows.get(window)
            before = usual.total / (usual.weight + FEWEST_OF_WINDOW) if usual else 0.0
            shift = today.total / today.weight - before
            spread = sqrt(learned.noise / today.weight + shrunk_variance(learned.window_days, WINDOW_VARIANCE))
            found[window] = (round(shift, 3), round(abs(shift) / spread, 2), int(today.weight))
    return found


def _usual_no_show(learned: Learned) -> float:
    hits = sum(share.hits for share in learned.no_shows.values())
    weight = sum(share.weight for share in learned.no_shows.values())
    return hits / weight if weight else 0.0


def kept(learned: Learned) -> dict[str, Kept]:
    """Of the last weeks."""
    return {line: Kept(round(share.weight, 1), round(share.hits, 1)) for line, share in learned.kept.items()}
