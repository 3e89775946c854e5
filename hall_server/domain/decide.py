"""Orders become facts: `decide(state, command, now) -> events or a refusal`. Nothing changes here."""

from collections.abc import Callable
from typing import Any

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.alerting import DECIDERS as ALERT_DECIDERS
from hall_server.domain.alerting import escalations
from hall_server.domain.appointments import DECIDERS as APPOINTMENT_DECIDERS
from hall_server.domain.at_window import DECIDERS as AT_WINDOW_DECIDERS
from hall_server.domain.calendar import Moment
from hall_server.domain.issuing import issued, issuing
from hall_server.domain.leases import DECIDERS as LEASE_DECIDERS
from hall_server.domain.load import tuned
from hall_server.domain.refusals import Refusal
from hall_server.domain.staff import DECIDERS as STAFF_DECIDERS
from hall_server.domain.state import State
from hall_server.domain.tickets import AT_WINDOW, OPEN, TicketState

Decision = list[e.Event] | Refusal

TUNE_EVERY_MS = 5 * 60_000


def decide(state: State, command: c.Command, now: Moment) -> Decision:
    """What follows from an order.

    An empty list means that the order holds already (an idempotent repetition under a new id).
    """
    return _DECIDERS[type(command)](state, command, now)


def _issue(state: State, command: c.Issue, now: Moment) -> Decision:
    service = state.known.services.get(command.service_id)
    if service is None:
        return Refusal("unknown_service", f"there is no service {command.service_id!r}")
    if not service.available:
        note = (service.note or {}).get("zh-Hans", "")
        return Refusal("service_unavailable", note or "the service is not offered here")
    if service.booking_required and command.booking_id is None:
        return Refusal("booking_required", f"{service.owner}: this service is by appointment")
    if command.on_behalf_of and not service.on_behalf_of:
        return Refusal("behalf_not_allowed", "this service must be done in person")
    session = issuing(state, service.queue_id, now)
    if isinstance(session, Refusal):
        return session
    return [issued(state, command, service, session, now)]


def _report_print(state: State, command: c.ReportPrint, now: Moment) -> Decision:
    ticket = state.tickets.get(command.ticket_id)
    if ticket is None or command.source not in (ticket.source, *ticket.slips):
        return Refusal("unknown_ticket", "this dispenser has taken no such ticket today")
    if command.outcome == "expired":
        # The visitor was told to press again: a ticket nobody holds must not be called. One with an appointment may
        # have been given another slip meanwhile.
        if command.source not in ticket.holders:
            return []
        if len(ticket.holders) > 1:
            return _report(ticket.ticket_id, command, now, "expired")
        if ticket.state is TicketState.WAITING:
            return [e.TicketVoided(at=now.ms, ticket_id=ticket.ticket_id, by="dispenser", reason="expired")]
        return [] if ticket.state is TicketState.VOID else _report(ticket.ticket_id, command, now, "uncertain")
    if ticket.print_state == command.outcome:
        return []
    return _report(ticket.ticket_id, command, now, command.outcome)


def _report(ticket_id: str, command: c.ReportPrint, now: Moment, outcome: str) -> Decision:
    return [
        e.SlipReported(at=now.ms, ticket_id=ticket_id, outcome=outcome, reason=command.reason, source=command.source)
    ]


def _abandon(state: State, command: c.Abandon, now: Moment) -> Decision:
    ticket = state.tickets.get(state.by_token.get(command.token_hash, ""))
    if ticket is None:
        return Refusal("unknown_ticket", "no ticket of today has this token")
    if ticket.state is TicketState.ABANDONED:
        return []
    if ticket.state in AT_WINDOW or ticket.state not in OPEN:
        return Refusal("not_cancellable", f"the ticket is {ticket.state.value}")
    service = state.known.services.get(ticket.service_id)
    if service is not None and not service.cancellable:
        return Refusal("not_cancellable", "this service's tickets cannot be given up; please call 12345")
    return [e.TicketAbandoned(at=now.ms, ticket_id=ticket.ticket_id)]


def _configure(state: State, command: c.Configure, now: Moment) -> Decision:
    if state.hall == command.hall and state.catalogue_version == command.version:
        return []
    queues = {queue.queue_id for queue in command.hall.queues}
    windows = {window.window_id for window in command.hall.windows}
    used = sorted({ticket.queue_id for ticket in state.tickets.values()} - queues)
    used += sorted({w.window_id for w in state.windows.values() if w.staff_id or w.current} - windows)
    if used:
        return Refusal("invalid", f"{', '.join(used)}: in use today; take it out after the day has ended")
    return [e.HallConfigured(at=now.ms, hall=command.hall, catalogue_version=command.version)]


def _tick(state: State, command: c.Tick, now: Moment) -> Decision:
    del command
    if state.day == now.day:
        return [] if state.hall is None else [*_tune(state, now), *escalations(state, now)]
    if state.day is not None and now.day < state.day:
        # A clock that runs backwards (no RTC after a power cut) neither ends nor misdates a day.
        return []
    ended: list[e.Event] = [e.DayEnded(at=now.ms, day=state.day)] if state.day else []
    return [*ended, e.DayStarted(at=now.ms, day=now.day)]


def _tune(state: State, now: Moment) -> list[e.Event]:
    """Every few minutes the rates follow the load."""
    if now.ms - state.tuning.at < TUNE_EVERY_MS:
        return []
    tuning = tuned(state, state.known.hall.rules.order, now.ms)
    if tuning is None:
        return []
    return [e.OrderTuned(at=now.ms, rates=tuning.rates, missed=tuning.missed, weight=tuning.weight)]


_DECIDERS: dict[type[c.Command], Callable[[State, Any, Moment], Decision]] = {
    c.Issue: _issue,
    c.ReportPrint: _report_print,
    c.Abandon: _abandon,
    c.Configure: _configure,
    c.Tick: _tick,
    **APPOINTMENT_DECIDERS,
    **STAFF_DECIDERS,
    **AT_WINDOW_DECIDERS,
    **ALERT_DECIDERS,
    **LEASE_DECIDERS,
}
