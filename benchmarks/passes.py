"""How long one pass over a whole hall takes: 100 waiting in 8 queues, 20 windows, 60 runs."""

from time import perf_counter

import numpy as np

from benchmarks.figures import Report, quantile
from hall_server.domain.configuration import ClassTimes, Order
from hall_server.domain.state import FIRST_RATES
from hall_server.domain.tickets import URGENCY, TicketClass
from hall_server.forecast.outlook import Expected, Line, Outlook, Probe, Waiting, WindowOutlook
from hall_server.forecast.ranges import RUNS, ranges
from hall_server.forecast.service_times import Times
from hall_server.forecast.simulate import simulate

QUEUES, WINDOWS, WAITING = 8, 20, 100
NOW = 40_000.0
REPEATS = 30
AN_HOUR = {TicketClass.ORDINARY: 40, TicketClass.GREEN: 8}


def busy_hall(probes: tuple[float, ...]) -> Outlook:
    """Each window serves two queues; one of seven waits in the green channel; appointments are on their way."""
    limits: ClassTimes = Order().limit_s
    lines = [
        Line(
            f"q{queue}", of.value, URGENCY[of], FIRST_RATES[of], float(limits.of(of)), 0.05, [(queue % 5, 1.0)],
            [AN_HOUR.get(of, 0) / 2 / QUEUES] * 48,
        )
        for queue in range(QUEUES)
        for of in TicketClass
    ]  # fmt: skip
    places = {(line.queue_id, line.ticket_class): number for number, line in enumerate(lines)}

    def place(queue: int, of: TicketClass) -> int:
        return places[f"q{queue % QUEUES}", of]

    return Outlook(
        now=NOW,
        lines=lines,
        windows=[
            WindowOutlook(
                str(number), [place(number + step, of) for step in (0, 1) for of in TicketClass], [], NOW,
                serving=number % 5, elapsed=120.0, speed_spread=0.1,
            )
            for number in range(WINDOWS)
        ],
        waiting=[
            Waiting(
                f"t{number}", place(number, TicketClass.ORDINARY if number % 7 else TicketClass.GREEN),
                NOW - 20 * number, NOW - 20 * number, [number % 5],
            )
            for number in range(WAITING)
        ],
        expected=[Expected(NOW + 300 * number, place(number, TicketClass.APPOINTMENT), 0) for number in range(12)],
        probes=[Probe(place(queue, TicketClass.ORDINARY), NOW + later) for queue in range(QUEUES) for later in probes],
        tables=[Times().quantiles(60.0 * mean) for mean in (4, 7, 11, 15, 22, 15, 1)],
        day_shape=44, day_rate=44, last_arrival=61_200, show_up=0.88, early_mean=-240, early_spread=360,
        leaves_per_s=0, turnaround=5, absences_per_s=0, absence_table=5, hour_factors=[1.0] * 24, preference_s=300,
    )  # fmt: skip


def add_to(report: Report) -> None:
    """The pass that gives everybody a range, and the one that looks half an hour ahead for alerts."""
    for what, probes in (
        ("everybody's range", (0.0,)),
        ("with probes at +0/10/20/30 min", (0.0, 600.0, 1200.0, 1800.0)),
    ):
        hall, times = busy_hall(probes), []
        for seed in range(REPEATS):
            began = perf_counter()
            foreseen = simulate(hall, RUNS, np.random.default_rng(seed))
            ranges(foreseen.waiting)
            times.append((perf_counter() - began) * 1000)
        aim = "< 20 ms" if len(probes) == 1 else ""
        report.add(f"one pass, {WAITING} waiting, {WINDOWS} windows: {what}, p50", quantile(times, 0.5), "ms", aim=aim)
