"""What is said when: one announcement at a time, first calls before repetitions, nothing that is old news. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from voice.sentences import Call

TOO_OLD_S = 30.0
MOST_WAITING = 50


class Announcement(NamedTuple):
    """A call that is to be said, for the first time or once more."""

    call: Call
    called_at: float
    turn: int


class Schedule:
    """What is still to be said. Times are monotonic seconds.

    Args:
        repeats: how often each call is said in all.
    """

    def __init__(self, repeats: int = 2) -> None:
        self._repeats = repeats
        self._waiting: list[Announcement] = []

    def call(self, call: Call, now: float) -> None:
        """Somebody is called. What was still to be said of the same label is overtaken by it."""
        self._waiting = [one for one in self._waiting if one.call.label != call.label]
        self._waiting.append(Announcement(call, now, 1))
        self._waiting = self._waiting[-MOST_WAITING:]

    def withdraw(self, label: str) -> None:
        """The visitor has come: nothing more is to be said."""
        self._waiting = [one for one in self._waiting if one.call.label != label]

    def next(self, now: float) -> Announcement | None:
        """What to say now, if anything: first calls before repetitions, each in the order of calls."""
        self._waiting = [one for one in self._waiting if now - one.called_at <= TOO_OLD_S]
        if not self._waiting:
            return None
        chosen = min(self._waiting, key=lambda one: (one.turn, one.called_at))
        self._waiting.remove(chosen)
        if chosen.turn < self._repeats:
            self._waiting.append(chosen._replace(turn=chosen.turn + 1))
        return chosen


class Loudness(NamedTuple):
    """How loud the voice is in a stretch of the day: minutes after local midnight, from ≤ t < to."""

    start: int
    end: int
    percent: int


def loudness_at(minute: int | None, hours: Sequence[Loudness], usual: int) -> int:
    """Percent of full level at a minute of the day; the usual one where no hours are given or no time is known."""
    if minute is not None:
        for stretch in hours:
            if stretch.start <= minute < stretch.end:
                return stretch.percent
    return usual
