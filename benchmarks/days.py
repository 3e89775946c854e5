"""Many simulated days side by side, and figures about them with their intervals."""

import os
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

import click

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
REDRAWS = 400
INTERVAL = (0.025, 0.975)


def spread(work: Callable[[ItemT], ResultT], items: Iterable[ItemT], label: str) -> list[ResultT]:
    """Do the same to many items on all cores, in order, with a progress bar."""
    todo = list(items)
    done: list[ResultT] = []
    with (
        ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool,
        click.progressbar(length=len(todo), label=label, file=sys.stderr) as bar,
    ):
        for result in pool.map(work, todo):
            done.append(result)
            bar.update(1)
    return done


def interval(days: Sequence[ItemT], figure: Callable[[Sequence[ItemT]], float]) -> tuple[float, float]:
    """The 95 % interval of a figure over days, redrawing whole days: visitors of one day are not independent."""
    chance = random.Random(1)  # noqa: S311  a bootstrap, not a secret
    redrawn = sorted(figure([chance.choice(days) for _ in days]) for _ in range(REDRAWS))
    return redrawn[int(INTERVAL[0] * REDRAWS)], redrawn[int(INTERVAL[1] * REDRAWS) - 1]
