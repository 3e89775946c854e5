"""Estimates that queue systems show today, in minutes.

Sources: Ibrahim and Whitt, "Real-time delay estimation based on delay history" (2009) for QL, LES and HOL; the others
are what most ticket systems do.
"""

from hall_server.domain.calendar import Moment
from hall_server.domain.events import Event, TicketCalled
from hall_server.domain.state import State
from hall_server.domain.tickets import Ticket, TicketState


class Habits:
    """What the rivals know of earlier days: mean times."""

    def __init__(self) -> None:
        self.served = self.calls = 0
        self.busy_s = self.span_s = 0.0
        self.by_hour: dict[int, tuple[int, float]] = {}
        self._last: int | None = None

    def observe(self, state: State, event: Event, now: Moment) -> None:
        """A call: how long since the one before, if somebody had been waiting for it."""
        if not isinstance(event, TicketCalled):
            return
        ticket = state.tickets[event.ticket_id]
        if self._last is not None and ticket.taken_at <= self._last:
            gap = (event.at - self._last) / 1000
            self.calls, self.span_s = self.calls + 1, self.span_s + gap
            count, total = self.by_hour.get(now.local.hour, (0, 0.0))
            self.by_hour[now.local.hour] = count + 1, total + gap
        self._last = event.at

    def end_day(self, state: State) -> None:
        """Mean service times over all that were called."""
        for ticket in state.tickets.values():
            if ticket.first_called_at is not None and ticket.closed_at is not None:
                self.served += 1
                self.busy_s += (ticket.closed_at - ticket.first_called_at) / 1000
        self._last = None


class Rivals:
    """The estimates on one day."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self._last_wait_s = 0.0

    def observe(self, state: State, event: Event) -> None:
        """Remember who was called last."""
        if isinstance(event, TicketCalled):
            self._last_wait_s = (event.at - state.tickets[event.ticket_id].key) / 1000

    def ask(self, state: State, ticket: Ticket, now: Moment) -> dict[str, float]:
        """What each would tell a visitor who has just taken a number."""
        habits = self._habits
        ahead = state.ahead(ticket, now.ms)
        windows = max(1, sum(window.status == "open" for window in state.windows.values()))
        idle = any(window.status == "open" and window.current is None for window in state.windows.values())
        service_s, gap_s = habits.busy_s / habits.served, habits.span_s / habits.calls
        count, total = habits.by_hour.get(now.local.hour, (0, 0.0))
        waiting = state.tickets_in(TicketState.WAITING)
        others = [other for other in waiting if other.ticket_id != ticket.ticket_id]
        oldest_s = max(((now.ms - other.key) / 1000 for other in others), default=0.0)
        calls = 0 if idle and not others else ahead + 1
        return {
            "average x position": calls * gap_s / 60,
            "average x position / windows": calls * service_s / windows / 60,
            "QL": (0 if idle and not others else len(others) + 1) * service_s / windows / 60,
            "LES": self._last_wait_s / 60,
            "HOL": max(0.0, oldest_s) / 60,
            "inter-call time by hour": calls * (total / count if count else gap_s) / 60,
        }
