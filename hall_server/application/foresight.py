"""What people are told of their wait: the newest forecast, brought up to now; else what the last calls tell."""

from typing import NamedTuple

from hall_protocol.messages import WaitRange
from hall_server.application.estimates import pace_of, wait_range
from hall_server.domain.calendar import Moment
from hall_server.domain.state import State
from hall_server.domain.tickets import Ticket, TicketClass
from hall_server.forecast.inter_call import CallPace
from hall_server.forecast.learned import line_of
from hall_server.forecast.told import Forecast

FORECAST, RECENT_CALLS = "forecast", "recent_calls"
STALE_MS = 90_000
"""An older forecast is not used any more, in hall time."""
NEWEST = 200
"""So many may have come since a forecast."""


class Estimate(NamedTuple):
    """A range and where it comes from."""

    range: WaitRange
    basis: str


class Foresight:
    """Holds the newest forecast. Everything is computed when asked, so that ranges shrink as time passes."""

    def __init__(self) -> None:
        self._forecast = Forecast(0, 0)
        self._paces: dict[str, CallPace | None] = {}
        self._paces_at = -1

    @property
    def newest(self) -> Forecast:
        """The last one, however old."""
        return self._forecast

    def take(self, forecast: Forecast) -> None:
        """There is a newer one."""
        self._forecast = forecast

    def of_ticket(self, state: State, ticket: Ticket, ahead: int, now: Moment) -> Estimate | None:
        """How long a waiting ticket still waits."""
        found = self._forecast.tickets.get(ticket.ticket_id) if self._fresh(now) else None
        if found is None:
            return self._of_line(state, ticket.queue_id, ticket.ticket_class, ticket.seq, ahead, now)
        passed = (now.ms - self._forecast.at_ms) // 1000
        return Estimate(WaitRange(max(0, found.low - passed), max(0, found.high - passed)), FORECAST)

    def of_next(self, state: State, queue_id: str, of: TicketClass, now: Moment) -> Estimate | None:
        """How long somebody of a class would wait who took a number now."""
        return self._of_line(state, queue_id, of, state.seq + 1, len(state.lines[queue_id]), now)

    def _of_line(
        self, state: State, queue_id: str, of: TicketClass, seq: int, ahead: int, now: Moment
    ) -> Estimate | None:  # fmt: skip
        """A newcomer's wait at the forecast, and a call for each who has come since then and stands before."""
        found = self._forecast.lines.get(line_of(queue_id, of)) if self._fresh(now) else None
        if found is not None:
            since = sum(
                self._forecast.seq < other < seq for _, other, _ in state.lines[queue_id].by_class[of][-NEWEST:]
            )
            more = since * self._forecast.call_s.get(queue_id, 0)
            return Estimate(WaitRange(found.low + more, found.high + more), FORECAST)
        recent = wait_range(self._pace(state, queue_id), ahead)
        return None if recent is None else Estimate(recent, RECENT_CALLS)

    def _pace(self, state: State, queue_id: str) -> CallPace | None:
        """Fitted once for each state."""
        if self._paces_at != state.seq:
            self._paces, self._paces_at = {}, state.seq
        if queue_id not in self._paces:
            self._paces[queue_id] = pace_of(state, queue_id)
        return self._paces[queue_id]

    def _fresh(self, now: Moment) -> bool:
        return 0 <= now.ms - self._forecast.at_ms <= STALE_MS
