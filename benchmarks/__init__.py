"""Measures of the whole system, each beside its own floor in the same run. Nothing is asserted; ratios are printed."""
