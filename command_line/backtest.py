"""The command that shows how good the waits are: backtest."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from command_line.running import fail

if TYPE_CHECKING:
    from hall_server.backtest.rows import Told, Visit

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("visits", type=FILE, required=False)
@click.option("--hall", "hall_path", type=FILE, help="hall.toml: windows, planned times, breaks, skills, order.")
@click.option("--snapshots", type=FILE, help="Five-minute snapshots of queues instead of visits.")
@click.option("--train-days", type=click.IntRange(1), required=True, help="So many first days are only learned from.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Predictions, as CSV.")
def backtest(visits: Path | None, hall_path: Path | None, snapshots: Path | None, train_days: int, out: Path) -> None:
    """Tell each visitor of past days what the hall would have told them on arrival.

    \b
    VISITS.csv has the columns
      day,arrival_s,class,service,slot_s,called_s,finished_s,window,outcome
    with seconds since opening, or since midnight where hall.toml has visit_times = "midnight" in [calendar]. Each visit
    after the first days gets a row day,arrival_s,class,p10_s,p50_s,p90_s,mean_s, made only from what was known when
    it arrived. A snapshot's row begins hall,queue,date,time. Waits count from arrival_s.

    \b
    Examples:
      paihao backtest visits.csv --hall hall.toml --train-days 20 --out told.csv
      paihao backtest --snapshots queues.csv --train-days 10 --out told.csv
    """
    from hall_server.backtest.rows import RowError

    if (visits is None) == (snapshots is None):
        fail("give a file of visits, or one with --snapshots", 2)
    try:
        if snapshots is not None:
            _snapshots(snapshots, train_days, out)
        elif visits is not None:
            _visits(visits, hall_path, train_days, out)
    except RowError as error:
        fail(str(error), 2)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")


def _visits(path: Path, hall_path: Path | None, train_days: int, out: Path) -> None:
    from hall_server.adapters.hall_file import ConfigurationError, load_hall
    from hall_server.backtest.rows import read_visits, write_told
    from hall_server.backtest.visits import BacktestHall, predict

    if hall_path is None:
        fail("visits need --hall: which windows there are, and when they are planned to be open", 2)
    try:
        loaded = load_hall(hall_path)
    except ConfigurationError as error:
        fail("\n".join(error.lines), 2)
    rows = read_visits(path)
    hall = BacktestHall(loaded.hall, rows, from_midnight=loaded.file.calendar.visit_times == "midnight")
    _check_days(len({visit.day for visit in rows}), train_days)
    told: list[tuple[Visit, Told]] = []
    with click.progressbar(predict(hall, rows, train_days), length=len(rows), file=sys.stderr) as bar:
        told += [(visit, answer) for visit, answer in bar if answer is not None]
    told.sort(key=lambda pair: pair[0].line)
    keys = (((visit.day, visit.arrival, visit.visitor_class), answer) for visit, answer in told)
    write_told(out, ("day", "arrival_s", "class"), keys)
    click.echo(f"{len(told)} visits told in {out}", err=True)


def _snapshots(path: Path, train_days: int, out: Path) -> None:
    from hall_server.backtest.rows import read_snapshots, write_told
    from hall_server.backtest.snapshots import predict

    rows = read_snapshots(path)
    dates = sorted({one.date for one in rows})
    _check_days(len(dates), train_days)
    later = sum(one.date in set(dates[train_days:]) for one in rows)
    with click.progressbar(predict(rows, train_days), length=later, file=sys.stderr) as bar:
        told = [((one.hall, one.queue, one.date, one.time), answer) for one, answer in bar if answer is not None]
    write_told(out, ("hall", "queue", "date", "time"), told)
    click.echo(f"{len(told)} snapshots told in {out}", err=True)


def _check_days(days: int, train_days: int) -> None:
    if days <= train_days:
        fail(f"the file has {days} days; nothing is left to tell after learning from {train_days}", 2)


COMMANDS = (backtest,)
"""The commands of this file."""
