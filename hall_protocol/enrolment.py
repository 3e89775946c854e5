"""How a new device and its hall come to trust each other, by a code that a person carries from one to the other.

The device makes a key, a code and a request, and shows the code. A person who stands before the device types the code
at the hall. Both sides stretch the code to the same key and prove their messages with it, so neither a false hall nor a
false device can be in between; the code itself never travels. It is good once, for ten minutes.
"""

import hashlib
import hmac
import secrets
from typing import Literal

import msgspec

from hall_protocol.identity import Identity

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing that looks like something else."""
CODE_LENGTH = 10
"""50 bits. Somebody who has listened would have to try half of them, each at the price of scrypt, in ten minutes."""
LASTS_S = 600.0
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
MOST_BYTES = 8192
"""Of a request to sign."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/v1/enrolments`."""

    device: str
    nonce: str
    csr: str
    """A PKCS#10 request in PEM."""
    proof: str


class Answer(msgspec.Struct, frozen=True):
    """`GET /api/v1/enrolments/{device}/{nonce}`."""

    status: Literal["waiting", "approved"]
    certificate: str = ""
    authority: str = ""
    identity: Identity | None = None
    proof: str = ""


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/v1/certificates`: the old certificate's key asks for a new certificate."""

    certificate: str
    csr: str
    signature: str
    """Of the request to sign, by the old key: ECDSA with SHA-256, base64."""


class Renewed(msgspec.Struct, frozen=True):
    """The answer to a `Renewal`."""

    certificate: str
    issued_s: int
    expires_s: int


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`POST /api/v1/devices/{device}/approval`: the code that a device shows."""

    code: str


def new_code() -> str:
    """A code for people: two groups of five."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return f"{drawn[:5]}-{drawn[5:]}"


def read_code(typed: str) -> str:
    """A code as it was meant: capital letters, without spaces and dashes, misread letters put right."""
    return "".join(typed.upper().replace("-", "").split()).translate(MISREAD)


def stretched(code: str, device: str, nonce: str) -> bytes:
    """The key that both sides make from the code: scrypt, 16 MB."""
    return hashlib.scrypt(read_code(code).encode(), salt=f"{device}/{nonce}".encode(), n=2**14, r=8, p=1, dklen=32)


def request_proof(key: bytes, request: Request) -> str:
    """That the request comes from the device that shows the code."""
    return _proof(key, "request", msgspec.structs.replace(request, proof=""))


def answer_proof(key: bytes, answer: Answer) -> str:
    """That the answer comes from the hall at which the code was typed."""
    return _proof(key, "answer", msgspec.structs.replace(answer, proof=""))


def _proof(key: bytes, what: str, message: msgspec.Struct) -> str:
    return hmac.new(key, what.encode() + b"\0" + msgspec.json.encode(message, order="sorted"), "sha256").hexdigest()
