"""What a site says about its voice: languages, clips, how loud when. For the displays' and the hall's files."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from voice.clips import Clips, MissingClipError
from voice.schedule import Loudness
from voice.sentences import clip_names

Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]


class LoudnessSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How loud the voice is in a stretch of the day, `from` ≤ t < `to` (HH:MM, the hall's time)."""

    start: Clock = msgspec.field(name="from")
    to: Clock
    percent: Annotated[int, Meta(ge=0, le=100)]


class VoiceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls said aloud."""

    languages: Annotated[tuple[Literal["cmn", "yue", "en"], ...], Meta(min_length=1)] = ("cmn", "yue")
    """Mandarin, Cantonese, English; one after the other."""
    clips: str = "clips"
    """The default clips, made by `paihao voice make`."""
    own_clips: str = ""
    """The site's own recordings, clip by clip in place of the defaults."""
    percent: Annotated[int, Meta(ge=0, le=100)] = 80
    hours: tuple[LoudnessSection, ...] = ()
    repeats: Annotated[int, Meta(ge=1, le=5)] = 2
    zone: str = ""
    """Only calls of this zone."""

    def loudness(self) -> list[Loudness]:
        """How loud at which time of the day."""
        return [Loudness(_minutes(part.start), _minutes(part.to), part.percent) for part in self.hours]

    def folders(self, folder: Path) -> list[Path]:
        """Where clips are looked for, in this order; relative paths count from `folder`."""
        return [folder / name for name in (self.own_clips, self.clips) if name]


def all_clips(settings: VoiceSettings, folder: Path) -> Clips:
    """The clips of a voice that can say every call.

    Raises:
        MissingClipError: some are missing.
    """
    clips = Clips(settings.folders(folder))
    missing = [f"{one}/{name}" for one in settings.languages for name in clips.missing(one, clip_names(one))]
    if missing:
        raise MissingClipError(
            f"voice: {folder / settings.clips} lacks {len(missing)} clips ({missing[0]}.wav …); "
            f"`paihao voice make --out {folder / settings.clips}` makes them"
        )
    return clips


def _minutes(clock: str) -> int:
    """After midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
