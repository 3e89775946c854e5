"""A call as a row of clips, in Mandarin, Cantonese and English. Pure.

Labels are spelled, digit by digit (in Mandarin 1 is yāo, as over the telephone); windows are numbers.
"""

from typing import NamedTuple

LANGUAGES = ("cmn", "yue", "en")


class Call(NamedTuple):
    """Somebody is called to a window."""

    label: str
    window: str


def sentence(call: Call, language: str) -> list[str]:
    """The names of the clips, in order."""
    spelled = [f"letter-{c.lower()}" if c.isalpha() else f"digit-{c}" for c in call.label]
    return ["please", *spelled, "to", *window_clips(call.window, language), "window"]


def window_clips(window: str, language: str) -> list[str]:
    """A window's number in words; windows that are no number below 1000 are spelled."""
    if not window.isdigit() or not 0 < int(window) < 1000:
        return [f"letter-{c.lower()}" if c.isalpha() else f"digit-{c}" for c in window if c.isalnum()]
    number = int(window)
    return _english(number) if language == "en" else _chinese(number)


def _chinese(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    clips = [f"number-{hundreds}", "number-100"] if hundreds else []
    if tens:
        # 12 is shí èr, 112 is yī bǎi yī shí èr.
        clips += [f"number-{tens}"] * (tens > 1 or hundreds > 0) + ["number-10"]
    elif hundreds and ones:
        clips.append("number-0")
    return clips + ([f"number-{ones}"] if ones else [])


def _english(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    clips = [f"number-{hundreds}", "number-100"] if hundreds else []
    if rest and (rest <= 20 or rest % 10 == 0):
        return [*clips, f"number-{rest}"]
    return [*clips, f"number-{rest - rest % 10}", f"number-{rest % 10}"] if rest else clips


def clip_names(language: str) -> list[str]:
    """Every clip that a sentence of a language may need."""
    numbers = [*range(21), 30, 40, 50, 60, 70, 80, 90, 100] if language == "en" else [*range(11), 100]
    return [
        "please", "to", "window",
        *(f"letter-{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
        *(f"digit-{digit}" for digit in range(10)),
        *(f"number-{number}" for number in numbers),
    ]  # fmt: skip
