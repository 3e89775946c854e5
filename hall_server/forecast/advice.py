"""What would help: the hall lived forward again with a window more, a break moved or a queue spread."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from hall_server.domain.configuration import Window
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketClass
from hall_server.forecast.outlook import Outlook, Probe, WindowOutlook
from hall_server.forecast.ranges import RUNS
from hall_server.forecast.simulate import simulate
from hall_server.forecast.told import Advice, Extra

MOST_WINDOWS = 4
ENOUGH = 0.1
"""An extra window is enough when the limit is passed with less than this probability."""
OPENS_IN_S = 300.0
"""How long it takes until somebody sits at an extra window."""
ASK_AT_S = 1200.0
UNTIL_STEPS_S = tuple(1800.0 * step for step in range(1, 7))
CALM = 0.2
BREAK_AHEAD_S = 5400.0


class _Change(NamedTuple):
    """One thing to do."""

    open: tuple[Extra, ...] = ()
    move_break: str | None = None
    spread_to: str | None = None


class _Effect(NamedTuple):
    wait_s: float
    over: float


def advise(outlook: Outlook, state: State, queue_id: str, limit_s: float, ask_at_s: float = ASK_AT_S) -> Advice | None:
    """The least that helps a queue; what helps most if nothing is enough; None if nothing helps.

    It is judged by a visitor who takes a number `ask_at_s` seconds from now.
    """
    line = _line(outlook, queue_id, TicketClass.ORDINARY)
    before = _effect(outlook, line, limit_s, ask_at_s)
    tried: list[tuple[Outlook, Advice]] = []
    for changed, what in _changes(outlook, state, queue_id):
        after = _effect(changed, line, limit_s, ask_at_s)
        advice = Advice(
            wait_before_s=round(before.wait_s),
            wait_after_s=round(after.wait_s),
            over_before=round(before.over, 2),
            over_after=round(after.over, 2),
            open=what.open,
            move_break=what.move_break,
            spread_to=what.spread_to,
        )
        tried.append((changed, advice))
        if after.over < ENOUGH:
            break
    if not tried:
        return None
    changed, best = min(tried, key=lambda one: (one[1].over_after >= ENOUGH, one[1].over_after, len(one[1].open)))
    if best.over_after >= before.over - 0.02:
        return None
    return replace(best, until_s=_until(outlook, line, limit_s))


def _line(outlook: Outlook, queue_id: str, of: TicketClass) -> int:
    return next(n for n, line in enumerate(outlook.lines) if (line.queue_id, line.ticket_class) == (queue_id, of))


def _effect(outlook: Outlook, line: int, limit_s: float, ask_at_s: float) -> _Effect:
    asked = replace(outlook, probes=[Probe(line, outlook.now + ask_at_s)])
    waits = np.nan_to_num(simulate(asked, RUNS, np.random.default_rng(1)).probes[:, 0], nan=4 * limit_s)
    return _Effect(float(waits.mean()), float((waits > limit_s).mean()))


def _until(outlook: Outlook, line: int, limit_s: float) -> int | None:
    """When the crowd would be over by itself."""
    asked = replace(outlook, probes=[Probe(line, outlook.now + step) for step in UNTIL_STEPS_S])
    waits = simulate(asked, RUNS, np.random.default_rng(1)).probes
    for step, column in zip(UNTIL_STEPS_S, waits.T, strict=True):
        if float((np.nan_to_num(column, nan=4 * limit_s) > limit_s).mean()) < CALM:
            return int(outlook.now + step)
    return None


def _changes(outlook: Outlook, state: State, queue_id: str) -> Iterator[tuple[Outlook, _Change]]:
    """What could be done, the cheapest first."""
    for window in outlook.windows:
        blocks = [b for b in window.blocks if b.end < np.inf and b.start < outlook.now + BREAK_AHEAD_S]
        if blocks and _line(outlook, queue_id, TicketClass.ORDINARY) in window.lines:
            kept = [block for block in window.blocks if block not in blocks]
            changed = [replace(w, blocks=kept) if w is window else w for w in outlook.windows]
            yield replace(outlook, windows=changed), _Change(move_break=window.window_id)
    for window in outlook.windows:
        if _could_spread(state, window.window_id, queue_id):
            lines = sorted({*window.lines, *(_line(outlook, queue_id, of) for of in TicketClass)})
            changed = [replace(w, lines=lines) if w is window else w for w in outlook.windows]
            yield replace(outlook, windows=changed), _Change(spread_to=window.window_id)
    extra: list[Extra] = []
    windows = list(outlook.windows)
    for one in islice(eligible(state, queue_id), MOST_WINDOWS):
        extra.append(one)
        place, person = state.known.windows[one.window], state.known.staff[one.staff_id]
        queues = [queue for queue in place.queues if queue in person.skills]
        lines = [_line(outlook, queue, of) for queue in queues for of in TicketClass]
        windows = [*(w for w in windows if w.window_id != one.window),
                   WindowOutlook(one.window, lines, [], outlook.now + OPENS_IN_S)]  # fmt: skip
        yield replace(outlook, windows=windows), _Change(tuple(extra))


def _could_spread(state: State, window_id: str, queue_id: str) -> bool:
    """Whether an open window's staff are trained for a queue that the window does not serve, and nobody waits there."""
    window, place = state.windows[window_id], state.known.windows[window_id]
    person = state.known.staff.get(window.staff_id or "")
    if window.status != "open" or person is None or queue_id in place.queues or queue_id not in person.skills:
        return False
    return not any(len(state.lines[queue]) for queue in state.callable_queues(window))


def eligible(state: State, queue_id: str) -> Iterator[Extra]:
    """Windows that are not open and could call from a queue, each with somebody trained for it who is not at work.

    Nobody who is signed in anywhere is named, a pause included: whoever is on a break is left alone.
    """
    busy = {window.staff_id for window in state.windows.values() if window.staff_id is not None}
    free = [person for person in state.known.staff.values() if person.staff_id not in busy]
    for place in _closed(state, queue_id):
        person = max(
            (p for p in free if queue_id in p.skills),
            key=lambda p: len(set(p.skills) & set(place.queues)),
            default=None,
        )
        if person is None:
            return
        free.remove(person)
        yield Extra(place.window_id, person.staff_id)


def _closed(state: State, queue_id: str) -> list[Window]:
    """The hall's windows for a queue at which nobody is, those for few queues first."""
    closed = [
        place
        for place in state.known.windows.values()
        if queue_id in place.queues
        and state.windows[place.window_id].staff_id is None
        and state.windows[place.window_id].current is None
    ]
    return sorted(closed, key=lambda place: len(place.queues))
