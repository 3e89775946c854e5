"""Commands of the fleet's configuration: render, sign, publish, diff, status; and the agent on each board."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from command_line.running import DEVICE_FOLDER, FILE, fail, sentences, until_stopped

if TYPE_CHECKING:
    from firmware_config.generations import Step
    from firmware_config.overlays import Types

SITE = click.argument("site", type=click.Path(path_type=Path, exists=True, file_okay=False))
ONE = click.option("--device", default="", help="This device alone.")
LISTENS_S = 1.0


def _types() -> "Types":
    from counter_display.configuration import DisplayFile
    from ticket_dispenser.configuration import DispenserFile
    from window_terminal.configuration import TerminalFile

    return {"dispenser": DispenserFile, "display": DisplayFile, "terminal": TerminalFile}


def _steps(folder: Path, device: str) -> "Iterator[Step]":
    from firmware_config.generations import GenerationError, steps
    from firmware_config.overlays import SiteError, load_site

    with sentences(OSError, wrong=(SiteError, GenerationError)):
        site = load_site(folder, _types())
        if device and device not in site.devices:
            fail(f"{folder}/devices: there is no {device}.toml", 2)
        yield from (step for step in steps(folder, site, _types()) if device in ("", step.device))


@click.group()
def config() -> None:
    """What devices are told about themselves: from a site's overlays to signed generations.

    A site is a folder: site.toml, roles/ROLE.toml, devices/DEVICE.toml.

    \b
    Examples:
      paihao config diff fleet
      paihao config sign fleet --key signing-key.pem
      paihao config publish fleet --data /var/lib/paihao/hall
      paihao config status hall.toml
    """


@config.command()
@click.argument("file", type=FILE)
def key(file: Path) -> None:
    """Make a key to sign with, and show the public one for site.toml's signers.

    \b
    Example:
      paihao config key signing-key.pem
    """
    from firmware_config.generations import GenerationError, make_key

    with sentences(OSError, wrong=(GenerationError,)):
        public = make_key(file)
    click.echo(f"{file}: keep it off the devices and off the hall server")
    click.echo(f'signers = ["{public}"]')


@config.command()
@SITE
@ONE
@click.option("--out", type=FILE, required=True, help="Folder for the files, one folder a device.")
def render(site: Path, device: str, out: Path) -> None:
    """Write every file that devices would get.

    \b
    Example:
      paihao config render fleet --out rendered
    """
    for step in _steps(site, device):
        with sentences(OSError):
            (out / step.device).mkdir(parents=True, exist_ok=True)
            for part, text in step.new.files.items():
                (out / step.device / part).write_text(text, "utf-8")
        click.echo(f"{out / step.device}: {', '.join(sorted(step.new.files))}")


@config.command()
@SITE
@ONE
def diff(site: Path, device: str) -> None:
    """Show what the next generation changes on each device, and what that takes. Exit 0 also where nothing does.

    \b
    Example:
      paihao config diff fleet --device dispenser-1
    """
    from firmware_config.changes import difference, effects

    for step in _steps(site, device):
        if not step.changes:
            click.echo(f"{step.device}: nothing changes")
            continue
        takes = ", ".join(sorted(effects(step.old, step.new))) or "nothing"
        click.echo(f"{step.device}: generation {step.new.generation}, takes: {takes}")
        for line in difference(step.old, step.new):
            click.echo(f"  {line}")


@config.command()
@SITE
@ONE
@click.option("--key", "key_file", type=FILE, required=True, help="The private key.")
def sign(site: Path, device: str, key_file: Path) -> None:
    """Make and sign a new generation for each device whose configuration has changed.

    \b
    Example:
      paihao config sign fleet --key signing-key.pem
    """
    from firmware_config import generations

    found = list(_steps(site, device))
    with sentences(OSError, wrong=(generations.GenerationError,)):
        signer = generations.load_key(key_file)
        for step in found:
            if not step.changes:
                click.echo(f"{step.device}: nothing changes")
            else:
                generations.sign(site, step, signer)
                click.echo(f"{step.device}: generation {step.new.generation} signed")


@config.command()
@SITE
@click.option("--data", type=FILE, required=True, help="The hall's data directory.")
def publish(site: Path, data: Path) -> None:
    """Hand signed generations to the hall, which hands them on. Never an older one.

    \b
    Example:
      paihao config publish fleet --data /var/lib/paihao/hall
    """
    from firmware_config.generations import GenerationError
    from firmware_config.generations import publish as hand_over

    with sentences(OSError, wrong=(GenerationError,)):
        for device, generation in hand_over(site, data / "desired"):
            click.echo(f"{device}: generation {generation} published")


@config.command()
@click.argument("hall_toml", type=FILE)
def status(hall_toml: Path) -> None:
    """Show every device's generation: what it should have, what it has, and why not. Exit 1 if one lags.

    \b
    Example:
      paihao config status hall.toml
    """
    import asyncio
    import sys

    from command_line.fleet_status import rows
    from hall_server.adapters.hall_file import ConfigurationError, load_hall

    with sentences(OSError, TimeoutError, wrong=(ConfigurationError,)):
        found = asyncio.run(rows(load_hall(hall_toml), LISTENS_S))
    click.echo(f"{'device':<20} {'should':>6} {'has':>6}  status")
    for row in found:
        click.echo(f"{row.device:<20} {row.desired or '-':>6} {row.has or '-':>6}  {row.status}")
    if any(row.lags for row in found):
        sys.exit(1)


@click.command()
@DEVICE_FOLDER
@click.option("--secrets", type=FILE, default=Path("/etc/paihao/secrets"), show_default=True, help="Passphrases.")
@click.option("--board", type=FILE, help="A folder that stands for the board, for trials.")
@click.option("--heard-within", type=float, default=60.0, show_default=True, metavar="S", help="A trial lasts so long.")
def agent(folder: Path, secrets: Path, board: Path | None, heard_within: float) -> None:
    """Take configurations from the hall, try them, and take back those that do harm. Runs on every board.

    \b
    Examples:
      paihao agent
      paihao agent --folder device --board board
    """
    from firmware_config.agent.folder_board import FolderBoard
    from firmware_config.agent.main import Agent
    from firmware_config.agent.store import Store
    from firmware_config.agent.system_board import SystemBoard
    from hall_protocol.identity import IdentityError, load_identity

    identity = folder / "identity"
    with sentences(OSError, wrong=(IdentityError,)):
        role = load_identity(identity).role
        machine = FolderBoard(board) if board is not None else SystemBoard(role, secrets)
        until_stopped(Agent(identity, Store(folder / "config"), machine, heard_within).run())


COMMANDS = (config, agent)
