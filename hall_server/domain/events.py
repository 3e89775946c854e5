"""Facts of the hall. Names and versions are stored, so they never change; a new shape gets a new version."""

from typing import Any, ClassVar, Literal

import msgspec

from hall_server.domain.configuration import Hall
from hall_server.domain.tickets import TicketClass


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of all facts. `at` is Unix milliseconds."""

    name: ClassVar[str]
    version: ClassVar[int] = 1

    at: int


class HallConfigured(Event, frozen=True):
    """The hall runs with this configuration."""

    name = "hall_configured"
    hall: Hall
    catalogue_version: str


class DayStarted(Event, frozen=True):
    """A business day began."""

    name = "day_started"
    day: str


class DayEnded(Event, frozen=True):
    """A business day ended: everybody still waiting left, staff are signed out, counters start anew."""

    name = "day_ended"
    day: str


class TicketIssued(Event, frozen=True):
    """Somebody took a number."""

    name = "ticket_issued"
    ticket_id: str
    label: str
    number: int
    queue_id: str
    service_id: str
    ticket_class: str
    source: str
    session: str
    token_hash: str
    taken_at: int
    green: tuple[str, ...] = ()
    on_behalf_of: bool = False
    group_size: int = 1
    language: str = "zh-Hans"
    slot_at: int | None = None
    """The time of the visitor's appointment."""
    booking_id: str | None = None
    told_low_s: int | None = None
    """The range of the wait that the visitor was told: what forecasts are judged by."""
    told_high_s: int | None = None
    offline: bool = False
    """Taken from lent numbers while the dispenser was cut off; `taken_at` is its real time."""


class AppointmentBooked(Event, frozen=True):
    """A visitor is expected at a time."""

    name = "appointment_booked"
    booking_id: str
    service_id: str
    slot_at: int


class AppointmentCancelled(Event, frozen=True):
    """The visitor is not coming."""

    name = "appointment_cancelled"
    booking_id: str


class TicketShownAgain(Event, frozen=True):
    """The visitor of an appointment checked in once more: the same ticket, with one more secret on one more slip."""

    name = "ticket_shown_again"
    ticket_id: str
    token_hash: str
    source: str = ""


class NumbersLeased(Event, frozen=True):
    """A dispenser may give out these numbers by itself."""

    name = "numbers_leased"
    device: str
    queue_id: str
    first: int
    last: int


class LeaseClosed(Event, frozen=True):
    """A dispenser may not give out the numbers of a lease any more.

    `cause` is given_back or revoked; `unaccounted` is how many of its numbers no ticket of today has.
    """

    name = "lease_closed"
    device: str
    queue_id: str
    first: int
    last: int
    cause: str
    unaccounted: int


class LateTicketRecorded(Event, frozen=True):
    """A ticket that was taken without the hall came back after its day had ended: only a record."""

    name = "late_ticket_recorded"
    label: str
    service_id: str
    source: str
    taken_at: int
    token_hash: str


class SlipReported(Event, frozen=True):
    """What became of a ticket's slip: printed, failed or uncertain; expired if it was one of several."""

    name = "slip_reported"
    ticket_id: str
    outcome: str
    reason: str | None = None
    source: str = ""
    """The dispenser that says so; empty in journals from before there were several."""


class StaffSignedIn(Event, frozen=True):
    """A member of staff took a window."""

    name = "staff_signed_in"
    staff_id: str
    window: str
    session_hash: str
    device: str


class StaffSignedOut(Event, frozen=True):
    """A member of staff left a window. `cause` is signed_out or replaced (G13)."""

    name = "staff_signed_out"
    staff_id: str
    window: str
    session_hash: str
    cause: str


class WindowSet(Event, frozen=True):
    """A window was opened, paused or closed."""

    name = "window_set"
    window: str
    staff_id: str
    status: str
    reason: str | None = None


class TicketEvent(Event, frozen=True):
    """Something that staff did with a ticket at a window."""

    ticket_id: str
    window: str
    staff_id: str


