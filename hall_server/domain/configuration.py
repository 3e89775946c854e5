"""What a hall is made of: zones, queues, services, windows, staff, hours and rules.

Values only; files are read by an adapter, which refuses what `faults` finds. Secrets are not here: the configuration
is an event of the journal, and the journal is handed to integrations.
"""

from typing import Literal

import msgspec

Text = dict[str, str]
"""A text by language tag; `zh-Hans` is always there."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all configuration values: frozen, and unknown keys are faults."""


class Zone(Part, frozen=True):
    """A functional part of the hall (R08)."""

    zone_id: str
    name: Text


class Queue(Part, frozen=True):
    """A line of waiting visitors with labels of its own."""

    queue_id: str
    prefix: str
    name: Text
    zone: str
    daily_limit: int | None = None
    """Tickets per day; None for no limit."""
    function: Literal["intake", "hand_over", "collection", "unresolved_matters"] = "intake"
    """R01: which of a model window's functions the queue serves."""
    waiting_limit: int | None = None
    """More people waiting raise an alert; None for the hall's own limit (R09)."""
    wait_limit_s: int | None = None
    """Longer waits raise an alert; None for the hall's own limit."""
    always_issuing: bool = False
    """Takes tickets whenever the hall's day runs, also between sessions (R07)."""


class Category(Part, frozen=True):
    """A page of the dispenser's menu."""

    category_id: str
    name: Text


class Service(Part, frozen=True):
    """A matter that can be dealt with here, with its guide (R04)."""

    service_id: str
    category_id: str
    queue_id: str
    name: Text
    owner: str
    """The unit that owns the service (R02)."""
    guide: dict[str, Text] = {}
    available: bool = True
    note: Text | None = None
    """Where an unavailable service is offered (G02)."""
    on_behalf_of: bool = True
    booking_required: bool = False
    cancellable: bool = True
    expected_minutes: float = 10.0


class Hours(Part, frozen=True):
    """A stretch of the day: minutes after local midnight, from ≤ t < to."""

    start: int
    end: int
    days: tuple[str, ...] = ()
    """Local dates (or names of days in a file of visits) it holds for; empty: every day."""


class Window(Part, frozen=True):
    """A window; with several queues it is a comprehensive window (R06)."""

    window_id: str
    zone: str
    queues: tuple[str, ...]
    prefers: str | None = None
    """A queue of its own that it calls from first, as far as the order's `preference_s` allows."""
    hours: tuple[Hours, ...] = ()
    """When it is planned to be open; empty: all sessions."""
    breaks: tuple[Hours, ...] = ()
    """Planned breaks within these hours."""


class Staff(Part, frozen=True):
    """A member of staff and the queues they are trained for (R12)."""

    staff_id: str
    skills: tuple[str, ...]


class Session(Part, frozen=True):
    """An opening time: minutes after local midnight, from ≤ t < to."""

    kind: Literal["regular", "extended", "off_hours"]
    start: int
    end: int
    weekdays: tuple[int, ...] = ()
    """0 is Monday. Empty: every workday. An extended session may name a weekend day."""


class Calendar(Part, frozen=True):
    """When the hall is open (R18)."""

    sessions: tuple[Session, ...]
    holidays: tuple[str, ...] = ()
    """Local dates (YYYY-MM-DD) that are no workday though their weekday is."""
    makeup_workdays: tuple[str, ...] = ()
    """Local dates that are workdays though they fall on a weekend."""
    last_issue_before_end_min: int = 0


class ClassTimes(Part, frozen=True):
    """A time in seconds for each class of visitors."""

    urgent: int
    green: int
    appointment: int
    ordinary: int

    def of(self, ticket_class: str) -> int:
        """The time of one class."""
        return int(getattr(self, ticket_class))


class ClassRates(Part, frozen=True):
    """How fast each class gains priority."""

    urgent: float = 1.0
    green: float = 1.0
    appointment: float = 1.0
    ordinary: float = 1.0

    def of(self, ticket_class: str) -> float:
        """The rate of one class."""
        return float(getattr(self, ticket_class))


