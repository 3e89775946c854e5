"""What everybody may see: the queue, one's own ticket, the screens."""

from typing import Literal

from hall_protocol.messages.base import Message, Text, WaitRange


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
