"""What every order is made of: the envelope on the wire, and the base of all bodies."""

import hashlib
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from hall_protocol.topics import Role

CommandId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Text = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
BookingCode = Annotated[str, Meta(min_length=6, max_length=64, pattern=r"^[ -~]+$")]
AgeMs = Annotated[int, Meta(ge=0, le=86_400_000)]

EXAMPLE_TICKET = "5b0c6f0e8a714b6f9e0f6a1d2c3b4a59"


def hashed(secret: str) -> str:
    """What is stored of a secret: enough to recognise it, not to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def booking_id(code: str) -> str:
    """What stands for an appointment's code wherever it is stored. People may type it in small letters, with dashes."""
    return hashed("".join(code.upper().replace("-", "").split()))


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
