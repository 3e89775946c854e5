"""Commands of enrolment: `enrol` on a device, `devices` for whoever lets it in, `broker` for the broker's files."""

import json
from pathlib import Path
from typing import Any

import click

from command_line.running import DEVICE_FOLDER, FILE, fail, sentences

Signed = tuple[str, str, str | None]
"""The hall, who asks, and the password if it was given."""


@click.command()
@click.option("--hall", required=True, metavar="URL", help="The hall server, such as http://192.0.2.10:8080.")
@click.option("--device", required=True, help="The id under which hall.toml knows this device.")
@DEVICE_FOLDER
def enrol(hall: str, device: str, folder: Path) -> None:
    """Make this device one of the hall's: shows a code for whoever lets it in.

    \b
    Example:
      paihao enrol --hall http://192.0.2.10:8080 --device dispenser-1
    """
    from firmware_config.enrolling import EnrollingError
    from firmware_config.enrolling import enrol as ask

    def show(code: str) -> None:
        click.echo(f"\n    {code}\n")
        click.echo("Type this code at the hall within ten minutes: on /manage, or with")
        click.echo(f"paihao devices approve {device} {code}")

    with sentences(OSError, EnrollingError):
        known = ask(hall.rstrip("/"), device, folder / "identity", show)
    click.echo(f"{known.device} belongs to {known.hall} as a {known.role}; its broker is {known.host}:{known.port}")


@click.group()
@click.option("--hall", default="http://127.0.0.1:8080", show_default=True, metavar="URL", help="The hall server.")
@click.option("--manager", default="manager", show_default=True, help="Who signs in.")
@click.option("--password", envvar="PAIHAO_PASSWORD", help="Asked for if not given; or PAIHAO_PASSWORD.")
@click.pass_context
def devices(context: click.Context, hall: str, manager: str, password: str | None) -> None:
    """See who asks to belong to the hall, let devices in, send them away.

    \b
    Examples:
      paihao devices list
      paihao devices approve dispenser-1 7K2QD-M9XWP
      paihao devices revoke dispenser-1
    """
    context.obj = (hall.rstrip("/"), manager, password)


@devices.command("list")
@click.pass_obj
def list_them(obj: Signed) -> None:
    """Show who waits and who is there.

    \b
    Example:
      paihao devices list
    """
    told = _ask(obj, "/api/v1/devices")
    for one in told["waiting"]:
        click.echo(f"{one['device']:<20} waits for its code to be typed, from {one['address']}, since {one['for_s']} s")
    for one in told["devices"]:
        certificate = "certificate" if one["enrolled"] else "no certificate"
        click.echo(f"{one['device']:<20} {one['role']:<10} {one['state']:<8} {certificate}")


@devices.command()
@click.argument("device")
@click.argument("code")
@click.pass_obj
def approve(obj: Signed, device: str, code: str) -> None:
    """Let a device in that shows this code.

    \b
    Example:
      paihao devices approve dispenser-1 7K2QD-M9XWP
    """
    _ask(obj, f"/api/v1/devices/{device}/approval", {"code": code})
    click.echo(f"{device} belongs to the hall; a certificate that it had before is revoked")


@devices.command()
@click.argument("device")
@click.pass_obj
def revoke(obj: Signed, device: str) -> None:
    """Send a device away: lost, dead or replaced.

    \b
    Example:
      paihao devices revoke dispenser-1
    """
    _ask(obj, f"/api/v1/devices/{device}/revocation", {})
    click.echo(f"{device} may do nothing any more; paihao enrol makes it anew")


@devices.command()
@click.argument("device")
@click.pass_obj
def retire(obj: Signed, device: str) -> None:
    """A device or its card has died: revoke its certificate and take back the numbers that were lent to it.

    \b
    Example:
      paihao devices retire dispenser-1
    """
    obj = _with_password(obj)
    known = {one["device"]: one for one in _ask(obj, "/api/v1/devices")["devices"]}
    enrolled, lent = (known[device]["enrolled"], known[device]["lent"]) if device in known else (False, [])
    if enrolled:
        _ask(obj, f"/api/v1/devices/{device}/revocation", {})
        click.echo(f"{device}: its certificate is revoked")
    if lent:
        _ask(obj, f"/api/v1/devices/{device}/numbers", {})
        click.echo(f"{device}: {', '.join(lent)} are accounted for")
    if not enrolled and not lent:
        click.echo(f"{device}: nothing to take back")


def _with_password(obj: Signed) -> Signed:
    hall, manager, password = obj
    return hall, manager, password or click.prompt(f"Password of {manager}", hide_input=True, err=True)


def _ask(obj: Signed, path: str, body: Any = None) -> Any:
    from hall_protocol.hall_http import HallHttpError, ask

    hall, manager, password = _with_password(obj)
    with sentences(HallHttpError):
        said = ask(hall + path, None if body is None else json.dumps(body).encode(), who=(manager, password or ""))
    return json.loads(said or b"null")


@click.command()
@click.argument("hall_toml", type=FILE)
def broker(hall_toml: Path) -> None:
    """Write the files of an external Mosquitto, and the hall's authority if there is none yet.

    The hall keeps them current while it runs; the broker is reloaded when they change.

    \b
    Example:
      paihao broker hall.toml
    """
    from hall_server.adapters.certified_fleet import broker_folder
    from hall_server.adapters.hall_file import ConfigurationError, load_hall

    with sentences(OSError, wrong=(ConfigurationError,)):
        loaded = load_hall(hall_toml)
        if loaded.file.fleet is None:
            fail(f"{hall_toml}: there is no [fleet]", 2)
        broker_folder(loaded, loaded.file.fleet)
        folder = loaded.data / loaded.file.fleet.files
    click.echo(f"{folder}: written; start it with: mosquitto -c {folder}/mosquitto.conf")


COMMANDS = (enrol, devices, broker)
