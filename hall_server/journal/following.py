"""Reading a journal that another process writes: what was stored since, up to a time."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from hall_server.domain.events import Event
from hall_server.journal.events_codec import event_of
from hall_server.journal.store import FILE_NAME, connect, storage_errors

RECORDS_AT_ONCE = 200


class Record(NamedTuple):
    """A stored event as it is."""

    seq: int
    at: int
    name: str
    data: bytes


class Follower:
    """A read-only look at a running hall's journal."""

    def __init__(self, data: Path) -> None:
        with storage_errors("cannot open the journal"):
            self._connection: sqlite3.Connection = connect(data / FILE_NAME, read_only=True)

    def since(self, seq: int, before_ms: int) -> Iterator[Event]:
        """Events after a number, in order, until one that happened at or after a time.

        Raises:
            StorageError: the journal cannot be read.
        """
        query = "SELECT name, version, data, at FROM event WHERE seq > ? ORDER BY seq"
        with storage_errors("cannot read the journal"):
            for name, version, data, at in self._connection.execute(query, (seq,)):
                if at >= before_ms:
                    return
                yield event_of(name, version, data)

    def newest(self) -> int:
        """The number of the last event."""
        with storage_errors("cannot read the journal"):
            return int(self._connection.execute("SELECT COALESCE(MAX(seq), 0) FROM event").fetchone()[0])

    def records(self, seq: int, names: Sequence[str]) -> list[Record]:
        """Stored events of these names after a number, as they are, a limited number of them."""
        marks = ",".join("?" * len(names))
        query = f"SELECT seq, at, name, data FROM event WHERE seq > ? AND name IN ({marks}) ORDER BY seq LIMIT ?"  # noqa: S608  only question marks
        with storage_errors("cannot read the journal"):
            rows = self._connection.execute(query, (seq, *names, RECORDS_AT_ONCE)).fetchall()
        return [Record(*row) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
