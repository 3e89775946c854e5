"""From the wire's commands to the domain's: ids and secrets are made here, and roles are checked."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hall_protocol import commands as wire
from hall_protocol.commands import hashed
from hall_protocol.messages import Refused
from hall_protocol.refusals import RefusalCode
from hall_protocol.topics import Role
from hall_server.domain import commands as domain


def secret() -> str:
    """A new secret of 128 bits, safe in an address."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class Order:
    """A command on its way through the writer.

    `answer` is called once with the encoded reply, after the events are durable. `secret` is a token made for this
    order; it stands in the reply and nowhere else.
    """

    command_id: str | None
    command: domain.Command
    answer: Callable[[bytes], None]
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """The device that gives an order, by the rights of its topic."""

    device: str
    role: Role
    windows: tuple[str, ...] = ()
    """The windows a terminal belongs to; empty for any."""


def translate(sender: Sender, envelope: wire.Envelope, body: wire.Body) -> tuple[domain.Command, str | None] | Refused:
    """The domain's command for a wire command, with the secret made for it. Sign-in needs the PIN verified first."""
    if sender.role not in body.roles:
        return Refused(envelope.id, RefusalCode.NOT_ALLOWED, f"a {sender.role} may not give the order {body.type}")
    match body:
        case wire.Issue():
            token = secret()
            return (
                domain.Issue(
                    ticket_id=uuid.uuid4().hex,
                    token_hash=hashed(token),
                    service_id=body.service_id,
                    source=sender.device,
                    age_ms=envelope.age_ms,
                    green=body.green,
                    on_behalf_of=body.on_behalf_of,
                    group_size=body.group_size,
                    language=body.language,
                ),
                token,
            )
        case wire.CheckIn():
            token = secret()
            return (
                domain.CheckIn(
                    ticket_id=uuid.uuid4().hex,
                    token_hash=hashed(token),
                    booking_id=wire.booking_id(body.booking_code),
                    source=sender.device,
                    age_ms=envelope.age_ms,
                    green=body.green,
                    language=body.language,
                ),
                token,
            )
        case wire.Printed() | wire.PrintFailed() | wire.Lease() | wire.MergeOffline():
            return _from_dispenser(sender.device, body, envelope.age_ms), None
        case wire.SignIn():
            if sender.windows and body.window not in sender.windows:
                sentence = f"this terminal belongs to window {', '.join(sender.windows)}"
                return Refused(envelope.id, RefusalCode.FOREIGN_WINDOW, sentence)
            token = secret()
            return domain.SignIn(body.staff_id, body.window, hashed(token), sender.device), token
        case wire.Abandon() | wire.Book() | wire.CancelBooking():
            return _from_gateway(body), None
        case wire.StaffBody():
            return _staffed(body), None
    raise AssertionError(f"no translation for {body.type}")


def _from_dispenser(
    device: str, body: wire.Printed | wire.PrintFailed | wire.Lease | wire.MergeOffline, age_ms: int
) -> domain.Command:
    match body:
        case wire.Printed():
            return domain.ReportPrint(body.ticket_id, device, "printed")
        case wire.PrintFailed():
            outcome = body.reason if body.reason in ("uncertain", "expired") else "failed"
            return domain.ReportPrint(body.ticket_id, device, outcome, body.reason)
        case wire.Lease():
            held = tuple(domain.HeldNumbers(block.queue_id, block.next, block.last) for block in body.held)
            return domain.LeaseNumbers(device, held)
        case wire.MergeOffline():
            return domain.MergeOffline(device, tuple(_offline(ticket, age_ms) for ticket in body.tickets))


def _from_gateway(body: wire.Abandon | wire.Book | wire.CancelBooking) -> domain.Command:
    match body:
        case wire.Abandon():
            return domain.Abandon(hashed(body.token))
        case wire.Book():
            slot_ms = int(body.slot_at.timestamp() * 1000)
            return domain.Book(wire.booking_id(body.booking_code), body.service_id, slot_ms)
        case wire.CancelBooking():
            return domain.CancelBooking(wire.booking_id(body.booking_code))


def _offline(ticket: wire.OfflineTicket, late_ms: int) -> domain.OfflineTicket:
    return domain.OfflineTicket(
        ticket_id=uuid.uuid4().hex,
        token_hash=hashed(ticket.token or secret()),
        label=ticket.label,
        service_id=ticket.service_id,
        age_ms=ticket.age_ms + late_ms,
        green=ticket.green,
        on_behalf_of=ticket.on_behalf_of,
        group_size=ticket.group_size,
        language=ticket.language,
        slip=ticket.slip,
        booking_id=ticket.booking_id,
    )


_WINDOW_STATUS = {"open_window": "open", "pause_window": "paused", "close_window": "closed"}
_ON_TICKET: dict[type[wire.OnTicket], type[domain.OnTicket]] = {
    wire.CallSpecific: domain.CallSpecific,
    wire.Recall: domain.Recall,
    wire.Start: domain.Start,
    wire.Finish: domain.Finish,
    wire.NoShow: domain.NoShow,
    wire.Transfer: domain.Transfer,
    wire.Hold: domain.Hold,
    wire.Resume: domain.Resume,
    wire.Requeue: domain.Requeue,
    wire.Void: domain.Void,
}


def _staffed(body: wire.StaffBody) -> domain.Staffed:
    session_hash = hashed(body.session)
    match body:
        case wire.SignOut():
            return domain.SignOut(session_hash)
        case wire.CallNext():
            return domain.CallNext(session_hash)
        case wire.OpenWindow() | wire.PauseWindow() | wire.CloseWindow():
            return domain.SetWindow(session_hash, _WINDOW_STATUS[body.type], body.reason)
        case wire.OnTicket():
            fields: dict[str, Any] = {"ticket_id": body.ticket_id, "label": body.label, "reason": body.reason}
            if isinstance(body, wire.Finish):
                fields["outcome"] = body.outcome
            if isinstance(body, wire.Transfer):
                fields |= {"queue_id": body.queue_id, "service_id": body.service_id}
            return _ON_TICKET[type(body)](session_hash, **fields)
    raise AssertionError(f"no translation for {body.type}")
