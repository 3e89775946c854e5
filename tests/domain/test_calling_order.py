"""The calling order by itself: who goes first among any lines, at any time, at any rates."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.calling_order import AccumulatingPriority, Head, Lines
from hall_server.domain.tickets import URGENCY, Ticket, TicketClass

NOW = 10_000_000
LIMITS = {of: (1 + URGENCY[of]) * 600_000 for of in TicketClass}


class Line(NamedTuple):
    """A queue with somebody in it."""

    lines: Lines
    tickets: dict[str, Ticket]


def ticket(number: int, of: TicketClass, key: int) -> Ticket:
    return Ticket(f"t{number}", f"A{number:03d}", number, "q", "s", of, "d", "regular", f"h{number}", key, key, number)


def queue_of(waiting: list[tuple[TicketClass, int]]) -> Line:
    lines, tickets = Lines(), {}
    for number, (of, age) in enumerate(waiting):
        tickets[f"t{number}"] = ticket(number, of, NOW - age)
        lines.add(tickets[f"t{number}"])
    return Line(lines, tickets)


waiting = st.lists(
    st.tuples(st.sampled_from(list(TicketClass)), st.integers(-600_000, 4_000_000)), min_size=1, max_size=25
)
queues = waiting.map(queue_of)
rates = st.tuples(*[st.floats(1, 5)] * 3).map(
    lambda steps: {
        TicketClass.ORDINARY: 1.0,
        TicketClass.APPOINTMENT: steps[0],
        TicketClass.GREEN: steps[0] * steps[1],
        TicketClass.URGENT: steps[0] * steps[1] * steps[2],
    }
)
orders = rates.map(lambda of: AccumulatingPriority(of, LIMITS))


@given(queues, orders)
def test_R14_overtaking_is_bounded_as_the_formula_says(queue: Line, order: AccumulatingPriority) -> None:
    choice = order.choose(queue.lines.heads(), NOW)
    assert choice is not None
    called = queue.tickets[choice.ticket_id]
    waited = NOW - called.key
    for other in queue.tickets.values():
        others = NOW - other.key
        if other.ticket_class is called.ticket_class:
            assert (called.key, called.seq) <= (other.key, other.seq), "first come, first served inside a class"
        elif waited >= LIMITS[called.ticket_class]:
            past = others >= LIMITS[other.ticket_class]
            assert not past or URGENCY[called.ticket_class] < URGENCY[other.ticket_class]
        else:
            assert others < LIMITS[other.ticket_class], "whoever is past the limit goes first"
            if others > waited > 0:
                share = 1 - order.rates[other.ticket_class] / order.rates[called.ticket_class]
                assert called.key - other.key <= others * share + 1e-6 * others


@given(queues, orders)
def test_ahead_and_first_tell_the_order_in_which_all_would_be_called_now(
    queue: Line, order: AccumulatingPriority
) -> None:
    told = order.first(queue.lines, 100, NOW)
    ahead = {t.ticket_id: order.ahead(queue.lines, t, NOW) for t in queue.tickets.values()}
    called = []
    while choice := order.choose(queue.lines.heads(), NOW):
        called.append(choice.ticket_id)
        queue.lines.remove(queue.tickets[choice.ticket_id])
    assert [place[2] for place in told] == called
    assert [ahead[ticket_id] for ticket_id in called] == list(range(len(called)))


@given(waiting)
def test_with_equal_rates_and_no_limit_it_is_first_come_first_served(who: list[tuple[TicketClass, int]]) -> None:
    never = dict.fromkeys(TicketClass, 10**12)
    queue = queue_of(who)
    choice = AccumulatingPriority(dict.fromkeys(TicketClass, 1.0), never).choose(queue.lines.heads(), NOW)
    assert choice is not None
    assert queue.tickets[choice.ticket_id].key == min(t.key for t in queue.tickets.values())
    if len({t.key for t in queue.tickets.values()}) == len(queue.tickets):
        assert (choice.why, choice.passed_over) == ("longest_waiting", None)


ORDER = AccumulatingPriority(
    {TicketClass.ORDINARY: 1, TicketClass.APPOINTMENT: 2, TicketClass.GREEN: 4, TicketClass.URGENT: 8},
    {of: 3_600_000 if of is TicketClass.ORDINARY else 600_000 for of in TicketClass},
    preference_ms=300_000,
)
MINUTE = 60_000
A, G, P, U = TicketClass.ORDINARY, TicketClass.GREEN, TicketClass.APPOINTMENT, TicketClass.URGENT


@pytest.mark.parametrize(
    ("lines", "who", "why"),
    [
        ([(A, 8), (A, 5)], 0, "longest_waiting"),
        ([(A, 8), (G, 3)], 1, "priority_service"),
        ([(A, 13), (G, 3)], 0, "longest_waiting"),
        ([(A, 9), (P, 5)], 1, "appointment"),
        ([(G, 9), (U, 5)], 1, "urgent_service"),
        ([(A, 61), (G, 9)], 0, "longest_waiting"),
        ([(A, 61), (G, 10)], 1, "past_limit"),
        ([(A, 61), (P, 62), (G, 9)], 1, "longest_waiting"),
        ([(P, 10), (G, 9), (A, 1)], 0, "longest_waiting"),
        ([(A, 20), (A, 62), (P, 11), (G, 8)], 2, "past_limit"),
    ],
)
def test_each_rule_says_why(lines: list[tuple[TicketClass, int]], who: int, why: str) -> None:
    queue = queue_of([(of, minutes * MINUTE) for of, minutes in lines])
    choice = ORDER.choose(queue.lines.heads(), NOW)
    assert choice is not None
    assert (choice.ticket_id, choice.why) == (f"t{who}", why)


def test_a_preferred_queue_is_never_ahead_of_one_past_the_limit() -> None:
    plain, preferred = (A, (6, 1, "plain")), (A, (7, 2, "preferred"))

    def heads(plain_minutes: float, preferred_minutes: float) -> list[Head]:
        return [
            Head(plain[0], (NOW - int(plain_minutes * MINUTE), 1, "plain")),
            Head(preferred[0], (NOW - int(preferred_minutes * MINUTE), 2, "preferred"), preferred=True),
        ]

    for minutes, expected in (((6, 2), "preferred"), ((8, 2), "plain"), ((61, 58), "plain")):
        choice = ORDER.choose(heads(*minutes), NOW)
        assert choice is not None
        assert choice.ticket_id == expected
