"""Everything a forecast starts from, as plain values: the hall as it is now and what has been learned about it.

Times are seconds of the local day. It can be sent to another process, and the same outlook gives the same forecast.
"""

import msgspec


class Block(msgspec.Struct, frozen=True, array_like=True):
    """A stretch in which a window does not call, however free it is."""

    start: float
    end: float


class WindowOutlook(msgspec.Struct, frozen=True, array_like=True):
    """One window that calls now or will call later today."""

    window_id: str
    lines: list[int]
    """Which lines it calls from."""
    prefers: list[int]
    """Which of these it was asked to prefer."""
    free_at: float
    """When it can call, if nobody is there: now, or the planned opening."""
    serving: int = -1
    """The distribution of what is going on there; -1 for nothing."""
    elapsed: float = 0.0
    factor: float = 1.0
    speed: float = 0.0
    """Logarithm: above 0 is slower than usual."""
    speed_spread: float = 0.0
    blocks: list[Block] = []
    absent: bool = False
    """`serving` is an absence, not a visitor."""


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One class of one queue."""

    queue_id: str
    ticket_class: str
    urgency: int
    rate: float
    limit_s: float
    no_show: float
    mix: list[tuple[int, float]]
    """Distributions of what future visitors come for, and their shares."""
    rates: list[float]
    """Expected walk-ins in each half hour of the day."""
    steady: bool = False
    """Whether as many come on busy days as on others: appointments that only show when they come."""


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """Somebody who waits."""

    ticket_id: str
    line: int
    key: float
    taken: float
    work: list[int]
    """Distributions of the services to come, one after the other."""
    factor: float = 1.0


class Expected(msgspec.Struct, frozen=True, array_like=True):
    """An appointment whose visitor has not come yet."""

    slot: float
    line: int
    work: int


class Probe(msgspec.Struct, frozen=True, array_like=True):
    """A question: how long would somebody wait who took a number for this line then?"""

    line: int
    time: float


class Outlook(msgspec.Struct, frozen=True):
    """The whole hall. Distributions are quantile tables of equal steps; the last one is a no-show's."""

    now: float
    lines: list[Line]
    windows: list[WindowOutlook]
    waiting: list[Waiting]
    expected: list[Expected]
    probes: list[Probe]
    tables: list[list[float]]
    day_shape: float
    """Gamma distribution of how much busier today is than usual: its shape, and its rate."""
    day_rate: float
    last_arrival: float
    show_up: float
    early_mean: float
    early_spread: float
    leaves_per_s: float
    turnaround: float
    absences_per_s: float
    absence_table: int
    hour_factors: list[float]
    preference_s: float
