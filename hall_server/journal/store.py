"""The journal in SQLite: WAL, `synchronous=FULL`, one commit for all orders that have gathered."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hall_server.application.ports import Entry, StorageError, Stored
from hall_server.domain.evolve import evolve
from hall_server.domain.state import State
from hall_server.journal import snapshots
from hall_server.journal.events_codec import UnknownEventError, event_of

SCHEMAS = Path(__file__).parent / "schema"
FILE_NAME = "journal.sqlite"
GENESIS = bytes(32)
SNAPSHOT_EVERY = 20_000
"""Events between snapshots: replaying so many takes about 0.15 s on the machine this was measured on."""
Row = tuple[Any, ...]
"""As the schema has it."""
ANSWERS_KNOWN_AT_START = 50_000
"""Orders of which a repetition is recognised after a restart; older ones are days old."""


def link(previous: bytes, entry: Entry) -> bytes:
    """The hash of an event: over the one before and everything that is stored of it except the reply."""
    head = f"{entry.seq}|{entry.at}|{entry.name}|{entry.version}|{entry.command or ''}|".encode()
    return hashlib.sha256(previous + head + entry.data).digest()


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """SQLite's and the disk's troubles as one kind of error with a sentence."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"{what}: {error}") from error


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the journal's settings."""
    if read_only:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    # Checkpoints fall on some order's commit: many short ones make nobody wait long.
    connection.execute("PRAGMA wal_autocheckpoint=100")
    return connection


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest schema, one file a version, each in a transaction of its own."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    scripts = sorted(SCHEMAS.glob("*.sql"))
    if version > len(scripts):
        raise StorageError(f"the journal has schema {version}; this software knows up to {len(scripts)}")
    for number, script in enumerate(scripts[version:], start=version + 1):
        connection.executescript(f"BEGIN;\n{script.read_text('utf-8')}\nPRAGMA user_version={number};\nCOMMIT;")


def insert(connection: sqlite3.Connection, events: Sequence[Row], answers: Sequence[Row]) -> None:
    """Rows of events and of answers, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?)", events)
        connection.executemany("INSERT INTO answer VALUES (?,?,?)", answers)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class SqliteJournal:
    """The event store of one hall. One writer; the file is locked against a second server by the caller."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE_NAME
        with storage_errors("cannot open the journal"):
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._writing = connect(self._path)
            self._path.chmod(0o600)
            migrate(self._writing)
            self._reading = connect(self._path, read_only=True)
        self._head = GENESIS
        self._seq = 0
        self._snapshot_seq = 0

    def close(self) -> None:
        """Close both connections; everything appended is durable already."""
        self._reading.close()
        self._writing.close()

    def append(self, entries: Sequence[Entry]) -> list[Stored]:
        """Store events durably, all or none. Blocks until the disk has them."""
        if entries[0].seq != self._seq + 1:
            raise StorageError(f"event {entries[0].seq} does not follow {self._seq}")
        stored, head = [], self._head
        for entry in entries:
            head = link(head, entry)
            stored.append(Stored(entry, head))
        rows = [(e.seq, e.at, e.name, e.version, e.command, e.data, own) for e, own in stored]
        answers = [(e.seq, e.command, e.answer) for e, _ in stored if e.answer is not None]
        with storage_errors("cannot store events"):
            insert(self._writing, rows, answers)
        self._head, self._seq = head, entries[-1].seq
        return stored

    def recover(self) -> State:
        """The newest snapshot that can be read, and every event since."""
        with storage_errors("cannot read the journal"):
            state = snapshots.newest(self._reading) or State()
            self._snapshot_seq = state.seq
            fold(self._reading, state)
            row = self._reading.execute("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
            self._seq, self._head = row or (0, GENESIS)
        if state.seq != self._seq:
            raise StorageError(f"the journal ends at event {self._seq}, but a snapshot at {state.seq}")
        return state

    def known_commands(self) -> dict[int, int]:
        """From hashes of the latest accepted orders' ids to their first events."""
        with storage_errors("cannot read the journal"):
            rows = self._reading.execute(
                "SELECT command, seq FROM answer ORDER BY seq DESC LIMIT ?", (ANSWERS_KNOWN_AT_START,)
            )
            return {hash(command): seq for command, seq in rows}

    def answer_to(self, seq: int, command: str) -> bytes | None:
        """The stored answer to an order whose first event was `seq`; None if that was another order."""
        with storage_errors("cannot read the journal"):
            row = self._reading.execute(
                "SELECT answer FROM answer WHERE seq = ? AND command = ?", (seq, command)
            ).fetchone()
        return row[0] if row else None

    def snapshot_due(self, state: State) -> Iterator[Callable[[], None]] | None:
        """Short steps that store a snapshot, when enough has happened since the last one."""
        if state.seq - self._snapshot_seq < SNAPSHOT_EVERY:
            return None
        self._snapshot_seq = state.seq
        return snapshots.steps(self._writing, state)


def fold(connection: sqlite3.Connection, state: State, *, until: int | None = None) -> State:
    """Apply all stored events after the state's own, in order; up to the event number `until` if one is given.

    Raises:
        StorageError: the journal holds an event that this software does not know.
    """
    query = "SELECT name, version, data FROM event WHERE seq > ? AND seq <= ? ORDER BY seq"
    rows = connection.execute(query, (state.seq, until if until is not None else 1 << 62))
    try:
        for name, version, data in rows:
            evolve(state, event_of(name, version, data))
    except UnknownEventError as error:
        raise StorageError(str(error)) from error
    return state
