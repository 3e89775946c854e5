"""A generation of a device's configuration as it travels: canonical JSON, signed with Ed25519."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from hall_protocol.codec import decode, encode
from hall_protocol.messages.devices import Desired

MOST_SIGNERS = 2


class Part(StrEnum):
    """The files of a generation, by the names they have in its folder."""

    AGENT = "device.toml"
    UNIT = "unit.conf"
    NETWORK = "network.nmconnection"
    BOOT = "boot.txt"


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One generation. There is no time in it: a device's clock is not believed, so it could not judge one."""

    hall: str
    device: str
    role: str
    generation: Annotated[int, Meta(ge=1)]
    files: dict[Part, str]
    hot: tuple[str, ...]
    """Keys of `device.toml` that the running program takes over without a restart."""
    signers: Annotated[tuple[str, ...], Meta(min_length=1, max_length=MOST_SIGNERS)]
    """Public keys that the device believes from this generation on."""
    v: Literal[1] = 1


class Opened(NamedTuple):
    """A bundle whose signature is good."""

    bundle: Bundle
    hash: str


class BundleError(Exception):
    """A message that is no good bundle for this device: a stable word for it."""

    def __init__(self, reason: str, generation: int = 0, hash_: str = "") -> None:
        super().__init__(reason)
        self.reason, self.generation, self.hash = reason, generation, hash_


def canonical(bundle: Bundle) -> bytes:
    """The bytes that are hashed and signed: keys in order, no spaces, UTF-8."""
    return msgspec.json.encode(bundle, order="sorted")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def signed(bundle: Bundle, signer: str, sign: Callable[[bytes], bytes]) -> bytes:
    """The message for `device/{d}/desired`."""
    content = canonical(bundle)
    signature = base64.b64encode(sign(content)).decode()
    return encode(Desired(bundle.generation, _hash(content), signer, signature, msgspec.to_builtins(bundle)))


def bundle_in(desired: Desired) -> Bundle:
    """A message's bundle, unverified.

    Raises:
        BundleError: it has another shape.
    """
    try:
        # Unknown keys are refused: a bundle holds nothing that was not signed.
        return msgspec.convert(desired.bundle, Bundle)
    except msgspec.ValidationError as error:
        raise BundleError("malformed", desired.generation, desired.hash) from error


def opened(payload: bytes, signers: tuple[str, ...]) -> Opened:
    """A message's bundle, if one of the signers signed it.

    Raises:
        BundleError: `malformed`, `unknown_signer` or `bad_signature`.
    """
    desired = decode(payload, Desired)
    if desired is None:
        raise BundleError("malformed")
    bundle = bundle_in(desired)
    content = canonical(bundle)
    found = _hash(content)
    said = desired.generation, desired.hash
    if desired.signer not in signers:
        raise BundleError("unknown_signer", *said)
    if not _verified(desired.signer, desired.signature, content) or said != (bundle.generation, found):
        raise BundleError("bad_signature", *said)
    return Opened(bundle, found)


def _verified(signer: str, signature: str, content: bytes) -> bool:
    # Only here: a device's agent needs no more of the library than this.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signer, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def with_generation(files: Mapping[Part, str], generation: int) -> dict[Part, str]:
    """The rendered parts, with the number in the program's file: the program tells it in its state."""
    head, _, rest = files[Part.AGENT].partition("\n")
    return {**files, Part.AGENT: f"{head}\ngeneration = {generation}\n{rest}"}
