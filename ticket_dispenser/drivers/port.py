"""What a button driver asks of the dispenser's desk."""

import asyncio
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from hall_protocol.commands import CheckIn, Issue
from hall_protocol.messages import Catalogue

Status = Literal["issuing", "paused", "trouble"]
"""For a lamp: numbers are given out; none are, as the hall wishes; none can be."""


class Answer(NamedTuple):
    """What a visitor is told after a press.

    `kind` is printed, on_screen (no paper: write the number down), refused, no_answer (press again), or repeated (the
    same press as a moment ago).
    """

    kind: str
    label: str | None = None
    url: str | None = None
    code: str | None = None
    message: str | None = None
    trouble: str | None = None
    ticket_id: str | None = None
    offline: bool = False
    """The number was given out without the hall."""
    others: tuple[str, ...] = ()
    """Where there is paper, if there is none here."""
    came: str | None = None
    """Whether a visitor with an appointment is in_time, late (and has a number like a walk-in's), or here again."""


class Desk(Protocol):
    """Takes presses."""

    @property
    def catalogue(self) -> Catalogue | None:
        """The catalogue, once the hall has been heard."""

    @property
    def linked(self) -> bool:
        """Whether the broker can be reached."""

    async def press(self, order: Issue | CheckIn) -> Answer:
        """A visitor asks for a number, or comes with an appointment."""

    async def reprint(self) -> Answer:
        """Staff ask for the last slip that may not have come out."""

    def status(self, service_id: str) -> Status:
        """Whether numbers are given out for a service just now."""

    def on_change(self, listener: Callable[[], None]) -> None:
        """Hear when the catalogue or the link changes."""


class Lines(Protocol):
    """Where lines come from: a terminal, a keypad, a scanner."""

    async def read(self, take: Callable[[str | None], None]) -> asyncio.ReadTransport:
        """Tell of every line, and None at the end."""


class Driver(Protocol):
    """Turns what people do into presses, until cancelled."""

    async def run(self, desk: Desk) -> None:
        """Serve visitors."""
