"""Gives out numbers by itself, with the hall's last catalogue. Says no where the hall would have."""

import secrets
from typing import Any, NamedTuple

from hall_protocol.commands import CheckIn, Issue, OfflineTicket, SlipEnd, booking_id
from hall_protocol.messages import Catalogue
from ticket_dispenser.offline.bookings import BookingBook
from ticket_dispenser.offline.leases import LeaseBook
from ticket_dispenser.offline.time import HallTime, Stamp, Taken
from ticket_dispenser.spool import Pending

SECRET_BYTES = 16
_ENDS: dict[str, SlipEnd] = {"printed": "printed", "uncertain": "uncertain", "expired": "expired"}
"""Any other outcome is the reason of a failure."""


class OwnTicket(NamedTuple):
    """A ticket given out without the hall. `boot` and `ms` say when, `hall_ms` too where the hall's time was known."""

    label: str
    token: str
    zone: str
    windows: tuple[str, ...]
    url: str
    boot: str
    ms: int
    hall_ms: int | None


class NotGiven(NamedTuple):
    """Why not, as the hall would have said it."""

    code: str
    message: str


class OfflineCounter:
    """Stands in for the hall."""

    def __init__(self, book: LeaseBook, bookings: BookingBook, hall_time: HallTime) -> None:
        self._book, self._bookings, self._hall_time = book, bookings, hall_time

    def as_issue(self, order: CheckIn) -> Issue | NotGiven:
        """The order for a number that a check-in is. Whether its visitor is late the hall finds when it is merged."""
        expected = self._bookings.find(booking_id(order.booking_code))
        if expected is None:
            # It may have been made since the hall was last heard, so there is a way on.
            return NotGiven("unknown_booking", "not known here while the hall is away; please take a number")
        now_ms = self._hall_time.ms()
        if now_ms is not None and now_ms < expected.opens_ms():
            return NotGiven("check_in_too_early", f"check in from {expected.opens_at[:16].replace('T', ' ')}")
        return Issue(expected.service_id, green=order.green, language=order.language)

    def give(self, order: Issue, catalogue: Catalogue | None, *, booked: bool = False) -> OwnTicket | NotGiven | None:
        """A ticket, a refusal, or None if no number is left to give out."""
        service = catalogue.service(order.service_id) if catalogue else None
        if service is None:
            return None
        if not service.available:
            return NotGiven(
                "service_unavailable", (service.note or {}).get("zh-Hans", "the service is not offered here")
            )
        if service.booking_required and not booked:
            return NotGiven("booking_required", "this service is by appointment")
        if order.on_behalf_of and not service.on_behalf_of:
            return NotGiven("behalf_not_allowed", "this service must be done in person")
        number = self._book.take(service.queue_id)
        if number is None:
            return None
        token = secrets.token_urlsafe(SECRET_BYTES)
        url = f"{self._book.ticket_url}{token}"
        now, hall_ms = self._hall_time.stamp(), self._hall_time.ms()
        return OwnTicket(number.label, token, number.zone, number.windows, url, *now, hall_ms)


def to_merge(pending: list[Pending], hall_time: HallTime) -> tuple[OfflineTicket, ...]:
    """Tickets for the hall, oldest first, with their real ages."""
    own: list[dict[str, Any]] = [one.own for one in pending if one.own is not None]
    taken = [Taken(Stamp(one["boot"], one["ms"]), one["hall_ms"]) for one in own]
    return tuple(
        OfflineTicket(
            label=ticket["label"],
            service_id=one.order["service_id"],
            age_ms=age,
            token=ticket["token"],
            green=tuple(one.order.get("green", ())),
            on_behalf_of=one.order.get("on_behalf_of", False),
            group_size=one.order.get("group_size", 1),
            language=one.order.get("language", "zh-Hans"),
            booking_id=one.order.get("booking_id"),
            slip=_ENDS.get(one.outcome, "failed"),
        )
        for one, ticket, age in zip(pending, own, hall_time.ages_ms(taken), strict=True)
    )
