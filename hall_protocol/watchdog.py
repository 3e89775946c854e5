"""systemd's watchdog: it is told that a program gets on with its work, not just that it lives.

Units say `Type=notify` and `WatchdogSec=`; a program that stops getting on is started again. Without systemd nothing is
told to anybody.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

import structlog

log = structlog.get_logger()

SHARE = 0.4
"""Of the time that systemd waits: the word comes twice before it is missed."""


def notify(message: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell systemd something (sd_notify); False where nobody listens."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as told:
            told.sendto(message.encode(), address)
    except OSError as error:
        log.warning("systemd_not_told", reason=str(error))
        return False
    return True


def watched_s(environment: Mapping[str, str] = os.environ) -> float | None:
    """How long systemd waits for a word; None if it does not, or watches another process."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        return int(environment["WATCHDOG_USEC"]) / 1e6
    except (KeyError, ValueError):
        return None


async def keep_telling(gets_on: Callable[[], bool], environment: Mapping[str, str] = os.environ) -> None:
    """Say that the program is ready, and then again and again that it gets on, until cancelled.

    Args:
        gets_on: whether the program's own work has come further lately; asked in the event loop, so that a loop that
            hangs says nothing either.
        environment: where systemd leaves its wishes.
    """
    notify("READY=1", environment)
    waits_s = watched_s(environment)
    if waits_s is None:
        await asyncio.Event().wait()
        return
    while True:
        if gets_on():
            notify("WATCHDOG=1", environment)
        else:
            log.error("no_progress", restarts_within_s=waits_s)
        await asyncio.sleep(waits_s * SHARE)


class Progress:
    """When a piece of work last came further."""

    def __init__(self, within_s: float, clock: Callable[[], float]) -> None:
        self._within_s, self._clock = within_s, clock
        self._at = clock()

    def made(self) -> None:
        """It has just come further."""
        self._at = self._clock()

    def recent(self) -> bool:
        """Whether that was lately."""
        return self._clock() - self._at <= self._within_s
