"""Today's appointments as the hall last told them, on disk: their visitors can check in while the hall is away.

A code itself is never here, only what recognises it, and nothing about the visitor.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from ticket_dispenser.durable import DurableStorage


class Expected(NamedTuple):
    """An appointment: for what, and from when its visitor may check in."""

    service_id: str
    opens_at: str
    """RFC 3339, by the hall's clock."""

    def opens_ms(self) -> int:
        """Unix milliseconds."""
        return int(datetime.fromisoformat(self.opens_at).timestamp() * 1000)


class BookingBook:
    """The dispenser's appointments, by `booking_id`."""

    def __init__(self, path: Path) -> None:
        self._file = DurableStorage(path)
        stored: dict[str, Any] = self._file.read() or {}
        self._expected = {booking_id: Expected(**one) for booking_id, one in stored.items()}

    def find(self, booking_id: str) -> Expected | None:
        """The appointment; None if the hall has told of no such one."""
        return self._expected.get(booking_id)

    def replace(self, bookings: list[dict[str, Any]]) -> None:
        """Take over what the hall says."""
        told = {one["booking_id"]: Expected(one["service_id"], one["opens_at"]) for one in bookings}
        if told != self._expected:
            self._file.write({booking_id: one._asdict() for booking_id, one in told.items()})
            self._expected = told

    def close(self) -> None:
        """Close the file."""
        self._file.close()
