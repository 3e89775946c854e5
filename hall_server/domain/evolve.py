"""Facts change the hall: `evolve(state, event)`. The only place, with `evolve_at_window`, where a state changes."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hall_server.domain import alerts
from hall_server.domain import events as e
from hall_server.domain.evolve_at_window import EVOLVERS as AT_WINDOW_EVOLVERS
from hall_server.domain.evolve_at_window import close
from hall_server.domain.state import State, Tuning
from hall_server.domain.tickets import Arrival, Booking, Lease, Step, Ticket, TicketClass, TicketState


def evolve(state: State, event: e.Event) -> State:
    """Apply one event. The state's maps change in place; the same state is returned."""
    state.seq += 1
    state.last_at = event.at
    _EVOLVERS[type(event)](state, event)
    return state


def _hall_configured(state: State, event: e.HallConfigured) -> None:
    state.configure(event.hall, event.catalogue_version)


def _day_started(state: State, event: e.DayStarted) -> None:
    state.day = event.day


def _day_ended(state: State, event: e.DayEnded) -> None:
    state.day = None
    state.forget_day()
    state.bookings = {booking.booking_id: booking for booking in state.bookings.values() if booking.slot_at > event.at}


def _told_s(event: e.TicketIssued) -> tuple[int, int] | None:
    return None if event.told_low_s is None or event.told_high_s is None else (event.told_low_s, event.told_high_s)


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


def _appointment_booked(state: State, event: e.AppointmentBooked) -> None:
    state.bookings[event.booking_id] = Booking(event.booking_id, event.service_id, event.slot_at)


def _appointment_cancelled(state: State, event: e.AppointmentCancelled) -> None:
    del state.bookings[event.booking_id]


def _ticket_shown_again(state: State, event: e.TicketShownAgain) -> None:
    ticket = state.tickets[event.ticket_id]
    state.put(replace(ticket, slips=(*ticket.holders, event.source)))
    state.more_tokens[event.token_hash] = event.ticket_id
    state.by_token[event.token_hash] = event.ticket_id


def _numbers_leased(state: State, event: e.NumbersLeased) -> None:
    state.leases.append(Lease(event.device, event.queue_id, event.first, event.last))


def _lease_closed(state: State, event: e.LeaseClosed) -> None:
    state.leases = [
        replace(lease, closed=event.cause)
        if (lease.device, lease.queue_id, lease.last) == (event.device, event.queue_id, event.last)
        else lease
        for lease in state.leases
    ]


def _late_ticket_recorded(state: State, event: e.LateTicketRecorded) -> None:
    state.late[event.token_hash] = None


def _slip_reported(state: State, event: e.SlipReported) -> None:
    ticket = state.tickets[event.ticket_id]
    if event.outcome == "expired":
        left = list(ticket.holders)
        left.remove(event.source)
        state.put(replace(ticket, slips=tuple(left)))
    else:
        state.put(replace(ticket, print_state=event.outcome))


def _order_tuned(state: State, event: e.OrderTuned) -> None:
    state.tune(Tuning(event.at, event.rates, event.missed, event.weight))


def _ticket_voided(state: State, event: e.TicketVoided) -> None:
    close(state, state.tickets[event.ticket_id], event.at, TicketState.VOID)


def _ticket_abandoned(state: State, event: e.TicketAbandoned) -> None:
    close(state, state.tickets[event.ticket_id], event.at, TicketState.ABANDONED)


def _alert_raised(state: State, event: e.AlertRaised) -> None:
    state.alerts[event.alert_id] = alerts.raised(state.alerts.get(event.alert_id), event)


def _alert_eased(state: State, event: e.AlertEased) -> None:
    state.alerts[event.alert_id] = alerts.eased(state.alerts[event.alert_id], event)


def _alert_handled(state: State, event: e.AlertHandled) -> None:
    if event.step == "cleared":
        del state.alerts[event.alert_id]
    else:
        state.alerts[event.alert_id] = alerts.handled(state.alerts[event.alert_id], event)


def _gap_recorded(state: State, event: e.GapRecorded) -> None:
    """Only a record."""


_EVOLVERS: dict[type[e.Event], Callable[[State, Any], None]] = {
    e.HallConfigured: _hall_configured,
    e.DayStarted: _day_started,
    e.DayEnded: _day_ended,
    e.TicketIssued: _ticket_issued,
    e.AppointmentBooked: _appointment_booked,
    e.AppointmentCancelled: _appointment_cancelled,
    e.TicketShownAgain: _ticket_shown_again,
    e.NumbersLeased: _numbers_leased,
    e.LeaseClosed: _lease_closed,
    e.LateTicketRecorded: _late_ticket_recorded,
    e.SlipReported: _slip_reported,
    e.OrderTuned: _order_tuned,
    e.TicketVoided: _ticket_voided,
    e.TicketAbandoned: _ticket_abandoned,
    e.AlertRaised: _alert_raised,
    e.AlertEased: _alert_eased,
    e.AlertHandled: _alert_handled,
    e.GapRecorded: _gap_recorded,
    **AT_WINDOW_EVOLVERS,
}
