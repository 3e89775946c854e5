"""The same id always gets the same reply: what has been answered lately, and where to look for the rest."""

from collections import OrderedDict
from collections.abc import Callable
from itertools import islice

REMEMBERED = 4096
KNOWN_LIMIT = 200_000
"""Stored orders whose repetition is recognised: several busy days."""


class Answers:
    """Replies by command id.

    The latest stay in memory, refusals among them; accepted orders are in the journal for good and are looked up
    there. `known` leads from a hash of the id to the stored order's event, so that a new id costs no look-up.
    """

    def __init__(self, stored: Callable[[int, str], bytes | None], known: dict[int, int]) -> None:
        self._stored = stored
        self._known = known
        self._latest: OrderedDict[str, bytes] = OrderedDict()

    def get(self, command_id: str) -> bytes | None:
        """The reply that was given to this id, or None for a new one."""
        latest = self._latest.get(command_id)
        if latest is not None:
            return latest
        seq = self._known.get(hash(command_id))
        return None if seq is None else self._stored(seq, command_id)

    def remember(self, command_id: str, answer: bytes, stored_at: int | None) -> None:
        """Keep a reply; `stored_at` is the order's first event if the journal has it too."""
        self._latest[command_id] = answer
        if len(self._latest) > REMEMBERED:
            self._latest.popitem(last=False)
        if stored_at is not None:
            self._known[hash(command_id)] = stored_at
            if len(self._known) > KNOWN_LIMIT:
                # The older half goes at once: one by one would search the map's front again and again.
                self._known = dict(islice(self._known.items(), KNOWN_LIMIT // 2, None))

    def forget(self, command_id: str) -> None:
        """An order whose storing failed may come again."""
        self._latest.pop(command_id, None)
        self._known.pop(hash(command_id), None)
