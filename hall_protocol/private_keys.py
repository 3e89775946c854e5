"""Private keys as files hold them: the one form for devices, the hall's authority and whoever signs configurations."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def new_key() -> EllipticCurvePrivateKey:
    """A new key for certificates: P-256."""
    return generate_private_key(SECP256R1())


def pem_of(key: EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    """PKCS#8 without a passphrase; the file's rights keep it."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate_key(pem: bytes) -> EllipticCurvePrivateKey:
    """The key of a certificate.

    Raises:
        ValueError: there is none in the file.
    """
    key = _loaded(pem)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise ValueError("it is no elliptic key")
    return key


def signing_key(pem: bytes) -> Ed25519PrivateKey:
    """A key to sign configurations with.

    Raises:
        ValueError: there is none in the file.
    """
    key = _loaded(pem)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("it is no Ed25519 key")
    return key


def _loaded(pem: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, None)
    except TypeError as error:
        raise ValueError("it is locked with a passphrase") from error
