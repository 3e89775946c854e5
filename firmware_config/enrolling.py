"""A device's side of enrolment: makes its own key, shows a code, and comes back with a certificate. And its renewal."""

import base64
import hmac
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hall_protocol import enrolment as e
from hall_protocol.hall_http import HallHttpError, ask
from hall_protocol.identity import AUTHORITY, CERTIFICATE, IDENTITY, KEY, Identity, load_identity
from hall_protocol.private_keys import certificate_key, new_key, pem_of
from hall_protocol.whole_file import write_whole

ASKS_EVERY_S = 2.0
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
    key, code, nonce = new_key(), e.new_code(), secrets.token_hex(16)
    stretched = e.stretched(code, device, nonce)
    asked = e.Request(device, nonce, _csr(key), "")
    asked = msgspec.structs.replace(asked, proof=e.request_proof(stretched, asked))
    _ask(f"{hall_url}/api/v1/enrolments", asked, e.Answer)
    show(code)
    ends = time.monotonic() + e.LASTS_S
    while time.monotonic() < ends:
        answer = _ask(f"{hall_url}/api/v1/enrolments/{device}/{nonce}", None, e.Answer)
        if answer.status == "approved":
            return _keep(folder, key, answer, stretched)
        # A command that waits for a person; nothing else runs in it.
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
    write_whole(folder / KEY, pem_of(key), 0o640)
    write_whole(folder / CERTIFICATE, certificate.encode())
    write_whole(folder / IDENTITY, msgspec.json.encode(identity))


def renew(folder: Path) -> Identity:
    """Ask for a newer certificate on the old key's word, with a new key.

    Raises:
        EnrollingError: the hall refuses or cannot be reached; the old certificate stays.
    """
    identity = load_identity(folder)
    try:
        old = certificate_key((folder / KEY).read_bytes())
    except ValueError as error:
        raise EnrollingError(f"{folder / KEY} is damaged: enrol the device anew ({error})") from error
    key = new_key()
    csr = _csr(key)
    signature = base64.b64encode(old.sign(csr.encode(), ec.ECDSA(hashes.SHA256()))).decode()
    asked = e.Renewal((folder / CERTIFICATE).read_text("ascii"), csr, signature)
    renewed = _ask(f"{identity.hall_url}/api/v1/certificates", asked, e.Renewed)
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


def _ask(url: str, body: msgspec.Struct | None, kind: type[AnyStruct]) -> AnyStruct:
    """One request with a typed answer.

    Raises:
        EnrollingError: no answer, a refusal, or something else than was asked for.
    """
    try:
        return msgspec.json.decode(ask(url, None if body is None else msgspec.json.encode(body)), type=kind)
    except HallHttpError as error:
        raise EnrollingError(str(error)) from error
    except msgspec.DecodeError as error:
        raise EnrollingError(f"{url} is no hall: {error}") from error
