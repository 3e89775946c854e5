"""Orders of dispensers and guides: take a number, tell of its slip, borrow numbers, bring tickets back."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from hall_protocol.commands.base import EXAMPLE_TICKET, Body, BookingCode, Name, Text
from hall_protocol.topics import Role

Green = Literal["priority", "accompany", "assisted"]
DISPENSERS = frozenset({Role.DISPENSER, Role.GUIDE})


class Issue(Body, frozen=True):
    """Take a number for a service."""

    type = "issue"
    roles = DISPENSERS
    example: ClassVar[dict[str, Any]] = {
        "service_id": "id-card-renewal",
        "green": [],
        "on_behalf_of": False,
        "group_size": 1,
        "language": "zh-Hans",
    }
    result_example: ClassVar[dict[str, Any]] = {
        "ticket_id": EXAMPLE_TICKET,
        "label": "B007",
        "queue_id": "household",
        "zone": "B",
        "windows": ["3", "4"],
        "ahead": 6,
        "est_wait_s": {"low": 900, "high": 1500},
        "token": "mF3k9wYbqT0nB7sQ1xZ5cA",
        "url": "http://192.0.2.10:8080/t/mF3k9wYbqT0nB7sQ1xZ5cA",
        "issued_at": "2026-06-03T10:42:07+08:00",
    }

    service_id: Name
    green: tuple[Green, ...] = ()
    """The green-channel services asked for, each settable alone."""
    on_behalf_of: bool = False
    group_size: Annotated[int, Meta(ge=1, le=999)] = 1
    language: Name = "zh-Hans"


class CheckIn(Body, frozen=True):
    """The visitor of an appointment has come; the code is on the confirmation, as text and as QR code.

    The result is that of `issue`, with `came`: in_time (the slot's place), late (a number like a walk-in's) or again
    (the same ticket as before). Before the time it is refused with `check_in_too_early`.
    """

    type = "check_in"
    roles = DISPENSERS
    example: ClassVar[dict[str, Any]] = {"booking_code": "7K2QDM9X", "language": "zh-Hans"}
    result_example: ClassVar[dict[str, Any]] = {
        **Issue.result_example,
        "service_id": "id-card-renewal",
        "slot_at": "2026-06-03T10:45:00+08:00",
        "came": "in_time",
    }

    booking_code: BookingCode
    green: tuple[Green, ...] = ()
    language: Name = "zh-Hans"


class Printed(Body, frozen=True):
    """The slip is out."""

    type = "printed"
    roles = DISPENSERS
    example: ClassVar[dict[str, Any]] = {"ticket_id": EXAMPLE_TICKET}

    ticket_id: Name
    reason: Text | None = None


class PrintFailed(Body, frozen=True):
    """The slip is not out, or nobody knows.

    `uncertain`: the printer gave no evidence; the ticket stays valid. `expired`: the visitor was told to press again,
    so the ticket becomes void. Any other reason (paper_out, cover_open, jam, offline …): the number is on the
    screen and the ticket stays valid.
    """

    type = "print_failed"
    roles = DISPENSERS
    example: ClassVar[dict[str, Any]] = {"ticket_id": EXAMPLE_TICKET, "reason": "paper_out"}

    ticket_id: Name
    reason: Text


class HeldNumbers(msgspec.Struct, frozen=True):
    """What is left of a lease."""

    queue_id: Name
    next: Annotated[int, Meta(ge=1)]
    last: Annotated[int, Meta(ge=1)]


class Lease(Body, frozen=True):
    """Ask for numbers to give out while the hall cannot be reached.

    The dispenser says which numbers it holds; the reply says which it may hold from now on, and which appointments of
    today may be checked in (a code is told as the SHA-256 of its capital letters and digits, cut to 128 bits). A lease
    that it does not name is closed, so everything given out offline must have been merged before.
    """

    type = "lease"
    roles = frozenset({Role.DISPENSER})
    example: ClassVar[dict[str, Any]] = {"held": [{"queue_id": "household", "next": 704, "last": 710}]}
    result_example: ClassVar[dict[str, Any]] = {
        "leases": [
            {
                "queue_id": "household", "prefix": "B", "zone": "B", "windows": ["3", "4"], "first": 701, "last": 710,
            }
        ],
        "ticket_url": "http://192.0.2.10:8080/t/",
        "bookings": [
            {
                "booking_id": "9d3c1f0e8a714b6f9e0f6a1d2c3b4a59",
                "service_id": "id-card-renewal",
                "opens_at": "2026-06-03T10:30:00+08:00",
            }
        ],
    }  # fmt: skip

    held: Annotated[tuple[HeldNumbers, ...], Meta(max_length=500)] = ()


SlipEnd = Literal["printed", "uncertain", "failed", "expired"]


class OfflineTicket(msgspec.Struct, frozen=True, omit_defaults=True):
    """A ticket that a dispenser gave out by itself."""

    label: Annotated[str, Meta(pattern=r"^[A-Z]{1,2}\d{3,9}$")]
    service_id: Name
    age_ms: Annotated[int, Meta(ge=0, le=366 * 86_400_000)]
    """Milliseconds since the number was taken, when this was sent."""
    token: Annotated[str, Meta(min_length=22, max_length=64)] | None = None
    """The secret of the slip's QR code, 128 bits made by the dispenser."""
    green: tuple[Green, ...] = ()
    on_behalf_of: bool = False
    group_size: Annotated[int, Meta(ge=1, le=999)] = 1
    language: Name = "zh-Hans"
    booking_id: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")] | None = None
    """The appointment that was checked in, as the reply to `lease` named it."""
    slip: SlipEnd = "printed"
    """What became of the slip; expired if nobody can have seen the number, so that the ticket is void."""


class MergeOffline(Body, frozen=True):
    """Take in tickets that were given out while the hall could not be reached; oldest first, each once.

    The reply names those that are in the hall now, those whose day is over, and those that cannot be taken in.
    """

    type = "merge_offline"
    roles = frozenset({Role.DISPENSER})
    example: ClassVar[dict[str, Any]] = {
        "tickets": [{"label": "B704", "service_id": "id-card-renewal", "age_ms": 1260000}]
    }
    result_example: ClassVar[dict[str, Any]] = {
        "merged": [{"label": "B704", "ticket_id": EXAMPLE_TICKET}],
        "late": [],
        "refused": [],
    }

    tickets: Annotated[tuple[OfflineTicket, ...], Meta(min_length=1, max_length=100)]
