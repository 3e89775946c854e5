"""From many runs to what people are told: a range and a mean."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RUNS = 60


class Range(NamedTuple):
    """A wait in seconds: its 10, 50 and 90 % quantiles and its mean."""

    low: float
    middle: float
    high: float
    mean: float


def ranges(waits: NDArray[np.float64]) -> list[Range | None]:
    """A range for each column; None where some run never called.

    Quantiles are those that the next draw falls below with that probability (Weibull's), as a range must hold for
    the wait to come and not for the ones that were drawn.
    """
    if waits.shape[1] == 0:
        return []
    low, middle, high = np.quantile(waits, (0.1, 0.5, 0.9), axis=0, method="weibull")
    mean = waits.mean(axis=0)
    rows = zip(low, middle, high, mean, strict=True)
    return [None if np.isnan(row[3]) else Range(*map(float, row)) for row in rows]
