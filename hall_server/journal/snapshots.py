"""Saved states beside the events. A snapshot only saves time: a lost or unreadable one is skipped.

Storing one is many short steps, each a transaction of its own, so that no order waits long behind it. Part 0, the hall,
comes last: a snapshot without it was never finished.
"""

import sqlite3
from collections.abc import Callable, Iterator

import msgspec
import structlog

from hall_server.domain.state import Saved, State, load, save
from hall_server.domain.tickets import Ticket

log = structlog.get_logger()

KEPT = 2
TICKETS_A_PART = 100
"""Encoding and storing so many takes less than a millisecond."""

Step = Callable[[], None]

_saved = msgspec.json.Decoder(Saved)
_tickets = msgspec.json.Decoder(list[Ticket])


def steps(connection: sqlite3.Connection, state: State) -> Iterator[Step]:
    """A picture of the state, taken now; doing all steps stores it and forgets the oldest one."""
    saved, tickets = save(state)
    return _steps(connection, saved, tickets)


def _steps(connection: sqlite3.Connection, saved: Saved, tickets: list[Ticket]) -> Iterator[Step]:
    def store(part: int, value: Saved | list[Ticket]) -> Step:
        row = "INSERT OR REPLACE INTO snapshot VALUES (?,?,?)"
        return lambda: _write(connection, row, (saved.seq, part, msgspec.json.encode(value)))

    def forget(seq: int, part: int) -> Step:
        return lambda: _write(connection, "DELETE FROM snapshot WHERE seq=? AND part=?", (seq, part))

    for number, start in enumerate(range(0, len(tickets), TICKETS_A_PART), start=1):
        yield store(number, tickets[start : start + TICKETS_A_PART])
    yield store(0, saved)
    kept = _complete(connection)[:KEPT]
    # The hall's part first, so that what is half forgotten is no snapshot any more.
    for seq, part in connection.execute("SELECT seq, part FROM snapshot ORDER BY part").fetchall():
        if seq not in kept and seq <= saved.seq:
            yield forget(seq, part)


def _write(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    try:
        connection.execute(statement, values)
    except sqlite3.Error as error:
        log.warning("snapshot_failed", reason=str(error))


def _complete(connection: sqlite3.Connection) -> list[int]:
    """Numbers of the finished snapshots, newest first."""
    return [seq for (seq,) in connection.execute("SELECT seq FROM snapshot WHERE part = 0 ORDER BY seq DESC")]


def newest(connection: sqlite3.Connection, *, before: int | None = None) -> State | None:
    """The newest readable snapshot (of an event number below `before`), or None."""
    for seq in _complete(connection):
        if before is not None and seq >= before:
            continue
        rows = [data for (data,) in connection.execute("SELECT data FROM snapshot WHERE seq=? ORDER BY part", (seq,))]
        try:
            return load(_saved.decode(rows[0]), [ticket for part in rows[1:] for ticket in _tickets.decode(part)])
        except msgspec.MsgspecError as error:
            log.warning("snapshot_unreadable", seq=seq, reason=str(error))
    return None
