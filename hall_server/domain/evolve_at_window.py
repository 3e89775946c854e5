"""What happens at windows changes the hall: staff, calls, services."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hall_server.domain import events as e
from hall_server.domain.state import REMEMBERED_CALLS, BoardEntry, State
from hall_server.domain.tickets import StaffSession, Step, Ticket, TicketState, WindowState


def close(state: State, ticket: Ticket, at: int, end: TicketState, **changes: Any) -> None:
    """End a ticket's way through the hall and free its window. The story ends with it."""
    if ticket.window is not None and state.windows[ticket.window].current == ticket.ticket_id:
        state.windows[ticket.window] = replace(state.windows[ticket.window], current=None, since=at)
    state.put(replace(ticket, state=end, closed_at=at, story=(), **changes))


def _told(ticket: Ticket, at: int, what: str, where: str = "") -> tuple[Step, ...]:
    return (*ticket.story, Step(at, what, where))


def _leave_window(state: State, window: str, at: int) -> None:
    state.windows[window] = replace(state.windows[window], current=None, since=at)


def _staff_signed_in(state: State, event: e.StaffSignedIn) -> None:
    state.sessions[event.session_hash] = StaffSession(
        event.session_hash, event.staff_id, event.window, event.device, event.at
    )
    window = state.windows[event.window]
    state.windows[event.window] = replace(window, staff_id=event.staff_id, session_hash=event.session_hash)


def _staff_signed_out(state: State, event: e.StaffSignedOut) -> None:
    state.sessions.pop(event.session_hash, None)
    window = state.windows[event.window]
    if window.session_hash == event.session_hash:
        # Whoever is still at the window stays there for the next member of staff.
        status = "closed" if window.current is None else "paused"
        state.windows[event.window] = WindowState(
            event.window, status=status, current=window.current, since=event.at, reason=event.cause
        )


def _window_set(state: State, event: e.WindowSet) -> None:
    window = state.windows[event.window]
    state.windows[event.window] = replace(window, status=event.status, reason=event.reason, since=event.at)


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


def _service_started(state: State, event: e.ServiceStarted) -> None:
    ticket = state.tickets[event.ticket_id]
    story = _told(ticket, event.at, "started", event.window)
    state.put(replace(ticket, state=TicketState.SERVING, started_at=event.at, story=story))
    state.windows[event.window] = replace(state.windows[event.window], since=event.at)


def _service_finished(state: State, event: e.ServiceFinished) -> None:
    close(state, state.tickets[event.ticket_id], event.at, TicketState.FINISHED, outcome=event.outcome)


def _ticket_no_show(state: State, event: e.TicketNotShown) -> None:
    ticket = state.tickets[event.ticket_id]
    story = _told(ticket, event.at, "no_show", event.window)
    _leave_window(state, event.window, event.at)
    state.put(replace(ticket, state=TicketState.NO_SHOW, window=None, closed_at=event.at, story=story))


def _ticket_held(state: State, event: e.TicketHeld) -> None:
    ticket = state.tickets[event.ticket_id]
    _leave_window(state, event.window, event.at)
    story = _told(ticket, event.at, "held", event.window)
    state.put(replace(ticket, state=TicketState.HELD, story=story))


def _ticket_resumed(state: State, event: e.TicketResumed) -> None:
    ticket = state.tickets[event.ticket_id]
    story = _told(ticket, event.at, "resumed", event.window)
    state.put(replace(ticket, state=TicketState.SERVING, window=event.window, story=story))
    state.windows[event.window] = replace(state.windows[event.window], current=event.ticket_id, since=event.at)


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


EVOLVERS: dict[type[e.Event], Callable[[State, Any], None]] = {
    e.StaffSignedIn: _staff_signed_in,
    e.StaffSignedOut: _staff_signed_out,
    e.WindowSet: _window_set,
    e.TicketCalled: _ticket_called,
    e.TicketRecalled: _ticket_recalled,
    e.ServiceStarted: _service_started,
    e.ServiceFinished: _service_finished,
    e.TicketNotShown: _ticket_no_show,
    e.TicketHeld: _ticket_held,
    e.TicketResumed: _ticket_resumed,
    e.TicketTransferred: _ticket_transferred,
    e.TicketRequeued: _ticket_requeued,
}
