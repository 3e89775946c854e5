"""Commands that prove things: bench, test."""

import asyncio
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from command_line.running import fail

if TYPE_CHECKING:
    from benchmarks.figures import Report

ROOT = Path(__file__).parent.parent
BENCHES = ("latency", "throughput", "recovery", "memory", "priority", "forecast", "alerts")
DEBIAN_PACKAGES = {
    "chromium": ("chromium", "pages in a browser"),
    "mosquitto": ("mosquitto", "the contract suite on the second broker, and devices with certificates"),
    "espeak-ng": ("espeak-ng", "the default voice"),
    "debootstrap": ("debootstrap", "boards, from a bare Debian"),
    "systemd-nspawn": ("systemd-container", "boards that boot"),
}
"""By program: its package, and what is tested with it."""
SYSTEM_PROGRAMS = "/usr/sbin:/sbin"
DAYS = {"priority": 100, "forecast": 60, "alerts": 240}
"""Benchmarks over simulated days, and how many by default."""
WORKERS = "2"
NIGHTLY = ("tests/fuzz", "tests/property")
"""What is tried with many more examples at night."""


@click.command()
@click.argument("name", type=click.Choice(BENCHES))
@click.option("--json", "as_json", is_flag=True, help="Figures for programs.")
@click.option("--tickets", type=click.IntRange(1000), default=100_000, help="throughput: tickets at the end.")
@click.option("--events", type=click.IntRange(1000), default=1_000_000, help="recovery: events in the journal.")
@click.option("--presses", type=click.IntRange(100), default=1000, help="latency: how many numbers are taken.")
@click.option("--days", type=click.IntRange(2), help="priority, forecast, alerts: simulated days.")
@click.option("--seed", type=int, default=1, help="priority, forecast, alerts: which days.")
def bench(name: str, as_json: bool, tickets: int, events: int, presses: int, days: int | None, seed: int) -> None:
    """Measure something, with its floor in the same run. Nothing is asserted.

    \b
    Examples:
      paihao bench throughput --tickets 20000
      paihao bench latency --json
      paihao bench priority --days 200 --seed 7
    """
    run = import_module(f"benchmarks.{name}").run
    if name in DAYS:
        report: Report = run(days or DAYS[name], seed)
    else:
        arguments = {"throughput": (tickets,), "recovery": (events,), "latency": (presses,), "memory": ()}[name]
        report = asyncio.run(run(*arguments))
    click.echo(report.as_json() if as_json else report.as_text())


@click.command()
@click.argument("only", nargs=-1)
@click.option("--nightly", is_flag=True, help="Fuzz and property tests, 50,000 examples each: takes hours.")
def test(only: tuple[str, ...], nightly: bool) -> None:
    """Prove the project: lint, types, import contracts, all tests. With paths, only those tests.

    \b
    Examples:
      paihao test
      paihao test tests/domain
      paihao test --nightly
      paihao test --nightly tests/fuzz
    """
    if not (ROOT / "tests").is_dir():
        fail("the tests are in the project's checkout; run ./paihao test there", 2)
    _ensure_debian_packages()
    python = (sys.executable, "-m")
    profile = ("--hypothesis-profile", "nightly") if nightly else ()
    pytest = (*python, "pytest", "-q", *profile, *(only or (NIGHTLY if nightly else ("tests",))))
    steps: list[tuple[str, tuple[str, ...]]] = [
        ("lint", (*python, "ruff", "check", ".")),
        ("format", (*python, "ruff", "format", "--check", ".")),
        ("types", (*python, "mypy")),
        ("import contracts", (str(Path(sys.executable).parent / "lint-imports"),)),
        ("tests", (*pytest, "-n", WORKERS, "--dist", "loadfile")),
    ]
    failed = [name for name, command in (steps[-1:] if only or nightly else steps) if not _passes(name, command)]
    if failed:
        fail(f"failed: {', '.join(failed)}")


def _passes(name: str, command: tuple[str, ...]) -> bool:
    click.echo(f"── {name}", err=True)
    # The checkout comes first: tests start programs with `python -m command_line`.
    search = f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": search}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def _ensure_debian_packages() -> None:
    """Install what a few tests need where that may be done; say exactly what is missing where it may not."""
    search = f"{os.environ.get('PATH', '')}:{SYSTEM_PROGRAMS}"
    missing = [DEBIAN_PACKAGES[name] for name in DEBIAN_PACKAGES if shutil.which(name, path=search) is None]
    if not missing:
        return
    apt = shutil.which("apt-get")
    if apt is not None and os.geteuid() == 0:
        click.echo(f"installing from Debian: {', '.join(package for package, _ in missing)}", err=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([apt, "update", "-qq"], env=environment, check=False, stdout=sys.stderr)
        install = [apt, "install", "-y", "-qq", "--no-install-recommends", *(package for package, _ in missing)]
        if subprocess.run(install, env=environment, check=False, stdout=sys.stderr).returncode == 0:
            return
    for package, use in missing:
        click.echo(f"missing, so not tested: {use} (as root: apt-get install {package})", err=True)


COMMANDS = (bench, test)
