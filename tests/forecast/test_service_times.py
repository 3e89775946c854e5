"""Distributions learned from what was seen."""

import random
from itertools import pairwise
from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_server.forecast.service_times import POINTS, Times, mean_of, reached


def seen(mean: float, cv: float, count: int, seed: int = 1) -> tuple[Times, list[float]]:
    chance = random.Random(seed)
    variance = log(1 + cv * cv)
    drawn = [chance.lognormvariate(log(mean) - variance / 2, sqrt(variance)) for _ in range(count)]
    times = Times()
    for one in drawn:
        times.add(one)
    return times, drawn


def test_before_anything_is_seen_it_is_what_is_configured() -> None:
    table = Times().quantiles(600)
    assert mean_of(table) == pytest.approx(600, rel=0.02)
    assert len(table) == POINTS + 1


@pytest.mark.parametrize(("mean", "cv"), [(240, 0.6), (420, 0.7), (1320, 0.8)])
def test_with_many_it_is_what_was_seen(mean: float, cv: float) -> None:
    times, drawn = seen(mean, cv, 3000)
    table = times.quantiles(600)
    assert mean_of(table) == pytest.approx(sum(drawn) / len(drawn), rel=0.03)
    for share in (8, 32, 56):
        assert table[share] == pytest.approx(sorted(drawn)[len(drawn) * share // POINTS], rel=0.08)


def test_with_few_it_lies_between() -> None:
    times, drawn = seen(200, 0.5, 4)
    assert sum(drawn) / 4 < mean_of(times.quantiles(600)) < 600


def test_a_window_left_open_over_lunch_weighs_as_one_visit() -> None:
    times, _ = seen(300, 0.6, 200)
    before = mean_of(times.quantiles(300))
    times.add(60_000)
    assert mean_of(times.quantiles(300)) < before + 14_400 / 200 + 5


@given(st.lists(st.floats(1, 20_000), max_size=60), st.floats(30, 3600))
def test_quantiles_rise_and_reached_is_their_inverse(drawn: list[float], prior: float) -> None:
    times = Times()
    for one in drawn:
        times.add(one)
    table = times.quantiles(prior)
    assert all(low <= high for low, high in pairwise(table))
    for step in (1, 20, 63):
        if table[step - 1] < table[step] < table[step + 1]:
            assert reached(table, table[step]) == pytest.approx(step / POINTS)
    assert (reached(table, 0), reached(table, 1e9)) == (0.0, 1.0)
