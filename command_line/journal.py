"""Commands about a hall's journal: verify, replay, backup, restore."""

from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click

from command_line.running import FILE, fail, sentences

FOLLOWS_EVERY_S = 0.5
DATA = click.argument("data", type=FILE)


@click.command()
@DATA
def verify(data: Path) -> None:
    """Check the journal's hash chain, and that a fold of all events equals the live state. Exit 1 on any fault.

    \b
    Example:
      paihao verify demo-data/data
    """
    from hall_server.application.ports import StorageError
    from hall_server.journal import tools

    with sentences(StorageError, tools.JournalFaultError), tools.opened(data) as connection:
        total = tools.count(connection)
        with click.progressbar(length=total, label="hash chain", hidden=total < 50_000) as bar:
            found = tools.check_chain(connection, bar.update)
        tools.check_fold(connection)
    click.echo(f"{data}: {found} events, chain and state are good")


@click.command()
@DATA
@click.argument("file", type=FILE)
@click.option("--follow", is_flag=True, help="Go on with an existing copy, and keep it up with the hall until stopped.")
def backup(data: Path, file: Path, follow: bool) -> None:
    """Copy a hall's journal, consistently, while the hall runs.

    With --follow the copy has everything that is half a second old; on another disk it outlives the hall's own.

    \b
    Examples:
      paihao backup /var/lib/paihao/hall hall-2026-11-21.backup
      paihao backup /var/lib/paihao/hall /mnt/stick/hall.backup --follow
    """
    from hall_server.application.ports import StorageError
    from hall_server.journal import tools

    with sentences(StorageError, tools.JournalFaultError):
        if follow:
            _keep_up(data, file)
        tools.backup(data, file)
    click.echo(f"{file}: {file.stat().st_size} bytes")


def _keep_up(data: Path, file: Path) -> NoReturn:
    import time

    from hall_protocol.watchdog import notify
    from hall_server.journal.living_copy import LivingCopy

    copy = LivingCopy(data, file)
    while copy.keep_up():
        pass
    click.echo(f"{file}: has everything, and follows")
    notify("READY=1")
    while True:
        copy.keep_up()
        notify("WATCHDOG=1")
        # A command that does nothing else; the journal lies in another process.
        time.sleep(FOLLOWS_EVERY_S)


@click.command()
@click.argument("file", type=FILE)
@DATA
def restore(file: Path, data: Path) -> None:
    """Put a backup into an empty data directory, after checking it.

    \b
    Example:
      paihao restore hall-2026-11-21.backup /var/lib/paihao
    """
    from hall_server.application.ports import StorageError
    from hall_server.journal import tools

    with sentences(StorageError, tools.JournalFaultError):
        tools.restore(file, data)
    click.echo(f"{data}: restored")


@click.command()
@DATA
@click.option("--until", required=True, help="A time as RFC 3339 with offset, such as 2026-06-03T10:42:07+08:00.")
def replay(data: Path, until: str) -> None:
    """Print the hall's public state at a past moment, as hall-progress/1.

    \b
    Example:
      paihao replay demo-data/data --until 2026-06-03T10:42:07+08:00
    """
    from hall_protocol.codec import encode
    from hall_server.application.pictures import progress
    from hall_server.application.ports import StorageError
    from hall_server.domain.calendar import Moment
    from hall_server.journal import tools

    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        fail(f"--until: {until!r} is no time; write it like 2026-06-03T10:42:07+08:00", 2)
    offset = moment.utcoffset()
    if offset is None:
        fail(f"--until: {until!r} has no offset from UTC, such as +08:00", 2)
    ms = int(moment.timestamp() * 1000)
    with sentences(StorageError), tools.opened(data) as connection:
        # A time in whole seconds means the whole second.
        state = tools.state_at(connection, ms + 999 if moment.microsecond == 0 else ms)
    click.echo(encode(progress(state, Moment(ms, int(offset.total_seconds())))))


COMMANDS = (verify, replay, backup, restore)
