"""Says each new call aloud, by the schedule, in the hall's languages."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from hall_protocol.codec import decode
from hall_protocol.messages import Board, Message, Progress, WindowView
from hall_protocol.topics import Topics
from voice.clips import Clips, MissingClipError
from voice.schedule import Schedule, loudness_at
from voice.sentences import Call, sentence
from voice.settings import VoiceSettings

log = structlog.get_logger()


class Player(Protocol):
    """Plays one sound at a time."""

    async def play(self, sound: bytes) -> None:
        """Play a WAV file and return when it is over. Trouble with the device is logged and no reason to stop."""


class Speaker:
    """Hears the board; what was on it before this program started is no news.

    Args:
        settings: languages, how loud when, how often, of which zone.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        topics: Topics,
        settings: VoiceSettings,
        clips: Clips,
        player: Player,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._topics, self._settings, self._clips, self._player = topics, settings, clips, player
        self._schedule, self._clock = Schedule(settings.repeats), clock
        self._said: dict[str, tuple[str, int]] | None = None
        """Window and number of calls of each label on the newest board."""
        self._seq = -1
        self._minute: int | None = None
        self._called = asyncio.Event()
        self.adjust(settings)

    def adjust(self, settings: VoiceSettings) -> None:
        """Take over another loudness, from the next call on."""
        self._hours, self._usual = settings.loudness(), settings.percent

    def receive(self, topic: str, payload: bytes) -> None:
        """A published message."""
        if topic == self._topics.board:
            self.hear(decode(payload, Board))
        elif topic.startswith(self._topics.window("")):
            self.hear(decode(payload, WindowView))
        elif topic == self._topics.progress:
            self.hear(decode(payload, Progress))

    def hear(self, message: Message | None) -> None:
        """The same as it was before it was published; what is no news for a voice is ignored."""
        if isinstance(message, Board) and message.seq >= self._seq:
            self._seq = message.seq
            self._hear(message)
        elif isinstance(message, WindowView) and message.label is not None and message.state == "serving":
            self._schedule.withdraw(message.label)
        elif isinstance(message, Progress):
            self._minute = int(message.generated_at[11:13]) * 60 + int(message.generated_at[14:16])

    def _hear(self, board: Board) -> None:
        calls = [call for call in board.calls if self._settings.zone in ("", call.zone)]
        before, self._said = self._said, {call.label: (call.window, call.calls) for call in calls}
        if before is None:
            return
        for call in reversed(calls):
            if before.get(call.label) != (call.window, call.calls):
                self._schedule.call(Call(call.label, call.window), self._clock())
                self._called.set()

    async def run(self) -> None:
        """Speak until cancelled."""
        while True:
            announcement = self._schedule.next(self._clock())
            if announcement is not None:
                await self._say(announcement.call)
                continue
            self._called.clear()
            await self._called.wait()

    async def _say(self, call: Call) -> None:
        percent = loudness_at(self._minute, self._hours, self._usual)
        if percent == 0:
            return
        sentences = [(language, sentence(call, language)) for language in self._settings.languages]
        try:
            sound = self._clips.joined(sentences, percent)
        except MissingClipError as error:
            log.error("voice_clip_missing", reason=str(error))
            return
        log.info("said", label=call.label, window=call.window, percent=percent)
        await self._player.play(sound)
