"""The hall as it is now: a fold of all events.

Values inside are frozen; the maps around them are changed by `evolve` alone, which belongs to the single writer.
"""

from collections.abc import Iterator

import msgspec

from hall_server.domain.alerts import Alert
from hall_server.domain.calling_order import AccumulatingPriority, CallingOrder, Head, Lines
from hall_server.domain.configuration import Hall, Lookup, Order
from hall_server.domain.tickets import (
    OPEN,
    Arrival,
    Booking,
    Lease,
    StaffSession,
    Ticket,
    TicketClass,
    TicketState,
    WindowState,
)

REMEMBERED_CALLS = 40
FIRST_RATES = {TicketClass.ORDINARY: 1.0, TicketClass.APPOINTMENT: 2.0, TicketClass.GREEN: 4.0, TicketClass.URGENT: 8.0}
"""Until enough has been seen to solve them."""


class Tuning(msgspec.Struct, frozen=True):
    """How fast each class gains priority, and which promises no rate can keep with the staff there is."""

    at: int = 0
    rates: dict[TicketClass, float] = msgspec.field(default_factory=FIRST_RATES.copy)
    missed: tuple[TicketClass, ...] = ()
    weight: float = 0.0
    """How much the rates rest on: everybody who has been waiting at some tuning counts once."""


class BoardEntry(msgspec.Struct, frozen=True, array_like=True):
    """One call on the main display."""

    ticket_id: str
    label: str
    window: str
    calls: int
    at: int
    why: str = ""
    waited_s: int | None = None
    passed_over: str | None = None
    passed_over_waited_s: int | None = None


class QueueRecord(msgspec.Struct):
    """What a queue has seen today."""

    issued: int = 0
    """Tickets, with those that came back from dispensers that had been cut off."""
    last_number: int = -1
    """The last number given out by the hall itself."""
    last_issued: str | None = None
    last_called: str | None = None
    last_call_at: int | None = None
    intervals_ms: list[int] = []
    """Times between calls while somebody was waiting, newest last."""
    waits_ms: list[int] = []
    """Waits of the last visitors called, newest last."""

    def __post_init__(self) -> None:
        # Snapshots from before numbers were lent know one counter only.
        if self.last_number < 0:
            self.last_number = self.issued


class State:
    """Everything the rules need to know."""

    def __init__(self) -> None:
        self.seq = 0
        self.hall: Hall | None = None
        self.catalogue_version = ""
        self.day: str | None = None
        self.tickets: dict[str, Ticket] = {}
        self.windows: dict[str, WindowState] = {}
        self.sessions: dict[str, StaffSession] = {}
        self.records: dict[str, QueueRecord] = {}
        self.board: list[BoardEntry] = []
        self.bookings: dict[str, Booking] = {}
        self.arrived: dict[str, Arrival] = {}
        """Appointments of today whose visitors have come."""
        self.more_tokens: dict[str, str] = {}
        """Tickets by the secrets of further slips, beside the one that each ticket has of its own."""
        self.leases: list[Lease] = []
        """Numbers lent to dispensers; those closed today too."""
        self.late: dict[str, None] = {}
        """Secrets (hashed) of tickets that came back after their day, so that none is recorded twice."""
        self.alerts: dict[str, Alert] = {}
        """Open ones; they stay until they are cleared, also over night."""
        self.last_at: int | None = None
        """When the last event happened."""
        # Derived from the above, rebuilt by `index`.
        self.by_label: dict[str, str] = {}
        self.by_token: dict[str, str] = {}
        self.lines: dict[str, Lines] = {}
        self.in_state: dict[TicketState, dict[str, None]] = {state: {} for state in TicketState}
        self.wanting_company: dict[str, None] = {}
        """Tickets in the hall that asked to be accompanied or assisted (R14)."""
        self.tuning = Tuning()
        self.order: CallingOrder = accumulating(Order(), self.tuning)
        self.lookup: Lookup | None = None

    @property
    def known(self) -> Lookup:
        """The configuration by id. A hall without configuration takes no orders, so asking is a bug."""
        if self.lookup is None:
            raise LookupError("the hall is not configured")
        return self.lookup

    def configure(self, hall: Hall, catalogue_version: str) -> None:
        """Take a configuration over; what waits or works now stays, and is in it: `decide` has seen to that."""
        self.hall, self.lookup, self.catalogue_version = hall, Lookup(hall), catalogue_version
        self.tune(self.tuning)
        queues, windows = list(self.lookup.queues), list(self.lookup.windows)
        self.lines = {queue: self.lines.get(queue, Lines()) for queue in queues}
        self.records = {queue: self.records.get(queue, QueueRecord()) for queue in queues}
        self.windows = {window: self.windows.get(window, WindowState(window)) for window in windows}
        self.leases = [lease for lease in self.leases if lease.queue_id in self.lookup.queues]

    def tune(self, tuning: Tuning) -> None:
        """Call in this order from now on."""
        self.tuning = tuning
        self.order = accumulating(self.known.hall.rules.order, tuning)

    def put(self, ticket: Ticket) -> None:
        """Replace or add a ticket and keep lines and counts in step."""
        ticket_id = ticket.ticket_id
        old = self.tickets.get(ticket_id)
        if old is not None:
            del self.in_state[old.state][ticket_id]
            if old.state is TicketState.WAITING:
                self.lines[old.queue_id].remove(old)
        self.tickets[ticket_id] = ticket
        self.in_state[ticket.state][ticket_id] = None
        if ticket.state is TicketState.WAITING:
            self.lines[ticket.queue_id].add(ticket)
        if ticket.green:
            self._watch_company(ticket)

    def _watch_company(self, ticket: Ticket) -> None:
        if ticket.state in OPEN and {"accompany", "assisted"} & set(ticket.green):
            self.wanting_company[ticket.ticket_id] = None
        else:
            self.wanting_company.pop(ticket.ticket_id, None)

    def add(self, ticket: Ticket) -> None:
        """A new ticket."""
        self.by_label[ticket.label] = ticket.ticket_id
        self.by_token[ticket.token_hash] = ticket.ticket_id
        self.put(ticket)

    def forget_day(self) -> None:
        """Start with nobody in the hall and every counter at zero."""
        self.tickets, self.by_label, self.by_token = {}, {}, {}
        self.arrived, self.more_tokens = {}, {}
        self.sessions, self.board, self.wanting_company = {}, [], {}
        self.in_state = {state: {} for state in TicketState}
        self.lines = {queue_id: Lines() for queue_id in self.lines}
        self.records = {queue_id: QueueRecord() for queue_id in self.records}
        self.windows = {window_id: WindowState(window_id) for window_id in self.windows}
        self.leases, self.late = [lease for lease in self.leases if not lease.closed], {}

    def leases_of(self, queue_id: str) -> list[Lease]:
        """The numbers of a queue that are lent, or were today."""
        return [lease for lease in self.leases if lease.queue_id == queue_id]

    def ahead(self, ticket: Ticket, now_ms: int) -> int:
        """How many are called before a waiting ticket."""
        return self.order.ahead(self.lines[ticket.queue_id], ticket, now_ms)

    def tickets_in(self, state: TicketState) -> list[Ticket]:
        """All tickets of today in one state, oldest change first."""
        return [self.tickets[ticket_id] for ticket_id in self.in_state[state]]

    def windows_open(self, queue_id: str) -> int:
        """Open windows that may call from a queue, by the staff's skills."""
        return sum(queue_id in self.callable_queues(window) for window in self.windows.values())

    def heads(self, window: WindowState) -> Iterator[Head]:
        """Who is first in each line that a window calls from."""
        place = self.known.windows.get(window.window_id)
        preferred = place.prefers if place else None
        for queue_id in self.callable_queues(window):
            yield from self.lines[queue_id].heads(preferred=queue_id == preferred)

    def callable_queues(self, window: WindowState) -> tuple[str, ...]:
        """The queues an open window calls from: its own, as far as the staff are trained (R12)."""
        if window.status != "open" or window.staff_id is None:
            return ()
        place, person = self.known.windows.get(window.window_id), self.known.staff.get(window.staff_id)
        if place is None or person is None:
            return ()
        return tuple(queue_id for queue_id in place.queues if queue_id in person.skills)


