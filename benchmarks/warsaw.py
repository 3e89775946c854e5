"""Real queues: what people in Warsaw's offices would have been told, beside how long they waited."""

import gzip
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from benchmarks.days import interval
from benchmarks.figures import Report
from hall_server.backtest.rows import Snapshot, Told, read_snapshots
from hall_server.backtest.snapshots import LONGEST_GAP_MIN, Day, Key, by_queue, pace, predict, waits

FILE = Path(__file__).parent / "data" / "warsaw" / "queues-2019-12-30_2020-01-14.csv.gz"
HELD_OUT = {"the last 5 days": 7, "the last 2 days": 10}
"""What is predicted, and how many dates are learned from before it (two of all are holidays)."""
FEWEST_CALLS, CLEAN_SHARE, FEWEST_DAYS = 25, 0.7, 5
FEWEST_IN_HOUR = 5
FEWEST_LEARNED = 20


class Guess(NamedTuple):
    """One person, in minutes."""

    waited: float
    low: float
    high: float
    median: float
    mean: float
    position: float
    by_hour: float
    les: float


def clean(days: dict[str, Day]) -> bool:
    """Whether a queue is first come, first served on most days, and busy enough to tell."""
    calls, clean_days = [], 0
    for day in days.values():
        numbers = [one.number for one in day if one.number is not None]
        while numbers and numbers[-1] == 0:
            numbers.pop()
        if len(numbers) >= 10 and max(numbers) >= 5:
            calls.append(max(numbers) - min(numbers))
            clean_days += all(after >= before for before, after in pairwise(numbers))
    return (
        len(calls) >= FEWEST_DAYS and clean_days >= CLEAN_SHARE * len(calls) and sum(calls) >= FEWEST_CALLS * len(calls)
    )


def load() -> list[Snapshot]:
    """The snapshots of all clean queues."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        Path(file.name).write_bytes(gzip.decompress(FILE.read_bytes()))
        every = read_snapshots(Path(file.name))
    kept = {queue for queue, days in by_queue(every).items() if clean(days)}
    return [one for one in every if (one.hall, one.queue) in kept]


def _hours(days: list[Day]) -> dict[int, tuple[float, float]]:
    by_hour: dict[int, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for day in days:
        for pair in pairwise(day):
            if pair[1].minute - pair[0].minute <= LONGEST_GAP_MIN:
                busy, calls = pace(list(pair))
                before = by_hour[pair[0].minute // 60]
                by_hour[pair[0].minute // 60] = before[0] + busy, before[1] + calls
    return by_hour


def _les(day: Day, index: int) -> float:
    """How long the one called last had waited: since the first snapshot that reached to their number."""
    number = day[index].number or 0
    for place in range(index, -1, -1):
        if (day[place].number or 0) + day[place].waiting < number:
            return day[index].minute - day[min(place + 1, index)].minute
    return day[index].minute - day[0].minute


def guesses(snapshots: list[Snapshot], train_days: int) -> list[list[Guess]]:
    """All people whose number was reached, a list for each queue and day."""
    queues = by_queue(snapshots)
    dates = sorted({one.date for one in snapshots})
    told = {(one.hall, one.queue, one.date, one.minute): told for one, told in predict(snapshots, train_days) if told}
    found: list[list[Guess]] = []
    for number, date in enumerate(dates[train_days:], start=train_days):
        for queue, days in queues.items():
            if date in days:
                past = [days[d] for d in dates[:number] if d in days]
                found.append(_of_day(queue, days[date], past, told))
    return [day for day in found if day]


def _of_day(queue: Key, day: Day, past: list[Day], told: dict[tuple[str, str, str, int], Told]) -> list[Guess]:
    busy, calls = (sum(column) for column in zip(*map(pace, past), strict=True)) if past else (0.0, 0.0)
    if calls < FEWEST_LEARNED:
        return []
    hours, found = _hours(past), []
    for index, (position, waited) in waits(day).items():
        one = day[index]
        answer = told.get((*queue, one.date, one.minute))
        if answer is None:
            continue
        hour = hours[one.minute // 60]
        by_hour = hour[0] / hour[1] if hour[1] >= FEWEST_IN_HOUR else busy / calls
        low, middle, high, mean = (value / 60 for value in answer)
        found.append(
            Guess(waited, low, high, middle, mean, position * busy / calls, position * by_hour, _les(day, index))
        )
    return found


def mae(field: str, days: Sequence[Sequence[Guess]]) -> float:
    """Mean absolute error, minutes."""
    return sum(_errors(field, day) for day in days) / sum(map(len, days))


def _errors(field: str, day: Sequence[Guess]) -> float:
    return float(sum(abs(getattr(one, field) - one.waited) for one in day))


def _ratio(sums: Sequence[tuple[float, float]]) -> float:
    return sum(own for own, _ in sums) / sum(other for _, other in sums)


def _percent(counts: Sequence[tuple[int, int]]) -> float:
    return 100 * sum(held for held, _ in counts) / sum(asked for _, asked in counts)


def add_to(report: Report) -> None:
    """All held-out days."""
    snapshots = load()
    for what, train_days in HELD_OUT.items():
        days = guesses(snapshots, train_days)
        for field, rival, aim in (
            ("position", "historic average x position", "<= 0.85 x"),
            ("by_hour", "the same by hour", ""),
            ("les", "LES", "<= 0.62 x"),
        ):
            sums = [(_errors("median", day), _errors(field, day)) for day in days]
            report.add(
                f"Warsaw, {what}: beside {rival}", mae("median", days), "min", floor=mae(field, days),
                interval=interval(sums, _ratio), of_ratio=True, aim=aim,
            )  # fmt: skip
        report.add(f"Warsaw, {what}: by the mean instead of the median", mae("mean", days), "min")
        held = [(sum(one.low <= one.waited <= one.high for one in day), len(day)) for day in days]
        report.add(f"Warsaw, {what}: 80 % range holds", _percent(held), "%", interval=interval(held, _percent))
