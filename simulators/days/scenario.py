"""What kind of days a hall has: one TOML file a scenario, and the hall it describes."""

from pathlib import Path
from typing import Literal

import msgspec

from hall_server.domain.configuration import (
    Calendar,
    Category,
    Hall,
    Hours,
    Order,
    Queue,
    Rules,
    Service,
    Session,
    Staff,
    Window,
    Zone,
)

FOLDER = Path(__file__).parent.parent / "scenarios"
OPENS_MIN = 9 * 60
"""Days begin at 09:00; times in a scenario are minutes since then."""
HALF_HOUR_MIN = 30


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of a scenario's parts."""


class ServiceKind(Part, frozen=True):
    """How long a service takes, in minutes, and how often it is asked for."""

    share: float
    mean: float
    cv: float
    family: Literal["lognormal", "gamma", "bimodal"] = "lognormal"
    queue: str = "q1"


class WindowGroup(Part, frozen=True):
    """So many windows alike."""

    count: int
    queues: tuple[str, ...] = ("q1",)
    opens: float | None = None
    closes: float | None = None
    lunch_at: tuple[float, ...] = ()
    """One start a window: they are staggered."""
    lunch_min: float = 60


class Appointments(Part, frozen=True):
    """Bookings, and how their visitors keep them."""

    per_half_hour: int = 0
    show: float = 0.88
    early_min: float = 4.0
    spread_min: float = 6.0


class Absences(Part, frozen=True):
    """Windows that are left without notice: how often an open hour, and for how long on average."""

    per_hour: float
    mean_min: float


class Surge(Part, frozen=True):
    """Many at once."""

    at: float
    count: int
    over_min: float


class Scenario(Part, frozen=True):
    """Days of one kind. Minutes throughout."""

    title: str
    minutes: int
    walk_ins: tuple[float, ...]
    """Expected in each half hour."""
    services: tuple[ServiceKind, ...]
    windows: tuple[WindowGroup, ...]
    load: float = 1.0
    """Walk-ins times this."""
    green: float = 0.15
    appointments: Appointments = Appointments()
    no_show: float = 0.06
    no_show_min: float = 0.75
    day_cv: float = 0.15
    window_cv: float = 0.12
    types_known: bool = True
    """Whether the service is known when the number is taken."""
    absences: Absences | None = None
    patience_min: float | None = None
    """Mean of an exponential patience after which visitors leave."""
    surge: Surge | None = None
    level: Literal["district", "town", "village"] = "town"


def scenarios() -> list[str]:
    """The names of all that are shipped."""
    return sorted((path.stem for path in FOLDER.glob("S*.toml")), key=lambda name: int(name[1:]))


def load_scenario(name: str) -> Scenario:
    """One that is shipped, by its name (`S1`), or from a file."""
    path = FOLDER / f"{name}.toml" if not name.endswith(".toml") else Path(name)
    return msgspec.toml.decode(path.read_bytes(), type=Scenario)


def service_id(index: int) -> str:
    """The id of a scenario's service."""
    return f"service-{index + 1}"


def queue_ids(scenario: Scenario) -> list[str]:
    """All queues, in order."""
    return list(dict.fromkeys(kind.queue for kind in scenario.services))


def hall_of(scenario: Scenario, order: Order | None = None) -> Hall:
    """The hall in which such days happen."""
    queues = queue_ids(scenario)
    windows: list[Window] = []
    for group in scenario.windows:
        for index in range(group.count):
            breaks = (_hours(group.lunch_at[index], group.lunch_at[index] + group.lunch_min),) if group.lunch_at else ()
            hours = () if group.opens is None or group.closes is None else (_hours(group.opens, group.closes),)
            windows.append(Window(str(len(windows) + 1), "A", group.queues, hours=hours, breaks=breaks))
    mean = sum(kind.share * kind.mean for kind in scenario.services)
    services = [
        Service(
            service_id(index), "all", kind.queue, _named(f"事项{index + 1}"), "unit",
            expected_minutes=kind.mean if scenario.types_known else mean,
        )
        for index, kind in enumerate(scenario.services)
    ]  # fmt: skip
    return Hall(
        hall_id="days",
        name=_named("模拟大厅"),
        level=scenario.level,
        phone="12345",
        zones=(Zone("A", _named("一区")),),
        queues=tuple(Queue(queue, chr(ord("A") + index), _named(queue), "A") for index, queue in enumerate(queues)),
        categories=(Category("all", _named("全部")),),
        services=tuple(services if scenario.types_known else services[:1]),
        windows=tuple(windows),
        staff=tuple(Staff(f"s{window.window_id}", window.queues) for window in windows),
        calendar=Calendar((Session("regular", OPENS_MIN, OPENS_MIN + scenario.minutes, tuple(range(7))),)),
        rules=Rules(
            no_show_calls=1,
            no_show_after_s=int(scenario.no_show_min * 60),
            requeues=0,
            order=order or Order(),
        ),
    )


def _named(text: str) -> dict[str, str]:
    return {"zh-Hans": text}


def _hours(start: float, end: float) -> Hours:
    return Hours(OPENS_MIN + int(start), OPENS_MIN + int(end))
