"""Whether the hall can be reached: the link to the broker, what the hall says of itself, and whether it answers."""

import asyncio
import time

from hall_protocol.messages import HallState

SHORT_S = 3.0
"""A link that has been away for no longer usually comes back in a moment."""


class Reach:
    """Asked at each press, so that nobody waits for a hall that is known to be away."""

    def __init__(self, linked: asyncio.Event, grace_s: float) -> None:
        self._linked, self._grace_s = linked, grace_s
        self._online = True
        self._silent = False
        self._down_since = time.monotonic()

    @property
    def up(self) -> bool:
        """Whether it is worth asking."""
        return self._linked.is_set() and self._online and not self._silent

    async def up_soon(self) -> bool:
        """Whether it is worth asking now or in a moment: a program that has just started is not yet cut off."""
        just_gone = time.monotonic() - self._down_since < SHORT_S
        if not self._linked.is_set() and just_gone and self._online and not self._silent:
            try:
                async with asyncio.timeout(self._grace_s):
                    await self._linked.wait()
            except TimeoutError:
                return False
        return self.up

    def link(self, up: bool) -> None:
        """The link to the broker has come or gone."""
        if not up:
            self._down_since = time.monotonic()

    def hear(self, state: HallState) -> None:
        """The hall's own word, or its last will."""
        self._online = state.state == "online"
        if self._online:
            self._silent = False

    def answered(self, yes: bool) -> None:
        """Whether the last order got an answer in time."""
        self._silent = not yes
