"""What the hall and the devices say: replies and the retained pictures of the hall.

Times are RFC 3339 strings with offset; durations are whole seconds named `…_s`. Each picture is complete in itself: a
reader needs only the newest one.
"""

from typing import Any, Literal

import msgspec

Text = dict[str, str]
"""A text by language tag: zh-Hans always, zh-Hant and en where the hall has them."""


def said(text: Text, language: str) -> str:
    """A text in a language; simplified Chinese where there is none, empty where there is not even that."""
    return text.get(language) or text.get("zh-Hans", "")


class Message(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that is published."""


class WaitRange(Message, frozen=True):
    """A wait's 10–90 % range in seconds. Where no honest one can be given the field is null, never 0."""

    low: int
    high: int


class Accepted(Message, frozen=True):
    """An order that is stored durably."""

    id: str
    seq: int
    result: dict[str, Any]
    v: int = 1
    ok: bool = True


class Refused(Message, frozen=True):
    """An order that changed nothing."""

    id: str
    code: str
    message: str
    v: int = 1
    ok: bool = False


Presence = Literal["online", "offline"]


class HallState(Message, frozen=True):
    """`hall/state`, retained; `offline` is the hall's last will."""

    state: Presence
    boot_id: str
    version: str
    catalogue_version: str
    at: str
    dispensers: list[str] = []
    """Dispensers that give out slips just now: where a visitor can go when another one has no paper."""


class NowServing(Message, frozen=True):
    """One window's visitor."""

    window: str
    label: str


class QueueProgress(Message, frozen=True):
    """One queue as the public sees it."""

    queue_id: str
    prefix: str
    name: Text
    service_ids: list[str]
    status: Literal["open", "paused", "closed"]
    issuing: bool
    waiting: int
    windows_open: int
    now_serving: list[NowServing]
    last_called: str | None
    last_issued: str | None
    remaining_today: int | None
    wait_avg_s: int | None
    est_wait_s: WaitRange | None
    est_basis: str | None
    note: Text | None = None


class TicketProgress(Message, frozen=True):
    """One ticket by its label; nothing tells classes apart."""

    label: str
    state: Literal["waiting", "called", "serving"]
    ahead: int
    est_wait_s: WaitRange | None


class Totals(Message, frozen=True):
    """The hall in three numbers."""

    waiting: int
    windows_open: int
    windows_total: int


class Progress(Message, frozen=True):
    """`progress`, hall-progress/1: the public picture, within 1 s of a change and at least every 15 s."""

    hall_id: str
    seq: int
    generated_at: str
    state: Literal["live", "degraded", "closed", "unknown"]
    session: str | None
    catalogue_version: str
    name: Text
    totals: Totals
    queues: list[QueueProgress]
    tickets: list[TicketProgress]
    max_age_s: int = 60
    schema: Literal["hall-progress/1"] = "hall-progress/1"


class TicketView(Message, frozen=True):
    """One ticket as its holder sees it on the phone. The secret in the address is the only key to it."""

    label: str
    state: str
    service: Text
    queue: Text
    zone: str
    windows: list[str]
    window: str | None
    """Where the ticket is called to or served."""
    calls: int
    ahead: int | None
    est_wait_s: WaitRange | None
    issued_at: str
    called_at: str | None
    generated_at: str
    now_serving: list[NowServing]
    cancellable: bool


class BoardCall(Message, frozen=True):
    """One call on the main display."""

    label: str
    window: str
    zone: str
    calls: int
    called_at: str


class Board(Message, frozen=True):
    """`board`, retained: the latest calls, newest first."""

    seq: int
    at: str
    calls: list[BoardCall]


class WindowView(Message, frozen=True):
    """`window/{n}`, retained: what window n shows."""

    window: str
    status: Literal["open", "paused", "closed"]
    label: str | None
    state: Literal["called", "serving"] | None
    calls: int
    since: str
    seq: int
    zone: str
    queues: list[Text]


class StaffTicket(Message, frozen=True):
    """A ticket as window staff see it. No name, no number of any paper."""

    ticket_id: str
    label: str
    service: Text
    ticket_class: str
    state: str
    taken_at: str
    window: str | None
    calls: int
    on_behalf_of: bool
    group_size: int
    green: list[str]
    story: list[dict[str, str]]


class QueueView(Message, frozen=True):
    """A queue as window staff see it."""

    queue_id: str
    prefix: str
    name: Text
    waiting: int
    by_class: dict[str, int]
    next_labels: list[str]
    longest_wait_s: int


class WindowStaffView(Message, frozen=True):
    """A window as window staff see it."""

    window: str
    status: str
    staff_id: str | None
    queues: list[str]
    current: StaffTicket | None
    held: list[StaffTicket]


class GuideTask(Message, frozen=True):
    """Somebody who asked to be accompanied or assisted."""

    label: str
    zone: str
    wants: list[str]
    taken_at: str


class Queues(Message, frozen=True):
    """`queues`, retained: the staff's view. Terminals and guides may read it, nobody else."""

    seq: int
    at: str
    queues: list[QueueView]
    windows: list[WindowStaffView]
    missed: list[str]
    guide_tasks: list[GuideTask]


class AlertStep(Message, frozen=True):
    """One step in an alert's life: raised, escalated, acknowledged, cause, action, eased or reopened."""

    at: str
    what: str
    by: str
    text: str = ""


class AlertView(Message, frozen=True):
    """`alert/{id}`, retained, empty when cleared: an alert with its life so far.

    `facts` holds what was measured, with the limits. `advice` is one thing to do and what it gains: windows to open
    with staff who could sit there, or a break to move, or an open window that should call from the queue too.
    """

    alert_id: str
    kind: Literal["extra_window", "staffing", "anomaly", "device"]
    trigger: str
    state: Literal["raised", "acknowledged", "eased"]
    queue_id: str | None
    window: str | None
    device: str | None
    raised_at: str
    facts: dict[str, Any]
    advice: dict[str, Any] | None
    unit: str | None
    contact: str | None
    reopened: int
    life: list[AlertStep]


class CatalogueQueue(Message, frozen=True):
    """A queue in the catalogue."""

    queue_id: str
    prefix: str
    name: Text
    zone: str


class CatalogueZone(Message, frozen=True):
    """A part of the hall."""

    zone_id: str
    name: Text


class CatalogueCategory(Message, frozen=True):
    """A page of the dispenser's menu."""

    category_id: str
    name: Text


class CatalogueService(Message, frozen=True):
    """A service with its guide. A guide field that is absent is shown as "not provided"."""

    service_id: str
    category_id: str
    queue_id: str
    name: Text
    available: bool
    note: Text | None
    on_behalf_of: bool
    booking_required: bool
    cancellable: bool
    guide: dict[str, Text]


class Catalogue(Message, frozen=True):
    """`catalogue`, retained: the same for dispenser, terminal, web and publication."""

    hall_id: str
    name: Text
    phone: str
    version: str
    languages: list[str]
    zones: list[CatalogueZone]
    categories: list[CatalogueCategory]
    queues: list[CatalogueQueue]
    services: list[CatalogueService]

    def service(self, service_id: str) -> CatalogueService | None:
        """A service by its id."""
        return next((service for service in self.services if service.service_id == service_id), None)


class JournalRecord(Message, frozen=True):
    """`journal`: one event as it was stored. `hash` chains it to the one before."""

    seq: int
    at: str
    name: str
    version: int
    data: dict[str, Any] | msgspec.Raw
    hash: str
