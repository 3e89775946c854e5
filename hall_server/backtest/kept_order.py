"""In which order a hall has really called: the rates that explain the most of its calls.

A file of visits does not say how the hall chose. Each call at which two classes were waiting tells something.
"""

from itertools import product
from math import exp, log

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from hall_server.domain.configuration import ClassRates, ClassTimes, Order
from hall_server.domain.state import State
from hall_server.domain.tickets import URGENCY, Ticket, TicketClass, WindowState

FEWEST = 40
"""Calls with a choice before they tell anything."""
CLEARLY, ALMOST = 1.04, 0.995
GRID = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.5, 9.0, 15.0, 40.0)
NEVER_S = 10**7
CLASSES = (TicketClass.ORDINARY, TicketClass.APPOINTMENT, TicketClass.GREEN)


class KeptOrder:
    """Calls at which there was a choice."""

    def __init__(self) -> None:
        self._ages: list[list[float]] = []
        self._chosen: list[int] = []

    def observe(self, state: State, window: WindowState, called: Ticket, now_ms: int) -> None:
        """A ticket is about to be called at a window."""
        ages = dict.fromkeys(CLASSES, -np.inf)
        for head in state.heads(window):
            if head.ticket_class in ages:
                ages[head.ticket_class] = max(ages[head.ticket_class], (now_ms - head.place[0]) / 1000)
        if sum(age > -np.inf for age in ages.values()) > 1 and called.ticket_class in ages:
            self._ages.append([ages[of] for of in CLASSES])
            self._chosen.append(CLASSES.index(called.ticket_class))

    def explain(self, promised: Order, rates: dict[TicketClass, float]) -> Order:
        """The order that explains the calls: as promised at the rates the hall would have, unless another is better.

        Another has fixed rates, with or without the hall's limits: the middle of those that explain almost most.
        """
        if len(self._chosen) < FEWEST or promised.rates is not None:
            return promised
        ages, chosen = np.array(self._ages), np.array(self._chosen)
        limits = np.array([promised.limit_s.of(of) for of in CLASSES], float)

        def explained(of: tuple[float, ...], kept: NDArray[np.float64]) -> int:
            return int((_choices(ages, np.array(of), kept) == chosen).sum())

        as_promised = explained(tuple(rates[of] for of in CLASSES), limits)
        tries = {
            (with_limits, appointment, green): explained((1.0, appointment, green), kept)
            for with_limits, kept in ((True, limits), (False, np.full(len(CLASSES), np.inf)))
            for appointment, green in product(GRID, GRID)
        }
        best = max(tries.values())
        if best <= as_promised * CLEARLY:
            return promised
        with_limits = max(tries, key=lambda tried: tries[tried])[0]
        good = [tried for tried, count in tries.items() if tried[0] == with_limits and count >= best * ALMOST]
        appointment, green = (exp(sum(log(tried[column]) for tried in good) / len(good)) for column in (1, 2))
        fixed = ClassRates(urgent=max(green, appointment), green=green, appointment=appointment, ordinary=1.0)
        none = ClassTimes(NEVER_S, NEVER_S, NEVER_S, NEVER_S)
        return replace(promised, rates=fixed, limit_s=promised.limit_s if with_limits else none)


def _choices(ages: NDArray[np.float64], rates: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which class the rule calls, by call."""
    past = (ages >= limits) * 1e9 * np.array([10.0 - URGENCY[of] for of in CLASSES])
    with np.errstate(invalid="ignore"):
        ranked: NDArray[np.float64] = np.where(np.isinf(ages), -np.inf, ages * rates + past)
    choices: NDArray[np.intp] = ranked.argmax(axis=1)
    return choices
