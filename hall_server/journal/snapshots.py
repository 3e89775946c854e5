"""Saved states beside the events. A snapshot only saves time: a lost or unreadable one is skipped."""

import sqlite3
from collections.abc import Callable, Iterator

import msgspec
import structlog

from hall_server.domain.state import Saved, State, load, save
from hall_server.domain.tickets import Ticket

log = structlog.get_logger()

KEPT = 2
TICKETS_A_PART = 500
"""Small parts, so that encoding one never holds the interpreter for long."""

_saved = msgspec.json.Decoder(Saved)
_tickets = msgspec.json.Decoder(list[Ticket])


def job(connection: sqlite3.Connection, state: State) -> Callable[[], None]:
    """A picture of the state, taken now; calling the result stores it."""
    saved, tickets = save(state)

    def parts() -> Iterator[tuple[int, int, bytes]]:
        yield saved.seq, 0, msgspec.json.encode(saved)
        for number, start in enumerate(range(0, len(tickets), TICKETS_A_PART), start=1):
            yield saved.seq, number, msgspec.json.encode(tickets[start : start + TICKETS_A_PART])

    def store() -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT OR REPLACE INTO snapshot VALUES (?,?,?)", parts())
            connection.execute(
                "DELETE FROM snapshot WHERE seq NOT IN (SELECT DISTINCT seq FROM snapshot ORDER BY seq DESC LIMIT ?)",
                (KEPT,),
            )
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            log.warning("snapshot_failed", seq=saved.seq, reason=str(error))
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    return store


def newest(connection: sqlite3.Connection, *, before: int | None = None) -> State | None:
    """The newest readable snapshot (of an event number below `before`), or None."""
    numbers = connection.execute(
        "SELECT DISTINCT seq FROM snapshot WHERE seq < ? ORDER BY seq DESC",
        (before if before is not None else 1 << 62,),
    ).fetchall()
    for (seq,) in numbers:
        rows = [data for (data,) in connection.execute("SELECT data FROM snapshot WHERE seq=? ORDER BY part", (seq,))]
        try:
            return load(_saved.decode(rows[0]), [ticket for part in rows[1:] for ticket in _tickets.decode(part)])
        except msgspec.MsgspecError as error:
            log.warning("snapshot_unreadable", seq=seq, reason=str(error))
    return None
