"""Numbers lent to dispensers, so that they can go on without the hall (J4), and tickets that come back from there.

Lent numbers lie apart from those given out here, so that a hall with all links up counts without gaps. A lease
outlives the day: a board without a clock does not know which day it is. What is lent to a card that has died is
revoked, and stays out of use until the day has ended, since slips with these numbers may be in visitors' hands.
"""

import re
from collections import Counter
from collections.abc import Callable
from string import ascii_uppercase
from typing import Any

import msgspec

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.arrivals import awaited, slot_kept
from hall_server.domain.calendar import Moment, issuing_session
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.domain.tickets import Lease, class_by

Decision = list[e.Event] | Refusal

RATE_OVER_MS = 3_600_000
LABEL = re.compile(r"([A-Z]{1,2})(\d{3,9})")


def label_of(prefix: str, number: int) -> str:
    """What stands on the slip: at least three digits."""
    return f"{prefix}{number:03d}"


def next_number(state: State, queue_id: str) -> int:
    """The next number of a queue that is neither lent to anybody nor in anybody's hand."""
    prefix, number = state.known.queues[queue_id].prefix, state.records[queue_id].last_number + 1
    for lease in sorted(state.leases_of(queue_id), key=lambda lease: lease.first):
        if lease.first <= number <= lease.last:
            number = lease.last + 1
    while label_of(prefix, number) in state.by_label:
        number += 1
    return number


def _wanted(state: State, device: str, now: Moment) -> Callable[[str], int]:
    """How many numbers of a queue a dispenser should hold: what it gives out in the time it must last alone.

    One look at the day's tickets serves all queues: no order waits for eight.
    """
    rules = state.known.hall.rules.offline
    lately = Counter(
        ticket.queue_id
        for ticket in state.tickets.values()
        if ticket.source == device and now.ms - ticket.taken_at < RATE_OVER_MS
    )
    return lambda queue_id: min(rules.most, max(rules.fewest, round(lately[queue_id] * rules.lasts_h)))


def _lease(state: State, command: c.LeaseNumbers, now: Moment) -> Decision:
    following = {(block.queue_id, block.last): block.next for block in command.held}
    mine = _open_leases(state, command.device)
    kept = [lease for lease in mine if (lease.queue_id, lease.last) in following]
    events: list[e.Event] = [_closed(state, lease, now, "given_back") for lease in mine if lease not in kept]
    left: Counter[str] = Counter()
    for lease in kept:
        left[lease.queue_id] += lease.last - max(lease.first, following[lease.queue_id, lease.last]) + 1
    wanted = _wanted(state, command.device, now)
    for queue_id in state.known.queues:
        lacks = wanted(queue_id) - left[queue_id]
        if state.known.services_of[queue_id] and left[queue_id] < (wanted(queue_id) + 1) // 2:
            first = _free(state, queue_id, lacks)
            events.append(
                e.NumbersLeased(
                    at=now.ms, device=command.device, queue_id=queue_id, first=first, last=first + lacks - 1
                )
            )  # fmt: skip
    return events


def _open_leases(state: State, device: str) -> list[Lease]:
    return [lease for lease in state.leases if lease.device == device and not lease.closed]


def _free(state: State, queue_id: str, size: int) -> int:
    """Where so many numbers lie that nobody has had today and nobody holds."""
    first = max(state.known.hall.rules.offline.first_number, state.records[queue_id].last_number + 1)
    for lease in sorted(state.leases_of(queue_id), key=lambda lease: lease.first):
        if first + size <= lease.first:
            break
        first = max(first, lease.last + 1)
    return first


def _closed(state: State, lease: Lease, now: Moment, cause: str) -> e.LeaseClosed:
    prefix = state.known.queues[lease.queue_id].prefix
    numbers = range(lease.first, lease.last + 1)
    unknown = sum(label_of(prefix, number) not in state.by_label for number in numbers)
    return e.LeaseClosed(
        at=now.ms, device=lease.device, queue_id=lease.queue_id, first=lease.first, last=lease.last, cause=cause,
        unaccounted=unknown,
    )  # fmt: skip


