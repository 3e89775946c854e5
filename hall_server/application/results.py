"""What a reply tells about an accepted order."""

from typing import Any

from hall_server.application.times import rfc3339
from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.arrivals import expected_today, opens_ms
from hall_server.domain.calendar import Moment
from hall_server.domain.leases import refused_offline
from hall_server.domain.state import State

MOST_TOLD = 500
"""Appointments in one reply."""


def result_of(
    state: State, command: c.Command, events: list[e.Event], secret: str | None, public_url: str, now: Moment
) -> dict[str, Any]:
    """The `result` of a reply, from the state after the events."""
    match command:
        case c.LeaseNumbers():
            return {
                "leases": _leases(state, command.device),
                "ticket_url": f"{public_url}/t/",
                "bookings": _expected(state, now),
            }
        case c.MergeOffline():
            return _merged(state, command)
    if not events:
        return {}
    match command:
        case c.Issue():
            issued = events[0]
            assert isinstance(issued, e.TicketIssued)  # noqa: S101  decide promises it
            return _issued(state, issued.ticket_id, secret or "", public_url, now)
        case c.CheckIn():
            return _checked_in(state, command, events[0], secret or "", public_url, now)
        case c.SignIn():
            return {"session": secret}
        case c.CallNext() | c.CallSpecific():
            called = events[0]
            assert isinstance(called, e.TicketCalled)  # noqa: S101  decide promises it
            ticket = state.tickets[called.ticket_id]
            return {
                "ticket_id": ticket.ticket_id,
                "label": ticket.label,
                "service_id": ticket.service_id,
                "why": called.why,
            }
        case c.OnTicket():
            return _on_ticket(state, events[-1], now)
    return {}


def _checked_in(
    state: State, command: c.CheckIn, event: e.Event, token: str, public_url: str, now: Moment
) -> dict[str, Any]:
    """As for a number; and whether the visitor has the slot's place, is too late for it, or has been here before."""
    arrived = state.arrived[command.booking_id]
    came = "again" if isinstance(event, e.TicketShownAgain) else "in_time"
    if isinstance(event, e.TicketIssued) and event.slot_at is None:
        came = "late"
    return {
        **_issued(state, arrived.ticket_id, token, public_url, now),
        "service_id": arrived.booking.service_id,
        "slot_at": rfc3339(arrived.booking.slot_at, now.offset_s),
        "came": came,
    }


def _issued(state: State, ticket_id: str, token: str, public_url: str, now: Moment) -> dict[str, Any]:
    ticket = state.tickets[ticket_id]
    ahead = state.ahead(ticket, now.ms)
    return {
        "ticket_id": ticket.ticket_id,
        "label": ticket.label,
        "queue_id": ticket.queue_id,
        "zone": state.known.queues[ticket.queue_id].zone,
        "windows": list(state.known.windows_of[ticket.queue_id]),
        "ahead": ahead,
        "est_wait_s": {"low": ticket.told_s[0], "high": ticket.told_s[1]} if ticket.told_s else None,
        "token": token,
        "url": f"{public_url}/t/{token}",
        "issued_at": rfc3339(ticket.taken_at, now.offset_s),
    }


def _leases(state: State, device: str) -> list[dict[str, Any]]:
    return [
        {
            "queue_id": lease.queue_id,
            "prefix": state.known.queues[lease.queue_id].prefix,
            "zone": state.known.queues[lease.queue_id].zone,
            "windows": list(state.known.windows_of[lease.queue_id]),
            "first": lease.first,
            "last": lease.last,
        }
        for lease in state.leases
        if lease.device == device and not lease.closed
    ]


def _expected(state: State, now: Moment) -> list[dict[str, Any]]:
    """Appointments of today, so that visitors can check in without the hall. What stands for a code is no code."""
    return [
        {
            "booking_id": booking.booking_id,
            "service_id": booking.service_id,
            "opens_at": rfc3339(opens_ms(state, booking), now.offset_s),
        }
        for booking in expected_today(state, now)[:MOST_TOLD]
    ]


def _merged(state: State, command: c.MergeOffline) -> dict[str, Any]:
    """After the events: what has come in is known by the secret of its slip."""
    told: dict[str, list[Any]] = {"merged": [], "late": [], "refused": []}
    for ticket in command.tickets:
        if ticket.token_hash in state.by_token:
            told["merged"].append({"label": ticket.label, "ticket_id": state.by_token[ticket.token_hash]})
        elif ticket.token_hash in state.late:
            told["late"].append({"label": ticket.label})
        else:
            told["refused"].append(
                {"label": ticket.label, "code": refused_offline(state, command.device, ticket) or "label_taken"}
            )
    return told


def _on_ticket(state: State, event: e.Event, now: Moment) -> dict[str, Any]:
    ticket = state.tickets[event.ticket_id]  # type: ignore[attr-defined]  # every event about a ticket has it
    result: dict[str, Any] = {"ticket_id": ticket.ticket_id, "label": ticket.label}
    if isinstance(event, e.TicketRecalled):
        result["calls"] = ticket.calls
    if isinstance(event, e.TicketRequeued | e.TicketTransferred):
        result["ahead"] = state.ahead(ticket, now.ms)
    return result
