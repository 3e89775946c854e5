"""In which order waiting visitors are called: one small interface, and the rules behind it.

First come, first served inside a class always holds; a rule only decides between the heads of the classes' lines.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Protocol

from hall_server.domain.tickets import Ticket, TicketClass

Place = tuple[int, int, str]
"""A waiting ticket in its line: key, issuing event's number, ticket id."""


def place_of(ticket: Ticket) -> Place:
    """The ticket's place in the line of its class."""
    return (ticket.key, ticket.seq, ticket.ticket_id)


class Lines:
    """The waiting tickets of one queue: a sorted line for each class."""

    def __init__(self) -> None:
        self.by_class: dict[TicketClass, list[Place]] = {ticket_class: [] for ticket_class in TicketClass}

    def __len__(self) -> int:
        return sum(map(len, self.by_class.values()))

    def add(self, ticket: Ticket) -> None:
        """Put a ticket where its key belongs."""
        insort(self.by_class[ticket.ticket_class], place_of(ticket))

    def remove(self, ticket: Ticket) -> None:
        """Take a ticket out; it must be there."""
        line = self.by_class[ticket.ticket_class]
        index = bisect_left(line, place_of(ticket))
        if index == len(line) or line[index] != place_of(ticket):
            raise KeyError(ticket.label)
        del line[index]

    def heads(self) -> Iterable[tuple[TicketClass, Place]]:
        """Who is first in each class."""
        return [(ticket_class, line[0]) for ticket_class, line in self.by_class.items() if line]


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is called next, and why. `why` is one of longest_waiting, priority_service, called_by_number."""

    ticket_id: str
    why: str


class CallingOrder(Protocol):
    """The hall's order. Pure: the same lines and time give the same answer."""

    def choose(self, queues: Iterable[Lines], now_ms: int) -> Choice | None:
        """Who is next over these queues; None if nobody waits."""

    def ahead(self, lines: Lines, ticket: Ticket, now_ms: int) -> int:
        """How many of the queue would be called before this ticket if nobody else came."""

    def first(self, lines: Lines, limit: int, now_ms: int) -> list[Place]:
        """The first waiting tickets of a queue, next first. Cheap however many wait."""


@dataclass(frozen=True, slots=True)
class HeadStart:
    """Priority service counts as if the visitor had come earlier by a fixed time.

    So nobody is ever overtaken by somebody who came more than `green_ms` later: overtaking is bounded whatever the
    share of the green channel. With 0 it is plain first come, first served.
    """

    green_ms: int = 0

    def _credit(self, ticket_class: TicketClass) -> int:
        return self.green_ms if ticket_class is TicketClass.GREEN else 0

    def choose(self, queues: Iterable[Lines], now_ms: int) -> Choice | None:
        """Who is next: the earliest time less head start."""
        del now_ms  # this rule's order does not change as time passes
        heads = [
            (place[0] - self._credit(ticket_class), place[1], place)
            for q in queues
            for ticket_class, place in q.heads()
        ]
        if not heads:
            return None
        chosen = min(heads)[2]
        longest = min(place for _, _, place in heads)
        return Choice(chosen[2], "longest_waiting" if chosen == longest else "priority_service")

    def ahead(self, lines: Lines, ticket: Ticket, now_ms: int) -> int:
        """Others of the queue with an earlier time less head start."""
        del now_ms
        reference = ticket.key - self._credit(ticket.ticket_class)
        return sum(
            bisect_left(line, (reference + self._credit(ticket_class), ticket.seq, ""))
            for ticket_class, line in lines.by_class.items()
        )

    def first(self, lines: Lines, limit: int, now_ms: int) -> list[Place]:
        """The classes' lines merged by time less head start."""
        del now_ms

        def credited(ticket_class: TicketClass, line: list[Place]) -> Iterator[tuple[int, int, Place]]:
            credit = self._credit(ticket_class)
            return ((place[0] - credit, place[1], place) for place in line)

        merged = merge(*(credited(ticket_class, line) for ticket_class, line in lines.by_class.items()))
        return [place for _, _, place in islice(merged, limit)]
