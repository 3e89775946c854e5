"""What many tests stand on: a running demo for each worker, and brokers of both makes."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from command_line.stage import Stage, broker, lay_out
from tests.examples import SUITE
from tests.wire import Demo

ROOT = Path(__file__).parent.parent

settings.load_profile(SUITE)  # another one by --hypothesis-profile


def start_demo(data: Path, *options: str) -> tuple["subprocess.Popen[bytes]", Demo]:
    """`paihao demo` on free ports, ready to be used."""
    command = [sys.executable, "-m", "command_line", "demo", "--http-port", "0", "--mqtt-port", "0"]
    log = data.parent / f"{data.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--data", str(data), *options], cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    for _ in range(600):
        if (data / "demo.json").exists():
            described: dict[str, Any] = json.loads((data / "demo.json").read_text("utf-8"))
            return process, Demo(data, described)
        assert process.poll() is None, log.read_text("utf-8")
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"the demo did not come up: {log.read_text('utf-8')}")


def stop_demo(process: "subprocess.Popen[bytes]") -> float:
    """SIGTERM; the seconds until it was gone."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    return time.monotonic() - began


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A hall with devices and nobody in it."""
    process, running = start_demo(tmp_path_factory.mktemp("demo") / "hall", "--no-visitors")
    yield running
    stop_demo(process)


@pytest.fixture(autouse=True)
def databases_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tests open journals to look into them; from Python 3.13 on one that is left open is a warning, and so a failure."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connected(*words: Any, **more: Any) -> sqlite3.Connection:
        opened.append(connect(*words, **{"check_same_thread": False, **more}))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", connected)
    yield
    for connection in opened:
        connection.close()


def needs(program: str) -> str:
    """The path of a Debian program, or a skip that says what is missing; in CI nothing may be missing."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed; in CI every test runs")
        pytest.skip(f"{program} is not installed: apt-get install {program}")
    return found


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A laid-out hall with its broker running and nothing else."""
    laid = lay_out(tmp_path / "hall")
    async with broker(laid):
        yield laid