class Order(Part, frozen=True):
    """What the calling order promises."""

    wait_s: ClassTimes = ClassTimes(urgent=300, green=600, appointment=1500, ordinary=2700)
    """95 of 100 visitors of the class should wait less. For ordinary visitors it is what staffing is planned for."""
    ordinary_slowdown: float = 1.2
    """Ordinary visitors wait on average at most so many times what they would under first come, first served."""
    limit_s: ClassTimes = ClassTimes(urgent=270, green=550, appointment=1380, ordinary=5400)
    """Whoever has waited longer goes first, unless a more urgent class is past its own limit.

    A little below what is promised: a window must still become free.
    """
    rates: ClassRates | None = None
    """Fixed rates instead of rates that follow the load; all equal is first come, first served."""
    preference_s: int = 300
    """A queue that a window prefers counts as if its visitors had come so much earlier."""


class Alerts(Part, frozen=True):
    """When the hall warns, and whom."""

    waiting_limit: int = 30
    """People waiting in a queue."""
    wait_limit_s: int = 2400
    """Wait of an ordinary visitor."""
    raise_at: float = 0.3
    """A forecast alert begins when the limit will be passed with this probability, smoothed over five minutes, …"""
    raise_after_s: int = 0
    """… for so long,"""
    ease_at: float = 0.15
    """and ends when it is below this …"""
    ease_after_s: int = 600
    """… for so long."""
    escalate_after_s: int = 900
    """An alert that nobody has acknowledged goes to the unit's chief representative."""


class Offline(Part, frozen=True):
    """Numbers lent to dispensers for the time they are cut off (J4)."""

    first_number: int = 701
    """Lent numbers begin here, or above what has been given out."""
    lasts_h: float = 2.0
    """A dispenser holds what it gives out in so many hours, …"""
    fewest: int = 10
    most: int = 200
    """… within these bounds, for each queue."""


class Appointments(Part, frozen=True):
    """When a visitor with an appointment may check in (J3)."""

    early_min: int = 15
    """So many minutes before the slot."""
    grace_min: int = 10
    """Up to so many minutes after it the slot's place is kept."""


class Unit(Part, frozen=True):
    """Who owns services, and who answers for it (首席事务代表, R11)."""

    name: str
    chief_representative: str
    contact: str


class Rules(Part, frozen=True):
    """The hall's thresholds. The regulation sets no number, so all of them are configuration."""

    no_show_calls: int = 2
    no_show_after_s: int = 60
    requeues: int = 1
    requeue_behind: int = 3
    """A visitor who missed the call waits behind so many others."""
    green_head_start_s: int = 900
    """Without effect; it stands in journals from before `order`, which must load."""
    board_calls: int = 8
    order: Order = Order()
    alerts: Alerts = Alerts()
    offline: Offline = Offline()
    appointments: Appointments = Appointments()


class Hall(Part, frozen=True):
    """A whole hall."""

    hall_id: str
    name: Text
    level: Literal["city", "district", "town", "village"]
    phone: str
    zones: tuple[Zone, ...]
    queues: tuple[Queue, ...]
    categories: tuple[Category, ...]
    services: tuple[Service, ...]
    windows: tuple[Window, ...]
    staff: tuple[Staff, ...]
    calendar: Calendar
    rules: Rules = Rules()
    units: tuple[Unit, ...] = ()
    languages: tuple[str, ...] = ("zh-Hans", "zh-Hant", "en")
    walk_in_share: float = 1.0
    """Share of tickets kept for visitors without a booking (R17: never 0)."""


class Lookup:
    """The parts of a hall by id; made once for each configuration."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.zones = {zone.zone_id: zone for zone in hall.zones}
        self.queues = {queue.queue_id: queue for queue in hall.queues}
        self.services = {service.service_id: service for service in hall.services}
        self.windows = {window.window_id: window for window in hall.windows}
        self.staff = {person.staff_id: person for person in hall.staff}
        self.windows_of = {
            queue_id: tuple(window.window_id for window in hall.windows if queue_id in window.queues)
            for queue_id in self.queues
        }
        self.services_of = {
            queue_id: tuple(s.service_id for s in hall.services if s.queue_id == queue_id) for queue_id in self.queues
        }
