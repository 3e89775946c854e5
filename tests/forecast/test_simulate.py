"""The hall lived forward: under the domain's own order, with its breaks, and only with those who can matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hall_server.domain.calling_order import AccumulatingPriority, Lines
from hall_server.domain.tickets import URGENCY, Ticket, TicketClass
from hall_server.forecast.outlook import Block, Expected, Line, Outlook, Probe, Waiting, WindowOutlook
from hall_server.forecast.ranges import ranges
from hall_server.forecast.service_times import POINTS
from hall_server.forecast.simulate import simulate

NOW = 36_000.0
CLASSES = list(TicketClass)
RATES = {TicketClass.ORDINARY: 1.0, TicketClass.APPOINTMENT: 1.7, TicketClass.GREEN: 3.9, TicketClass.URGENT: 7.3}
LIMITS_S = {of: (1 + URGENCY[of]) * 600.0 for of in TicketClass}


def always(seconds: float) -> list[float]:
    """A service that always takes the same."""
    return [seconds] * (POINTS + 1)


def line(of: TicketClass, rates: float = 0.0) -> Line:
    return Line("q", of.value, URGENCY[of], RATES[of], LIMITS_S[of], 0.0, [(0, 1.0)], [rates] * 48)


def outlook(waiting: list[Waiting], windows: int = 1, **changes: object) -> Outlook:
    """Services of 100 s; window n is free in n times 7 s."""
    lines = list(range(len(CLASSES)))
    base = Outlook(
        now=NOW, lines=[line(of) for of in CLASSES],
        windows=[WindowOutlook(str(n), lines, [], NOW + 7 * n) for n in range(windows)],
        waiting=waiting, expected=[], probes=[], tables=[always(100), always(900), always(45)],
        day_shape=1e9, day_rate=1e9, last_arrival=61_200, show_up=0.9, early_mean=-240, early_spread=300,
        leaves_per_s=0, turnaround=0, absences_per_s=0, absence_table=1, hour_factors=[1.0] * 24, preference_s=300,
    )  # fmt: skip
    return replace(base, **changes)


def waits(look: Outlook, runs: int = 8) -> list[float]:
    return [float(value) for value in simulate(look, runs, np.random.default_rng(1)).waiting.mean(axis=0)]


waiting_people = st.lists(
    st.tuples(st.sampled_from(CLASSES), st.integers(0, 4000)), min_size=1, max_size=14, unique_by=lambda one: one[1]
)


@settings(deadline=None, max_examples=150)
@given(waiting_people, st.integers(1, 3))
def test_it_calls_in_the_very_order_of_the_domain(people: list[tuple[TicketClass, int]], windows: int) -> None:
    order = AccumulatingPriority(RATES, {of: int(LIMITS_S[of] * 1000) for of in TicketClass})
    lines, tickets = Lines(), {}
    for number, (of, age) in enumerate(people):
        key = int((NOW - age) * 1000)
        tickets[f"t{number}"] = Ticket(f"t{number}", "", number, "q", "s", of, "d", "r", "", key, key, number)
        lines.add(tickets[f"t{number}"])
    free = [NOW + 7 * n for n in range(windows)]
    called: dict[str, float] = {}
    while len(called) < len(people):
        window = free.index(min(free))
        choice = order.choose(lines.heads(), int(free[window] * 1000))
        assert choice is not None
        called[choice.ticket_id] = free[window] - NOW
        lines.remove(tickets[choice.ticket_id])
        free[window] += 100
    asked = [Waiting(f"t{n}", CLASSES.index(of), NOW - age, NOW - age, [0]) for n, (of, age) in enumerate(people)]
    assert waits(outlook(asked, windows)) == pytest.approx([called[one.ticket_id] for one in asked])


def person(number: int, of: TicketClass = TicketClass.ORDINARY, age: float = 60.0, **more: object) -> Waiting:
    return Waiting(f"t{number}", CLASSES.index(of), NOW - age + number, NOW - age + number, [0], **more)  # type: ignore[arg-type]


def test_a_break_is_waited_for() -> None:
    window = WindowOutlook("1", [0], [], NOW, blocks=[Block(NOW + 60, NOW + 3660)])
    assert waits(outlook([person(0), person(1)])) == [0.0, 100.0]
    assert waits(replace(outlook([person(0), person(1)]), windows=[window])) == [0.0, 3660.0]


def test_who_is_at_the_window_is_waited_for_and_has_been_there_for_a_while() -> None:
    window = WindowOutlook("1", [0], [], NOW, serving=0, elapsed=60.0)
    assert waits(replace(outlook([person(0)]), windows=[window])) == pytest.approx([40.0])


def test_R06_only_windows_that_serve_the_line_call_from_it() -> None:
    far = WindowOutlook("9", [CLASSES.index(TicketClass.GREEN)], [], NOW)
    near = WindowOutlook("1", [0], [], NOW + 500)
    assert waits(replace(outlook([person(0), person(1, TicketClass.GREEN)]), windows=[far, near])) == [500.0, 0.0]


def test_nobody_is_told_anything_where_no_window_calls() -> None:
    foreseen = simulate(outlook([person(0)], windows=0), 8, np.random.default_rng(1))
    assert ranges(foreseen.waiting) == [None]


def test_those_still_to_come_overtake() -> None:
    alone = outlook([person(n) for n in range(6)])
    crowded = replace(alone, lines=[line(of, 40.0 if of is TicketClass.GREEN else 0.0) for of in CLASSES])
    assert waits(crowded, 60)[5] > waits(alone, 60)[5] + 50
    only_ordinary = replace(alone, lines=[line(of, 40.0 if of is TicketClass.ORDINARY else 0.0) for of in CLASSES])
    assert waits(only_ordinary, 60) == waits(alone, 60), "who comes later in the same class changes nothing"


def test_an_appointment_that_is_expected_overtakes_and_one_that_came_too_early_is_not_held_up() -> None:
    booked = Expected(NOW + 30, CLASSES.index(TicketClass.APPOINTMENT), 0)
    hall = outlook(
        [person(n, age=6.0) for n in range(4)], show_up=1.0, early_mean=0, early_spread=60.0, expected=[booked] * 3
    )
    assert waits(hall, 60)[3] > waits(replace(hall, expected=[]), 60)[3] + 100
    early = Waiting("e", CLASSES.index(TicketClass.APPOINTMENT), NOW + 900, NOW, [0])
    assert waits(replace(hall, waiting=[early], expected=[booked], windows=hall.windows)) == [0.0]


def test_a_group_takes_longer_and_a_package_is_served_leg_by_leg() -> None:
    group = [person(0, factor=3.0), person(1)]
    assert waits(outlook(group))[1] == 300.0
    package = [Waiting("p", 0, NOW - 60, NOW - 60, [0, 1]), person(1)]
    assert waits(outlook(package))[1] == 1000.0


def test_a_question_takes_nobodys_place_and_waits_like_a_visitor() -> None:
    hall = outlook([person(n) for n in range(3)], probes=[Probe(0, NOW), Probe(0, NOW + 250), Probe(0, NOW + 900)])
    foreseen = simulate(hall, 8, np.random.default_rng(1))
    assert foreseen.waiting.mean(axis=0).tolist() == [0.0, 100.0, 200.0]
    assert foreseen.probes.mean(axis=0).tolist() == [300.0, 50.0, 0.0]


def test_the_same_seed_gives_the_same_forecast() -> None:
    hall = replace(outlook([person(n) for n in range(9)], 2), lines=[line(of, 9.0) for of in CLASSES])
    first, second = (simulate(hall, 60, np.random.default_rng(7)).waiting for _ in range(2))
    assert (first == second).all()