def accumulating(promises: Order, tuning: Tuning) -> AccumulatingPriority:
    """The hall's calling order."""
    limits = {of: promises.limit_s.of(of) * 1000 for of in TicketClass}
    rates = {of: promises.rates.of(of) for of in TicketClass} if promises.rates else tuning.rates
    return AccumulatingPriority(rates, limits, promises.preference_s * 1000)


class Saved(msgspec.Struct):
    """A state as it is stored in a snapshot; tickets come in parts beside it."""

    seq: int
    hall: Hall | None
    catalogue_version: str
    day: str | None
    windows: dict[str, WindowState]
    sessions: dict[str, StaffSession]
    records: dict[str, QueueRecord]
    board: list[BoardEntry]
    tuning: Tuning = Tuning()
    bookings: dict[str, Booking] = {}
    alerts: dict[str, Alert] = {}
    last_at: int | None = None
    leases: list[Lease] = []
    late: list[str] = []
    arrived: dict[str, Arrival] = {}
    more_tokens: dict[str, str] = {}


def save(state: State) -> tuple[Saved, list[Ticket]]:
    """What is to be stored. Cheap: frozen values are shared, only maps and records are copied."""
    records = {
        queue_id: msgspec.structs.replace(
            record, intervals_ms=list(record.intervals_ms), waits_ms=list(record.waits_ms)
        )
        for queue_id, record in state.records.items()
    }
    saved = Saved(
        state.seq, state.hall, state.catalogue_version, state.day, dict(state.windows), dict(state.sessions), records,
        list(state.board), state.tuning, dict(state.bookings),
        dict(state.alerts), state.last_at, list(state.leases), list(state.late),
        dict(state.arrived), dict(state.more_tokens),
    )  # fmt: skip
    return saved, list(state.tickets.values())


def load(saved: Saved, tickets: list[Ticket]) -> State:
    """The state that was saved."""
    state = State()
    state.seq, state.day = saved.seq, saved.day
    state.windows, state.sessions, state.records = saved.windows, saved.sessions, saved.records
    state.board, state.tuning, state.bookings = saved.board, saved.tuning, saved.bookings
    state.alerts, state.last_at = saved.alerts, saved.last_at
    state.leases, state.late = saved.leases, dict.fromkeys(saved.late)
    if saved.hall is not None:
        state.configure(saved.hall, saved.catalogue_version)
    for ticket in tickets:
        state.add(ticket)
    state.arrived, state.more_tokens = saved.arrived, saved.more_tokens
    state.by_token |= saved.more_tokens
    return state
