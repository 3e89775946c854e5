"""What an operator does with a journal besides running a hall on it: check, copy, restore, look back."""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from hall_server.application.ports import Entry, StorageError
from hall_server.domain.state import State, save
from hall_server.journal import snapshots
from hall_server.journal.store import FILE_NAME, GENESIS, Row, connect, fold, link, storage_errors

Progress = Callable[[int], None]
CHUNK = 5000
EVENT = "seq, at, name, version, command, data, hash"
"""A stored event's columns."""


class JournalFaultError(Exception):
    """The journal is not what it should be; the sentence says where."""


@contextmanager
def opened(data: Path) -> Iterator[sqlite3.Connection]:
    """The journal of a data directory, or a backup file, read-only and as of one moment; the hall may be running.

    Raises:
        StorageError: there is none.
    """
    path = data / FILE_NAME if data.is_dir() else data
    if not path.exists():
        raise StorageError(f"there is no journal in {data}")
    with storage_errors(f"cannot read {path}"):
        connection = connect(path, read_only=True)
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield connection
        finally:
            connection.close()


def count(connection: sqlite3.Connection) -> int:
    """How many events there are."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0])


def check_chain(connection: sqlite3.Connection, progress: Progress = lambda _n: None) -> int:
    """Follow the hash chain from the first event to the last; returns how many there are.

    Raises:
        JournalFaultError: an event is missing or was changed.
    """
    seq, _ = followed(connection.execute(f"SELECT {EVENT} FROM event ORDER BY seq"), 0, GENESIS, progress)  # noqa: S608  a constant
    return seq


def followed(events: Iterable[Row], seq: int, head: bytes, progress: Progress = lambda _n: None) -> tuple[int, bytes]:
    """Follow the chain over rows of `EVENT`, after an event and its hash; returns the last one's.

    Raises:
        JournalFaultError: an event is missing or was changed.
    """
    for event, at, name, version, command, data, stored in events:
        seq += 1
        if event != seq:
            raise JournalFaultError(f"event {seq} is missing")
        head = link(head, Entry(seq, at, name, version, data, command, None))
        if head != stored:
            raise JournalFaultError(f"event {seq} does not match its hash: it, or one before it, was changed")
        if seq % CHUNK == 0:
            progress(CHUNK)
    return seq, head


def digest(state: State) -> str:
    """A hash of everything in a state."""
    saved, tickets = save(state)
    tickets.sort(key=lambda ticket: ticket.ticket_id)
    return hashlib.sha256(msgspec.json.encode((saved, tickets), order="deterministic")).hexdigest()


def check_fold(connection: sqlite3.Connection) -> None:
    """A hall that starts from its snapshot must be the hall that all events make.

    Raises:
        JournalFaultError: it is not.
    """
    live = fold(connection, snapshots.newest(connection) or State())
    whole = fold(connection, State())
    if digest(live) != digest(whole):
        raise JournalFaultError("the newest snapshot does not match the events before it")


def backup(data: Path, target: Path) -> None:
    """A consistent copy of a journal, whole or not at all, while the hall goes on.

    Raises:
        StorageError: it cannot be read or written.
    """
    aside = target.with_name(target.name + ".part")
    with opened(data) as source, storage_errors(f"cannot write {target}"):
        aside.unlink(missing_ok=True)
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        copy = sqlite3.connect(aside)
        source.backup(copy)
        # One file that needs nothing beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.close()
        _sync(aside)
        aside.replace(target)


def restore(source: Path, data: Path) -> None:
    """Put a backup in an empty data directory.

    Raises:
        StorageError: the target is not empty, or one of both cannot be used.
        JournalFaultError: the backup is damaged; nothing was written.
    """
    if data.exists() and any(data.iterdir()):
        raise StorageError(f"{data} is not empty; a backup is only restored into an empty directory")
    _settle(source)
    with opened(source) as connection:
        check_chain(connection)
        check_fold(connection)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    backup(source, data / FILE_NAME)


def _settle(source: Path) -> None:
    """A living copy may have been cut off in mid-write: what was begun is undone, which a reader alone cannot do."""
    if source.with_name(source.name + "-journal").exists():
        with storage_errors(f"cannot settle {source}"), closing(sqlite3.connect(source)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def state_at(connection: sqlite3.Connection, ms: int) -> State:
    """The hall as it was at a time (Unix milliseconds): after every event up to then.

    Raises:
        StorageError: nothing had happened yet.
    """
    row = connection.execute("SELECT max(seq) FROM event WHERE at <= ?", (ms,)).fetchone()
    until = row[0]
    state = (
        None
        if until is None
        else fold(connection, snapshots.newest(connection, before=until + 1) or State(), until=until)
    )
    if state is None or state.hall is None:
        raise StorageError("the journal begins after that time")
    return state
