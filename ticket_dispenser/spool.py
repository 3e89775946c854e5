"""Orders that are not settled yet, on disk before they go out, so that a power cut leaves no ticket unaccounted for."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table


class Pending(NamedTuple):
    """One order. `expired` if the visitor was told to press again, so that its ticket must become void."""

    command_id: str
    order: dict[str, Any]
    expired: bool = False


class DurableStorage(Storage):
    """TinyDB's whole document, written aside, synced and renamed: after a power cut it is the old or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_suffix(".new")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._content: dict[str, dict[str, Any]] | None = None
        if path.exists():
            try:
                self._content = json.loads(path.read_text("utf-8"))
            except ValueError:
                # Not written by us: keep it for somebody to look at, and begin anew.
                path.replace(path.with_suffix(".unreadable"))

    def read(self) -> dict[str, dict[str, Any]] | None:
        """The document."""
        return self._content

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace the document; durable when this returns."""
        encoded = json.dumps(data, ensure_ascii=False).encode()
        file = os.open(self._aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, encoded)
            os.fsync(file)
        finally:
            os.close(file)
        self._aside.replace(self._path)
        os.fsync(self._folder)
        self._content = data

    def close(self) -> None:
        """Nothing is pending."""
        os.close(self._folder)


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

    def settle(self, command_id: str) -> None:
        """Forget an order that needs nothing more."""
        row = self._rows.pop(command_id, None)
        if row is not None:
            self._table.remove(doc_ids=[row])

    def close(self) -> None:
        """Close the file."""
        self._db.close()