class TicketCalled(TicketEvent, frozen=True):
    """A ticket was called to a window.

    `why` is the rule that chose it; with the rest it says in a manager's words why this visitor and not another.
    Journals from before the rest was stored have the rule alone.
    """

    name = "ticket_called"
    why: str
    waited_s: int | None = None
    passed_over: str | None = None
    """Label of the visitor who had waited longest, if it was not this one."""
    passed_over_waited_s: int | None = None


class OrderTuned(Event, frozen=True):
    """The calling order's rates follow the load. `missed` are classes whose promise needs more staff now."""

    name = "order_tuned"
    rates: dict[TicketClass, float]
    missed: tuple[TicketClass, ...] = ()
    weight: float = 0.0


class TicketRecalled(TicketEvent, frozen=True):
    """The call was repeated."""

    name = "ticket_recalled"


class ServiceStarted(TicketEvent, frozen=True):
    """The visitor is at the window."""

    name = "service_started"


class ServiceFinished(TicketEvent, frozen=True):
    """The service is over."""

    name = "service_finished"
    outcome: str


class TicketNotShown(TicketEvent, frozen=True):
    """Nobody came to the window."""

    name = "ticket_no_show"


class TicketHeld(TicketEvent, frozen=True):
    """The visitor was put aside."""

    name = "ticket_held"
    reason: str | None = None


class TicketResumed(TicketEvent, frozen=True):
    """A held visitor is back at a window."""

    name = "ticket_resumed"


class TicketTransferred(TicketEvent, frozen=True):
    """The visitor waits in another queue; the original time counts."""

    name = "ticket_transferred"
    queue_id: str
    service_id: str
    reason: str | None = None


class TicketRequeued(TicketEvent, frozen=True):
    """A visitor who missed the call waits again, ordered by `key`."""

    name = "ticket_requeued"
    key: int


class TicketVoided(Event, frozen=True):
    """A ticket was cancelled. `by` is a staff id, or `dispenser` for an order that came too late."""

    name = "ticket_voided"
    ticket_id: str
    by: str
    reason: str


class TicketAbandoned(Event, frozen=True):
    """The visitor gave up the place."""

    name = "ticket_abandoned"
    ticket_id: str


AlertKind = Literal["extra_window", "staffing", "anomaly", "device"]


class AlertRaised(Event, frozen=True):
    """Something calls for a manager."""

    name = "alert_raised"
    alert_id: str
    kind: AlertKind
    trigger: str
    queue_id: str | None = None
    window: str | None = None
    device: str | None = None
    facts: dict[str, Any] = {}
    advice: dict[str, Any] | None = None
    unit: str | None = None
    contact: str | None = None


class AlertEased(Event, frozen=True):
    """There is no cause for an alert any more. It is cleared once its cause is known."""

    name = "alert_eased"
    alert_id: str


class AlertHandled(Event, frozen=True):
    """A step in an alert's life: acknowledged, cause, action, cleared, or escalated by the system."""

    name = "alert_handled"
    alert_id: str
    step: str
    by: str
    text: str = ""


class GapRecorded(Event, frozen=True):
    """Nothing was watched between two times of a session (Unix ms)."""

    name = "gap_recorded"
    since: int
    until: int


KINDS: dict[tuple[str, int], type[Event]] = {
    (kind.name, kind.version): kind
    for kind in (
        HallConfigured, DayStarted, DayEnded, TicketIssued, SlipReported, StaffSignedIn, StaffSignedOut, WindowSet,
        TicketCalled, TicketRecalled, ServiceStarted, ServiceFinished, TicketNotShown, TicketHeld, TicketResumed,
        TicketTransferred, TicketRequeued, TicketVoided, TicketAbandoned, OrderTuned,
        AppointmentBooked, AppointmentCancelled, TicketShownAgain, AlertRaised, AlertEased, AlertHandled, GapRecorded,
        NumbersLeased, LeaseClosed, LateTicketRecorded,
    )
}  # fmt: skip
