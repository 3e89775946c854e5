"""One drawn day lived through: commands to the real domain, at the times at which people would give them."""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.calling_order import CallingOrder
from hall_server.domain.configuration import Hall
from hall_server.domain.decide import decide
from hall_server.domain.evolve import evolve
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State, Tuning
from hall_server.domain.tickets import Ticket
from simulators.days.draw import Day, Visitor
from simulators.days.scenario import OPENS_MIN, Scenario, service_id

OFFSET_S = 8 * 3600
DAY_MS = 86_400_000
FIRST_MIDNIGHT_MS = 1_767_542_400_000
"""2026-01-05 00:00, a Monday, in the hall's time."""
TICK_S = 60.0
CLOSED = "closed"

Listener = Callable[[State, list[e.Event], Moment], None]


class DayInHall:
    """A hall on a virtual clock. Seconds since opening.

    `tuning` is what the hall has from the days before; with another `order` the hall's own is not used at all.
    """

    def __init__(
        self,
        scenario: Scenario,
        hall: Hall,
        day: Day,
        order: CallingOrder | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        self.state = State()
        self._tuning = tuning
        self.scenario, self.hall, self.day = scenario, hall, day
        self.now_s = 0.0
        self.visitors: dict[str, Visitor] = {}
        """By ticket id."""
        self.listeners: list[Listener] = []
        self.opens_ms = FIRST_MIDNIGHT_MS + day.number * DAY_MS + OPENS_MIN * 60_000
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._idle: deque[str] = deque()
        self._order = order
        self._away: dict[str, list[str]] = {window.window_id: [] for window in hall.windows}
        """Why each window's staff are not there."""

    @property
    def now(self) -> Moment:
        """The virtual time."""
        return Moment(self.opens_ms + round(self.now_s * 1000), OFFSET_S)

    def at(self, time_s: float, what: Callable[[], None]) -> None:
        """Do something at a time; in order of asking where times are equal."""
        heappush(self._agenda, (time_s, next(self._numbers), what))

    def order(self, command: c.Command) -> list[e.Event] | Refusal:
        """Give an order; its events happen and are told."""
        decision = decide(self.state, command, self.now)
        if not isinstance(decision, Refusal):
            if self._order is not None:
                decision = [event for event in decision if not isinstance(event, e.OrderTuned)]
            for event in decision:
                evolve(self.state, event)
            for listener in self.listeners:
                listener(self.state, decision, self.now)
        return decision

    def run(self) -> State:
        """The whole day, until the last visitor has gone. Returns the state in the evening."""
        self._open()
        while self._agenda:
            self.now_s, _, what = heappop(self._agenda)
            what()
        return self.state

    def _open(self) -> None:
        self.order(c.Configure(self.hall, "days"))
        self.order(c.Tick())
        if self._tuning is not None:
            self.state.tune(self._tuning)
        if self._order is not None:
            self.state.order = self._order
        for index, booking in enumerate(self.day.bookings):
            self.order(c.Book(f"b{index}", self._service(booking.kind), self.opens_ms + round(booking.slot * 1000)))
        self._booked = {(b.slot, b.kind): f"b{index}" for index, b in enumerate(self.day.bookings)}
        for index, window in enumerate(self.hall.windows):
            opens = (window.hours[0].start - OPENS_MIN) * 60.0 if window.hours else 0.0
            self.at(opens, lambda w=window.window_id: self._begin(w))  # type: ignore[misc]  # a default binds the loop's value
            if window.hours:
                self.at((window.hours[0].end - OPENS_MIN) * 60.0, lambda w=window.window_id: self._leave(w, CLOSED))  # type: ignore[misc]  # the same
            planned = [((b.start - OPENS_MIN) * 60.0, (b.end - OPENS_MIN) * 60.0, "break") for b in window.breaks]
            for start, end, why in [*planned, *((start, end, "absent") for start, end in self.day.absences[index])]:
                self.at(start, lambda w=window.window_id, r=why: self._leave(w, r))  # type: ignore[misc]  # the same
                self.at(end, lambda w=window.window_id, r=why: self._come_back(w, r))  # type: ignore[misc]  # the same
        for visitor in self.day.visitors:
            self.at(visitor.arrives, lambda v=visitor: self._arrive(v))  # type: ignore[misc]  # the same
        self.at(TICK_S, self._tick)

    def _tick(self) -> None:
        self.order(c.Tick())
        if self.now_s < self.scenario.minutes * 60 or self.state.in_state["waiting"]:  # type: ignore[index]  # a StrEnum
            self.at(self.now_s + TICK_S, self._tick)

    def _service(self, kind: int) -> str:
        return service_id(kind if self.scenario.types_known else 0)

    def _arrive(self, visitor: Visitor) -> None:
        ticket_id = f"t{len(self.visitors)}"
        booking = None if visitor.slot is None else self._booked[visitor.slot, visitor.kind]
        slot_at = None if visitor.slot is None else self.opens_ms + round(visitor.slot * 1000)
        self.visitors[ticket_id] = visitor
        issued = self.order(
            c.Issue(
                ticket_id, ticket_id, self._service(visitor.kind), "dispenser",
                green=("priority",) if visitor.green else (), booking_id=booking,
                slot_at=slot_at,
            )
        )  # fmt: skip
        if isinstance(issued, Refusal):
            # A visitor of an appointment who comes after the last number is given out, say.
            del self.visitors[ticket_id]
            return
        if visitor.patience != float("inf"):
            self.at(self.now_s + visitor.patience, lambda: self._give_up(ticket_id))
        for window in list(self._idle):
            if self._call(window):
                break

    def _give_up(self, ticket_id: str) -> None:
        self.order(c.Abandon(ticket_id))

    def _session(self, window: str) -> str:
        return f"session-{window}"

    def _begin(self, window: str) -> None:
        self.order(c.SignIn(f"s{window}", window, self._session(window), f"terminal-{window}"))
        self._free(window)

    def _free(self, window: str) -> None:
        """Call the next visitor, or wait for one."""
        if self._away[window]:
            return
        if self.state.windows[window].status != "open":
            self.order(c.SetWindow(self._session(window), "open"))
        if not self._call(window):
            self._idle.append(window)

    def _call(self, window: str) -> bool:
        called = self.order(c.CallNext(self._session(window)))
        if isinstance(called, Refusal):
            return False
        if window in self._idle:
            self._idle.remove(window)
        ticket = self.state.tickets[self.state.windows[window].current or ""]
        self._serve(window, ticket)
        return True

    def _serve(self, window: str, ticket: Ticket) -> None:
        visitor = self.visitors[ticket.ticket_id]
        session = self._session(window)
        if not visitor.shows:
            self.at(self.now_s + self.scenario.no_show_min * 60, lambda: self._done(window, c.NoShow(session)))
            return
        self.order(c.Start(session))
        takes = visitor.work * self.day.speeds[int(window) - 1]
        self.at(self.now_s + takes, lambda: self._done(window, c.Finish(session)))

    def _done(self, window: str, command: c.Command) -> None:
        self.order(command)
        self._shut(window)
        self._free(window)

    def _shut(self, window: str) -> None:
        """Tell the hall why nobody is here."""
        if reasons := self._away[window]:
            closed = CLOSED in reasons
            session, reason = self._session(window), None if closed else reasons[-1]
            self.order(c.SetWindow(session, "closed" if closed else "paused", reason))

    def _leave(self, window: str, reason: str) -> None:
        """Go, now or after the visitor who is here."""
        self._away[window].append(reason)
        if window in self._idle:
            self._idle.remove(window)
        if self._empty(window):
            self._shut(window)

    def _come_back(self, window: str, reason: str) -> None:
        self._away[window].remove(reason)
        if self._empty(window):
            self._free(window)

    def _empty(self, window: str) -> bool:
        """Somebody is signed in, and no visitor is here."""
        here = self.state.windows[window]
        return here.current is None and here.staff_id is not None
