"""A first estimate of a wait: so many calls ahead, each after a time as lately between calls.

The wait of somebody with n ahead is a sum of n + 1 times between calls, less the part of the first that has passed.
Its spread comes from the times' own spread and from how few of them have been seen. The range is read off a gamma
distribution with that mean and variance (Wilson and Hilferty 1931), as waits are never negative and skewed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import NamedTuple

FEWEST_INTERVALS = 5
"""With fewer there is no honest range, and none is given."""
PSEUDO_CALLS = 5
"""How many calls the configured service times are worth beside the observed ones."""
Z_90 = 1.2816


class Range(NamedTuple):
    """The 10–90 % range of a wait, whole seconds."""

    low_s: int
    high_s: int


@dataclass(frozen=True, slots=True)
class CallPace:
    """How fast a queue moves: mean and variance of the time between calls (ms, ms²), and how much they rest on."""

    mean: float
    variance: float
    weight: int

    def wait(self, ahead: int) -> Range:
        """The range in which the wait of somebody with so many ahead will probably lie."""
        calls = ahead + 0.5
        total_mean = calls * self.mean
        total_variance = (ahead + 1) * self.variance + calls**2 * self.variance / self.weight
        return Range(
            int(gamma_quantile(total_mean, total_variance, -Z_90) / 1000),
            ceil(gamma_quantile(total_mean, total_variance, Z_90) / 1000),
        )


def call_pace(intervals_ms: Sequence[int], windows_open: int, service_minutes: float) -> CallPace | None:
    """The pace of a queue, or None if it is not known.

    Args:
        intervals_ms: recent times between calls of the queue while somebody was waiting.
        windows_open: windows that call from the queue now.
        service_minutes: configured mean service time.
    """
    if windows_open == 0 or len(intervals_ms) < FEWEST_INTERVALS:
        return None
    median = sorted(intervals_ms)[len(intervals_ms) // 2]
    seen = [min(interval, 5 * median) for interval in intervals_ms] if median else list(intervals_ms)
    prior = service_minutes * 60_000 / windows_open
    weight = len(seen) + PSEUDO_CALLS
    mean = (sum(seen) + PSEUDO_CALLS * prior) / weight
    # A spread below half the mean has not been seen in service halls; so few numbers must not promise it.
    variance = max(sum((interval - mean) ** 2 for interval in seen) / len(seen), (mean / 2) ** 2)
    return CallPace(mean, variance, weight)


def gamma_quantile(mean: float, variance: float, z: float) -> float:
    """The quantile of a gamma distribution at normal deviate `z`, after Wilson and Hilferty."""
    shape = mean * mean / variance
    root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))
    return mean * max(0.0, root) ** 3
