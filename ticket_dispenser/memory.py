"""What a dispenser remembers on its card: unsettled orders, lent numbers, appointments, the last catalogue."""

from pathlib import Path
from typing import Any

import structlog

from hall_protocol.codec import decode
from hall_protocol.messages import Catalogue
from ticket_dispenser.durable import DurableStorage
from ticket_dispenser.offline.bookings import BookingBook
from ticket_dispenser.offline.leases import LeaseBook
from ticket_dispenser.spool import Spool

log = structlog.get_logger()


class Memory:
    """The files in the dispenser's folder."""

    def __init__(self, folder: Path) -> None:
        self.spool = Spool(folder / "spool.json")
        self.leases = LeaseBook(folder / "leases.json")
        self.bookings = BookingBook(folder / "bookings.json")
        self._catalogue = DurableStorage(folder / "catalogue.json")

    def catalogue(self) -> Catalogue | None:
        """The catalogue that was heard last."""
        kept: dict[str, Any] | None = self._catalogue.read()
        return decode(kept["catalogue"].encode(), Catalogue) if kept else None

    def keep_catalogue(self, payload: bytes) -> None:
        """Remember it for a start without the hall, if the card has room."""
        try:
            self._catalogue.write({"catalogue": payload.decode()})
        except OSError as error:
            log.error("card_cannot_be_written", reason=str(error))

    def close(self) -> None:
        """Close the files."""
        self.spool.close()
        self.leases.close()
        self.bookings.close()
        self._catalogue.close()
