"""What a forecast tells, as plain values. Whoever only reads forecasts loads no simulation."""

import msgspec


class Extra(msgspec.Struct, frozen=True):
    """A window to open, and who could sit there."""

    window: str
    staff_id: str


class Advice(msgspec.Struct, frozen=True):
    """One thing to do, and what it gains. Waits are of an ordinary visitor who takes a number when it is worst."""

    wait_before_s: int
    wait_after_s: int
    over_before: float
    """Probability of waiting longer than the limit."""
    over_after: float
    open: tuple[Extra, ...] = ()
    move_break: str | None = None
    """A window whose break should wait."""
    spread_to: str | None = None
    """An open window that should call from the queue too."""
    until_s: int | None = None
    """Seconds of the local day until when it is needed; None if past what can be seen."""


class Wait(msgspec.Struct, frozen=True, array_like=True):
    """A wait from the forecast's time on, in whole seconds."""

    low: int
    high: int
    mean: int


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """How many visitors of a line were called, and how many of them inside the range they were first shown."""

    called: float
    inside: float


class Crowding(msgspec.Struct, frozen=True):
    """How likely an ordinary visitor of a queue waits longer than the limit, and what would help."""

    over: tuple[float, ...]
    """If they took a number now, or in 10, 20 or 30 minutes."""
    waits_s: tuple[int, ...]
    level: float
    """What decides over an alert: `crowded`, smoothed over the last minutes."""
    advice: Advice | None = None


class Forecast(msgspec.Struct, frozen=True):
    """What is likely, as of a moment and an event of the journal."""

    at_ms: int
    seq: int
    tickets: dict[str, Wait] = {}
    lines: dict[str, Wait] = {}
    """By `queue/class`: if you took a number now."""
    call_s: dict[str, int] = {}
    """By queue: time between calls if all its windows are busy."""
    crowds: dict[str, Crowding] = {}
    """By queue, as of the last whole minute: what alerts are made of."""
    window_shifts: dict[str, tuple[float, float, int]] = {}
    """By window: how much longer it takes today than usual (logarithm), in standard deviations, and over how many."""
    no_show: float = 0.0
    """Usual share of visitors who do not come when called."""
    kept: dict[str, Kept] = {}
    """By `queue/class`: whether what was shown came true."""


def crowded(over: tuple[float, ...]) -> float:
    """The probability that decides over an alert: in 20 and 30 minutes. A crowd of now shows without it."""
    return sum(over[2:]) / len(over[2:])
