"""Decisions about a ticket at a window: calling, serving, putting aside, sending on."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.calling_order import Lines
from hall_server.domain.refusals import Refusal
from hall_server.domain.staff import session_and_window
from hall_server.domain.state import State
from hall_server.domain.tickets import StaffSession, Ticket, TicketState, WindowState

Decision = list[e.Event] | Refusal


class Scene(NamedTuple):
    """Who acts, where, and on which ticket."""

    session: StaffSession
    window: WindowState
    ticket: Ticket

    def facts(self, now: Moment) -> dict[str, Any]:
        """The fields that every event at a window has."""
        return {
            "at": now.ms,
            "ticket_id": self.ticket.ticket_id,
            "window": self.window.window_id,
            "staff_id": self.session.staff_id,
        }


def _ready_to_call(state: State, session_hash: str) -> tuple[StaffSession, WindowState] | Refusal:
    found = session_and_window(state, session_hash)
    if isinstance(found, Refusal):
        return found
    _, window = found
    if window.status != "open":
        return Refusal("window_closed", f"the window is {window.status}; open it first")
    if window.current is not None:
        label = state.tickets[window.current].label
        return Refusal("window_busy", f"{label} is still at the window")
    return found


def _call_next(state: State, command: c.CallNext, now: Moment) -> Decision:
    found = _ready_to_call(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    choice = state.order.choose(state.heads(window), now.ms)
    if choice is None:
        return Refusal("nobody_waiting", "nobody is waiting for this window")
    scene = Scene(session, window, state.tickets[choice.ticket_id])
    overtaken = state.tickets.get(choice.passed_over or "")
    return [
        e.TicketCalled(
            **scene.facts(now),
            why=choice.why,
            waited_s=max(0, now.ms - scene.ticket.key) // 1000,
            passed_over=overtaken.label if overtaken else None,
            passed_over_waited_s=max(0, now.ms - overtaken.key) // 1000 if overtaken else None,
        )
    ]


def _named(state: State, command: c.OnTicket) -> Ticket | Refusal:
    """The ticket that an order names by id or label."""
    ticket_id = command.ticket_id or state.by_label.get((command.label or "").upper(), "")
    ticket = state.tickets.get(ticket_id)
    if ticket is None:
        return Refusal("unknown_ticket", f"no ticket of today is called {command.label or command.ticket_id or ''!r}")
    return ticket


def _names_one(command: c.OnTicket) -> bool:
    return command.ticket_id is not None or command.label is not None


def _call_specific(state: State, command: c.CallSpecific, now: Moment) -> Decision:
    found = _ready_to_call(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    ticket = _named(state, command)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.state is not TicketState.WAITING:
        return Refusal("wrong_state", f"{ticket.label} is {ticket.state.value}")
    if ticket.queue_id not in state.callable_queues(window):
        return Refusal("skill_missing", f"{ticket.label} waits in a queue that this window does not call from")
    return [e.TicketCalled(**Scene(session, window, ticket).facts(now), why="called_by_number")]


def _at_own_window(state: State, command: c.OnTicket, *states: TicketState) -> Scene | Refusal:
    """The current ticket of the window, in one of these states."""
    found = session_and_window(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    if _names_one(command):
        ticket = _named(state, command)
        if isinstance(ticket, Refusal):
            return ticket
        if ticket.ticket_id != window.current and ticket.window not in (None, window.window_id):
            return Refusal("foreign_window", f"{ticket.label} is at window {ticket.window}")
        if ticket.ticket_id != window.current:
            return Refusal("wrong_state", f"{ticket.label} is {ticket.state.value}")
    elif window.current is None:
        return Refusal("no_current_ticket", "nobody is at this window")
    else:
        ticket = state.tickets[window.current]
    if ticket.state not in states:
        return Refusal("wrong_state", f"{ticket.label} is {ticket.state.value}")
    return Scene(session, window, ticket)


def _recall(state: State, command: c.Recall, now: Moment) -> Decision:
    scene = _at_own_window(state, command, TicketState.CALLED)
    return scene if isinstance(scene, Refusal) else [e.TicketRecalled(**scene.facts(now))]


def _start(state: State, command: c.Start, now: Moment) -> Decision:
    scene = _at_own_window(state, command, TicketState.CALLED)
    return scene if isinstance(scene, Refusal) else [e.ServiceStarted(**scene.facts(now))]


def _finish(state: State, command: c.Finish, now: Moment) -> Decision:
    scene = _at_own_window(state, command, TicketState.CALLED, TicketState.SERVING)
    if isinstance(scene, Refusal):
        return scene
    started: list[e.Event] = []
    if scene.ticket.state is TicketState.CALLED:
        started = [e.ServiceStarted(**scene.facts(now))]
    return [*started, e.ServiceFinished(**scene.facts(now), outcome=command.outcome)]


def _no_show(state: State, command: c.NoShow, now: Moment) -> Decision:
    scene = _at_own_window(state, command, TicketState.CALLED)
    if isinstance(scene, Refusal):
        return scene
    rules, ticket = state.known.hall.rules, scene.ticket
    if ticket.calls < rules.no_show_calls:
        return Refusal("too_early", f"call {rules.no_show_calls - ticket.calls} more time(s) first")
    first = now.ms if ticket.first_called_at is None else ticket.first_called_at
    left_ms = first + rules.no_show_after_s * 1000 - now.ms
    if left_ms > 0:
        return Refusal("too_early", f"wait {-(-left_ms // 1000)} s more")
    return [e.TicketNotShown(**scene.facts(now))]


def _hold(state: State, command: c.Hold, now: Moment) -> Decision:
    scene = _at_own_window(state, command, TicketState.CALLED, TicketState.SERVING)
    return scene if isinstance(scene, Refusal) else [e.TicketHeld(**scene.facts(now), reason=command.reason)]


def _resume(state: State, command: c.Resume, now: Moment) -> Decision:
    found = _ready_to_call(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    if not _names_one(command):
        held = [t for t in state.tickets.values() if t.state is TicketState.HELD and t.window == window.window_id]
        if len(held) != 1:
            return Refusal("no_current_ticket", f"{len(held)} visitors are held at this window; say which")
        ticket: Ticket | Refusal = held[0]
    else:
        ticket = _named(state, command)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.state is not TicketState.HELD:
        return Refusal("wrong_state", f"{ticket.label} is {ticket.state.value}")
    if ticket.window != window.window_id:
        return Refusal("foreign_window", f"{ticket.label} is held at window {ticket.window}")
    return [e.TicketResumed(**Scene(session, window, ticket).facts(now))]


def _transfer(state: State, command: c.Transfer, now: Moment) -> Decision:
    scene = _at_own_window(state, command, TicketState.CALLED, TicketState.SERVING)
    if isinstance(scene, Refusal):
        return scene
    ticket = scene.ticket
    service_id = command.service_id or ticket.service_id
    service = state.known.services.get(service_id)
    if service is None:
        return Refusal("unknown_service", f"there is no service {service_id!r}")
    queue_id = command.queue_id or (service.queue_id if command.service_id else None)
    if queue_id is None:
        return Refusal("invalid", "queue_id or service_id is needed")
    if queue_id not in state.known.queues:
        return Refusal("unknown_queue", f"there is no queue {queue_id!r}")
    if queue_id == ticket.queue_id and service_id == ticket.service_id:
        return Refusal("invalid", f"{ticket.label} is in this queue already")
    return [e.TicketTransferred(**scene.facts(now), queue_id=queue_id, service_id=service_id, reason=command.reason)]


def _requeue(state: State, command: c.Requeue, now: Moment) -> Decision:
    found = session_and_window(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    ticket = _named(state, command)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.state is not TicketState.NO_SHOW:
        return Refusal("wrong_state", f"{ticket.label} is {ticket.state.value}")
    rules = state.known.hall.rules
    if ticket.requeues >= rules.requeues:
        return Refusal("requeue_used", f"{ticket.label} was put back {ticket.requeues} time(s) already")
    key = requeue_key(state.lines[ticket.queue_id], ticket, rules.requeue_behind, now)
    return [e.TicketRequeued(**Scene(session, window, ticket).facts(now), key=key)]


def requeue_key(lines: Lines, ticket: Ticket, behind: int, now: Moment) -> int:
    """Just behind the `behind`-th waiting ticket of the same class; at the end if fewer wait.

    Never earlier than the ticket's own key, so that missing a call gains nothing.
    """
    line = lines.by_class[ticket.ticket_class]
    if behind == 0 or not line:
        return ticket.key
    last = line[min(behind, len(line)) - 1]
    return max(ticket.key, min(last[0] + 1, now.ms))


def _void(state: State, command: c.Void, now: Moment) -> Decision:
    found = session_and_window(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    if not _names_one(command):
        if window.current is None:
            return Refusal("no_current_ticket", "nobody is at this window")
        ticket: Ticket | Refusal = state.tickets[window.current]
    else:
        ticket = _named(state, command)
    if isinstance(ticket, Refusal):
        return ticket
    if ticket.state not in (TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.HELD):
        return Refusal("wrong_state", f"{ticket.label} is {ticket.state.value}")
    if ticket.window not in (None, window.window_id):
        return Refusal("foreign_window", f"{ticket.label} is at window {ticket.window}")
    reason = command.reason or "void"
    return [e.TicketVoided(at=now.ms, ticket_id=ticket.ticket_id, by=session.staff_id, reason=reason)]


DECIDERS: dict[type[c.Command], Callable[[State, Any, Moment], Decision]] = {
    c.CallNext: _call_next,
    c.CallSpecific: _call_specific,
    c.Recall: _recall,
    c.Start: _start,
    c.Finish: _finish,
    c.NoShow: _no_show,
    c.Hold: _hold,
    c.Resume: _resume,
    c.Transfer: _transfer,
    c.Requeue: _requeue,
    c.Void: _void,
}
