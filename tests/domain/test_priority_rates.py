"""Rates from promises: against the closed form, the conservation law, and what no rate can do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_server.domain.configuration import ClassTimes, Order
from hall_server.domain.priority_rates import mean_waits, solve, two_class_rate
from hall_server.domain.tickets import TicketClass

A, P, G, U = TicketClass.ORDINARY, TicketClass.APPOINTMENT, TicketClass.GREEN, TicketClass.URGENT
loads = st.fixed_dictionaries({A: st.floats(0.2, 0.5), P: st.floats(0.01, 0.15), G: st.floats(0.01, 0.25)})


@given(loads, st.tuples(st.floats(1, 4), st.floats(1, 4)), st.floats(1, 3600))
def test_work_is_conserved_whatever_the_rates(
    load: dict[TicketClass, float], steps: tuple[float, float], fifo: float
) -> None:
    rates = {A: 1.0, P: steps[0], G: steps[0] * steps[1]}
    waits = mean_waits(fifo, load, rates)
    assert sum(load[of] * waits[of] for of in load) == pytest.approx(fifo * sum(load.values()))
    assert waits[A] >= fifo - 1e-9 >= waits[G] - 1e-6


@given(st.floats(0.3, 0.95), st.floats(0.05, 0.5), st.floats(0.05, 1.0))
def test_the_closed_form_of_two_classes_is_the_recursion(load: float, share: float, ratio: float) -> None:
    green = load * share
    rate = two_class_rate(ratio, green, load)
    strict = (1 - load) / (1 - green)
    if rate is None:
        assert ratio <= strict + 1e-9
    else:
        waits = mean_waits(60.0, {A: load - green, G: green}, {A: 1.0, G: rate})
        assert waits[G] == pytest.approx(60 * ratio, rel=1e-6)


def promises(green: int = 600, slowdown: float = 1.3) -> Order:
    return Order(wait_s=ClassTimes(300, green, 1200, 2700), ordinary_slowdown=slowdown)


def test_nobody_is_faster_than_needed_while_waits_are_short() -> None:
    assert set(solve(60.0, {A: 0.4, G: 0.1}, promises()).rates.values()) == {1.0}


def test_two_classes_get_the_rate_of_the_closed_form() -> None:
    solved = solve(400.0, {A: 0.7, G: 0.1}, promises(slowdown=2.0))
    expected = two_class_rate(600 / 2.5 / 400.0, 0.1, 0.8)
    assert expected is not None
    assert solved.rates[G] == pytest.approx(expected, rel=0.01)
    assert solved.missed == ()


@given(loads, st.floats(60, 7200))
def test_ordinary_visitors_are_never_slowed_down_more_than_allowed(load: dict[TicketClass, float], fifo: float) -> None:
    solved = solve(fifo, load, promises())
    assert mean_waits(fifo, load, solved.rates)[A] <= 1.3 * fifo * 1.001
    assert 1 <= solved.rates[A] <= solved.rates[P] <= solved.rates[G] <= solved.rates[U]


def test_what_no_rate_can_keep_is_said_and_is_a_matter_of_staff() -> None:
    solved = solve(7200.0, {A: 0.5, P: 0.1, G: 0.4}, promises())
    assert G in solved.missed
