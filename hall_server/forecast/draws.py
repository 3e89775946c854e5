"""Chance for all runs at once: a row a run."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 1000
_NORMAL = NormalDist()
NORMAL_QUANTILES = np.array([_NORMAL.inv_cdf((step + 0.5) / STEPS) for step in range(STEPS)])


class Draws:
    """Draws from quantile tables and a few plain distributions."""

    def __init__(self, tables: list[list[float]], runs: int, chance: np.random.Generator) -> None:
        self.runs = runs
        self._tables = np.array(tables)
        self._steps = self._tables.shape[1] - 1
        self._chance = chance

    def uniform(self, columns: int) -> Floats:
        """Between 0 and 1."""
        return self._chance.random((self.runs, columns))

    def exponential(self, columns: int) -> Floats:
        """With mean 1."""
        return self._chance.standard_exponential((self.runs, columns))

    def gamma(self, shape: float, rate: float) -> Floats:
        """One for each run."""
        drawn: Floats = self._chance.standard_gamma(shape, self.runs) / rate
        return drawn

    def normal(self, means: Sequence[float], spreads: Sequence[float]) -> Floats:
        """A column for each mean."""
        drawn: Floats = np.array(means) + self._chance.standard_normal((self.runs, len(means))) * np.array(spreads)
        return drawn

    def times(self, tables: NDArray[np.intp]) -> Floats:
        """Times, a column for each table, or a table for each place of a whole array."""
        shape = tables.shape if tables.ndim == 2 else (self.runs, len(tables))
        return self._at(tables, self._chance.random(shape))

    def rest(self, table: int, gone: float) -> Floats:
        """Times of one table that are longer than its share `gone`."""
        share = gone + (1 - gone) * self._chance.random(self.runs)
        return self._at(np.full(self.runs, table), share)

    def _at(self, tables: NDArray[np.intp], share: Floats) -> Floats:
        place = share * self._steps
        low = np.minimum(place.astype(np.intp), self._steps - 1)
        below = self._tables[tables, low]
        drawn: Floats = below + (place - low) * (self._tables[tables, low + 1] - below)
        return drawn

    def later_normal(self, means: Floats, spread: float, after: float) -> tuple[Floats, Floats]:
        """Draws of a normal distribution that lie after a point, and the share that lies there, by column."""
        gone = np.searchsorted(NORMAL_QUANTILES, (after - means) / spread) / STEPS
        share = gone + (1 - gone) * self._chance.random((self.runs, len(means)))
        drawn = means + spread * NORMAL_QUANTILES[np.minimum((share * STEPS).astype(np.intp), STEPS - 1)]
        return drawn, 1 - gone
