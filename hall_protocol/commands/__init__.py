"""Orders that a device gives the hall: `device/{d}/command`, and the bodies of each type, one file a speaker.

Only what the hall needs to decide stands in a body. Unknown fields are ignored, so that a newer device can talk to
an older hall.
"""

from hall_protocol.commands.base import AgeMs, Body, BookingCode, CommandId, Envelope, Name, Text, booking_id, hashed
from hall_protocol.commands.dispenser import (
    CheckIn,
    Green,
    HeldNumbers,
    Issue,
    Lease,
    MergeOffline,
    OfflineTicket,
    Printed,
    PrintFailed,
    SlipEnd,
)
from hall_protocol.commands.gateway import Abandon, Book, CancelBooking
from hall_protocol.commands.staff import (
    CallNext,
    CallSpecific,
    CloseWindow,
    Finish,
    Hold,
    NoShow,
    OnTicket,
    OpenWindow,
    Outcome,
    PauseWindow,
    Recall,
    Requeue,
    Resume,
    SignIn,
    SignOut,
    StaffBody,
    Start,
    Transfer,
    Void,
    WithReason,
)

__all__ = [
    "BODIES",
    "NOT_OFFERED",
    "Abandon",
    "AgeMs",
    "Body",
    "Book",
    "BookingCode",
    "CallNext",
    "CallSpecific",
    "CancelBooking",
    "CheckIn",
    "CloseWindow",
    "CommandId",
    "Envelope",
    "Finish",
    "Green",
    "HeldNumbers",
    "Hold",
    "Issue",
    "Lease",
    "MergeOffline",
    "Name",
    "NoShow",
    "OfflineTicket",
    "OnTicket",
    "OpenWindow",
    "Outcome",
    "PauseWindow",
    "PrintFailed",
    "Printed",
    "Recall",
    "Requeue",
    "Resume",
    "SignIn",
    "SignOut",
    "SlipEnd",
    "StaffBody",
    "Start",
    "Text",
    "Transfer",
    "Void",
    "WithReason",
    "booking_id",
    "hashed",
]

BODIES: dict[str, type[Body]] = {
    body.type: body
    for body in (
        Issue, CheckIn, Printed, PrintFailed, Lease, MergeOffline,
        SignIn, SignOut, OpenWindow, PauseWindow, CloseWindow, CallNext, CallSpecific,
        Recall, Start, Finish, NoShow, Transfer, Hold, Resume, Requeue, Void,
        Abandon, Book, CancelBooking,
    )
}  # fmt: skip

NOT_OFFERED = frozenset({"rate", "complain"})
"""Types of the contract that this hall answers with `unsupported` and a sentence of its own."""
