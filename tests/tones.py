"""A voice that can be taken apart again: every clip is a tone of its own pitch."""

import array
import io
import math
import wave
from itertools import pairwise
from pathlib import Path

from voice.clips import GAP_S
from voice.sentences import LANGUAGES, clip_names

RATE = 8000


def tone(hertz: float, seconds: float) -> bytes:
    """A clip that can be told from all others."""
    samples = array.array(
        "h", (round(20_000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(int(RATE * seconds)))
    )
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def write_clips(folder: Path) -> Path:
    for language in LANGUAGES:
        (folder / language).mkdir(parents=True)
        for number, name in enumerate(clip_names(language)):
            (folder / language / f"{name}.wav").write_bytes(tone(200 + 25 * number, 0.1))
    return folder


def heard(sound: bytes) -> tuple[list[str], float, int]:
    """The clips of a sound by their pitch, its seconds, and its loudest sample."""
    with wave.open(io.BytesIO(sound)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    names, clip, gap = [], int(RATE * 0.1), round(RATE * GAP_S)
    for start in range(0, len(samples) - clip + 1, clip + gap):
        part = samples[start : start + clip]
        crossings = sum((a < 0) != (b < 0) for a, b in pairwise(part))
        names.append(clip_names("cmn")[round((crossings / 2 / 0.1 - 200) / 25)])
    return names, len(samples) / RATE, max(map(abs, samples))
