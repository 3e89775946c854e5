"""Commands of the hall server: demo, hall, check, secrets."""

from pathlib import Path

import click

from command_line.running import FILE, forever, sentences, until_stopped

HALL_TOML = click.argument("config", metavar="hall.toml", type=FILE)
PORT = click.IntRange(0, 65535)


@click.command()
@click.option(
    "--http-port", type=PORT, default=8080, show_default=True, help="Port of the pages; 0 takes any free one."
)
@click.option("--mqtt-port", type=PORT, default=1883, show_default=True, help="Port of the broker; 0: any free one.")
@click.option("--data", type=FILE, default="demo-data", show_default=True, help="Folder for all that the hall keeps.")
@click.option(
    "--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True, help="Time runs X times faster."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same visitors.")
@click.option("--no-visitors", is_flag=True, help="Devices and server only; nobody comes by themselves.")
def demo(http_port: int, mqtt_port: int, data: Path, speed: float, seed: int, no_visitors: bool) -> None:
    """Run the whole example hall on this machine, with simulated visitors and staff.

    \b
    Examples:
      paihao demo
      paihao demo --http-port 0 --mqtt-port 0 --data /tmp/hall --speed 20
    """
    from command_line.demo import DemoOptions, run_demo
    from hall_server.adapters.broker_process import BrokerError
    from hall_server.adapters.hall_file import ConfigurationError

    options = DemoOptions(data.absolute(), http_port, mqtt_port, speed, seed, not no_visitors)
    with sentences(BrokerError, OSError, wrong=(ConfigurationError,)):
        until_stopped(run_demo(options))


@click.command()
@click.option("--config", type=FILE, required=True, help="The hall's configuration file.")
def hall(config: Path) -> None:
    """Run the hall server.

    \b
    Example:
      paihao hall --config hall.toml
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


@click.command()
@HALL_TOML
def check(config: Path) -> None:
    """Check a hall's configuration: exit 2 and one line for every fault.

    \b
    Example:
      paihao check halls/example/hall.toml
    """
    from hall_server.adapters.hall_file import ConfigurationError, load_hall
    from hall_server.adapters.holidays import last_known_year

    with sentences(wrong=(ConfigurationError,)):
        loaded = load_hall(config)
    known = loaded.hall
    if loaded.file.calendar.holidays == "cn":
        year = last_known_year()
        click.echo(f"note: China's holidays are known up to {year}; a newer chinesecalendar brings more", err=True)
    click.echo(
        f"{config}: good: {len(known.windows)} windows, {len(known.queues)} queues, {len(known.services)} services, "
        f"{len(known.staff)} staff, {len(loaded.file.devices)} devices"
    )


@click.command()
@HALL_TOML
def secrets(config: Path) -> None:
    """Make the passwords and PINs that are missing, and show new ones for people this once.

    \b
    Example:
      paihao secrets hall.toml
    """
    from hall_server.adapters.hall_file import ConfigurationError, load_hall
    from hall_server.adapters.secrets_file import complete, write

    with sentences(OSError, wrong=(ConfigurationError,)):
        loaded = load_hall(config)
        fresh = complete(loaded)
        target = config.parent / loaded.file.secrets
        write(target, fresh.stored)
    click.echo(f"{target}: {len(fresh.stored.devices)} passwords, {len(fresh.stored.staff)} PINs")
    for name, password in fresh.new_passwords.items():
        click.echo(f"new password of {name}: {password}")
    for staff_id, pin in fresh.new_pins.items():
        click.echo(f"new PIN of {staff_id}: {pin}")


COMMANDS = (demo, hall, check, secrets)
