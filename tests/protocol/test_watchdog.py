"""systemd hears that a program is ready and gets on, and nothing once it does not."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hall_protocol.watchdog import Progress, keep_telling, notify, watched_s


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(systemd: socket.socket) -> list[str]:
    words = []
    while True:
        try:
            words.append(systemd.recv(256).decode())
        except BlockingIOError:
            return words


async def test_a_program_that_stops_getting_on_falls_silent(systemd: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "50000", "WATCHDOG_PID": str(os.getpid())}
    gets_on = True
    telling = asyncio.create_task(keep_telling(lambda: gets_on, environment))
    await asyncio.sleep(0.15)
    words = heard(systemd)
    assert words[0] == "READY=1"
    assert 4 <= words.count("WATCHDOG=1") <= 9
    gets_on = False
    await asyncio.sleep(0.05)
    heard(systemd)
    await asyncio.sleep(0.1)
    assert heard(systemd) == []
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def test_a_loop_that_hangs_falls_silent_too(systemd: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "50000"}
    telling = asyncio.create_task(keep_telling(lambda: True, environment))
    await asyncio.sleep(0)
    heard(systemd)
    # Something in the loop that never gives way.
    until = asyncio.get_running_loop().time() + 0.1
    while asyncio.get_running_loop().time() < until:
        pass
    assert heard(systemd) == []
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


def test_without_systemd_nothing_happens(tmp_path: Path) -> None:
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    assert watched_s({}) is None
    assert watched_s({"WATCHDOG_USEC": "soon"}) is None
    assert watched_s({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}) is None


def test_progress_is_recent_or_not() -> None:
    now = 10.0
    progress = Progress(5.0, lambda: now)
    now = 15.0
    assert progress.recent()
    now = 15.1
    assert not progress.recent()
    progress.made()
    assert progress.recent()
