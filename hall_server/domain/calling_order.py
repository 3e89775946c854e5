"""In which order waiting visitors are called: one small interface, and the rule behind it.

First come, first served inside a class always holds; a rule only decides between the heads of the classes' lines.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import NamedTuple, Protocol

from hall_server.domain.tickets import URGENCY, Ticket, TicketClass

Place = tuple[int, int, str]
"""A waiting ticket in its line: key (Unix ms), issuing event's number, ticket id."""


def place_of(ticket: Ticket) -> Place:
    """The ticket's place in the line of its class."""
    return (ticket.key, ticket.seq, ticket.ticket_id)


class Head(NamedTuple):
    """Who is first in one class of one queue."""

    ticket_class: TicketClass
    place: Place
    preferred: bool = False
    """Whether the calling window was asked to prefer this queue."""


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

    def heads(self, *, preferred: bool = False) -> Iterator[Head]:
        """Who is first in each class."""
        return (Head(ticket_class, line[0], preferred) for ticket_class, line in self.by_class.items() if line)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is called next, and why.

    `why` is one of longest_waiting, past_limit, urgent_service, priority_service, appointment, preferred_queue, or
    called_by_number. `passed_over` is who had waited longest and is not called now, if anybody.
    """

    ticket_id: str
    why: str
    passed_over: str | None = None


class CallingOrder(Protocol):
    """The hall's order. Pure: the same lines and time give the same answer."""

    def choose(self, heads: Iterable[Head], now_ms: int) -> Choice | None:
        """Who of these is next; None if nobody waits."""

    def ahead(self, lines: Lines, ticket: Ticket, now_ms: int) -> int:
        """How many of the queue would be called before this ticket if all were called now."""

    def first(self, lines: Lines, limit: int, now_ms: int) -> list[Place]:
        """The first waiting tickets of a queue as they would be called now. Cheap however many wait."""


_WHY = {
    TicketClass.URGENT: "urgent_service",
    TicketClass.GREEN: "priority_service",
    TicketClass.APPOINTMENT: "appointment",
    TicketClass.ORDINARY: "longest_waiting",
}


@dataclass(frozen=True, slots=True)
class AccumulatingPriority:
    """Everybody's priority grows while they wait, in a more urgent class faster (Stanford, Taylor, Ziedins 2014).

    Next is the highest `rate * (now - key)`. So whoever has waited W is only overtaken by those of a faster class
    that came in the first `1 - rate / faster rate` of W, and never by anybody of a slower one: overtaking is bounded.

    Whoever is past the limit of their class goes before all of that, the more urgent class first. So nobody starves,
    whatever the rates.
    """

    rates: Mapping[TicketClass, float]
    """Priority gained for each ms of waiting; ordinary is 1."""
    limits_ms: Mapping[TicketClass, int]
    preference_ms: int = 0
    """A queue that the window prefers counts as if its visitors had come so much earlier."""

    def _rank(self, ticket_class: TicketClass, place: Place, now_ms: int, credit_ms: int = 0) -> tuple[float, ...]:
        """Lower goes first."""
        waited = now_ms - place[0]
        if waited >= self.limits_ms[ticket_class]:
            return (URGENCY[ticket_class], place[0], place[1])
        return (len(URGENCY), -self.rates[ticket_class] * (waited + credit_ms), URGENCY[ticket_class], *place[:2])

    def choose(self, heads: Iterable[Head], now_ms: int) -> Choice | None:
        """Who is next: past their limit, else the highest priority."""
        ranked = [
            (self._rank(head.ticket_class, head.place, now_ms, self.preference_ms if head.preferred else 0), head)
            for head in heads
        ]
        if not ranked:
            return None
        chosen = min(ranked)[1]
        longest = min(head.place for _, head in ranked)
        if chosen.place == longest:
            return Choice(chosen.place[2], "longest_waiting")
        return Choice(chosen.place[2], self._why(chosen, now_ms), longest[2])

    def _why(self, chosen: Head, now_ms: int) -> str:
        if now_ms - chosen.place[0] >= self.limits_ms[chosen.ticket_class]:
            return "past_limit"
        return "preferred_queue" if chosen.preferred else _WHY[chosen.ticket_class]

    def ahead(self, lines: Lines, ticket: Ticket, now_ms: int) -> int:
        """Others of the queue who rank before the ticket now."""
        rank = self._rank(ticket.ticket_class, place_of(ticket), now_ms)
        return sum(
            bisect_left(line, rank, key=lambda place, of=ticket_class: self._rank(of, place, now_ms))  # type: ignore[misc]  # a default binds the loop's value
            for ticket_class, line in lines.by_class.items()
        )

    def first(self, lines: Lines, limit: int, now_ms: int) -> list[Place]:
        """The classes' lines merged by rank."""

        def ranked(ticket_class: TicketClass, line: list[Place]) -> Iterator[tuple[tuple[float, ...], Place]]:
            return ((self._rank(ticket_class, place, now_ms), place) for place in line)

        merged = merge(*(ranked(ticket_class, line) for ticket_class, line in lines.by_class.items()))
        return [place for _, place in islice(merged, limit)]
