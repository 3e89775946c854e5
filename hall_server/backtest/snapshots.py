"""Backtest over five-minute snapshots: only counts are known, so waits are told by habit."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from hall_server.backtest.rows import Snapshot, Told
from hall_server.forecast.habit import Observed, QueueHabit, SharedHabit

LONGEST_GAP_MIN = 15
Key = tuple[str, str]
Day = list[Snapshot]


def by_queue(snapshots: list[Snapshot]) -> dict[Key, dict[str, Day]]:
    """Each queue's days, each in order of time, one snapshot a minute."""
    found: dict[Key, dict[str, dict[int, Snapshot]]] = defaultdict(lambda: defaultdict(dict))
    for one in snapshots:
        found[one.hall, one.queue][one.date][one.minute] = one
    return {
        queue: {date: [day[minute] for minute in sorted(day)] for date, day in days.items()}
        for queue, days in found.items()
    }


def waits(day: Day) -> dict[int, tuple[int, float]]:
    """Who stood last at each snapshot, by its place in the day: position and minutes until the number reached them.

    Nobody whose number was not reached, or after whom the numbers began anew.
    """
    found = {}
    for index, one in enumerate(day):
        if one.number is None or one.waiting < 1:
            continue
        reached = _reached(day, index, one.number + one.waiting)
        if reached is not None:
            found[index] = one.waiting, reached - one.minute
    return found


def _reached(day: Day, index: int, number: int) -> float | None:
    for before, after in pairwise(day[index:]):
        if before.number is None or after.number is None or after.number < before.number:
            return None
        if after.number >= number:
            share = (number - before.number) / (after.number - before.number)
            return before.minute + share * (after.minute - before.minute)
    return None


def pace(day: Day) -> tuple[float, float]:
    """Minutes in which somebody waited, and calls in them."""
    busy = calls = 0.0
    for before, after in pairwise(day):
        whole = before.number is not None and after.number is not None and after.number >= before.number
        if whole and before.waiting > 0 and after.minute - before.minute <= LONGEST_GAP_MIN:
            busy += after.minute - before.minute
            calls += (after.number or 0) - (before.number or 0)
    return busy, calls


def observe(days: list[Day]) -> Observed:
    """What some days of a queue tell, the latest last."""
    observed = Observed()
    for day in days:
        visitors = [(position, float(day[index].minute), waited) for index, (position, waited) in waits(day).items()]
        observed.add_day(visitors, *pace(day))
    return observed


def predict(snapshots: list[Snapshot], train_days: int) -> Iterator[tuple[Snapshot, Told | None]]:
    """What the last person waiting in each snapshot after the first dates would have been told.

    Days go on being learned from once they are over. None where nobody waits or nothing is known of the queue.
    """
    dates = sorted({one.date for one in snapshots})
    queues = by_queue(snapshots)
    for number, date in enumerate(dates[train_days:], start=train_days):
        past = dates[:number]
        observed = {queue: observe([days[d] for d in past if d in days]) for queue, days in queues.items()}
        shared = SharedHabit(list(observed.values()))
        for queue, days in queues.items():
            if date in days:
                yield from _predict_day(days[date], QueueHabit(observed[queue], shared))


def _predict_day(day: Day, habit: QueueHabit) -> Iterator[tuple[Snapshot, Told | None]]:
    waited = waits(day)
    for index, one in enumerate(day):
        told = habit.ask(one.waiting, float(one.minute)) if one.waiting >= 1 else None
        if told is None:
            yield one, None
            continue
        (low, middle, high), mean = told
        usual = habit.usual(one.waiting, float(one.minute))
        if index in waited and usual is not None:
            # It becomes known when the number is called: `ask` looks only at what lies before its minute.
            habit.called(one.minute + waited[index][1], float(usual[0][1]), waited[index][1])
        yield one, Told(low * 60, middle * 60, high * 60, mean * 60)
