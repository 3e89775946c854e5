"""Tickets and windows as they are now."""

from enum import StrEnum

import msgspec


class TicketState(StrEnum):
    """Where a ticket is in its life. The last four are final, but a no_show may be requeued."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    NO_SHOW = "no_show"
    FINISHED = "finished"
    ABANDONED = "abandoned"
    VOID = "void"


AT_WINDOW = frozenset({TicketState.CALLED, TicketState.SERVING})
OPEN = AT_WINDOW | {TicketState.WAITING, TicketState.HELD}


class TicketClass(StrEnum):
    """How a ticket is ordered. Never published."""

    ORDINARY = "ordinary"
    APPOINTMENT = "appointment"
    GREEN = "green"
    URGENT = "urgent"


def class_by(green: tuple[str, ...], *, booked: bool = False, urgent: bool = False) -> TicketClass:
    """The most urgent class that a visitor has a right to, by what was wished for."""
    if urgent:
        return TicketClass.URGENT
    if "priority" in green:
        return TicketClass.GREEN
    return TicketClass.APPOINTMENT if booked else TicketClass.ORDINARY


URGENCY = {TicketClass.URGENT: 0, TicketClass.GREEN: 1, TicketClass.APPOINTMENT: 2, TicketClass.ORDINARY: 3}
"""Lower is more urgent."""


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One line of a ticket's story."""

    at: int
    what: str
    where: str = ""


class Ticket(msgspec.Struct, frozen=True, gc=False):
    """A number in a visitor's hand. Times are Unix milliseconds."""

    ticket_id: str
    label: str
    number: int
    queue_id: str
    service_id: str
    ticket_class: TicketClass
    source: str
    """The device it was taken at."""
    session: str
    """The kind of session it was taken in."""
    token_hash: str
    taken_at: int
    key: int
    """What it is ordered by within its class: the time it was taken, unless requeued."""
    seq: int
    """Number of the event that issued it; breaks ties of `key`."""
    green: tuple[str, ...] = ()
    on_behalf_of: bool = False
    group_size: int = 1
    language: str = "zh-Hans"
    told_s: tuple[int, int] | None = None
    """The range of the wait that was told when the number was taken."""
    state: TicketState = TicketState.WAITING
    window: str | None = None
    calls: int = 0
    first_called_at: int | None = None
    called_at: int | None = None
    started_at: int | None = None
    closed_at: int | None = None
    outcome: str | None = None
    requeues: int = 0
    print_state: str = "pending"
    slips: tuple[str, ...] = ()
    """Dispensers whose slips may be in somebody's hand: one more for each time an appointment was checked in again, one
    less for each that was not handed over. Empty while there is only the source's."""
    story: tuple[Step, ...] = ()

    @property
    def holders(self) -> tuple[str, ...]:
        """The dispensers that may have handed out a slip of it, once for each slip."""
        return self.slips or (self.source,)


class Lease(msgspec.Struct, frozen=True):
    """Numbers of a queue, `first` to `last`, that a dispenser may give out by itself.

    `closed` says why it may not any more: given_back (used up, or lost by the dispenser) or revoked.
    """

    device: str
    queue_id: str
    first: int
    last: int
    closed: str = ""


class Booking(msgspec.Struct, frozen=True):
    """An appointment whose visitor has not come yet."""

    booking_id: str
    service_id: str
    slot_at: int


class Arrival(msgspec.Struct, frozen=True):
    """An appointment whose visitor has come today, and the ticket for it."""

    booking: Booking
    ticket_id: str


class WindowState(msgspec.Struct, frozen=True):
    """A window as it is now."""

    window_id: str
    status: str = "closed"
    reason: str | None = None
    staff_id: str | None = None
    session_hash: str | None = None
    current: str | None = None
    """Id of the ticket that is called to or served at the window."""
    since: int = 0


class StaffSession(msgspec.Struct, frozen=True):
    """A signed-in member of staff."""

    session_hash: str
    staff_id: str
    window: str
    device: str
    since: int
