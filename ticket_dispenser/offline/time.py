"""How old a ticket really is, on a board whose clock may be wrong or missing.

Within one boot the time since booting says it exactly. Across boots the hall's own time does, where it had been heard
in the ticket's boot and is heard again; else only what is certain counts: the order, and the time both boots have run.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Stamp(NamedTuple):
    """A moment on this board: which boot, and milliseconds since then (running on while it sleeps)."""

    boot: str
    ms: int


class Taken(NamedTuple):
    """When a ticket was taken; `hall_ms` is the hall's time (Unix ms) as far as it was known."""

    stamp: Stamp
    hall_ms: int | None


def boot_stamp() -> Stamp:
    """Now."""
    return Stamp(BOOT_ID.read_text().strip(), time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000)


class HallTime:
    """The hall's clock, as heard and carried on by this boot's own. `stamp` says where this boot is."""

    def __init__(self, stamp: Callable[[], Stamp] = boot_stamp) -> None:
        self.stamp = stamp
        self._heard: tuple[Stamp, datetime] | None = None

    def hear(self, generated_at: str) -> None:
        """A time in a message that the hall has just made."""
        self._heard = self.stamp(), datetime.fromisoformat(generated_at)

    def ms(self) -> int | None:
        """Unix milliseconds by the hall; None before it was heard in this boot."""
        now = self.stamp()
        if self._heard is None or self._heard[0].boot != now.boot:
            return None
        stamp, at = self._heard
        return round(at.timestamp() * 1000) + now.ms - stamp.ms

    def local(self) -> str:
        """Date and time for people, YYYY-MM-DD HH:MM; empty if not known."""
        ms = self.ms()
        if ms is None or self._heard is None:
            return ""
        return datetime.fromtimestamp(ms / 1000, self._heard[1].tzinfo).strftime("%Y-%m-%d %H:%M")

    def ages_ms(self, taken: Sequence[Taken]) -> list[int]:
        """Real ages of tickets now."""
        return ages_ms(taken, self.stamp(), self.ms())


def ages_ms(taken: Sequence[Taken], now: Stamp, hall_now_ms: int | None) -> list[int]:
    """Real ages of tickets, in the order in which they were taken; never rising along it."""
    latest = {one.stamp.boot: one.stamp.ms for one in taken}
    ages: list[int] = []
    least = 0
    for one in reversed(taken):
        if one.stamp.boot == now.boot:
            age = now.ms - one.stamp.ms
        elif one.hall_ms is not None and hall_now_ms is not None:
            age = hall_now_ms - one.hall_ms
        else:
            age = now.ms + latest[one.stamp.boot] - one.stamp.ms
        least = max(least, age)
        ages.append(least)
    return ages[::-1]
