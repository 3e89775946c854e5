"""What is not as it should be, and where: each anomaly names its queue, window or device (R31)."""

from collections import defaultdict
from collections.abc import Iterator
from math import exp, log, sqrt
from typing import Any, NamedTuple

from hall_server.domain.state import State
from hall_server.domain.tickets import TicketState
from hall_server.forecast.told import Forecast
from hall_server.forecast.watch import MINUTE_MS, Level

SLOW_WINDOW, SILENT_QUEUE, SILENT_DISPENSER = "slow_window", "silent_queue", "silent_dispenser"
NO_SHOWS, RANGES_DRIFT = "no_shows", "ranges_drift"
UNLIKELY = 4.0
"""Standard deviations: by chance alone it would be seen once in many years."""
SHIFT = log(1.4)
"""A window that takes less than that much longer than usual is within what people differ by."""
SILENT_S = 900.0
MISSED = 12.0
"""A dispenser that would have given out so many numbers by its share of the others' has stopped."""
FEWEST_OF_DISPENSER, FEWEST_CALLED, FEWEST_TOLD = 10, 20, 100
UNPRINTED = 5
HELD_AT_LEAST = 0.75


class Anomaly(NamedTuple):
    """A condition with its place."""

    name: str
    place: str
    level: Level
    facts: dict[str, Any]
    queue_id: str | None = None
    window: str | None = None
    device: str | None = None


def anomalies(state: State, forecast: Forecast, now_ms: int) -> Iterator[Anomaly]:
    """All that can be told of now, whether strange or not."""
    yield from _windows(forecast)
    yield from _queues(state, now_ms)
    yield from _dispensers(state)
    yield from _absent(state, forecast)
    yield from _ranges(forecast)


def _windows(forecast: Forecast) -> Iterator[Anomaly]:
    for window, (shift, deviations, served) in forecast.window_shifts.items():
        facts = {"times_usual": round(exp(shift), 2), "visitors": served}
        level = Level(deviations if abs(shift) >= SHIFT else 0.0, UNLIKELY, UNLIKELY / 2)
        yield Anomaly(SLOW_WINDOW, window, level, facts, window=window)


def _queues(state: State, now_ms: int) -> Iterator[Anomaly]:
    """Somebody waits, a window that serves the queue is open and empty, and nobody is called."""
    for queue_id, lines in state.lines.items():
        idle = [
            window.since
            for window in state.windows.values()
            if window.current is None and queue_id in state.callable_queues(window)
        ]
        oldest = min((head.place[0] for head in lines.heads()), default=None)
        silent_s = 0.0 if oldest is None or not idle else (now_ms - max(oldest, min(idle))) / 1000
        level = Level(silent_s, SILENT_S, 60.0, 0, 0)
        yield Anomaly(SILENT_QUEUE, queue_id, level, {"silent_s": round(silent_s)}, queue_id=queue_id)


def _dispensers(state: State) -> Iterator[Anomaly]:
    given: dict[str, int] = defaultdict(int)
    last: dict[str, int] = {}
    unprinted: dict[str, int] = {}
    total = len(state.tickets)
    for number, ticket in enumerate(state.tickets.values(), start=1):
        given[ticket.source] += 1
        last[ticket.source] = number
        if ticket.print_state == "printed":
            unprinted[ticket.source] = 0
        elif ticket.print_state != "pending" or ticket.source in unprinted:
            # A guide's tablet prints nothing and says nothing about it.
            unprinted[ticket.source] = unprinted.get(ticket.source, 0) + 1
    for source, count in given.items():
        if count < FEWEST_OF_DISPENSER:
            continue
        missed = (total - last[source]) * count / last[source]
        troubled = max(missed / MISSED, unprinted.get(source, 0) / UNPRINTED)
        facts = {"missed": round(missed, 1), "unprinted": unprinted.get(source, 0)}
        yield Anomaly(SILENT_DISPENSER, source, Level(troubled, 1.0, 0.1, MINUTE_MS, 0), facts, device=source)


def _absent(state: State, forecast: Forecast) -> Iterator[Anomaly]:
    came, absent = (len(state.in_state[of]) for of in (TicketState.FINISHED, TicketState.NO_SHOW))
    called, usual = came + absent, forecast.no_show
    if called >= FEWEST_CALLED and 0 < usual < 1:
        deviations = (absent - called * usual) / sqrt(called * usual * (1 - usual))
        facts = {"no_shows": absent, "called": called, "usual": round(usual, 3)}
        yield Anomaly(NO_SHOWS, "hall", Level(abs(deviations), UNLIKELY, UNLIKELY / 2), facts)


def _ranges(forecast: Forecast) -> Iterator[Anomaly]:
    """Whether what visitors are told comes true."""
    told: dict[str, tuple[float, float]] = {}
    for line, kept in forecast.kept.items():
        queue_id = line.partition("/")[0]
        called, inside = told.get(queue_id, (0.0, 0.0))
        told[queue_id] = called + kept.called, inside + kept.inside
    for queue_id, (called, inside) in told.items():
        if called >= FEWEST_TOLD:
            missed = 1 - inside / called
            facts = {"held": round(inside / called, 2), "visitors": round(called)}
            yield Anomaly(RANGES_DRIFT, queue_id, Level(missed, 1 - HELD_AT_LEAST, 0.22), facts, queue_id=queue_id)
