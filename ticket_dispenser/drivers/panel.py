"""A panel of buttons with lamps: which press counts, what it asks for, and which lamp burns. Pure; time comes in.

Contacts bounce for some milliseconds when they open and close, and lines pick up noise: a level counts once it has been
steady for `debounce_s`. A held button is one press.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from hall_protocol.commands import Green, Issue
from ticket_dispenser.drivers.port import Status

BLINKS_A_S = {"slow": 1.0, "quick": 2.0}
"""Never above 3, for those whom flashing makes ill."""


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A button. With a service it takes a number for it; without one its `green` goes along with the next press."""

    pin: Annotated[int, Meta(ge=0, le=27)]
    """The GPIO number (BCM); on a simulated panel just a name."""
    lamp: Annotated[int, Meta(ge=0, le=27)] | None = None
    service_id: str = ""
    green: tuple[Green, ...] = ()

    @property
    def is_help(self) -> bool:
        """Whether it is the help button."""
        return not self.service_id


class Lamp(StrEnum):
    """How a lamp burns."""

    OFF = "off"
    ON = "on"
    SLOW = "slow"
    QUICK = "quick"

    def burns(self, at: float) -> bool:
        """Whether it is bright at this moment."""
        if self in (Lamp.OFF, Lamp.ON):
            return self is Lamp.ON
        return int(2 * BLINKS_A_S[self] * at) % 2 == 0


@dataclass
class _Contact:
    down: bool = False
    seen: bool = False
    """The newest level, which may still be a bounce."""
    since: float = 0.0
    settled: float = 0.0
    """When the level that counts began."""


class Reprint(NamedTuple):
    """Print the last slip again that may not have come out."""


@dataclass
class Panel:
    """All buttons. `edge` hears of every change of a contact, `settle` gives the presses that have become certain."""

    keys: Sequence[Key]
    debounce_s: float = 0.02
    armed_s: float = 10.0
    """So long after the help button the next press still goes along with it."""
    reprint_s: float = 5.0
    """Who holds the help button for so long has mended the printer."""
    language: str = "zh-Hans"
    _contacts: dict[int, _Contact] = field(default_factory=dict)
    _armed: tuple[Key, float] | None = None

    def edge(self, pin: int, down: bool, at: float) -> None:
        """A contact has closed or opened."""
        contact = self._contacts.setdefault(pin, _Contact())
        if contact.seen != down:
            contact.seen, contact.since = down, at

    def settle(self, at: float) -> Iterator[Issue | Reprint]:
        """What visitors want, as of now; and staff, who hold the help button for a while."""
        for key in self.keys:
            contact = self._contacts.get(key.pin)
            if contact is None or contact.seen == contact.down or at - contact.since < self.debounce_s:
                continue
            held_s, contact.down = contact.since - contact.settled, contact.seen
            contact.settled = contact.since
            if contact.down:
                yield from self._pressed(key, at)
            elif key.is_help and held_s >= self.reprint_s:
                self._armed = None
                yield Reprint()

    def _pressed(self, key: Key, at: float) -> Iterator[Issue]:
        armed = self._armed_key(at)
        if key.is_help:
            # Pressed once more it is taken back.
            self._armed = None if armed is key else (key, at)
            return
        self._armed = None
        green = tuple(dict.fromkeys((*key.green, *(armed.green if armed else ()))))
        yield Issue(key.service_id, green=green, language=self.language)

    def _armed_key(self, at: float) -> Key | None:
        return self._armed[0] if self._armed is not None and at - self._armed[1] < self.armed_s else None

    def lamps(self, statuses: Mapping[str, Status], at: float) -> dict[int, Lamp]:
        """How each lamp burns: steadily where numbers are given out, slowly blinking where there is trouble."""
        how: dict[Status, Lamp] = {"issuing": Lamp.ON, "paused": Lamp.OFF, "trouble": Lamp.SLOW}
        armed = self._armed_key(at)
        return {
            key.lamp: (Lamp.QUICK if key is armed else Lamp.ON) if key.is_help else how[statuses[key.service_id]]
            for key in self.keys
            if key.lamp is not None
        }
