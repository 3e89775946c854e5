"""The files of a backtest: visits or snapshots in, predictions out."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

VISITS = ("day", "arrival_s", "class", "service", "slot_s", "called_s", "finished_s", "window", "outcome")
SNAPSHOTS = ("hall", "queue", "date", "time", "waiting", "current_number", "open_windows")
QUANTILES = ("p10_s", "p50_s", "p90_s", "mean_s")
RowT = TypeVar("RowT")
CLASSES = ("ordinary", "green", "appointment")
LONGEST_DAY_S = 2 * 86_400.0
OUTCOMES = ("served", "no_show", "abandoned")


class RowError(Exception):
    """A file that cannot be read as told; the sentence names the line."""


class Visit(NamedTuple):
    """One visit; times are seconds as the file has them."""

    line: int
    day: str
    arrival_s: float
    visitor_class: str
    service: str
    slot_s: float | None
    called_s: float | None
    finished_s: float | None
    window: str
    outcome: str
    arrival: str
    """`arrival_s` as it stands in the file."""


class Snapshot(NamedTuple):
    """One queue at one time."""

    hall: str
    queue: str
    date: str
    time: str
    minute: int
    """Since midnight."""
    waiting: int
    number: int | None
    """Of the ticket called last; None before the first call."""
    windows: int


class Told(NamedTuple):
    """A prediction in seconds."""

    p10_s: float
    p50_s: float
    p90_s: float
    mean_s: float


def read_visits(path: Path) -> list[Visit]:
    """All visits, in the order of the file.

    Raises:
        RowError: the first line that is wrong, and why.
    """

    def visit(number: int, row: dict[str, str]) -> Visit:
        visitor_class, outcome = row["class"].strip(), row["outcome"].strip()
        if visitor_class not in CLASSES:
            raise ValueError(f"class {visitor_class!r} is none of {', '.join(CLASSES)}")
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome {outcome!r} is none of {', '.join(OUTCOMES)}")
        called, finished = _seconds(row["called_s"]), _seconds(row["finished_s"])
        if outcome != "abandoned" and (called is None or finished is None or not row["window"].strip()):
            raise ValueError(f"a visit that was {outcome} needs called_s, finished_s and window")
        arrival = _seconds(row["arrival_s"])
        if arrival is None:
            raise ValueError("arrival_s is missing")
        if called is not None and called < arrival:
            raise ValueError("called before it arrived")
        return Visit(
            number, row["day"].strip(), arrival, visitor_class, row["service"].strip(),
            _seconds(row["slot_s"]) if visitor_class == "appointment" else None,
            called, finished, row["window"].strip(), outcome, row["arrival_s"].strip(),
        )  # fmt: skip

    return _read(path, VISITS, visit)


def read_snapshots(path: Path) -> list[Snapshot]:
    """All snapshots, in the order of the file.

    Raises:
        RowError: the first line that is wrong, and why.
    """

    def snapshot(number: int, row: dict[str, str]) -> Snapshot:
        del number
        return Snapshot(
            row["hall"], row["queue"], row["date"], row["time"], _minute(row["time"]), int(float(row["waiting"] or 0)),
            int(float(row["current_number"])) if row["current_number"].strip() else None,
            int(float(row["open_windows"] or 0)),
        )  # fmt: skip

    return _read(path, SNAPSHOTS, snapshot)


def _minute(time: str) -> int:
    hours, _, rest = time.strip().partition(":")
    minutes = rest.partition(":")[0]
    if not (hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):
        raise ValueError(f"time {time!r} is not HH:MM")
    return int(hours) * 60 + int(minutes)


def _seconds(text: str) -> float | None:
    if not text.strip():
        return None
    seconds = float(text)
    if not 0 <= seconds <= LONGEST_DAY_S:
        raise ValueError(f"{text.strip()} is no time of a day in seconds")
    return seconds


def _read(path: Path, columns: tuple[str, ...], make: Callable[[int, dict[str, str]], RowT]) -> list[RowT]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise RowError(f"{path.name}: the columns {', '.join(missing)} are missing")
            rows = []
            for number, row in enumerate(reader, start=2):
                try:
                    rows.append(make(number, {key: value or "" for key, value in row.items() if key}))
                except ValueError as error:
                    raise RowError(f"{path.name}, line {number}: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RowError(f"{path}: {error.strerror if isinstance(error, OSError) else 'not UTF-8'}") from error
    if not rows:
        raise RowError(f"{path.name}: there are no rows")
    return rows


def write_told(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[tuple[object, ...], Told]]) -> None:
    """Write predictions behind the columns that name what they are about."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*columns, *QUANTILES))
        for key, told in rows:
            writer.writerow((*key, *(f"{value:.1f}" for value in told)))
