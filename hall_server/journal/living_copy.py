"""A copy of a running hall's journal that is kept up with it, on another medium: it outlives the hall's own card."""

import sqlite3
from pathlib import Path

from hall_server.journal.store import FILE_NAME, GENESIS, connect, insert, storage_errors
from hall_server.journal.tools import EVENT, JournalFaultError, backup, followed

AT_ONCE = 2000
_EVENTS = f"SELECT {EVENT} FROM event WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608  a constant
_ANSWERS = "SELECT seq, command, answer FROM answer WHERE seq > ? AND seq <= ?"
_END = "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1"


class LivingCopy:
    """One file, begun as a backup if it is not there.

    Args:
        data: the hall's data directory.
        target: the copy; `paihao restore` takes it like any backup.

    Raises:
        StorageError: one of both cannot be used.
        JournalFaultError: the copy is not of this journal, or of a later state of it.
    """

    def __init__(self, data: Path, target: Path) -> None:
        if not target.exists():
            backup(data, target)
        with storage_errors(f"cannot keep {target} up"):
            self._journal = connect(data / FILE_NAME, read_only=True)
            self._copy = sqlite3.connect(target, isolation_level=None, timeout=5)
            self._copy.execute("PRAGMA synchronous=FULL")
            end: tuple[int, bytes] = self._copy.execute(_END).fetchone() or (0, GENESIS)
            self._seq, self._head = end
            known = self._journal.execute("SELECT hash FROM event WHERE seq = ?", (self._seq,)).fetchone()
        if self._seq and (known is None or known[0] != self._head):
            raise JournalFaultError(f"{target} holds other events than the journal: move it away, a new one is begun")
        self._target = target

    def keep_up(self) -> int:
        """Store durably what the journal has stored since; returns how many events.

        Raises:
            StorageError: one of both cannot be used just now.
            JournalFaultError: the journal's chain is broken.
        """
        with storage_errors(f"cannot keep {self._target} up"):
            events = self._journal.execute(_EVENTS, (self._seq, AT_ONCE)).fetchall()
            if not events:
                return 0
            end = followed(events, self._seq, self._head)
            answers = self._journal.execute(_ANSWERS, (self._seq, end[0])).fetchall()
            insert(self._copy, events, answers)
            self._seq, self._head = end
        return len(events)

    def close(self) -> None:
        """Let go of both files."""
        self._copy.close()
        self._journal.close()
