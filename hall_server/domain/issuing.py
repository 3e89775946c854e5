"""Giving out numbers: whether a queue does, and what a new ticket is."""

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment, issuing_session, session_at
from hall_server.domain.configuration import Service
from hall_server.domain.leases import label_of, next_number
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketClass, class_by


def issuing(state: State, queue_id: str, now: Moment) -> Refusal | str:
    """Whether a queue takes tickets now: the kind of the running session, or why not."""
    if state.day is None:
        return Refusal("hall_closed", "the hall's day has not begun")
    queue = state.known.queues[queue_id]
    calendar = state.known.hall.calendar
    session = issuing_session(calendar, now)
    if session is None and not queue.always_issuing:
        if session_at(calendar, now) is not None:
            return Refusal("queue_closed", "no more tickets are given out today")
        return Refusal("hall_closed", "the hall is closed at this time")
    if queue.daily_limit is not None and state.records[queue_id].issued >= queue.daily_limit:
        return Refusal("queue_full", "all tickets of this queue for today are taken")
    return session.kind if session else "regular"


def class_of(command: c.Issue) -> TicketClass:
    """The class of the ticket that an order would get."""
    return class_by(command.green, booked=command.slot_at is not None, urgent=command.urgent)


def issued(state: State, command: c.Issue, service: Service, session: str, now: Moment) -> e.TicketIssued:
    """The fact that somebody took a number."""
    number = next_number(state, service.queue_id)
    queue = state.known.queues[service.queue_id]
    return e.TicketIssued(
        at=now.ms,
        ticket_id=command.ticket_id,
        label=label_of(queue.prefix, number),
        number=number,
        queue_id=queue.queue_id,
        service_id=service.service_id,
        ticket_class=class_of(command).value,
        source=command.source,
        session=session,
        token_hash=command.token_hash,
        taken_at=now.ms - command.age_ms,
        green=tuple(dict.fromkeys(command.green)),
        on_behalf_of=command.on_behalf_of,
        group_size=command.group_size,
        language=command.language,
        slot_at=command.slot_at,
        booking_id=command.booking_id,
        told_low_s=command.told_s[0] if command.told_s else None,
        told_high_s=command.told_s[1] if command.told_s else None,
    )
