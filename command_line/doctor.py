"""The doctor: what works and what is missing on this machine, one line each."""

import importlib.util
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from command_line.running import FILE, fail

SLOW_SYNC_MS = 100.0
FREE_MB = 500
PROGRAMS = (
    ("mosquitto", "tests on the second broker", "mosquitto"),
    ("espeak-ng", "making the default voice", "espeak-ng"),
    ("aplay", "the voice's sound card", "alsa-utils"),
)
"""With what they are for and their Debian packages."""

ROLE_MODULES: dict[str, tuple[str, ...]] = {
    "hall": ("aiohttp", "argon2", "cryptography", "jinja2", "prometheus_client", "chinese_calendar"),
    "dispenser": ("escpos", "tinydb", "PIL", "segno"),
    "display": ("PIL",),
    "terminal": ("textual",),
    "kiosk": (),
}
KIOSK_PROGRAMS = (
    ("cage", "a screen with a page", "cage"),
    ("Xwayland", "cage, which ends at once without it", "xwayland"),
    ("chromium", "a screen with a page", "chromium"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. What is not needed for the role is a note, not a failure."""

    good: bool
    text: str
    needed: bool = True


def examine(role: str, folder: Path) -> Iterator[Finding]:
    """Everything that a role needs, in the order in which somebody would mend it."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"Python {version} (3.11 or newer)")
    roles = ROLE_MODULES if role == "all" else {role: ROLE_MODULES[role]}
    for name, modules in roles.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        said = f"missing {', '.join(missing)}: pip install 'paihao[{name}]'" if missing else "all libraries"
        yield Finding(not missing, f"{name}: {said}")
    if "hall" in roles:
        yield from (_checked("broker", _broker), _checked("time zones", _time_zones))
    if roles.keys() & {"dispenser", "display"}:
        yield _checked("font", _font)
    yield _checked("disk", lambda: _disk(folder))
    if "kiosk" in roles:
        yield from (_program(*program, needed=role == "kiosk") for program in KIOSK_PROGRAMS)
    yield from (_program(*program, needed=False) for program in PROGRAMS)


def _program(program: str, use: str, package: str, *, needed: bool) -> Finding:
    there = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None
    return Finding(there, f"{program}, for {use}" + ("" if there else f": apt-get install {package}"), needed)


def configured(role: str, config: Path) -> Iterator[Finding]:
    """What the role's own file names."""
    from command_line.doctor_roles import checks

    try:
        for one in checks(role, config):
            yield _checked(one.what, one.check, needed=one.needed)
    except Exception as error:  # noqa: BLE001  whatever is wrong is what the doctor is to say
        yield Finding(False, f"configuration: {error}")


def _checked(what: str, check: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(True, f"{what}: {check()}", needed)
    except Exception as error:  # noqa: BLE001  whatever is wrong is what the doctor is to say
        return Finding(False, f"{what}: {error}", needed)


def _broker() -> str:
    from hall_server.adapters.broker_process import find_nats

    return str(find_nats())


def _time_zones() -> str:
    from zoneinfo import ZoneInfo

    return str(ZoneInfo("Asia/Shanghai"))


def _font() -> str:
    from glyphs import font

    return f"{font(16).getname()[0]}"


def _disk(folder: Path) -> str:
    """Free space, and how long the disk takes to promise anything: an order waits for that."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < FREE_MB:
        raise OSError(f"only {free} MB free in {folder}")
    times = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(10):
            file.write(b"x" * 400)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    sync = sorted(times)[5]
    if sync > SLOW_SYNC_MS:
        raise OSError(f"a sync takes {sync:.0f} ms in {folder}; every order waits for one")
    return f"{free} MB free, a sync takes {sync:.1f} ms"


@click.command()
@click.option("--role", type=click.Choice(["all", *ROLE_MODULES]), default="all", show_default=True, help="What to be.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="Folder whose disk is looked at.",
)
@click.option("--config", type=FILE, help="The role's own file: its broker and every device it names are looked at.")
def doctor(role: str, data: Path, config: Path | None) -> None:
    """Say what works and what is missing on this machine. Exit 1 if anything needed fails.

    \b
    Examples:
      paihao doctor
      paihao doctor --role display --data /var/lib/paihao
      paihao doctor --role dispenser --config /var/lib/paihao/dispenser/config/current/device.toml
    """
    if config is not None and role == "all":
        fail("--config belongs to one --role", 2)
    findings = list(examine(role, data))
    if config is not None:
        findings += configured(role, config)
    for finding in findings:
        mark = "ok     " if finding.good else "MISSING" if finding.needed else "note   "
        click.echo(f"{mark}  {finding.text}")
    if any(finding.needed and not finding.good for finding in findings):
        sys.exit(1)


COMMANDS = (doctor,)
