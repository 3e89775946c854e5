"""Facts change the hall: `evolve(state, event)`. The only place where a state changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from hall_server.domain import alerts
from hall_server.domain import events as e
from hall_server.domain.state import REMEMBERED_CALLS, BoardEntry, State, Tuning
from hall_server.domain.tickets import (
    Arrival,
    Booking,
    Lease,
    StaffSession,
    Step,
    Ticket,
    TicketClass,
    TicketState,
    WindowState,
)

EventT = TypeVar("EventT", bound=e.Event)
_evolvers: dict[type[e.Event], Callable[[State, Any], None]] = {}


def _on(kind: type[EventT]) -> Callable[[Callable[[State, EventT], None]], Callable[[State, EventT], None]]:
    def register(function: Callable[[State, EventT], None]) -> Callable[[State, EventT], None]:
        _evolvers[kind] = function
        return function

    return register


def evolve(state: State, event: e.Event) -> State:
    """Apply one event. The state's maps change in place; the same state is returned."""
    state.seq += 1
    state.last_at = event.at
    _evolvers[type(event)](state, event)
    return state


def _told(ticket: Ticket, at: int, what: str, where: str = "") -> tuple[Step, ...]:
    return (*ticket.story, Step(at, what, where))


def _close(state: State, ticket: Ticket, at: int, end: TicketState, **changes: Any) -> None:
    """End a ticket's way through the hall and free its window. The story ends with it."""
    if ticket.window is not None and state.windows[ticket.window].current == ticket.ticket_id:
        state.windows[ticket.window] = replace(state.windows[ticket.window], current=None, since=at)
    state.put(replace(ticket, state=end, closed_at=at, story=(), **changes))


def _leave_window(state: State, window: str, at: int) -> None:
    state.windows[window] = replace(state.windows[window], current=None, since=at)


@_on(e.HallConfigured)
def _hall_configured(state: State, event: e.HallConfigured) -> None:
    state.configure(event.hall, event.catalogue_version)


@_on(e.DayStarted)
def _day_started(state: State, event: e.DayStarted) -> None:
    state.day = event.day


@_on(e.DayEnded)
def _day_ended(state: State, event: e.DayEnded) -> None:
    state.day = None
    state.forget_day()
    state.bookings = {booking.booking_id: booking for booking in state.bookings.values() if booking.slot_at > event.at}


def _told_s(event: e.TicketIssued) -> tuple[int, int] | None:
    return None if event.told_low_s is None or event.told_high_s is None else (event.told_low_s, event.told_high_s)


@_on(e.TicketIssued)
def _ticket_issued(state: State, event: e.TicketIssued) -> None:
    record = state.records[event.queue_id]
    record.issued += 1
    if not event.offline:
        record.last_number, record.last_issued = event.number, event.label
    state.add(
        Ticket(
            ticket_id=event.ticket_id,
            label=event.label,
            number=event.number,
            queue_id=event.queue_id,
            service_id=event.service_id,
            ticket_class=TicketClass(event.ticket_class),
            source=event.source,
            session=event.session,
            token_hash=event.token_hash,
            taken_at=event.taken_at,
            key=max(event.taken_at, event.slot_at or 0),
            seq=state.seq,
            green=event.green,
            on_behalf_of=event.on_behalf_of,
            group_size=event.group_size,
            language=event.language,
            told_s=_told_s(event),
            story=(Step(event.taken_at, "issued", event.source),),
        )
    )
    if event.booking_id is not None:
        booking = state.bookings.pop(event.booking_id, None) or state.arrived[event.booking_id].booking
        state.arrived[event.booking_id] = Arrival(booking, event.ticket_id)


@_on(e.AppointmentBooked)
def _appointment_booked(state: State, event: e.AppointmentBooked) -> None:
    state.bookings[event.booking_id] = Booking(event.booking_id, event.service_id, event.slot_at)


@_on(e.AppointmentCancelled)
def _appointment_cancelled(state: State, event: e.AppointmentCancelled) -> None:
    del state.bookings[event.booking_id]


