"""Numbers lent by the hall, on disk: each is given out once, whatever happens to power, clock or network."""

from pathlib import Path
from typing import Any, NamedTuple

from hall_protocol.commands import HeldNumbers
from ticket_dispenser.durable import DurableStorage


class Block(NamedTuple):
    """What is left of a lease: `next` to `last`."""

    queue_id: str
    prefix: str
    zone: str
    windows: list[str]
    next: int
    last: int


class OwnNumber(NamedTuple):
    """A number just taken from a lease."""

    label: str
    zone: str
    windows: tuple[str, ...]


class LeaseBook:
    """The dispenser's leases."""

    def __init__(self, path: Path) -> None:
        self._file = DurableStorage(path)
        stored: dict[str, Any] = self._file.read() or {"leases": [], "ticket_url": ""}
        self._blocks = [Block(**block) for block in stored["leases"]]
        self.ticket_url: str = stored["ticket_url"]
        """What a slip's QR code begins with; the slip's secret follows."""

    def left(self, queue_id: str) -> int:
        """How many numbers of a queue can still be given out."""
        return sum(block.last - block.next + 1 for block in self._blocks if block.queue_id == queue_id)

    def take(self, queue_id: str) -> OwnNumber | None:
        """The next number; None if there is none. Gone for good when this returns, also after a power cut."""
        for index, block in enumerate(self._blocks):
            if block.queue_id == queue_id and block.next <= block.last:
                self._blocks[index] = block._replace(next=block.next + 1)
                # If that fails the number is nobody's until the next start.
                self._store(self._blocks, self.ticket_url)
                return OwnNumber(f"{block.prefix}{block.next:03d}", block.zone, tuple(block.windows))
        return None

    def held(self) -> tuple[HeldNumbers, ...]:
        """What the hall is told. A lease that is used up is given back by not being named."""
        return tuple(
            HeldNumbers(block.queue_id, block.next, block.last) for block in self._blocks if block.next <= block.last
        )

    def replace(self, leases: list[dict[str, Any]], ticket_url: str) -> None:
        """Take over what the hall lends. A number given out while the hall was answering stays given out."""
        mine = {(block.queue_id, block.last): block.next for block in self._blocks}
        blocks = []
        for lease in leases:
            queue_id, first, last = lease["queue_id"], lease["first"], lease["last"]
            following = max(first, mine.get((queue_id, last), first))
            blocks.append(Block(queue_id, lease["prefix"], lease["zone"], lease["windows"], following, last))
        if (blocks, ticket_url) != (self._blocks, self.ticket_url):
            self._store(blocks, ticket_url)
            self._blocks, self.ticket_url = blocks, ticket_url

    def _store(self, blocks: list[Block], ticket_url: str) -> None:
        self._file.write({"leases": [block._asdict() for block in blocks], "ticket_url": ticket_url})

    def close(self) -> None:
        """Close the file."""
        self._file.close()
