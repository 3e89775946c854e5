"""The first wait estimate: honest, or none."""

import random

import pytest

from hall_server.forecast.inter_call import Range, call_pace, gamma_quantile


def wait_range(ahead: int, intervals_ms: list[int], windows_open: int, service_minutes: float) -> Range | None:
    pace = call_pace(intervals_ms, windows_open, service_minutes)
    return pace.wait(ahead) if pace else None


def test_nothing_is_promised_without_windows_or_calls() -> None:
    assert wait_range(3, [60_000] * 10, 0, 8) is None
    assert wait_range(3, [60_000] * 4, 2, 8) is None


def test_more_ahead_is_longer_and_the_range_is_in_order() -> None:
    ranges = [wait_range(ahead, [60_000, 90_000, 30_000, 120_000, 45_000, 60_000], 2, 2) for ahead in range(30)]
    assert all(r is not None and 0 <= r.low_s < r.high_s for r in ranges)
    highs = [r.high_s for r in ranges if r]
    assert highs == sorted(highs)


def test_one_endless_call_does_not_spoil_the_rest() -> None:
    calm, spoiled = wait_range(5, [60_000] * 20, 1, 1), wait_range(5, [60_000] * 19 + [36_000_000], 1, 1)
    assert calm is not None
    assert spoiled is not None
    assert spoiled.high_s < 2 * calm.high_s


@pytest.mark.parametrize("ahead", [0, 2, 5, 15, 40])
def test_the_range_holds_eight_of_ten_in_a_steady_hall(ahead: int) -> None:
    chance, inside, trials = random.Random(ahead), 0, 1500
    for _ in range(trials):
        seen = [int(chance.expovariate(1 / 60_000)) for _ in range(30)]
        wait = wait_range(ahead, seen, 1, 1.0)
        assert wait is not None
        # The first call ahead is under way already.
        real = chance.expovariate(1 / 60) * chance.random() + sum(chance.expovariate(1 / 60) for _ in range(ahead))
        inside += wait.low_s <= real <= wait.high_s
    assert 0.72 <= inside / trials <= 0.95


def test_the_quantile_is_near_the_gamma_distribution() -> None:
    # Gamma with shape 4 and mean 1: 10 % and 90 % quantiles from tables.
    assert gamma_quantile(1.0, 0.25, -1.2816) == pytest.approx(0.436, abs=0.01)
    assert gamma_quantile(1.0, 0.25, 1.2816) == pytest.approx(1.670, abs=0.01)
