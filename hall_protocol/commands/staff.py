"""Orders of window staff, from sign-in to the last visitor."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from hall_protocol.commands.base import EXAMPLE_TICKET, Body, Name, Text
from hall_protocol.topics import Role

STAFF = frozenset({Role.TERMINAL})
SESSION = "q3Jx0v0m5yY1m0cJ8gB4wQ"


class SignIn(Body, frozen=True):
    """A member of staff takes a window. A new sign-in ends the same person's older one."""

    type = "sign_in"
    roles = STAFF
    example: ClassVar[dict[str, Any]] = {"staff_id": "s01", "pin": "2468", "window": "3"}
    result_example: ClassVar[dict[str, Any]] = {"session": SESSION}

    staff_id: Name
    pin: Annotated[str, Meta(min_length=1, max_length=64)]
    window: Name


class StaffBody(Body, frozen=True):
    """A body of a signed-in member of staff."""

    roles = STAFF

    session: Annotated[str, Meta(min_length=1, max_length=64)]


class SignOut(StaffBody, frozen=True):
    """Leave the window."""

    type = "sign_out"
    example: ClassVar[dict[str, Any]] = {"session": SESSION}


class WithReason(StaffBody, frozen=True):
    """A body with an optional reason."""

    reason: Text | None = None


class OpenWindow(WithReason, frozen=True):
    """Open the window for calls, also after a pause."""

    type = "open_window"
    example: ClassVar[dict[str, Any]] = {"session": SESSION}


class PauseWindow(WithReason, frozen=True):
    """Stop calling for a while; the screen says so."""

    type = "pause_window"
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "reason": "lunch"}


class CloseWindow(WithReason, frozen=True):
    """Close the window."""

    type = "close_window"
    example: ClassVar[dict[str, Any]] = {"session": SESSION}


class CallNext(StaffBody, frozen=True):
    """Call whoever is next by the hall's order, over all queues of the window and skills of the staff."""

    type = "call_next"
    example: ClassVar[dict[str, Any]] = {"session": SESSION}
    result_example: ClassVar[dict[str, Any]] = {
        "ticket_id": EXAMPLE_TICKET,
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
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "label": "B007"}
    result_example: ClassVar[dict[str, Any]] = CallNext.result_example | {"why": "called_by_number"}


class Recall(OnTicket, frozen=True):
    """Call the current ticket once more."""

    type = "recall"
    example: ClassVar[dict[str, Any]] = {"session": SESSION}
    result_example: ClassVar[dict[str, Any]] = {"ticket_id": EXAMPLE_TICKET, "label": "B007", "calls": 2}


class Start(OnTicket, frozen=True):
    """The visitor is at the window."""

    type = "start"
    example: ClassVar[dict[str, Any]] = {"session": SESSION}


Outcome = Literal["completed", "accepted", "materials_missing", "conditional_acceptance", "referred", "not_accepted"]


class Finish(OnTicket, frozen=True):
    """The service is over, with what came of it."""

    type = "finish"
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "outcome": "completed"}

    outcome: Outcome = "completed"


class NoShow(OnTicket, frozen=True):
    """Nobody came. Only after the hall's number of calls and its time."""

    type = "no_show"
    example: ClassVar[dict[str, Any]] = {"session": SESSION}


class Transfer(OnTicket, frozen=True):
    """Send the visitor on to another queue; the original time counts there."""

    type = "transfer"
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "queue_id": "collection"}

    queue_id: Name | None = None
    service_id: Name | None = None


class Hold(OnTicket, frozen=True):
    """Put the visitor aside (to fill in a form, say) and free the window."""

    type = "hold"
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "reason": "filling in a form"}


class Resume(OnTicket, frozen=True):
    """Take a held visitor back."""

    type = "resume"
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "label": "B007"}


class Requeue(OnTicket, frozen=True):
    """Put a visitor who missed the call back in the queue, by the hall's rule."""

    type = "requeue"
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "label": "B007"}
    result_example: ClassVar[dict[str, Any]] = {"ticket_id": EXAMPLE_TICKET, "label": "B007", "ahead": 3}


class Void(OnTicket, frozen=True):
    """Cancel a ticket, with the reason."""

    type = "void"
    example: ClassVar[dict[str, Any]] = {"session": SESSION, "label": "B007", "reason": "taken twice"}
