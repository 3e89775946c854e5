"""Orders that a device gives the hall: `device/{d}/command`, and the bodies of each type.

Only what the hall needs to decide stands in a body. Unknown fields are ignored, so that a newer device can talk to
an older hall.
"""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from hall_protocol.topics import Role

CommandId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Text = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
AgeMs = Annotated[int, Meta(ge=0, le=86_400_000)]
Green = Literal["priority", "accompany", "assisted"]


class Envelope(msgspec.Struct, frozen=True):
    """Every command on the wire."""

    id: CommandId
    """A UUID made by the sender. The same id always gets the same reply."""
    type: Annotated[str, Meta(max_length=64)]
    v: int = 1
    age_ms: AgeMs = 0
    """Milliseconds since the order was given, by the sender's monotonic clock."""
    body: msgspec.Raw = msgspec.Raw(b"{}")


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command's body; each subclass is one command type."""

    type: ClassVar[str]
    roles: ClassVar[frozenset[Role]]
    example: ClassVar[dict[str, Any]]
    result_example: ClassVar[dict[str, Any]] = {}


_DISPENSERS = frozenset({Role.DISPENSER, Role.GUIDE})
_STAFF = frozenset({Role.TERMINAL})
_SESSION = "q3Jx0v0m5yY1m0cJ8gB4wQ"
_TICKET = "5b0c6f0e8a714b6f9e0f6a1d2c3b4a59"


class Issue(Body, frozen=True):
    """Take a number for a service."""

    type = "issue"
    roles = _DISPENSERS
    example: ClassVar[dict[str, Any]] = {
        "service_id": "id-card-renewal",
        "green": [],
        "on_behalf_of": False,
        "group_size": 1,
        "language": "zh-Hans",
    }
    result_example: ClassVar[dict[str, Any]] = {
        "ticket_id": _TICKET,
        "label": "B007",
        "queue_id": "household",
        "zone": "B",
        "windows": ["3", "4"],
        "ahead": 6,
        "est_wait_s": {"low": 900, "high": 1500},
        "token": "mF3k9wYbqT0nB7sQ1xZ5cA",
        "url": "http://192.0.2.10:8080/t/mF3k9wYbqT0nB7sQ1xZ5cA",
        "issued_at": "2026-06-03T10:42:07+08:00",
    }

    service_id: Name
    green: tuple[Green, ...] = ()
    """The green-channel services asked for, each settable alone."""
    on_behalf_of: bool = False
    group_size: Annotated[int, Meta(ge=1, le=999)] = 1
    language: Name = "zh-Hans"


class Printed(Body, frozen=True):
    """The slip is out."""

    type = "printed"
    roles = _DISPENSERS
    example: ClassVar[dict[str, Any]] = {"ticket_id": _TICKET}

    ticket_id: Name
    reason: Text | None = None


class PrintFailed(Body, frozen=True):
    """The slip is not out, or nobody knows.

    `uncertain`: the printer gave no evidence; the ticket stays valid. `expired`: the visitor was told to press again,
    so the ticket becomes void. Any other reason (paper_out, cover_open, jam, offline …): the number is on the
    screen and the ticket stays valid.
    """

    type = "print_failed"
    roles = _DISPENSERS
    example: ClassVar[dict[str, Any]] = {"ticket_id": _TICKET, "reason": "paper_out"}

    ticket_id: Name
    reason: Text


class HeldNumbers(msgspec.Struct, frozen=True):
    """What is left of a lease."""

    queue_id: Name
    next: Annotated[int, Meta(ge=1)]
    last: Annotated[int, Meta(ge=1)]


class Lease(Body, frozen=True):
    """Ask for numbers to give out while the hall cannot be reached.

    The dispenser says which numbers it holds; the reply says which it may hold from now on. A lease that it does not
    name is closed, so everything given out offline must have been merged before.
    """

    type = "lease"
    roles = frozenset({Role.DISPENSER})
    example: ClassVar[dict[str, Any]] = {"held": [{"queue_id": "household", "next": 704, "last": 710}]}
    result_example: ClassVar[dict[str, Any]] = {
        "leases": [
            {
                "queue_id": "household", "prefix": "B", "zone": "B", "windows": ["3", "4"], "first": 701, "last": 710,
            }
        ],
        "ticket_url": "http://192.0.2.10:8080/t/",
    }  # fmt: skip

    held: Annotated[tuple[HeldNumbers, ...], Meta(max_length=500)] = ()


class OfflineTicket(msgspec.Struct, frozen=True, omit_defaults=True):
    """A ticket that a dispenser gave out by itself."""

    label: Annotated[str, Meta(pattern=r"^[A-Z]{1,2}\d{3,9}$")]
    service_id: Name
    age_ms: Annotated[int, Meta(ge=0, le=366 * 86_400_000)]
    """Milliseconds since the number was taken, when this was sent."""
    token: Annotated[str, Meta(min_length=22, max_length=64)] | None = None
    """The secret of the slip's QR code, 128 bits made by the dispenser."""
    green: tuple[Green, ...] = ()
    on_behalf_of: bool = False
    group_size: Annotated[int, Meta(ge=1, le=999)] = 1
    language: Name = "zh-Hans"
    slip: Literal["printed", "uncertain", "failed", "expired"] = "printed"
    """What became of the slip; expired if nobody can have seen the number, so that the ticket is void."""