@_on(e.TicketShownAgain)
def _ticket_shown_again(state: State, event: e.TicketShownAgain) -> None:
    ticket = state.tickets[event.ticket_id]
    state.put(replace(ticket, slips=(*ticket.holders, event.source)))
    state.more_tokens[event.token_hash] = event.ticket_id
    state.by_token[event.token_hash] = event.ticket_id


@_on(e.NumbersLeased)
def _numbers_leased(state: State, event: e.NumbersLeased) -> None:
    state.leases.append(Lease(event.device, event.queue_id, event.first, event.last))


@_on(e.LeaseClosed)
def _lease_closed(state: State, event: e.LeaseClosed) -> None:
    state.leases = [
        replace(lease, closed=event.cause)
        if (lease.device, lease.queue_id, lease.last) == (event.device, event.queue_id, event.last)
        else lease
        for lease in state.leases
    ]


@_on(e.LateTicketRecorded)
def _late_ticket_recorded(state: State, event: e.LateTicketRecorded) -> None:
    state.late[event.token_hash] = None


@_on(e.SlipReported)
def _slip_reported(state: State, event: e.SlipReported) -> None:
    ticket = state.tickets[event.ticket_id]
    if event.outcome == "expired":
        left = list(ticket.holders)
        left.remove(event.source)
        state.put(replace(ticket, slips=tuple(left)))
    else:
        state.put(replace(ticket, print_state=event.outcome))


@_on(e.StaffSignedIn)
def _staff_signed_in(state: State, event: e.StaffSignedIn) -> None:
    state.sessions[event.session_hash] = StaffSession(
        event.session_hash, event.staff_id, event.window, event.device, event.at
    )
    window = state.windows[event.window]
    state.windows[event.window] = replace(window, staff_id=event.staff_id, session_hash=event.session_hash)


@_on(e.StaffSignedOut)
def _staff_signed_out(state: State, event: e.StaffSignedOut) -> None:
    state.sessions.pop(event.session_hash, None)
    window = state.windows[event.window]
    if window.session_hash == event.session_hash:
        # Whoever is still at the window stays there for the next member of staff.
        status = "closed" if window.current is None else "paused"
        state.windows[event.window] = WindowState(
            event.window, status=status, current=window.current, since=event.at, reason=event.cause
        )


@_on(e.WindowSet)
def _window_set(state: State, event: e.WindowSet) -> None:
    window = state.windows[event.window]
    state.windows[event.window] = replace(window, status=event.status, reason=event.reason, since=event.at)


@_on(e.TicketCalled)
def _ticket_called(state: State, event: e.TicketCalled) -> None:
    ticket = state.tickets[event.ticket_id]
    record = state.records[ticket.queue_id]
    if record.last_call_at is not None and ticket.taken_at <= record.last_call_at:
        record.intervals_ms = [*record.intervals_ms, event.at - record.last_call_at][-REMEMBERED_CALLS:]
    record.waits_ms = [*record.waits_ms, event.at - ticket.taken_at][-REMEMBERED_CALLS:]
    record.last_call_at = event.at
    record.last_called = ticket.label
    state.put(
        replace(
            ticket,
            state=TicketState.CALLED,
            window=event.window,
            calls=1,
            first_called_at=event.at,
            called_at=event.at,
            story=_told(ticket, event.at, "called", event.window),
        )
    )
    state.windows[event.window] = replace(state.windows[event.window], current=event.ticket_id, since=event.at)
    _announce(
        state,
        BoardEntry(
            event.ticket_id, ticket.label, event.window, 1, event.at, event.why, event.waited_s, event.passed_over,
            event.passed_over_waited_s,
        ),
    )  # fmt: skip


@_on(e.OrderTuned)
def _order_tuned(state: State, event: e.OrderTuned) -> None:
    state.tune(Tuning(event.at, event.rates, event.missed, event.weight))


@_on(e.TicketRecalled)
def _ticket_recalled(state: State, event: e.TicketRecalled) -> None:
    ticket = state.tickets[event.ticket_id]
    calls = ticket.calls + 1
    story = _told(ticket, event.at, "recalled", event.window)
    state.put(replace(ticket, calls=calls, called_at=event.at, story=story))
    before = next((entry for entry in state.board if entry.ticket_id == ticket.ticket_id), None)
    entry = before or BoardEntry(ticket.ticket_id, ticket.label, event.window, calls, event.at)
    _announce(state, replace(entry, window=event.window, calls=calls, at=event.at))


