"""What devices say of themselves, and what they are told to be."""

from typing import Annotated, Any, Literal

import msgspec

from hall_protocol.messages.base import Message, Presence

Short = Annotated[str, msgspec.Meta(max_length=64)]
Generation = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]


class DeviceState(Message, frozen=True):
    """`device/{d}/state`, retained; `offline` is the device's last will."""

    state: Presence
    role: Short
    boot_id: Short
    version: Short
    config_generation: Generation = 0
    health: dict[str, Any] = msgspec.field(default_factory=dict)
    """See `health.Health`; a reader believes it field by field (`health.read_health`)."""
    at: Short | None = None


class Desired(Message, frozen=True):
    """`device/{d}/desired`, retained: the configuration that the device is to have.

    `hash` is the SHA-256 of the canonical `bundle` (JSON with keys in order, no spaces, UTF-8), `signature` the Ed25519
    signature of the same bytes by `signer`, a raw public key; both in base64. The hall hands it on as it is.
    """

    generation: int
    hash: str
    signer: str
    signature: str
    bundle: dict[str, Any]


class Reported(Message, frozen=True):
    """`device/{d}/reported`, retained: what became of the newest configuration that the device has seen."""

    generation: Generation
    status: Literal["applied", "rejected", "rolled_back"]
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""
    hash: Annotated[str, msgspec.Meta(max_length=128)] = ""
