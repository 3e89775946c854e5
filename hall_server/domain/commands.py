"""Orders to the hall. Times, ids, secrets and chance come in from outside."""

from typing import Any

import msgspec

from hall_server.domain.configuration import Hall
from hall_server.domain.events import AlertKind


class Command(msgspec.Struct, frozen=True):
    """Base of all orders."""


class Issue(Command, frozen=True):
    """Take a number."""

    ticket_id: str
    token_hash: str
    service_id: str
    source: str
    age_ms: int = 0
    green: tuple[str, ...] = ()
    on_behalf_of: bool = False
    group_size: int = 1
    language: str = "zh-Hans"
    booking_id: str | None = None
    """The appointment that the visitor comes for."""
    slot_at: int | None = None
    """Its time (Unix ms), if the visitor has its place; None also for one who comes too late for it."""
    told_s: tuple[int, int] | None = None
    """The range of the wait that the visitor will be told."""
    urgent: bool = False
    """An urgent request that was granted (R19)."""


class HeldNumbers(msgspec.Struct, frozen=True):
    """What a dispenser has left of a lease: `next` to `last`."""

    queue_id: str
    next: int
    last: int


class LeaseNumbers(Command, frozen=True):
    """A dispenser says which numbers it holds, and gets what it lacks. Leases it does not name are closed."""

    device: str
    held: tuple[HeldNumbers, ...] = ()


class RevokeLeases(Command, frozen=True):
    """A dispenser is gone: nothing more comes from its numbers."""

    device: str


class OfflineTicket(msgspec.Struct, frozen=True):
    """A ticket that a dispenser gave out by itself."""

    ticket_id: str
    token_hash: str
    label: str
    service_id: str
    age_ms: int
    green: tuple[str, ...] = ()
    on_behalf_of: bool = False
    group_size: int = 1
    language: str = "zh-Hans"
    slip: str = "printed"
    booking_id: str | None = None
    """The appointment that the visitor came for."""


class MergeOffline(Command, frozen=True):
    """Take in what a dispenser gave out while it was cut off."""

    device: str
    tickets: tuple[OfflineTicket, ...]


class ReportPrint(Command, frozen=True):
    """The outcome of printing a ticket's slip: printed, failed, uncertain or expired."""

    ticket_id: str
    source: str
    outcome: str
    reason: str | None = None


class SignIn(Command, frozen=True):
    """A member of staff whose PIN was verified takes a window."""

    staff_id: str
    window: str
    session_hash: str
    device: str


class Staffed(Command, frozen=True):
    """An order by a signed-in member of staff."""

    session_hash: str


class SignOut(Staffed, frozen=True):
    """Leave the window."""


class SetWindow(Staffed, frozen=True):
    """Open, pause or close the own window. `status` is open, paused or closed."""

    status: str
    reason: str | None = None


class CallNext(Staffed, frozen=True):
    """Call whoever is next."""


class OnTicket(Staffed, frozen=True):
    """An order about one ticket: by id or label, or (neither given) the window's current one."""

    ticket_id: str | None = None
    label: str | None = None
    reason: str | None = None


class CallSpecific(OnTicket, frozen=True):
    """Call one waiting ticket out of order."""


class Recall(OnTicket, frozen=True):
    """Call the current ticket again."""


class Start(OnTicket, frozen=True):
    """The visitor is at the window."""


class Finish(OnTicket, frozen=True):
    """The service is over."""

    outcome: str = "completed"


class NoShow(OnTicket, frozen=True):
    """Nobody came."""


class Transfer(OnTicket, frozen=True):
    """Send the visitor to another queue."""

    queue_id: str | None = None
    service_id: str | None = None


class Hold(OnTicket, frozen=True):
    """Put the visitor aside."""


class Resume(OnTicket, frozen=True):
    """Take a held visitor back."""


class Requeue(OnTicket, frozen=True):
    """Put a visitor who missed the call back in the queue."""


class Void(OnTicket, frozen=True):
    """Cancel a ticket."""


class Book(Command, frozen=True):
    """Expect a visitor at a time (Unix ms)."""

    booking_id: str
    service_id: str
    slot_at: int


class CancelBooking(Command, frozen=True):
    """The visitor is not coming."""

    booking_id: str


class CheckIn(Command, frozen=True):
    """The visitor of an appointment has come."""

    ticket_id: str
    token_hash: str
    booking_id: str
    source: str
    age_ms: int = 0
    green: tuple[str, ...] = ()
    language: str = "zh-Hans"
    told_s: tuple[int, int] | None = None


class Abandon(Command, frozen=True):
    """The visitor gives up the place."""

    token_hash: str


class RaiseAlert(Command, frozen=True):
    """Something calls for a manager. The same id again brings the alert back."""

    alert_id: str
    kind: AlertKind
    trigger: str
    queue_id: str | None = None
    window: str | None = None
    device: str | None = None
    facts: dict[str, Any] = {}
    advice: dict[str, Any] | None = None


class EaseAlert(Command, frozen=True):
    """There is no cause for an alert any more."""

    alert_id: str


class HandleAlert(Command, frozen=True):
    """A manager takes a step in an alert's life: acknowledged, cause, action or cleared."""

    alert_id: str
    step: str
    by: str
    text: str = ""


class Begin(Command, frozen=True):
    """The server has started: what was not recorded since it last ran is a gap."""


class Configure(Command, frozen=True):
    """Run with this configuration from now on."""

    hall: Hall
    version: str


class Tick(Command, frozen=True):
    """Time has passed: start or end the business day."""