def _announce(state: State, entry: BoardEntry) -> None:
    others = [other for other in state.board if other.ticket_id != entry.ticket_id]
    state.board = [entry, *others][: state.known.hall.rules.board_calls]


@_on(e.ServiceStarted)
def _service_started(state: State, event: e.ServiceStarted) -> None:
    ticket = state.tickets[event.ticket_id]
    story = _told(ticket, event.at, "started", event.window)
    state.put(replace(ticket, state=TicketState.SERVING, started_at=event.at, story=story))
    state.windows[event.window] = replace(state.windows[event.window], since=event.at)


@_on(e.ServiceFinished)
def _service_finished(state: State, event: e.ServiceFinished) -> None:
    _close(state, state.tickets[event.ticket_id], event.at, TicketState.FINISHED, outcome=event.outcome)


@_on(e.TicketNotShown)
def _ticket_no_show(state: State, event: e.TicketNotShown) -> None:
    ticket = state.tickets[event.ticket_id]
    story = _told(ticket, event.at, "no_show", event.window)
    _leave_window(state, event.window, event.at)
    state.put(replace(ticket, state=TicketState.NO_SHOW, window=None, closed_at=event.at, story=story))


@_on(e.TicketHeld)
def _ticket_held(state: State, event: e.TicketHeld) -> None:
    ticket = state.tickets[event.ticket_id]
    _leave_window(state, event.window, event.at)
    story = _told(ticket, event.at, "held", event.window)
    state.put(replace(ticket, state=TicketState.HELD, story=story))


@_on(e.TicketResumed)
def _ticket_resumed(state: State, event: e.TicketResumed) -> None:
    ticket = state.tickets[event.ticket_id]
    story = _told(ticket, event.at, "resumed", event.window)
    state.put(replace(ticket, state=TicketState.SERVING, window=event.window, story=story))
    state.windows[event.window] = replace(state.windows[event.window], current=event.ticket_id, since=event.at)


@_on(e.TicketTransferred)
def _ticket_transferred(state: State, event: e.TicketTransferred) -> None:
    ticket = state.tickets[event.ticket_id]
    _leave_window(state, event.window, event.at)
    state.put(
        replace(
            ticket,
            state=TicketState.WAITING,
            queue_id=event.queue_id,
            service_id=event.service_id,
            window=None,
            calls=0,
            first_called_at=None,
            started_at=None,
            story=_told(ticket, event.at, "transferred", event.queue_id),
        )
    )


@_on(e.TicketRequeued)
def _ticket_requeued(state: State, event: e.TicketRequeued) -> None:
    ticket = state.tickets[event.ticket_id]
    state.put(
        replace(
            ticket,
            state=TicketState.WAITING,
            key=event.key,
            requeues=ticket.requeues + 1,
            calls=0,
            first_called_at=None,
            closed_at=None,
            story=_told(ticket, event.at, "requeued"),
        )
    )


@_on(e.TicketVoided)
def _ticket_voided(state: State, event: e.TicketVoided) -> None:
    _close(state, state.tickets[event.ticket_id], event.at, TicketState.VOID)


@_on(e.TicketAbandoned)
def _ticket_abandoned(state: State, event: e.TicketAbandoned) -> None:
    _close(state, state.tickets[event.ticket_id], event.at, TicketState.ABANDONED)


@_on(e.AlertRaised)
def _alert_raised(state: State, event: e.AlertRaised) -> None:
    state.alerts[event.alert_id] = alerts.raised(state.alerts.get(event.alert_id), event)


@_on(e.AlertEased)
def _alert_eased(state: State, event: e.AlertEased) -> None:
    state.alerts[event.alert_id] = alerts.eased(state.alerts[event.alert_id], event)


@_on(e.AlertHandled)
def _alert_handled(state: State, event: e.AlertHandled) -> None:
    if event.step == "cleared":
        del state.alerts[event.alert_id]
    else:
        state.alerts[event.alert_id] = alerts.handled(state.alerts[event.alert_id], event)


@_on(e.GapRecorded)
def _gap_recorded(state: State, event: e.GapRecorded) -> None:
    """Only a record."""
