"""What the single writer needs from outside."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from hall_server.domain.calendar import Moment
from hall_server.domain.state import State


class Entry(NamedTuple):
    """One event to store. `command` and `answer` go with the first event of an order."""

    seq: int
    at: int
    name: str
    version: int
    data: bytes
    command: str | None
    answer: bytes | None


class Stored(NamedTuple):
    """One stored event with its place in the hash chain."""

    entry: Entry
    hash: bytes


class StorageError(Exception):
    """The journal cannot be written or read. Nothing of the failed append is kept."""


class Journal(Protocol):
    """The event store. All calls block; the writer makes them on a thread of their own."""

    def append(self, entries: Sequence[Entry]) -> list[Stored]:
        """Store events durably, all or none.

        Raises:
            StorageError: nothing was stored.
        """

    def recover(self) -> State:
        """The state that all stored events make.

        Raises:
            StorageError: the journal cannot be read.
        """

    def answer_to(self, seq: int, command: str) -> bytes | None:
        """The stored answer to an order whose first event was `seq`; None if that was another order."""

    def snapshot_due(self, state: State) -> Iterator[Callable[[], None]] | None:
        """If it is time for a snapshot: short steps for the journal's thread. Takes its picture now."""


class Clock(Protocol):
    """The hall's time."""

    def now(self) -> Moment:
        """The present moment."""

    def seconds(self, real_seconds: float) -> float:
        """How much hall time passes in so much real time (more than 1 for 1 in a demonstration)."""
