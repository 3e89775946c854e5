"""How long things take: a distribution learned from what was seen, of any shape."""

from bisect import bisect_right
from itertools import pairwise
from math import log, sqrt

import msgspec

SHORTEST_S, RATIO = 5.0, 1.07
BINS = 119
"""From 5 s to 4 h, each bin 7 % longer than the one before."""
POINTS = 64
"""A quantile table has so many steps of equal probability."""
PRIOR_CV = 0.8
"""Spread of a service nobody has seen yet."""
PRIOR_WEIGHT = 6.0
"""What is configured counts as so many visits."""
EDGES = tuple(SHORTEST_S * RATIO**index for index in range(BINS + 1))


class Times(msgspec.Struct):
    """A histogram over the logarithm of times in seconds. Old visits fade as days pass."""

    counts: dict[int, float] = {}
    weight: float = 0.0
    logs: float = 0.0

    def add(self, seconds: float) -> None:
        """One more was seen.

        Whatever is outside 5 s to 4 h counts as the end of that range, so no slip of a hand (a window left open over
        lunch) weighs more than one visit.
        """
        bounded = min(max(seconds, SHORTEST_S), EDGES[-1] * 0.999)
        index = bisect_right(EDGES, bounded) - 1
        self.counts[index] = self.counts.get(index, 0.0) + 1.0
        self.weight += 1.0
        self.logs += log(bounded)

    def fade(self, by: float) -> None:
        """A day has passed."""
        self.counts = {index: count * by for index, count in self.counts.items() if count * by > 0.001}
        self.weight, self.logs = self.weight * by, self.logs * by

    def quantiles(self, prior_mean_s: float, prior_cv: float = PRIOR_CV) -> list[float]:
        """The quantile function at 0, 1/64 … 1, seconds: what was seen, and the prior as a few visits more."""
        prior = _lognormal_bins(prior_mean_s, prior_cv)
        total = self.weight + PRIOR_WEIGHT
        table: list[float] = []
        below = mean = 0.0
        for index in range(BINS):
            here = (self.counts.get(index, 0.0) + PRIOR_WEIGHT * prior[index]) / total
            mean += here * EDGES[index] * sqrt(RATIO)
            while len(table) <= POINTS and (wanted := len(table) / POINTS) <= below + here + 1e-12 and here > 0:
                share = min(1.0, max(0.0, (wanted - below) / here))
                table.append(EDGES[index] * RATIO**share)
            below += here
        table += [EDGES[-1]] * (POINTS + 1 - len(table))
        # A straight line to the very longest would weigh the tail too much: the last step ends where the mean is right.
        table[0] = max(table[0], table[1] / 4)
        table[-1] = max(table[-2], table[-1] - 2 * POINTS * (mean_of(table) - mean))
        return table


def _lognormal_bins(mean_s: float, cv: float) -> list[float]:
    """The share of a lognormal distribution in each bin."""
    from statistics import NormalDist

    variance = log(1 + cv * cv)
    normal = NormalDist(log(mean_s) - variance / 2, sqrt(variance))
    steps = [normal.cdf(log(edge)) for edge in EDGES]
    steps[0], steps[-1] = 0.0, 1.0
    return [upper - lower for lower, upper in pairwise(steps)]


def mean_of(table: list[float]) -> float:
    """The mean of a distribution by its quantile table."""
    return sum((low + high) / 2 for low, high in pairwise(table)) / POINTS


def reached(table: list[float], seconds: float) -> float:
    """The share of the distribution that is shorter."""
    if seconds <= table[0]:
        return 0.0
    if seconds >= table[-1]:
        return 1.0
    index = bisect_right(table, seconds) - 1
    width = table[index + 1] - table[index]
    return (index + (seconds - table[index]) / width if width else index) / POINTS
