"""Clips from folders, joined to one sound. A site's own recordings go before the defaults, clip by clip.

A clip is `<folder>/<language>/<name>.wav`, one channel of 16 bits at any rate that all clips of a sentence share.
"""

import array
import wave
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from voice.sound import wav

GAP_S = 0.06
BETWEEN_LANGUAGES_S = 0.4
USUAL_RATE = 22_050


class MissingClipError(Exception):
    """A sentence needs a clip that no folder has, or that cannot be used; one sentence."""


class Clip(NamedTuple):
    """Samples of one clip."""

    rate: int
    samples: bytes


class Clips:
    """All clips of a voice."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        # At their level, as making clips quieter takes longer than joining them.
        self._load = lru_cache(maxsize=256)(self._read)

    def joined(self, sentences: Sequence[tuple[str, Sequence[str]]], percent: int) -> bytes:
        """A WAV file with sentences (language and clip names) one after the other, at a level in percent.

        Raises:
            MissingClipError: a clip is missing, or clips do not fit together.
        """
        rate, sound = 0, bytearray()
        for number, (language, names) in enumerate(sentences):
            for name in names:
                clip = self._load(language, name, percent)
                rate = rate or clip.rate
                if clip.rate != rate:
                    raise MissingClipError(f"{language}/{name}.wav: {clip.rate} samples a second, others have {rate}")
                sound += clip.samples + bytes(2 * round(rate * GAP_S))
            if number + 1 < len(sentences):
                sound += bytes(2 * round(rate * BETWEEN_LANGUAGES_S))
        return wav(bytes(sound), rate or USUAL_RATE)

    def missing(self, language: str, names: Sequence[str]) -> list[str]:
        """Clips that no folder has."""
        return [name for name in names if self._path(language, name) is None]

    def _path(self, language: str, name: str) -> Path | None:
        paths = (folder / language / f"{name}.wav" for folder in self._folders)
        return next((path for path in paths if path.is_file()), None)

    def _read(self, language: str, name: str, percent: int) -> Clip:
        path = self._path(language, name)
        if path is None:
            raise MissingClipError(f"{language}/{name}.wav: no such clip")
        try:
            with wave.open(str(path)) as file:
                if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                    raise MissingClipError(f"{path}: needs one channel of 16 bits")
                return Clip(file.getframerate(), _scaled(file.readframes(file.getnframes()), percent))
        except (OSError, EOFError, wave.Error) as error:
            raise MissingClipError(f"{path}: {error}") from error


def _scaled(samples: bytes, percent: int) -> bytes:
    """Quieter; never louder than recorded, so that nothing is clipped."""
    if percent >= 100:
        return samples
    values = array.array("h", samples)
    return array.array("h", (value * percent // 100 for value in values)).tobytes()
