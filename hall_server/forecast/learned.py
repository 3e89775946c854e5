"""What the hall has learned from its journal, as values: stored beside it, and made anew from it where it is lost.

Everything is shrunk towards what was known before, so that thin data never swing a forecast, and fades as days pass.
"""

from typing import TypeVar

import msgspec

from hall_server.forecast.service_times import Times

T = TypeVar("T", int, float)

HALF_HOUR_MS = 1_800_000
HALF_HOURS = 48
DAY_MS = 86_400_000


class Share(msgspec.Struct):
    """How often something happens, as a share; starts as if `weight` cases had been seen."""

    hits: float
    weight: float

    def add(self, hit: bool) -> None:
        """One more case."""
        self.hits += hit
        self.weight += 1

    def fade(self, by: float, start: "Share") -> None:
        """A day has passed; what it started with stays."""
        self.hits = start.hits + (self.hits - start.hits) * by
        self.weight = start.weight + (self.weight - start.weight) * by

    @property
    def value(self) -> float:
        """The share."""
        return self.hits / self.weight


class Effect(msgspec.Struct):
    """By how much something takes longer than usual: a sum of differences in logarithms."""

    weight: float = 0.0
    total: float = 0.0

    def add(self, difference: float) -> None:
        """One more was seen."""
        self.weight += 1
        self.total += difference

    def fade(self, by: float) -> None:
        """A day has passed."""
        self.weight, self.total = self.weight * by, self.total * by


class Moments(msgspec.Struct):
    """Mean and variance of a figure that is had once a day."""

    weight: float = 0.0
    mean: float = 0.0
    spread: float = 0.0
    """Sum of squared differences from the mean."""

    def add(self, value: float) -> None:
        """One more (Welford 1962)."""
        self.weight += 1
        before = value - self.mean
        self.mean += before / self.weight
        self.spread += before * (value - self.mean)

    @property
    def variance(self) -> float:
        """Of single values; 0 while there are fewer than two."""
        return self.spread / (self.weight - 1) if self.weight > 1 else 0.0


class Stay(msgspec.Struct, frozen=True):
    """Who is at a window, and since when."""

    ticket_id: str
    since: int


class Today(msgspec.Struct):
    """What today has shown so far."""

    came: dict[str, list[int]] = {}
    """Walk-ins by line (`queue/class`) and half hour of the day."""
    first_ms: int | None = None
    windows: dict[str, Effect] = {}
    stays: dict[str, Stay] = {}
    freed: dict[str, int] = {}
    """When each window let its last visitor go."""
    left: dict[str, int] = {}
    """When each window was left."""
    opened: dict[str, int] = {}


NO_SHOW = Share(1.0, 20.0)
SHOW_UP = Share(17.0, 20.0)
SPREAD_DAYS = 4.0
"""What is assumed of days' and windows' spread counts as so many of them."""
DAY_VARIANCE, WINDOW_VARIANCE, HOUR_VARIANCE = 0.15**2, 0.1**2, 0.03**2


def line_of(queue_id: str, ticket_class: str) -> str:
    """The name of one class of one queue."""
    return f"{queue_id}/{ticket_class}"


class Learned(msgspec.Struct):
    """All of it. `seq` is the last event that is in it."""

    seq: int = 0
    services: dict[str, Times] = {}
    no_show_times: Times = msgspec.field(default_factory=Times)
    absences: Times = msgspec.field(default_factory=Times)
    absent: float = 0.0
    open_s: float = 0.0
    turnaround: Effect = msgspec.field(default_factory=Effect)
    """Seconds between a visitor's going and the next call while somebody waits."""
    group_extra: Effect = msgspec.field(default_factory=lambda: Effect(10.0, 5.0))
    """Share of a service's time that each further person of a group adds."""
    windows: dict[str, Effect] = {}
    window_days: Moments = msgspec.field(default_factory=Moments)
    """How far windows' days lie from their usual speed: squared, less what chance alone would do."""
    hours: dict[int, Effect] = {}
    residual: Effect = msgspec.field(default_factory=lambda: Effect(10.0, 4.5))
    """Squared differences of single services from what was expected, in logarithms."""
    no_shows: dict[str, Share] = {}
    show_up: Share = msgspec.field(default_factory=lambda: Share(SHOW_UP.hits, SHOW_UP.weight))
    booked: dict[str, int] = {}
    """Appointments whose visitors have not come, and their times."""
    early: Moments = msgspec.field(default_factory=lambda: Moments(5.0, -240.0, 5.0 * 480.0**2))
    """Arrival less slot, seconds."""
    left_waiting: float = 0.0
    waited_s: float = 0.0
    kept: dict[str, Share] = {}
    """By line: visitors called, and how many of them inside the range they were told at first."""
    profile: dict[str, list[float]] = {}
    """Walk-ins by line and half hour, summed over `days`."""
    mix: dict[str, dict[str, float]] = {}
    """What each line's visitors come for."""
    days: float = 0.0
    day_totals: Moments = msgspec.field(default_factory=Moments)
    weekdays: dict[int, Effect] = {}
    today: Today = msgspec.field(default_factory=Today)

    def group_factor(self, size: int) -> float:
        """How much longer a group takes than one person (G07)."""
        return 1 + self.group_extra.total / self.group_extra.weight * (size - 1)

    @property
    def noise(self) -> float:
        """Variance of single services about what was expected, in logarithms."""
        return self.residual.total / self.residual.weight


def walk_ins(counts: dict[str, list[T]]) -> list[list[T]]:
    """The counts of lines that follow how busy a day is; appointments do not."""
    return [line for name, line in counts.items() if not name.endswith("/appointment")]


def half_hour(ms: int, offset_s: int) -> int:
    """The half hour of the local day."""
    return (ms + offset_s * 1000) % DAY_MS // HALF_HOUR_MS


def weekday_of(ms: int, offset_s: int) -> int:
    """0 is Monday (1970-01-01 was a Thursday)."""
    return ((ms + offset_s * 1000) // DAY_MS + 3) % 7


def shrunk_variance(moments: Moments, before: float) -> float:
    """A mean of variances seen once a day, beside what is assumed before any was seen."""
    return max(0.0, (moments.mean * moments.weight + before * SPREAD_DAYS) / (moments.weight + SPREAD_DAYS))


def day_variance(learned: Learned) -> float:
    """Squared coefficient of variation of a day's visitors, beyond what chance alone would do."""
    totals = learned.day_totals
    if totals.weight < 2:
        return DAY_VARIANCE
    seen = max(0.0, (totals.variance - totals.mean) / totals.mean**2)
    return max(0.02**2, (seen * (totals.weight - 1) + DAY_VARIANCE * SPREAD_DAYS) / (totals.weight - 1 + SPREAD_DAYS))
