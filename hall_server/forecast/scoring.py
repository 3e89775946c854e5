"""After the fact: which alerts told of a crowd, which were false, and which crowds nobody was told of.

A crowd is a stretch of at least ten minutes in which ordinary visitors who take a number wait longer than the limit;
it begins with the first of them. Gaps of less than 20 minutes belong to it.
"""

from collections.abc import Sequence
from typing import NamedTuple

SHORTEST, GAP = 10, 20
EARLY, TOO_EARLY = 30, 60
"""Minutes. An alert that has ended so long before a crowd, or began so much earlier, has not told of it."""


class Span(NamedTuple):
    """From a minute on to another."""

    start: int
    end: int


class Score(NamedTuple):
    """One queue's day."""

    crowds: list[Span]
    true: list[Span]
    """Alerts that told of a crowd."""
    false: list[Span]
    missed: list[Span]
    """Crowds that no alert told of."""
    leads: list[int]
    """By how many minutes each crowd that was told of was told of before; negative is too late."""


def spans(signs: Sequence[bool], gap: int = 0, shortest: int = 1) -> list[Span]:
    """Stretches in which something holds, small gaps closed and short ones left out."""
    found: list[Span] = []
    for minute, holds in enumerate(signs):
        if holds and found and minute - found[-1].end <= gap:
            found[-1] = Span(found[-1].start, minute + 1)
        elif holds:
            found.append(Span(minute, minute + 1))
    return [span for span in found if span.end - span.start >= shortest]


def waits_by_minute(visitors: Sequence[tuple[float, float]], minutes: int) -> list[float]:
    """What the last ordinary visitor to take a number by each minute waited. `visitors`: taken and wait, in order."""
    waited, index, current = [], 0, 0.0
    for minute in range(minutes):
        while index < len(visitors) and visitors[index][0] <= minute + 1:
            current = visitors[index][1]
            index += 1
        waited.append(current)
    return waited


def tells(alert: Span, crowd: Span) -> bool:
    """Whether an alert is about a crowd."""
    return crowd.start - TOO_EARLY <= alert.start < crowd.end and alert.end > crowd.start - EARLY


def score(waits: Sequence[float], limit: float, alerts: Sequence[Span]) -> Score:
    """Alerts beside what happened, a wait a minute."""
    crowds = spans([wait > limit for wait in waits], GAP, SHORTEST)
    told = {crowd: [alert for alert in alerts if tells(alert, crowd)] for crowd in crowds}
    true = [alert for alert in alerts if any(tells(alert, crowd) for crowd in crowds)]
    return Score(
        crowds,
        true,
        [alert for alert in alerts if alert not in true],
        [crowd for crowd, found in told.items() if not found],
        [crowd.start - found[0].start for crowd, found in told.items() if found],
    )
