"""One forecast of the whole hall: what everybody who waits, and whoever might take a number now, is told."""

import msgspec
import numpy as np

from hall_server.domain.calendar import Moment
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketClass
from hall_server.forecast.learned import Learned, line_of
from hall_server.forecast.look import Looker
from hall_server.forecast.outlook import Outlook, Probe
from hall_server.forecast.ranges import RUNS, Range, ranges
from hall_server.forecast.service_times import mean_of
from hall_server.forecast.simulate import simulate

ASKED_CLASSES = (TicketClass.ORDINARY, TicketClass.APPOINTMENT, TicketClass.GREEN)


FEWEST_SERVED = 30


class Wait(msgspec.Struct, frozen=True, array_like=True):
    """A wait from the forecast's time on, in whole seconds."""

    low: int
    high: int
    mean: int


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """How many visitors of a line were called, and how many of them inside the range they were first shown."""

    called: float
    inside: float


class Forecast(msgspec.Struct, frozen=True):
    """What is likely, as of a moment and an event of the journal."""

    at_ms: int
    seq: int
    tickets: dict[str, Wait] = {}
    lines: dict[str, Wait] = {}
    """By `queue/class`: if you took a number now."""
    call_s: dict[str, int] = {}
    """By queue: time between calls if all its windows are busy."""
    kept: dict[str, Kept] = {}
    """By `queue/class`: whether what was shown came true."""


def foresee(looker: Looker, state: State, now: Moment) -> Forecast:
    """The forecast of this moment; without waits in a hall that has hardly served anybody yet.

    The same state and moment give the same forecast.
    """
    if sum(times.weight for times in looker.learned.services.values()) < FEWEST_SERVED:
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
        kept=kept(looker.learned),
    )


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


def kept(learned: Learned) -> dict[str, Kept]:
    """Of the last weeks."""
    return {line: Kept(round(share.weight, 1), round(share.hits, 1)) for line, share in learned.kept.items()}
