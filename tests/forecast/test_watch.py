"""Warnings come once and go once: no flapping, whatever the values do."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_server.forecast.foresee import CrowdMemory
from hall_server.forecast.told import Crowding
from hall_server.forecast.watch import MINUTE_MS, Key, Level, Watch

KEY = Key("forecast", "q")


def level(value: float) -> Level:
    return Level(value, on=0.4, off=0.2, on_after_ms=2 * MINUTE_MS, off_after_ms=10 * MINUTE_MS)


def minutes(values: list[float]) -> list[tuple[int, bool]]:
    """When it goes on and off, a value a minute."""
    watch = Watch()
    return [
        (minute, one.on)
        for minute, value in enumerate(values)
        for one in watch.step({KEY: level(value)}, minute * MINUTE_MS)
    ]


def test_it_begins_after_two_minutes_and_ends_after_ten() -> None:
    assert minutes([0.5] * 5) == [(2, True)]
    assert minutes([0.5, 0.5, 0.1, 0.5, 0.5, 0.1]) == []
    assert minutes([0.5] * 3 + [0.1] * 11) == [(2, True), (13, False)]
    assert minutes([0.5] * 3 + [0.1] * 9 + [0.3] + [0.1] * 9) == [(2, True)], "it must stay low"


def test_in_between_nothing_changes() -> None:
    assert minutes([0.5] * 3 + [0.3] * 60) == [(2, True)]
    assert minutes([0.3] * 60) == []


def test_what_is_not_told_of_keeps_its_phase() -> None:
    watch = Watch()
    assert watch.step({KEY: Level(9, 5, 4)}, 0)
    assert watch.step({}, 60 * MINUTE_MS) == []
    assert watch.step({KEY: Level(9, 5, 4)}, 61 * MINUTE_MS) == []


@given(st.lists(st.floats(0, 1), max_size=200))
def test_it_goes_on_and_off_in_turn_and_never_sooner_than_it_may(values: list[float]) -> None:
    moved = minutes(values)
    assert [on for _, on in moved] == [index % 2 == 0 for index in range(len(moved))]
    for (before, _), (after, on) in itertools.pairwise(moved):
        assert after - before >= (3 if on else 11)


def test_a_level_follows_over_minutes_and_a_queue_not_told_of_is_forgotten() -> None:
    memory = CrowdMemory({})

    def smooth(*levels: float) -> list[float]:
        return [memory.smooth({"q": Crowding((level,) * 4, (0,) * 4, level)})["q"].level for level in levels]

    assert smooth(0.0, 0.9, 0.0) == pytest.approx([0.0, 0.3, 0.2])
    memory.smooth({})
    assert smooth(0.6) == [0.6]
