"""`paihao bench priority`: the calling order beside those of other halls, on the same visitors."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from time import perf_counter

from msgspec.structs import replace

from benchmarks.days import interval, spread
from benchmarks.figures import Report, quantile
from benchmarks.rival_orders import EveryNth, Strict, Weighted, first_come
from hall_server.domain.calling_order import CallingOrder
from hall_server.domain.state import Tuning
from hall_server.domain.tickets import TicketClass
from simulators.days.draw import draw_day
from simulators.days.run import DayInHall
from simulators.days.scenario import hall_of, load_scenario

WEEK = 7
SCENARIOS = ("S1", "S2", "S3")
TIMED = ("S1", "S10")
ORDERS: dict[str, Callable[[], CallingOrder] | None] = {
    "first come, first served": first_come,
    "accumulating priority": None,
    "strict": Strict,
    "every fifth call": EveryNth,
    "weighted 1:2:4": Weighted,
}
FIFO, OWN = list(ORDERS)[:2]
GREEN_AIM = {"S1": "<= 10 min", "S3": "<= 12 min"}
SLOWDOWN_AIM = {"S1": "<= 1.25 x", "S3": "<= 1.40 x"}

Waits = dict[str, list[float]]
"""Minutes from taking the number (or the slot, if later) to the call, by class."""


def waits_of(seed: int, item: tuple[str, str, int]) -> Waits:
    """One day of a scenario under one order."""
    name, order, number = item
    scenario = load_scenario(name)
    make = ORDERS[order]
    drawn = draw_day(scenario, seed, number)
    day = DayInHall(scenario, hall_of(scenario), drawn, make() if make else None, settled(name, seed))
    waits: Waits = {of.value: [] for of in TicketClass}
    for ticket in day.run().tickets.values():
        if ticket.first_called_at is not None:
            waits[ticket.ticket_class].append(max(0, ticket.first_called_at - ticket.key) / 60_000)
    return waits


@lru_cache(maxsize=8)
def settled(name: str, seed: int) -> Tuning:
    """The rates that a hall has after a week of other days."""
    scenario, tuning = load_scenario(name), Tuning()
    for number in range(WEEK):
        tuning = (
            DayInHall(scenario, hall_of(scenario), draw_day(scenario, -1 - seed, number), None, tuning).run().tuning
        )
    return replace(tuning, at=0)


def p95(of: str, days: Sequence[Waits]) -> float:
    """What 95 of 100 visitors of a class waited less than."""
    return quantile([wait for day in days for wait in day[of]], 0.95)


def mean(of: str, days: Sequence[Waits]) -> float:
    """The mean wait of a class."""
    waits = [wait for day in days for wait in day[of]]
    return sum(waits) / len(waits)


def run(days: int, seed: int) -> Report:
    """All scenarios under all orders."""
    items = [(name, order, number) for name in SCENARIOS for order in ORDERS for number in range(days)]
    waits: list[Waits] = spread(partial(waits_of, seed), items, "days")
    results = dict(zip(items, waits, strict=True))
    report = Report("priority")
    for name in SCENARIOS:
        by_order = {order: [results[name, order, number] for number in range(days)] for order in ORDERS}
        for order, waits in by_order.items():
            _add(report, f"{name} {order}", waits, by_order[FIFO], name if order == OWN else "")
    for name in TIMED:
        report.add(f"{name}: a simulated day", times_real_time(name, seed), "x real", aim=">= 3000 x")
    return report


def times_real_time(name: str, seed: int) -> float:
    """How much faster than time a day of the real domain goes by, alone on this machine."""
    scenario = load_scenario(name)
    drawn = draw_day(scenario, seed, 0)
    began = perf_counter()
    DayInHall(scenario, hall_of(scenario), drawn, None, Tuning()).run()
    return scenario.minutes * 60 / (perf_counter() - began)


def _add(report: Report, what: str, waits: list[Waits], fifo: list[Waits], aimed: str) -> None:
    report.add(
        f"{what}: green p95", p95("green", waits), "min",
        interval=interval(waits, partial(p95, "green")), aim=GREEN_AIM.get(aimed, ""),
    )  # fmt: skip
    pairs = list(zip(waits, fifo, strict=True))

    def slowdown(redrawn: Sequence[tuple[Waits, Waits]]) -> float:
        return mean("ordinary", [own for own, _ in redrawn]) / mean("ordinary", [other for _, other in redrawn])

    report.add(
        f"{what}: ordinary mean", mean("ordinary", waits), "min", floor=mean("ordinary", fifo),
        interval=interval(pairs, slowdown), of_ratio=True, aim=SLOWDOWN_AIM.get(aimed, ""),
    )  # fmt: skip
    report.add(
        f"{what}: appointments p95", p95("appointment", waits), "min",
        interval=interval(waits, partial(p95, "appointment")), aim="<= 25 min" if aimed else "",
    )  # fmt: skip
    longest = max(wait for day in waits for wait in day["ordinary"])
    report.add(f"{what}: longest ordinary wait", longest, "min")
