"""How busy the hall is now: what the calling order's rates are solved from."""

from collections import Counter
from math import exp, log
from typing import NamedTuple

from hall_server.domain.configuration import Order
from hall_server.domain.priority_rates import solve
from hall_server.domain.state import State, Tuning
from hall_server.domain.tickets import TicketClass, TicketState

LOOK_BACK_MS = 45 * 60_000
LATELY_MS = 15 * 60_000
FEWEST_SERVED = 5
FIRST_WEIGHT = 100.0
"""What the first rates weigh."""
REMEMBERED = 4000.0
"""About a week of a busy hall; what is older fades."""


class Load(NamedTuple):
    """What was measured."""

    by_class: dict[TicketClass, float]
    """Each class's share of what the open windows can do (1 is everything)."""
    fifo_wait_s: float
    """The mean wait that first come, first served would give now; the same for every order, as only turns change."""


def measure(state: State, now_ms: int) -> Load | None:
    """The load of the last 45 minutes; None while no window is open or too few have been served to tell."""
    windows = sum(window.status == "open" for window in state.windows.values())
    if windows == 0:
        return None
    served = [
        ticket.closed_at - ticket.first_called_at
        for ticket_id in state.in_state[TicketState.FINISHED]
        if (ticket := state.tickets[ticket_id]).closed_at is not None and ticket.first_called_at is not None
    ]
    if len(served) < FEWEST_SERVED:
        return None
    occupied_s = sum(served) / len(served) / 1000
    came: Counter[TicketClass] = Counter()
    lately: list[int] = []
    first = None
    for ticket in reversed(state.tickets.values()):
        if ticket.taken_at < now_ms - LOOK_BACK_MS - 120 * 60_000:
            break
        if ticket.taken_at >= now_ms - LOOK_BACK_MS:
            came[ticket.ticket_class] += 1
            first = ticket.taken_at
        if ticket.first_called_at is not None and ticket.first_called_at >= now_ms - LATELY_MS:
            lately.append(max(0, ticket.first_called_at - ticket.key))
    if first is None:
        return None
    span_s = max(600.0, (now_ms - first) / 1000)
    waiting = len(state.in_state[TicketState.WAITING])
    backlog_s = waiting * occupied_s / windows
    return Load(
        {of: count * occupied_s / (windows * span_s) for of, count in came.items()},
        max(backlog_s, sum(lately) / len(lately) / 1000 if lately else 0.0),
    )


def tuned(state: State, promises: Order, now_ms: int) -> Tuning | None:
    """The order's rates with what this moment needs weighed in; None where nothing tells.

    Each moment counts as many times as people are waiting, so the rates are those of busy times, in which alone they
    matter. They move slowly: a forecast that visitors were given must not be overturned by other rates.
    """
    waiting = len(state.in_state[TicketState.WAITING])
    load = measure(state, now_ms) if waiting and promises.rates is None else None
    if load is None or not load.by_class:
        return None
    solved, before = solve(load.fifo_wait_s, load.by_class, promises), state.tuning
    weight = before.weight + waiting
    share = waiting / (weight + FIRST_WEIGHT)
    rates = {of: exp((1 - share) * log(before.rates[of]) + share * log(rate)) for of, rate in solved.rates.items()}
    return Tuning(now_ms, rates, solved.missed, min(weight, REMEMBERED))
