"""Calling orders that halls use today, for comparison with the domain's own on the same visitors."""

from collections.abc import Iterable
from typing import Any

from hall_server.domain.calling_order import AccumulatingPriority, Choice, Head, Lines, Place
from hall_server.domain.tickets import URGENCY, Ticket, TicketClass

NEVER_MS = 10**12
EVERY = 5
WEIGHTS = {TicketClass.ORDINARY: 1.0, TicketClass.APPOINTMENT: 2.0, TicketClass.GREEN: 4.0, TicketClass.URGENT: 8.0}


def first_come() -> AccumulatingPriority:
    """First come, first served; appointments count from their slot."""
    return AccumulatingPriority(dict.fromkeys(TicketClass, 1.0), dict.fromkeys(TicketClass, NEVER_MS))


class _ByHeads:
    """An order that only decides between heads. Who is ahead is asked by nobody here."""

    def choose(self, heads: Iterable[Head], now_ms: int) -> Choice | None:
        """The best head by `_rank`."""
        del now_ms
        waiting = list(heads)
        if not waiting:
            return None
        chosen = min(waiting, key=self._rank)
        self._called(chosen.ticket_class)
        return Choice(chosen.place[2], "rival")

    def _rank(self, head: Head) -> Any:
        raise NotImplementedError

    def _called(self, ticket_class: TicketClass) -> None:
        pass

    def ahead(self, lines: Lines, ticket: Ticket, now_ms: int) -> int:
        """Not told."""
        del lines, ticket, now_ms
        return 0

    def first(self, lines: Lines, limit: int, now_ms: int) -> list[Place]:
        """Not told."""
        del lines, limit, now_ms
        return []


class Strict(_ByHeads):
    """The more urgent class always goes first."""

    def _rank(self, head: Head) -> Any:
        return URGENCY[head.ticket_class], head.place


class EveryNth(_ByHeads):
    """Every fifth call goes to the green channel, and every fifth to appointments; the others go to ordinary."""

    def __init__(self) -> None:
        self._calls = 0

    def _rank(self, head: Head) -> Any:
        turn = {0: TicketClass.GREEN, 2: TicketClass.APPOINTMENT}.get(self._calls % EVERY, TicketClass.ORDINARY)
        return head.ticket_class is not turn, head.place

    def _called(self, ticket_class: TicketClass) -> None:
        del ticket_class
        self._calls += 1


class Weighted(_ByHeads):
    """Each class gets calls in proportion to a fixed weight, as long as it waits."""

    def __init__(self) -> None:
        self._served = dict.fromkeys(TicketClass, 0.0)

    def choose(self, heads: Iterable[Head], now_ms: int) -> Choice | None:
        """As of any; a class that was empty starts level with the others, not with a right to catch up."""
        waiting = list(heads)
        present = {head.ticket_class for head in waiting}
        if present:
            level = min(self._served[of] for of in present)
            for of in TicketClass:
                self._served[of] = max(self._served[of], level)
        return super().choose(waiting, now_ms)

    def _rank(self, head: Head) -> Any:
        return self._served[head.ticket_class], head.place

    def _called(self, ticket_class: TicketClass) -> None:
        self._served[ticket_class] += 1 / WEIGHTS[ticket_class]