def _revoke(state: State, command: c.RevokeLeases, now: Moment) -> Decision:
    return [_closed(state, lease, now, "revoked") for lease in _open_leases(state, command.device)]


def _merge(state: State, command: c.MergeOffline, now: Moment) -> Decision:
    """Every ticket once, by its real age. What cannot be taken in is left out; the reply says why."""
    events: list[e.Event] = []
    labels: set[str] = set()
    kept: set[str | None] = set()
    for ticket in command.tickets:
        if ticket.label not in labels and refused_offline(state, command.device, ticket) is None:
            labels.add(ticket.label)
            once = msgspec.structs.replace(ticket, booking_id=None) if ticket.booking_id in kept else ticket
            kept.add(ticket.booking_id)
            events += _taken_in(state, command.device, once, now)
    return events


def refused_offline(state: State, device: str, ticket: c.OfflineTicket) -> str | None:
    """Why a ticket cannot be merged: `merged` if it has been, else a refusal code; None if it can.

    A visitor holds the slip, so a number that nobody lent is taken in too, if it is nobody else's.
    """
    if ticket.token_hash in state.by_token or ticket.token_hash in state.late:
        return "merged"
    service, label = state.known.services.get(ticket.service_id), LABEL.fullmatch(ticket.label)
    if service is None:
        return "unknown_service"
    if label is None or label[1] != state.known.queues[service.queue_id].prefix:
        return "invalid"
    elsewhere = any(
        lease.device != device and lease.first <= int(label[2]) <= lease.last
        for lease in state.leases_of(service.queue_id)
    )
    return "label_taken" if elsewhere or ticket.label in state.by_label else None


def _taken_in(state: State, device: str, ticket: c.OfflineTicket, now: Moment) -> list[e.Event]:
    service = state.known.services[ticket.service_id]
    taken = now.ms - ticket.age_ms
    if state.day is None or Moment(taken, now.offset_s).day != state.day:
        return [
            e.LateTicketRecorded(
                at=now.ms, label=ticket.label, service_id=ticket.service_id, source=device, taken_at=taken,
                token_hash=ticket.token_hash,
            )
        ]  # fmt: skip
    session = issuing_session(state.known.hall.calendar, Moment(taken, now.offset_s))
    # Checked in at two dispensers that were both cut off, an appointment gives its place once.
    booking = awaited(state, ticket.booking_id) if ticket.booking_id else None
    slot_at = slot_kept(state, booking, taken) if booking else None
    issued = e.TicketIssued(
        at=now.ms,
        ticket_id=ticket.ticket_id,
        label=ticket.label,
        number=int(ticket.label.lstrip(ascii_uppercase)),
        queue_id=service.queue_id,
        service_id=service.service_id,
        ticket_class=class_by(ticket.green, booked=slot_at is not None).value,
        source=device,
        session=session.kind if session else "regular",
        token_hash=ticket.token_hash,
        taken_at=taken,
        green=tuple(dict.fromkeys(ticket.green)),
        on_behalf_of=ticket.on_behalf_of,
        group_size=ticket.group_size,
        language=ticket.language,
        slot_at=slot_at,
        booking_id=booking.booking_id if booking else None,
        offline=True,
    )
    if ticket.slip == "expired":
        return [issued, e.TicketVoided(at=now.ms, ticket_id=ticket.ticket_id, by="dispenser", reason="expired")]
    return [issued, e.SlipReported(at=now.ms, ticket_id=ticket.ticket_id, outcome=ticket.slip)]


DECIDERS: dict[type[c.Command], Callable[[State, Any, Moment], Decision]] = {
    c.LeaseNumbers: _lease,
    c.RevokeLeases: _revoke,
    c.MergeOffline: _merge,
}
