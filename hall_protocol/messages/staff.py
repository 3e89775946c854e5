"""What only staff see: windows, waiting visitors, guides' tasks, alerts."""

from typing import Any, Literal

from hall_protocol.messages.base import Message, Text


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
