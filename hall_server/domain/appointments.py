"""Appointments: a visitor is expected, comes, and checks in (J3).

Early: told from when. In time, or late by no more than the grace: the place of the slot. Later: a number like a
walk-in's, told why, never turned away. A second scan gives the same ticket.
"""

from collections.abc import Callable
from typing import Any

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.arrivals import awaited, opens_ms, slot_kept, ticket_of
from hall_server.domain.calendar import Moment, session_at
from hall_server.domain.issuing import issued
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.domain.tickets import Booking

Decision = list[e.Event] | Refusal


def _book(state: State, command: c.Book, now: Moment) -> Decision:
    if command.service_id not in state.known.services:
        return Refusal("unknown_service", f"there is no service {command.service_id!r}")
    if command.booking_id in state.bookings or command.booking_id in state.arrived:
        return []
    slot = Moment(command.slot_at, now.offset_s)
    if command.slot_at < now.ms or session_at(state.known.hall.calendar, slot) is None:
        return Refusal("slot_unavailable", f"{slot.local:%Y-%m-%d %H:%M} is over, or outside the opening hours")
    return [
        e.AppointmentBooked(
            at=now.ms, booking_id=command.booking_id, service_id=command.service_id, slot_at=command.slot_at
        )
    ]


def _cancel(state: State, command: c.CancelBooking, now: Moment) -> Decision:
    if command.booking_id in state.arrived:
        return Refusal("not_cancellable", "the visitor has come already")
    if command.booking_id not in state.bookings:
        return Refusal("unknown_booking", "there is no such appointment")
    return [e.AppointmentCancelled(at=now.ms, booking_id=command.booking_id)]


def _check_in(state: State, command: c.CheckIn, now: Moment) -> Decision:
    ticket = ticket_of(state, command.booking_id)
    if ticket is not None:
        return [
            e.TicketShownAgain(
                at=now.ms, ticket_id=ticket.ticket_id, token_hash=command.token_hash, source=command.source
            )
        ]
    booking = awaited(state, command.booking_id)
    if booking is None:
        return Refusal("unknown_booking", "there is no such appointment")
    session = session_at(state.known.hall.calendar, now)
    if session is None or state.day is None:
        return Refusal("hall_closed", "the hall is closed at this time")
    opens = opens_ms(state, booking)
    if now.ms - command.age_ms < opens:
        return Refusal("check_in_too_early", f"check in from {Moment(opens, now.offset_s).local:%Y-%m-%d %H:%M}")
    order = as_issue(state, command, booking, now)
    return [issued(state, order, state.known.services[booking.service_id], session.kind, now)]


def as_issue(state: State, command: c.CheckIn, booking: Booking, now: Moment) -> c.Issue:
    """The order for a number that a check-in is; without the slot's place where the visitor is too late for it."""
    return c.Issue(
        ticket_id=command.ticket_id,
        token_hash=command.token_hash,
        service_id=booking.service_id,
        source=command.source,
        age_ms=command.age_ms,
        green=command.green,
        language=command.language,
        booking_id=booking.booking_id,
        slot_at=slot_kept(state, booking, now.ms - command.age_ms),
        told_s=command.told_s,
    )


DECIDERS: dict[type[c.Command], Callable[[State, Any, Moment], Decision]] = {
    c.Book: _book,
    c.CancelBooking: _cancel,
    c.CheckIn: _check_in,
}
