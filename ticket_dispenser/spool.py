"""Orders that are not settled yet, on disk before they go out, so that a power cut leaves no ticket unaccounted for."""

from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from tinydb import TinyDB
from tinydb.table import Table

from ticket_dispenser.durable import DurableStorage


class JobState(StrEnum):
    """How far an order's slip has come: queued, sent, and then one of three ends. It never goes back."""

    QUEUED = "queued"
    """Nothing has gone to the printer."""
    SENT = "sent"
    """From here on a slip may come out."""
    CONFIRMED = "confirmed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    """Nothing was printed, and nothing will be; the number was on the screen."""


class Pending(NamedTuple):
    """One order, and what is known of its ticket and slip.

    `expired` if the visitor was told to press again, so that its ticket must become void. `own` is the ticket that the
    dispenser gave out by itself (`offline/counter.py`), None for one that the hall was asked for.
    """

    command_id: str
    order: dict[str, Any]
    expired: bool = False
    state: str = JobState.SENT
    reason: str = ""
    ticket_id: str | None = None
    own: dict[str, Any] | None = None

    @property
    def outcome(self) -> str:
        """What to tell the hall after this was cut off or has ended.

        Before anything went to the printer nobody can hold the number, so the ticket expires. Cut off in mid-print,
        nobody knows whether there is a slip: the ticket stays valid, and is marked.
        """
        if self.expired or self.state == JobState.QUEUED:
            return "expired"
        if self.state == JobState.CONFIRMED:
            return "printed"
        return self.reason or "failed" if self.state == JobState.FAILED else "uncertain"


class Spool:
    """Pending orders by command id."""

    def __init__(self, path: Path) -> None:
        self._db = TinyDB(path, storage=DurableStorage)
        self._table: Table = self._db.table("orders")
        self._rows = {row["command_id"]: row.doc_id for row in self._table.all()}

    def all(self) -> list[Pending]:
        """Everything unsettled, oldest first."""
        return [Pending(**row) for row in self._table.all()]

    def put(self, pending: Pending) -> None:
        """Add an order, or say that it has come further. Durable when this returns."""
        row = self._rows.get(pending.command_id)
        if row is None:
            self._rows[pending.command_id] = self._table.insert(pending._asdict())
        else:
            self._table.update(pending._asdict(), doc_ids=[row])

    def settle(self, *command_ids: str) -> None:
        """Forget orders that need nothing more."""
        rows = [self._rows.pop(command_id) for command_id in command_ids if command_id in self._rows]
        if rows:
            self._table.remove(doc_ids=rows)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
