"""Waits by habit, where only counts are known."""

import random

import pytest

from hall_server.forecast.habit import Observed, QueueHabit, SharedHabit


def observed(days: int, minutes_a_call: float, seed: int = 1) -> Observed:
    chance, found = random.Random(seed), Observed()
    for _ in range(days):
        visitors = [
            (position, float(minute), max(1.0, position * minutes_a_call * chance.uniform(0.7, 1.3)))
            for minute in range(540, 1020, 10)
            for position in [chance.randint(1, 12)]
        ]
        found.add_day(visitors, 480.0, 480.0 / minutes_a_call)
    return found


def test_it_tells_what_happened_on_days_like_this() -> None:
    queue = observed(6, 4.0)
    told = QueueHabit(queue, SharedHabit([queue])).ask(5, 700.0)
    assert told is not None
    (low, middle, high), mean = told
    assert middle == pytest.approx(20, rel=0.15)
    assert low < middle < high
    assert mean == pytest.approx(20, rel=0.15)


def test_a_new_queue_is_not_told_of_and_a_thin_one_leans_on_the_others() -> None:
    others = [observed(6, 4.0, seed) for seed in range(8)]
    new, thin = Observed(), Observed()
    thin.add_day([(2, 600.0, 90.0)], 100.0, 25.0)
    shared = SharedHabit([*others, new, thin])
    assert QueueHabit(new, shared).ask(3, 600.0) is None
    told = QueueHabit(thin, shared).ask(2, 600.0)
    assert told is not None
    assert float(told[0][1]) < 20, "one slow visit is not the rule"


def test_a_slow_day_moves_it_a_little() -> None:
    queue = observed(6, 4.0)
    habit = QueueHabit(queue, SharedHabit([queue]))
    before = habit.ask(5, 700.0)
    for number in range(10):
        habit.called(650.0 + number, 20.0, 40.0)
    after = habit.ask(5, 700.0)
    assert before is not None
    assert after is not None
    assert 1.1 < after[1] / before[1] < 1.4
    earlier, usual = habit.ask(5, 640.0), habit.usual(5, 640.0)
    assert earlier is not None
    assert usual is not None
    assert earlier[1] == usual[1], "nothing is known before it happens"