class MergeOffline(Body, frozen=True):
    """Take in tickets that were given out while the hall could not be reached; oldest first, each once.

    The reply names those that are in the hall now, those whose day is over, and those that cannot be taken in.
    """

    type = "merge_offline"
    roles = frozenset({Role.DISPENSER})
    example: ClassVar[dict[str, Any]] = {
        "tickets": [{"label": "B704", "service_id": "id-card-renewal", "age_ms": 1260000}]
    }
    result_example: ClassVar[dict[str, Any]] = {
        "merged": [{"label": "B704", "ticket_id": _TICKET}],
        "late": [],
        "refused": [],
    }

    tickets: Annotated[tuple[OfflineTicket, ...], Meta(min_length=1, max_length=100)]


class SignIn(Body, frozen=True):
    """A member of staff takes a window. A new sign-in ends the same person's older one."""

    type = "sign_in"
    roles = _STAFF
    example: ClassVar[dict[str, Any]] = {"staff_id": "s01", "pin": "2468", "window": "3"}
    result_example: ClassVar[dict[str, Any]] = {"session": _SESSION}

    staff_id: Name
    pin: Annotated[str, Meta(min_length=1, max_length=64)]
    window: Name


class StaffBody(Body, frozen=True):
    """A body of a signed-in member of staff."""

    roles = _STAFF

    session: Annotated[str, Meta(min_length=1, max_length=64)]


class SignOut(StaffBody, frozen=True):
    """Leave the window."""

    type = "sign_out"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION}


class WithReason(StaffBody, frozen=True):
    """A body with an optional reason."""

    reason: Text | None = None


class OpenWindow(WithReason, frozen=True):
    """Open the window for calls, also after a pause."""

    type = "open_window"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION}


class PauseWindow(WithReason, frozen=True):
    """Stop calling for a while; the screen says so."""

    type = "pause_window"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "reason": "lunch"}


class CloseWindow(WithReason, frozen=True):
    """Close the window."""

    type = "close_window"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION}


class CallNext(StaffBody, frozen=True):
    """Call whoever is next by the hall's order, over all queues of the window and skills of the staff."""

    type = "call_next"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION}
    result_example: ClassVar[dict[str, Any]] = {
        "ticket_id": _TICKET,
        "label": "B007",
        "service_id": "id-card-renewal",
        "why": "longest_waiting",
    }


class OnTicket(WithReason, frozen=True):
    """A body about one ticket: by id, by label, or (neither given) the window's current one."""

    ticket_id: Name | None = None
    label: Name | None = None


class CallSpecific(OnTicket, frozen=True):
    """Call one waiting ticket out of order."""

    type = "call_specific"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "label": "B007"}
    result_example: ClassVar[dict[str, Any]] = CallNext.result_example | {"why": "called_by_number"}


class Recall(OnTicket, frozen=True):
    """Call the current ticket once more."""

    type = "recall"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION}
    result_example: ClassVar[dict[str, Any]] = {"ticket_id": _TICKET, "label": "B007", "calls": 2}


class Start(OnTicket, frozen=True):
    """The visitor is at the window."""

    type = "start"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION}


Outcome = Literal["completed", "accepted", "materials_missing", "conditional_acceptance", "referred", "not_accepted"]


class Finish(OnTicket, frozen=True):
    """The service is over, with what came of it."""

    type = "finish"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "outcome": "completed"}

    outcome: Outcome = "completed"


class NoShow(OnTicket, frozen=True):
    """Nobody came. Only after the hall's number of calls and its time."""

    type = "no_show"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION}


class Transfer(OnTicket, frozen=True):
    """Send the visitor on to another queue; the original time counts there."""

    type = "transfer"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "queue_id": "collection"}

    queue_id: Name | None = None
    service_id: Name | None = None


class Hold(OnTicket, frozen=True):
    """Put the visitor aside (to fill in a form, say) and free the window."""

    type = "hold"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "reason": "filling in a form"}


class Resume(OnTicket, frozen=True):
    """Take a held visitor back."""

    type = "resume"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "label": "B007"}


class Requeue(OnTicket, frozen=True):
    """Put a visitor who missed the call back in the queue, by the hall's rule."""

    type = "requeue"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "label": "B007"}
    result_example: ClassVar[dict[str, Any]] = {"ticket_id": _TICKET, "label": "B007", "ahead": 3}


class Void(OnTicket, frozen=True):
    """Cancel a ticket, with the reason."""

    type = "void"
    example: ClassVar[dict[str, Any]] = {"session": _SESSION, "label": "B007", "reason": "taken twice"}


class Abandon(Body, frozen=True):
    """The visitor gives up the place, by the secret on the slip."""

    type = "abandon"
    roles = frozenset({Role.GATEWAY})
    example: ClassVar[dict[str, Any]] = {"token": "mF3k9wYbqT0nB7sQ1xZ5cA"}

    token: Annotated[str, Meta(min_length=16, max_length=64)]


BODIES: dict[str, type[Body]] = {
    body.type: body
    for body in (
        Issue, Printed, PrintFailed, Lease, MergeOffline,
        SignIn, SignOut, OpenWindow, PauseWindow, CloseWindow, CallNext, CallSpecific,
        Recall, Start, Finish, NoShow, Transfer, Hold, Resume, Requeue, Void, Abandon,
    )
}  # fmt: skip

NOT_OFFERED = frozenset({"check_in", "rate", "complain", "book", "cancel_booking"})
"""Types of the contract that this hall answers with `unsupported` and a sentence of its own."""
