"""Bytes to typed messages and back, in one place.

Inside the programs there are only typed messages; whatever cannot become one is a `Refused` here.
"""

from typing import TypeVar

import msgspec

from hall_protocol.commands import BODIES, NOT_OFFERED, Body, Envelope
from hall_protocol.messages import Accepted, Refused
from hall_protocol.refusals import RefusalCode

MAX_COMMAND_BYTES = 64 * 1024

_envelope = msgspec.json.Decoder(Envelope)
_bodies = {name: msgspec.json.Decoder(body) for name, body in BODIES.items()}
_encoder = msgspec.json.Encoder()

UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""Whatever decoding may raise; a RecursionError comes from deep nesting."""

MessageT = TypeVar("MessageT")


class _IdOnly(msgspec.Struct):
    id: str


_id_only = msgspec.json.Decoder(_IdOnly)


def encode(message: msgspec.Struct) -> bytes:
    """A message as UTF-8 JSON."""
    return _encoder.encode(message)


def decode(payload: bytes, kind: type[MessageT]) -> MessageT | None:
    """A published message, or None if the payload is not one: readers skip what they cannot read."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except UNREADABLE:
        return None


def encode_command(command_id: str, body: Body, age_ms: int = 0) -> bytes:
    """A command as it goes out."""
    raw = msgspec.Raw(_encoder.encode(body))
    return _encoder.encode(Envelope(id=command_id, type=body.type, age_ms=age_ms, body=raw))


def decode_command(payload: bytes) -> tuple[Envelope, Body] | Refused:
    """A command, or the refusal to send back. Every refusal carries the command's id where it can be read."""
    try:
        envelope = _envelope.decode(payload)
    except UNREADABLE as error:
        return _unreadable(payload, error)
    if len(payload) > MAX_COMMAND_BYTES:
        return Refused(envelope.id, RefusalCode.TOO_LARGE, f"a command has at most {MAX_COMMAND_BYTES} bytes")
    if envelope.v != 1:
        return Refused(envelope.id, RefusalCode.UNSUPPORTED, f"version {envelope.v} is not known here")
    decoder = _bodies.get(envelope.type)
    if decoder is None:
        known = envelope.type in NOT_OFFERED
        sentence = "this hall does not offer it" if known else "no such command"
        return Refused(envelope.id, RefusalCode.UNSUPPORTED, f"{envelope.type}: {sentence}")
    try:
        return envelope, decoder.decode(envelope.body)
    except UNREADABLE as error:
        return Refused(envelope.id, RefusalCode.INVALID, f"body: {error}")


def _unreadable(payload: bytes, error: Exception) -> Refused:
    if len(payload) > MAX_COMMAND_BYTES:
        code, sentence = RefusalCode.TOO_LARGE, f"a command has at most {MAX_COMMAND_BYTES} bytes"
    else:
        code, sentence = RefusalCode.INVALID, str(error)
    try:
        return Refused(_id_only.decode(payload).id[:64], code, sentence)
    except UNREADABLE:
        return Refused("", RefusalCode.MALFORMED if code is RefusalCode.INVALID else code, sentence)


_accepted = msgspec.json.Decoder(Accepted)
_refused = msgspec.json.Decoder(Refused)


class _Outcome(msgspec.Struct):
    ok: bool


_outcome = msgspec.json.Decoder(_Outcome)


def decode_reply(payload: bytes) -> Accepted | Refused | None:
    """A reply, or None if the payload is not one."""
    try:
        return _accepted.decode(payload) if _outcome.decode(payload).ok else _refused.decode(payload)
    except UNREADABLE:
        return None
