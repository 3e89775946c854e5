"""When to warn: conditions come and go, an alert is raised once and eased once. Pure, with the time as an argument."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

MINUTE_MS = 60_000


class Key(NamedTuple):
    """What an alert is about: a trigger at a queue, window or device."""

    trigger: str
    place: str


class Level(NamedTuple):
    """How much there is to a condition now, and from where on it counts as on or off."""

    value: float
    on: float
    off: float
    on_after_ms: int = 0
    off_after_ms: int = 10 * MINUTE_MS


class Moved(NamedTuple):
    """An alert that begins or ends."""

    key: Key
    on: bool
    value: float


class Phase(msgspec.Struct):
    """Where a condition is in its way from off to on and back."""

    on: bool = False
    since: int | None = None
    """Since when the value has been on the other side."""


class Watch(msgspec.Struct):
    """Hysteresis for every condition: on when it has been high for a while, off when it has been low for a while.

    A condition that is not told of keeps its phase: silence is no sign that all is well.
    """

    phases: dict[str, Phase] = {}

    def step(self, levels: Mapping[Key, Level], now_ms: int) -> list[Moved]:
        """What changes now."""
        moved = []
        for key, level in levels.items():
            phase = self.phases.setdefault("/".join(key), Phase())
            other_side = level.value <= level.off if phase.on else level.value >= level.on
            if not other_side:
                phase.since = None
                continue
            if phase.since is None:
                phase.since = now_ms
            if now_ms - phase.since >= (level.off_after_ms if phase.on else level.on_after_ms):
                phase.on, phase.since = not phase.on, None
                moved.append(Moved(key, phase.on, level.value))
        return moved

    def close(self) -> None:
        """The hall is closed: every condition starts anew."""
        self.phases.clear()
