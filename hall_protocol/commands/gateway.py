"""Orders of citizens through the online gateway, by the secret on their slip or the code of their appointment."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from hall_protocol.commands.base import Body, BookingCode, Name
from hall_protocol.topics import Role

GATEWAYS = frozenset({Role.GATEWAY})


class Abandon(Body, frozen=True):
    """The visitor gives up the place, by the secret on the slip."""

    type = "abandon"
    roles = GATEWAYS
    example: ClassVar[dict[str, Any]] = {"token": "mF3k9wYbqT0nB7sQ1xZ5cA"}

    token: Annotated[str, Meta(min_length=16, max_length=64)]


class Book(Body, frozen=True):
    """A visitor is expected at a time. The gateway makes the code; the hall stores only what recognises it."""

    type = "book"
    roles = GATEWAYS
    example: ClassVar[dict[str, Any]] = {
        "booking_code": "7K2QDM9X",
        "service_id": "id-card-renewal",
        "slot_at": "2026-06-03T10:45:00+08:00",
    }

    booking_code: BookingCode
    service_id: Name
    slot_at: Annotated[datetime, Meta(tz=True)]


class CancelBooking(Body, frozen=True):
    """The visitor is not coming."""

    type = "cancel_booking"
    roles = GATEWAYS
    example: ClassVar[dict[str, Any]] = {"booking_code": "7K2QDM9X"}

    booking_code: BookingCode
