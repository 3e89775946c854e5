"""Commands of the hall server: hall, check, secrets, demo."""

from pathlib import Path
from typing import Annotated

import typer

from command_line.running import fail, forever, sentences, until_stopped


def hall(config: Annotated[Path, typer.Option(help="The hall's configuration file.")]) -> None:
    """Run the hall server.

    Example: paihao hall --config hall.toml
    """
    from hall_server.adapters.broker_process import BrokerError
    from hall_server.adapters.hall_file import ConfigurationError, load_hall
    from hall_server.application.ports import StorageError
    from hall_server.main import HallError, run_hall

    async def program() -> None:
        async with run_hall(load_hall(config)):
            await forever()

    with sentences(HallError, StorageError, BrokerError, wrong=(ConfigurationError,)):
        until_stopped(program())


def check(config: Annotated[Path, typer.Argument(metavar="hall.toml", help="The configuration to look at.")]) -> None:
    """Check a hall's configuration: exit 2 and one line for every fault.

    Example: paihao check halls/example/hall.toml
    """
    from hall_server.adapters.hall_file import ConfigurationError, load_hall

    with sentences(wrong=(ConfigurationError,)):
        loaded = load_hall(config)
    hall = loaded.hall
    typer.echo(
        f"{config}: good: {len(hall.windows)} windows, {len(hall.queues)} queues, {len(hall.services)} services, "
        f"{len(hall.staff)} staff, {len(loaded.file.devices)} devices"
    )


def secrets(
    config: Annotated[Path, typer.Argument(metavar="hall.toml", help="The hall's configuration file.")],
) -> None:
    """Make the passwords and PINs that are missing, and show new PINs this once.

    Example: paihao secrets hall.toml
    """
    from hall_server.adapters.hall_file import ConfigurationError, load_hall
    from hall_server.adapters.secrets_file import complete, write

    with sentences(OSError, wrong=(ConfigurationError,)):
        loaded = load_hall(config)
        fresh = complete(loaded)
        target = config.parent / loaded.file.secrets
        write(target, fresh.stored)
    typer.echo(f"{target}: {len(fresh.stored.devices)} passwords, {len(fresh.stored.staff)} PINs")
    for staff_id, pin in fresh.new_pins.items():
        typer.echo(f"new PIN of {staff_id}: {pin}")


def demo(
    http_port: Annotated[int, typer.Option(help="Port of the pages; 0 takes any free one.")] = 8080,
    mqtt_port: Annotated[int, typer.Option(help="Port of the broker; 0 takes any free one.")] = 1883,
    data: Annotated[Path, typer.Option(help="Folder for everything the hall keeps.")] = Path("demo-data"),
    speed: Annotated[float, typer.Option(help="Simulated time runs so many times faster.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Same seed, same visitors.")] = 1,
    no_visitors: Annotated[bool, typer.Option("--no-visitors", help="Devices and server only.")] = False,
) -> None:
    """Run the whole example hall on this machine, with simulated visitors and staff.

    Examples: paihao demo; paihao demo --http-port 0 --mqtt-port 0 --data /tmp/hall --speed 20
    """
    from command_line.demo import DemoOptions, run_demo
    from hall_server.adapters.broker_process import BrokerError
    from hall_server.adapters.hall_file import ConfigurationError

    if not 0.1 <= speed <= 1000:
        fail("--speed goes from 0.1 to 1000", 2)
    for port in (http_port, mqtt_port):
        if not 0 <= port <= 65535:
            fail(f"{port} is no port", 2)
    options = DemoOptions(data.absolute(), http_port, mqtt_port, speed, seed, not no_visitors)
    with sentences(BrokerError, OSError, wrong=(ConfigurationError,)):
        until_stopped(run_demo(options))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (demo, hall, check, secrets):
        app.command()(command)
