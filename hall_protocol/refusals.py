"""The closed list of refusal codes.

A refusal is an answer, not an error: nothing changed, and the code says why. Codes never change their meaning;
a new reason gets a new code. The sentence in a reply is for people, the code for programs.
"""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Why a command was refused. The value is what stands on the wire."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"
    NOT_ALLOWED = "not_allowed"
    BUSY = "busy"
    STORAGE_FAILED = "storage_failed"
    FAILED = "failed"
    HALL_CLOSED = "hall_closed"
    QUEUE_CLOSED = "queue_closed"
    QUEUE_FULL = "queue_full"
    UNKNOWN_SERVICE = "unknown_service"
    UNKNOWN_QUEUE = "unknown_queue"
    UNKNOWN_WINDOW = "unknown_window"
    UNKNOWN_TICKET = "unknown_ticket"
    UNKNOWN_ALERT = "unknown_alert"
    SERVICE_UNAVAILABLE = "service_unavailable"
    BOOKING_REQUIRED = "booking_required"
    UNKNOWN_BOOKING = "unknown_booking"
    SLOT_UNAVAILABLE = "slot_unavailable"
    CHECK_IN_TOO_EARLY = "check_in_too_early"
    BEHALF_NOT_ALLOWED = "behalf_not_allowed"
    NOT_CANCELLABLE = "not_cancellable"
    WRONG_PIN = "wrong_pin"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    SESSION_EXPIRED = "session_expired"
    SKILL_MISSING = "skill_missing"
    FOREIGN_WINDOW = "foreign_window"
    WINDOW_TAKEN = "window_taken"
    WINDOW_CLOSED = "window_closed"
    WINDOW_BUSY = "window_busy"
    NO_CURRENT_TICKET = "no_current_ticket"
    NOBODY_WAITING = "nobody_waiting"
    WRONG_STATE = "wrong_state"
    TOO_EARLY = "too_early"
    REQUEUE_USED = "requeue_used"
    LABEL_TAKEN = "label_taken"


DESCRIPTIONS: dict[RefusalCode, str] = {
    RefusalCode.MALFORMED: "The payload is not a JSON object, or its id cannot be read (the reply's id is then empty).",
    RefusalCode.TOO_LARGE: "The payload is larger than 64 KiB.",
    RefusalCode.UNSUPPORTED: "The command's type or version is not known to this hall, or not offered by it.",
    RefusalCode.INVALID: "A field is missing, of the wrong type, or out of its range; the message names it.",
    RefusalCode.NOT_ALLOWED: "This device's role may not give this order.",
    RefusalCode.BUSY: "Too many orders are waiting; send the same id again a little later.",
    RefusalCode.STORAGE_FAILED: "The hall cannot store anything at the moment, so nothing was changed.",
    RefusalCode.FAILED: "A fault of the hall server's own kept it from carrying out the order; nothing was changed. "
    "The same id is decided anew.",
    RefusalCode.HALL_CLOSED: "The hall is outside its opening hours.",
    RefusalCode.QUEUE_CLOSED: "This queue takes no tickets at the moment.",
    RefusalCode.QUEUE_FULL: "All of this queue's tickets for today are taken.",
    RefusalCode.UNKNOWN_SERVICE: "No service has this id.",
    RefusalCode.UNKNOWN_QUEUE: "No queue has this id.",
    RefusalCode.UNKNOWN_WINDOW: "No window has this number.",
    RefusalCode.UNKNOWN_TICKET: "No ticket of today has this id, label or token.",
    RefusalCode.UNKNOWN_ALERT: "No open alert has this id.",
    RefusalCode.SERVICE_UNAVAILABLE: "This hall does not offer the service; the message says where it is offered.",
    RefusalCode.BOOKING_REQUIRED: "The service is by appointment.",
    RefusalCode.UNKNOWN_BOOKING: "No appointment has this code.",
    RefusalCode.SLOT_UNAVAILABLE: "No appointment can be made for this time.",
    RefusalCode.CHECK_IN_TOO_EARLY: "The appointment is later; the message says from when its visitor may check in.",
    RefusalCode.BEHALF_NOT_ALLOWED: "The service cannot be done on another's behalf.",
    RefusalCode.NOT_CANCELLABLE: "A ticket in this state or for this service cannot be given up; the message says why.",
    RefusalCode.WRONG_PIN: "Staff id or PIN is wrong.",
    RefusalCode.TOO_MANY_ATTEMPTS: "Too many wrong PINs; try again in a few minutes.",
    RefusalCode.SESSION_EXPIRED: "The staff session is unknown or has ended; sign in again.",
    RefusalCode.SKILL_MISSING: "The member of staff has no skill for this queue.",
    RefusalCode.FOREIGN_WINDOW: "The ticket is at another window, or the terminal belongs to another window.",
    RefusalCode.WINDOW_TAKEN: "Another member of staff is signed in at this window.",
    RefusalCode.WINDOW_CLOSED: "The window is not open.",
    RefusalCode.WINDOW_BUSY: "The window still has a visitor.",
    RefusalCode.NO_CURRENT_TICKET: "The window has no current ticket.",
    RefusalCode.NOBODY_WAITING: "Nobody is waiting for this window.",
    RefusalCode.WRONG_STATE: "The ticket's state does not permit this.",
    RefusalCode.TOO_EARLY: "A no-show needs more calls or more time; the message says how much.",
    RefusalCode.REQUEUE_USED: "The ticket has been put back in the queue as often as the hall allows.",
    RefusalCode.LABEL_TAKEN: "Another ticket of today has this label, or it is lent to another dispenser.",
}
