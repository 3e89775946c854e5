"""A device's side of enrolment: makes its own key, shows a code, and comes back with a certificate. And its renewal."""

import base64
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hall_protocol import enrolment as e
from hall_protocol.identity import AUTHORITY, CERTIFICATE, IDENTITY, KEY, Identity, load_identity
from hall_protocol.whole_file import write_whole

ASKS_EVERY_S = 2.0
HTTP_WITHIN_S = 10.0
AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)


class EnrollingError(Exception):
    """It did not work; the sentence says why."""


def enrol(hall_url: str, device: str, folder: Path, show: Callable[[str], None]) -> Identity:
    """Ask a hall for a certificate, and wait until somebody has typed the code there.

    Args:
        hall_url: the hall server's address, `http://…`.
        device: the id under which the hall's configuration knows this device.
        folder: for the key, the certificate and `identity.json`.
        show: called with the code, for the person who stands here.

    Raises:
        EnrollingError: the hall refuses or cannot be reached, or the time is over.
    """
    key, code, nonce = ec.generate_private_key(ec.SECP256R1()), e.new_code(), secrets.token_hex(16)
    stretched = e.stretched(code, device, nonce)
    asked = e.Request(device, nonce, _csr(key), "")
    asked = msgspec.structs.replace(asked, proof=e.request_proof(stretched, asked))
    _http(f"{hall_url}/api/v1/enrolments", asked)
    show(code)
    ends = time.monotonic() + e.LASTS_S
    while time.monotonic() < ends:
        answer = _http(f"{hall_url}/api/v1/enrolments/{device}/{nonce}", None, e.Answer)
        if answer.status == "approved":
            return _keep(folder, key, answer, stretched)
        time.sleep(ASKS_EVERY_S)
    raise EnrollingError("nobody typed the code at the hall within ten minutes; start again for a new one")


def _keep(folder: Path, key: ec.EllipticCurvePrivateKey, answer: e.Answer, stretched: bytes) -> Identity:
    if not hmac.compare_digest(e.answer_proof(stretched, answer), answer.proof) or answer.identity is None:
        raise EnrollingError("the answer does not come from the hall at which the code was typed: nothing is kept")
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    write_whole(folder / AUTHORITY, answer.authority.encode())
    _keep_certificate(folder, key, answer.certificate, answer.identity)
    return answer.identity


def _keep_certificate(folder: Path, key: ec.EllipticCurvePrivateKey, certificate: str, identity: Identity) -> None:
    """Key and certificate are two files: whoever connects between them is refused once and tries again."""
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_whole(folder / KEY, pem, 0o640)
    write_whole(folder / CERTIFICATE, certificate.encode())
    write_whole(folder / IDENTITY, msgspec.json.encode(identity))


def renew(folder: Path) -> Identity:
    """Ask for a newer certificate on the old key's word, with a new key.

    Raises:
        EnrollingError: the hall refuses or cannot be reached; the old certificate stays.
    """
    identity = load_identity(folder)
    old = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
    assert isinstance(old, ec.EllipticCurvePrivateKey)  # noqa: S101  we made it
    key = ec.generate_private_key(ec.SECP256R1())
    csr = _csr(key)
    signature = base64.b64encode(old.sign(csr.encode(), ec.ECDSA(hashes.SHA256()))).decode()
    asked = e.Renewal((folder / CERTIFICATE).read_text("ascii"), csr, signature)
    renewed = _http(f"{identity.hall_url}/api/v1/certificates", asked, e.Renewed)
    try:
        authority = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
        x509.load_pem_x509_certificate(renewed.certificate.encode()).verify_directly_issued_by(authority)
    except (ValueError, InvalidSignature) as error:
        raise EnrollingError("the new certificate is not of this hall's authority: nothing is kept") from error
    identity = msgspec.structs.replace(identity, issued_s=renewed.issued_s, expires_s=renewed.expires_s)
    _keep_certificate(folder, key, renewed.certificate, identity)
    return identity


def _csr(key: ec.EllipticCurvePrivateKey) -> str:
    """A request without a name: the hall gives names."""
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def _http(url: str, body: msgspec.Struct | None, kind: type[AnyStruct] | None = None) -> AnyStruct:
    """One request.

    Raises:
        EnrollingError: no answer, or a refusal.
    """
    if not url.startswith(("http://", "https://")):
        raise EnrollingError(f"{url}: the hall's address begins with http:// or https://")
    data = None if body is None else msgspec.json.encode(body)
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310  checked above
    try:
        with urllib.request.urlopen(request, timeout=HTTP_WITHIN_S) as response:  # noqa: S310  the same
            answer = response.read()
        return msgspec.json.decode(answer, type=kind) if kind else msgspec.json.decode(answer or b"null")
    except urllib.error.HTTPError as error:
        raise EnrollingError(f"the hall refuses: {_detail(error)}") from error
    except (OSError, msgspec.DecodeError) as error:
        raise EnrollingError(f"the hall at {url.partition('/api/')[0]} cannot be reached: {error}") from error


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, KeyError, TypeError):
        return error.reason
