"""Whether an appointment is still to be kept, and whether its visitor is in time for the slot's place."""

from hall_server.domain.calendar import Moment
from hall_server.domain.state import State
from hall_server.domain.tickets import Booking, Ticket, TicketState

MINUTE_MS = 60_000


def ticket_of(state: State, booking_id: str) -> Ticket | None:
    """The ticket of a visitor who has come; a void one, which nobody can have seen, does not count."""
    arrived = state.arrived.get(booking_id)
    ticket = state.tickets.get(arrived.ticket_id) if arrived else None
    return ticket if ticket is not None and ticket.state is not TicketState.VOID else None


def awaited(state: State, booking_id: str) -> Booking | None:
    """An appointment whose visitor has no ticket yet."""
    if ticket_of(state, booking_id) is not None:
        return None
    arrived = state.arrived.get(booking_id)
    return arrived.booking if arrived else state.bookings.get(booking_id)


def opens_ms(state: State, booking: Booking) -> int:
    """From when its visitor may check in, Unix ms."""
    return booking.slot_at - state.known.hall.rules.appointments.early_min * MINUTE_MS


def slot_kept(state: State, booking: Booking, came_ms: int) -> int | None:
    """The slot whose place a visitor has who came then; None for one who is too late for it."""
    grace_ms = state.known.hall.rules.appointments.grace_min * MINUTE_MS
    return booking.slot_at if came_ms <= booking.slot_at + grace_ms else None


def expected_today(state: State, now: Moment) -> list[Booking]:
    """Appointments of the business day whose visitors have not come, by time."""
    today = (one for one in state.bookings.values() if Moment(one.slot_at, now.offset_s).day == now.day)
    return sorted(today, key=lambda booking: booking.slot_at)
