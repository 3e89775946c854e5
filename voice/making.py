"""Makes the default clips with espeak-ng: a voice that every site can have, until somebody records a better one."""

import array
import io
import subprocess
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

from voice.sentences import LANGUAGES, clip_names
from voice.sound import FULL, wav

VOICES = {"cmn": "cmn-latn-pinyin", "yue": "yue", "en": "en-us"}
"""`cmn` alone would read the digits in English."""
WORDS_A_MINUTE = 150
QUIET = 300
"""Samples below are silence at a clip's ends, of 32,767."""
LEVEL = 0.8
"""The loudest sample of each clip, so that none is louder than another."""
_DIGITS = {
    "cmn": ["ling2", "yao1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3"],
    "yue": list("零一二三四五六七八九"),
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}
_NUMBERS = {
    "cmn": {**dict(enumerate([*_DIGITS["cmn"], "shi2"])), 1: "yi1", 100: "bai3"},
    "yue": {**dict(enumerate([*_DIGITS["yue"], "十"])), 100: "百"},
}
_WORDS = {
    "cmn": {"please": "qing3", "to": "hao4 dao4", "window": "hao4 chuang1 kou3"},
    "yue": {"please": "請", "to": "號 到", "window": "號 窗口"},
    "en": {"please": "number", "to": "please go to window", "window": ""},
}


class NoSpeakerError(Exception):
    """espeak-ng is not there or fails; one sentence."""


def spoken(language: str, name: str) -> tuple[str, str]:
    """The voice and the words of a clip. Letters are English everywhere, as visitors say them."""
    kind, _, what = name.partition("-")
    if kind == "letter":
        return VOICES["en"], what.upper()
    if kind == "digit":
        return VOICES[language], _DIGITS[language][int(what)]
    if kind == "number":
        # espeak-ng reads English numbers by itself; 100 stands behind its count.
        plain = "hundred" if what == "100" else what
        return VOICES[language], plain if language == "en" else _NUMBERS[language][int(what)]
    return VOICES[language], _WORDS[language][name]


def make(folder: Path, done: Callable[[str], None] = lambda _name: None) -> int:
    """Make every clip of every language; returns how many.

    Raises:
        NoSpeakerError: espeak-ng cannot be used.
    """
    count = 0
    for language in LANGUAGES:
        (folder / language).mkdir(parents=True, exist_ok=True)
        for name in clip_names(language):
            voice, words = spoken(language, name)
            (folder / language / f"{name}.wav").write_bytes(_tidy(_say(voice, words)) if words else silence())
            count += 1
            done(f"{language}/{name}")
    return count


def _say(voice: str, words: str) -> bytes:
    command = ["espeak-ng", "-v", voice, "-s", str(WORDS_A_MINUTE), "--stdout", words]
    try:
        made = subprocess.run(command, capture_output=True, check=True, timeout=30)
    except FileNotFoundError as error:
        raise NoSpeakerError("espeak-ng is not installed: apt-get install espeak-ng") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise NoSpeakerError(f"espeak-ng failed: {error}") from error
    return made.stdout


def _tidy(sound: bytes) -> bytes:
    """Without silence at the ends, as loud as all others."""
    with wave.open(io.BytesIO(sound)) as file:
        rate, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    loud = [number for number, value in enumerate(samples) if abs(value) > QUIET]
    cut = samples[loud[0] : loud[-1] + 1] if loud else samples[:0]
    peak = max(map(abs, cut), default=1)
    return wav(array.array("h", _levelled(cut, peak)).tobytes(), rate)


def _levelled(samples: "array.array[int]", peak: int) -> Iterator[int]:
    return (round(value * LEVEL * FULL / peak) for value in samples)


def silence(rate: int = 22_050) -> bytes:
    """A clip that says nothing."""
    return wav(bytes(2 * (rate // 100)), rate)
