"""`paihao backtest`: both kinds of files, and what is wrong with them in a sentence."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from command_line.backtest import backtest
from simulators.days.scenario import hall_of, load_scenario
from tests.backtest.files import write_hall, write_visits

TRAIN, DAYS = 4, 6


def run(*arguments: object) -> Result:
    return CliRunner().invoke(backtest, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest")
    scenario = load_scenario("S1")
    write_hall(folder, hall_of(scenario))
    write_visits(folder / "visits.csv", scenario, DAYS)
    result = run(
        folder / "visits.csv", "--hall", folder / "hall.toml", "--train-days", TRAIN, "--out", folder / "told.csv"
    )
    assert result.exit_code == 0, result.output
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def later(folder: Path) -> list[dict[str, str]]:
    return [row for row in rows(folder / "visits.csv") if int(row["day"][1:]) >= TRAIN]


def test_each_later_visit_gets_a_row_in_the_order_of_the_file(folder: Path) -> None:
    told = rows(folder / "told.csv")
    assert list(told[0]) == ["day", "arrival_s", "class", "p10_s", "p50_s", "p90_s", "mean_s"]
    keys = ("day", "arrival_s", "class")
    assert [[row[key] for key in keys] for row in told] == [[row[key] for key in keys] for row in later(folder)]
    assert all(0 <= float(row["p10_s"]) <= float(row["p50_s"]) <= float(row["p90_s"]) for row in told)


def test_what_is_told_comes_true(folder: Path) -> None:
    pairs = [
        (float(visit["called_s"]) - float(visit["arrival_s"]), row)
        for visit, row in zip(later(folder), rows(folder / "told.csv"), strict=True)
        if visit["called_s"]
    ]
    errors = [abs(waited - float(row["mean_s"])) for waited, row in pairs]
    mean = sum(waited for waited, _ in pairs) / len(pairs)
    assert sum(errors) / len(errors) < 0.45 * mean
    asked = [(waited, row) for waited, row in pairs if float(row["p90_s"]) > 1]
    held = [float(row["p10_s"]) <= waited <= float(row["p90_s"]) for waited, row in asked]
    assert 0.65 < sum(held) / len(held) < 0.95


def test_only_what_was_known_on_arrival_is_used(folder: Path, tmp_path: Path) -> None:
    """The future of the last day is changed after noon: nobody who came before is told anything else."""
    changed = rows(folder / "visits.csv")
    for row in changed:
        if row["day"] == f"d{DAYS - 1}" and float(row["arrival_s"]) > 9000:
            row["finished_s"] = str(float(row["finished_s"] or row["called_s"] or 0) + 900) if row["called_s"] else ""
    with (tmp_path / "visits.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(changed[0]))
        writer.writeheader()
        writer.writerows(changed)
    out = tmp_path / "told.csv"
    assert (
        run(tmp_path / "visits.csv", "--hall", folder / "hall.toml", "--train-days", TRAIN, "--out", out).exit_code == 0
    )
    before, after = rows(folder / "told.csv"), rows(out)
    early = [
        index for index, row in enumerate(before) if row["day"] != f"d{DAYS - 1}" or float(row["arrival_s"]) <= 9000
    ]
    assert [before[index] for index in early] == [after[index] for index in early]
    assert before != after


def test_seconds_may_count_from_midnight(folder: Path, tmp_path: Path) -> None:
    scenario = load_scenario("S1")
    write_hall(tmp_path, hall_of(scenario), visit_times="midnight")
    moved = rows(folder / "visits.csv")
    for row in moved:
        for column in ("arrival_s", "slot_s", "called_s", "finished_s"):
            row[column] = f"{float(row[column]) + 9 * 3600:.3f}" if row[column] else ""
    with (tmp_path / "visits.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(moved[0]))
        writer.writeheader()
        writer.writerows(moved)
    out = tmp_path / "told.csv"
    assert (
        run(tmp_path / "visits.csv", "--hall", tmp_path / "hall.toml", "--train-days", TRAIN, "--out", out).exit_code
        == 0
    )
    told = [float(row["mean_s"]) for row in rows(out)]
    assert told == pytest.approx([float(row["mean_s"]) for row in rows(folder / "told.csv")], abs=2.0)


SNAPSHOTS = "hall,queue,date,time,waiting,current_number,open_windows\n"


def snapshots(days: int) -> str:
    """A call every five minutes, and always six waiting."""
    lines = [
        f"h,q,2026-01-{day + 1:02d},{9 + step // 12:02d}:{step % 12 * 5:02d},6,{step},2"
        for day in range(days)
        for step in range(60)
    ]
    return SNAPSHOTS + "\n".join(lines) + "\n"


def test_snapshots_are_told_by_habit(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(snapshots(5))
    out = tmp_path / "told.csv"
    result = run("--snapshots", tmp_path / "s.csv", "--train-days", 3, "--out", out)
    assert result.exit_code == 0, result.output
    told = rows(out)
    assert list(told[0]) == ["hall", "queue", "date", "time", "p10_s", "p50_s", "p90_s", "mean_s"]
    assert {row["date"] for row in told} == {"2026-01-04", "2026-01-05"}
    assert len(told) == 120
    assert all(float(row["p50_s"]) == pytest.approx(1800, rel=0.1) for row in told)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the columns day, arrival_s"),
        ("day,arrival_s,class,service,slot_s,called_s,finished_s,window,outcome\n", "there are no rows"),
        ("day,arrival_s,class,service,slot_s,called_s,finished_s,window,outcome\nd0,x,ordinary,s,,1,2,1,served\n", "line 2"),
        ("day,arrival_s,class,service,slot_s,called_s,finished_s,window,outcome\nd0,nan,ordinary,s,,1,2,1,served\n", "no time of a day"),
        ("day,arrival_s,class,service,slot_s,called_s,finished_s,window,outcome\nd0,5,vip,s,,6,7,1,served\n", "class 'vip'"),
        ("day,arrival_s,class,service,slot_s,called_s,finished_s,window,outcome\nd0,5,ordinary,s,,6,7,77,served\n", "no window '77'"),
        ("day,arrival_s,class,service,slot_s,called_s,finished_s,window,outcome\nd0,5,ordinary,s,,1,7,1,served\n", "called before"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_sentence(folder: Path, tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "v.csv").write_text(text)
    result = run(tmp_path / "v.csv", "--hall", folder / "hall.toml", "--train-days", 1, "--out", tmp_path / "o.csv")
    assert (result.exit_code, sentence in result.output) == (2, True), result.output
    assert not (tmp_path / "o.csv").exists()


def test_too_few_days_and_a_missing_hall_are_said(folder: Path, tmp_path: Path) -> None:
    few = run(folder / "visits.csv", "--hall", folder / "hall.toml", "--train-days", 9, "--out", tmp_path / "o")
    assert (few.exit_code, "nothing is left" in few.output) == (2, True)
    no_hall = run(folder / "visits.csv", "--train-days", 2, "--out", tmp_path / "o")
    assert (no_hall.exit_code, "--hall" in no_hall.output) == (2, True)


def test_a_wrong_snapshot_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(snapshots(3) + "h,q,2026-01-03,noon,6,1,2\n")
    result = run("--snapshots", tmp_path / "s.csv", "--train-days", 1, "--out", tmp_path / "o.csv")
    assert (result.exit_code, "'noon' is not HH:MM" in result.output) == (2, True)
