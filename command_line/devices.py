"""Commands of devices and staff: dispenser, display, terminal; and the fake printer."""

import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from command_line.running import FILE, fail, sentences, until_stopped

CONFIG = click.option("--config", type=FILE, help="The device's configuration file.")
JOIN = click.option("--join", type=FILE, metavar="DIR", help="Take part in the demo that runs in this folder.")


def _one_of(config: Path | None, join: Path | None) -> None:
    if (config is None) == (join is None):
        fail("give either --config FILE or --join DIR", 2)


@click.command()
@CONFIG
@JOIN
@click.option("--device", default="dispenser-2", show_default=True, help="With --join: which device to be.")
def dispenser(config: Path | None, join: Path | None, device: str) -> None:
    """Run a ticket dispenser.

    \b
    Examples:
      paihao dispenser --config device.toml
      paihao dispenser --join demo-data
    """
    from hall_protocol.device_file import DeviceFileError, load_device
    from ticket_dispenser.configuration import DispenserFile
    from ticket_dispenser.main import run_dispenser

    _one_of(config, join)
    with sentences(OSError, wrong=(DeviceFileError,)):
        if join is not None:
            from command_line.joining import dispenser_file

            file, folder = dispenser_file(join, device), join
        else:
            path = config or Path()
            file, folder = load_device(path, DispenserFile), path.parent
        _quiet_if(file.buttons.kind == "terminal")
        until_stopped(run_dispenser(file, folder, partial(load_device, config, DispenserFile) if config else None))


@click.command()
@CONFIG
@JOIN
@click.option("--window", default="", help="With --join: show this window; the main display if not given.")
@click.option("--device", default="display-2", show_default=True, help="With --join: which device to be.")
def display(config: Path | None, join: Path | None, window: str, device: str) -> None:
    """Run one or several screens.

    \b
    Examples:
      paihao display --config device.toml
      paihao display --join demo-data --window 3
    """
    from counter_display.configuration import DisplayFile
    from counter_display.main import run_display
    from hall_protocol.device_file import DeviceFileError, load_device

    _one_of(config, join)
    with sentences(OSError, wrong=(DeviceFileError,)):
        if join is not None:
            from command_line.joining import display_file

            file, folder = display_file(join, device, window), join
        else:
            path = config or Path()
            file, folder = load_device(path, DisplayFile), path.parent
        _quiet_if(file.sink == "terminal")
        until_stopped(run_display(file, folder, partial(load_device, config, DisplayFile) if config else None))


@click.command()
@CONFIG
@JOIN
@click.option("--device", default="terminal-13", show_default=True, help="With --join: which device to be.")
@click.option("--language", type=click.Choice(["zh-Hans", "en"]), default="zh-Hans", help="With --join.")
def terminal(config: Path | None, join: Path | None, device: str, language: str) -> None:
    """Run the window staff's terminal.

    \b
    Examples:
      paihao terminal --config device.toml
      paihao terminal --join demo-data --language en
    """
    from hall_protocol.device_file import DeviceFileError, load_device
    from window_terminal.configuration import TerminalFile

    _one_of(config, join)
    with sentences(OSError, wrong=(DeviceFileError,)):
        if join is not None:
            from command_line.joining import terminal_file

            file = terminal_file(join, device, language)
        else:
            file = load_device(config or Path(), TerminalFile)
            if file.identity:
                renew_when_due(Path(file.identity))
        _quiet_if(True)
        from window_terminal.app import TerminalApp

        app = TerminalApp(file)
        app.run()
        if app.return_code:
            sys.exit(app.return_code)


def renew_when_due(identity: Path) -> None:
    """A staff computer has no agent that would renew its certificate: its terminal's daily start does."""
    from firmware_config.enrolling import EnrollingError, renew
    from hall_protocol.identity import IdentityError, load_identity

    # There are four months of days on which to try again; a certificate that has ended is told by the link.
    with suppress(IdentityError, EnrollingError, OSError):
        if load_identity(identity).renewal_due(time.time()):
            renew(identity)


@click.command("fake-printer")
@click.option("--folder", type=FILE, default="slips", show_default=True, help="Where slips go.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=9100, show_default=True, help="Port to listen on.")
@click.option("--line", type=FILE, help="A USB or serial printer instead: its device file is made here.")
def fake_printer(folder: Path, host: str, port: int, line: Path | None) -> None:
    """Run a printer without paper: slips become files.

    Write the name of a fault (paper_out, cover_open, jam, mute, stall, drop …) into FOLDER/fault to cause it.

    \b
    Examples:
      paihao fake-printer --folder slips --port 9100
      paihao fake-printer --folder slips --line printer
    """
    from ticket_dispenser.printers.fake import FakePrinter

    async def program() -> None:
        if line is not None:
            await (await FakePrinter(folder).serve_line(line))
        server = await FakePrinter(folder).serve(host, port)
        async with server:
            await server.serve_forever()

    with sentences(OSError):
        until_stopped(program())


@click.command("fake-signs")
@click.option("--line", type=FILE, default="signs", show_default=True, help="The RS-485 line's device file, made here.")
def fake_signs(line: Path) -> None:
    """Run LED signs without lamps: what each is told is printed.

    \b
    Example:
      paihao fake-signs --line signs
    """
    import asyncio

    from counter_display.signs.fake import FakeSigns

    async def program() -> None:
        def show(address: int, text: str) -> None:
            click.echo(f"{address:3d}  {text}")

        signs = FakeSigns(line, show)
        try:
            await asyncio.Event().wait()
        finally:
            signs.close()

    with sentences(OSError):
        until_stopped(program())


@click.command(hidden=True)
@click.option("--config", type=FILE, required=True, help="Who is there; the demo writes this file.")
def people(config: Path) -> None:
    """Run simulated visitors and staff."""
    import msgspec

    from simulators.people import PeopleFile, run_people

    with sentences(OSError, wrong=(msgspec.MsgspecError,)):
        file = msgspec.json.decode(config.read_bytes(), type=PeopleFile)
        until_stopped(run_people(file))


def _quiet_if(own_screen: bool) -> None:
    """A program that draws on the terminal must not have log lines drawn over it."""
    if own_screen:
        import logging

        from hall_protocol.logs import configure_logs

        configure_logs(level=logging.CRITICAL)


COMMANDS = (dispenser, display, terminal, fake_printer, fake_signs, people)
