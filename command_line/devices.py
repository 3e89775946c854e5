"""Commands of devices and staff: dispenser, display, terminal; and the fake printer."""

from pathlib import Path
from typing import Annotated

import typer

from command_line.running import fail, sentences, until_stopped

Config = Annotated[Path | None, typer.Option(help="The device's configuration file.")]
Join = Annotated[Path | None, typer.Option(help="Take part in the demo that runs in this folder.")]


def _one_of(config: Path | None, join: Path | None) -> None:
    if (config is None) == (join is None):
        fail("give either --config FILE or --join DIR", 2)


def dispenser(
    config: Config = None,
    join: Join = None,
    device: Annotated[str, typer.Option(help="With --join: which of the demo's devices to be.")] = "dispenser-2",
) -> None:
    """Run a ticket dispenser.

    Examples: paihao dispenser --config device.toml; paihao dispenser --join demo-data
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
        until_stopped(run_dispenser(file, folder))


def display(
    config: Config = None,
    join: Join = None,
    window: Annotated[str, typer.Option(help="With --join: show this window; the main display if empty.")] = "",
    device: Annotated[str, typer.Option(help="With --join: which of the demo's devices to be.")] = "display-2",
) -> None:
    """Run one or several screens.

    Examples: paihao display --config device.toml; paihao display --join demo-data --window 3
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
        until_stopped(run_display(file, folder))


def terminal(
    config: Config = None,
    join: Join = None,
    device: Annotated[str, typer.Option(help="With --join: which of the demo's devices to be.")] = "terminal-13",
    language: Annotated[str, typer.Option(help="With --join: zh-Hans or en.")] = "zh-Hans",
) -> None:
    """Run the window staff's terminal.

    Examples: paihao terminal --config device.toml; paihao terminal --join demo-data --language en
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
        _quiet_if(True)
        from window_terminal.app import TerminalApp

        TerminalApp(file).run()


def fake_printer(
    folder: Annotated[Path, typer.Option(help="Where slips go.")] = Path("slips"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 9100,
) -> None:
    """Run a network printer without paper: slips become files; write a fault's name into FOLDER/fault to cause it.

    Example: paihao fake-printer --folder slips --port 9100
    """
    from ticket_dispenser.printers.fake import FakePrinter

    async def program() -> None:
        server = await FakePrinter(folder).serve(host, port)
        async with server:
            await server.serve_forever()

    with sentences(OSError):
        until_stopped(program())


def people(config: Annotated[Path, typer.Option(help="Who is there; the demo writes this file.")]) -> None:
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


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (dispenser, display, terminal):
        app.command()(command)
    app.command("fake-printer")(fake_printer)
    app.command(hidden=True)(people)
