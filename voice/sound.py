"""Samples as WAV files: one channel of 16 bits, which is all that a voice needs."""

import io
import wave

FULL = 32767
"""The loudest sample."""


def wav(samples: bytes, rate: int) -> bytes:
    """A WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return out.getvalue()


def duration_s(sound: bytes) -> float:
    """How long a WAV file is, in seconds."""
    with wave.open(io.BytesIO(sound)) as file:
        return float(file.getnframes() / file.getframerate())
