"""The hall's voice in the browsers that show the main display: each announcement is a sound that all of them fetch."""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable

from voice.sound import duration_s

KEPT = 4
"""A browser on a slow line may still fetch what is being said."""
PAUSE_S = 0.5
"""Between two announcements, for browsers that began a little late."""


class Sounds:
    """A player of the voice; the newest announcements by number."""

    def __init__(self) -> None:
        self._kept: dict[int, bytes] = {}
        # A page that stays open over a restart of the hall must not take a new sound for one that it has said.
        self._numbers = itertools.count(secrets.randbelow(10**8))
        self.announce: Callable[[bytes], None] = lambda _event: None
        """Tells the browsers; set by the web application."""

    def get(self, number: int) -> bytes | None:
        """An announcement as a WAV file; None if it is over."""
        return self._kept.get(number)

    async def play(self, sound: bytes) -> None:
        """Let all browsers say it; returns when they have."""
        number = next(self._numbers)
        self._kept[number] = sound
        self._kept.pop(number - KEPT, None)
        self._tell(f"/api/v1/board/voice/{number}.wav")
        await asyncio.sleep(duration_s(sound) + PAUSE_S)
        # Whoever opens the page now is not to hear what is over.
        self._tell(None)

    def _tell(self, sound: str | None) -> None:
        self.announce(json.dumps({"sound": sound}).encode())
