"""Who a device is, as enrolment left it in a folder: its own key, its certificate, and the hall's authority."""

import ssl
import time
from pathlib import Path

import msgspec

from hall_protocol.topics import Role

IDENTITY, KEY, CERTIFICATE, AUTHORITY = "identity.json", "key.pem", "certificate.pem", "authority.pem"
RENEWS_AFTER = 2 / 3
"""Of a certificate's life."""
NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python's `ssl` has no name for."""


class IdentityError(Exception):
    """The folder holds no identity; the sentence says what is missing."""


class Identity(msgspec.Struct, frozen=True):
    """`identity.json`. Nothing in it is secret; the key lies beside it."""

    hall: str
    device: str
    role: Role
    host: str
    port: int
    hall_url: str
    """Where the certificate is renewed."""
    signers: tuple[str, ...]
    """Public keys whose configurations are believed, until a configuration says otherwise."""
    issued_s: int
    expires_s: int
    """Of the certificate, in seconds since 1970 by the hall's clock."""

    def renewal_due(self, now_s: float) -> bool:
        """Whether it is time for a newer certificate."""
        return now_s > self.issued_s + RENEWS_AFTER * (self.expires_s - self.issued_s)


def load_identity(folder: Path) -> Identity:
    """The identity in a folder.

    Raises:
        IdentityError: there is none.
    """
    try:
        return msgspec.json.decode((folder / IDENTITY).read_bytes(), type=Identity)
    except OSError as error:
        raise IdentityError(f"{folder} holds no identity: paihao enrol makes one ({error.strerror})") from error
    except msgspec.DecodeError as error:
        raise IdentityError(f"{folder / IDENTITY} is damaged: {error}") from error


def tls_context(folder: Path, now_s: float | None = None) -> ssl.SSLContext:
    """For mutual TLS with the hall's broker.

    A board without a clock of its own wakes up in the past, when the broker's certificate is not valid yet. While the
    clock says a time before our own certificate was made it is plainly wrong, and dates are left unchecked; the
    authority's signature and the name are checked always.

    Raises:
        IdentityError: a file is missing or damaged.
    """
    identity = load_identity(folder)
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(folder / AUTHORITY))
        context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    except (OSError, ssl.SSLError) as error:
        raise IdentityError(f"{folder} holds no usable certificate: {error}") from error
    if (time.time() if now_s is None else now_s) < identity.issued_s:
        context.verify_flags |= ssl.VerifyFlags(NO_CHECK_TIME)
    return context
