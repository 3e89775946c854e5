"""The hall's own small certificate authority: its key, what it has issued, and what it has taken back.

Certificates begin long before they are made: a server or a device that wakes up with a wrong clock must not refuse
them.
"""

import base64
import ipaddress
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hall_protocol.private_keys import certificate_key, new_key, pem_of
from hall_protocol.whole_file import write_whole
from hall_server.application.enrolment import EnrolmentError

BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
AUTHORITY_LASTS, LASTS = timedelta(days=20 * 365), timedelta(days=397)
CRL_LASTS = timedelta(days=10 * 365)
"""A broker refuses everybody once its list is out of date, so it is made anew long before."""
RENEW_WITHIN = timedelta(days=132)
"""A third of a certificate's life."""
GRACE = timedelta(days=90)
"""So long after its end a device that was in a cupboard may still renew."""


class Issued(msgspec.Struct, frozen=True):
    """A certificate in the book. `by` is who approved it, by the name of the sign-in."""

    device: str
    serial: str
    issued_s: int
    expires_s: int
    by: str
    revoked_s: int | None = None


class Signed(NamedTuple):
    """A new certificate in PEM."""

    certificate: str
    issued: Issued


class Authority:
    """Safe to be used from several threads.

    Args:
        folder: for its key and its book; made on first use, readable by the hall alone.
        hall: named in every certificate.
    """

    def __init__(self, folder: Path, hall: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._hall, self._lock = folder, hall, threading.RLock()
        if not (folder / "certificate.pem").exists():
            self._begin()
        self._key = certificate_key((folder / "key.pem").read_bytes())
        self.certificate = (folder / "certificate.pem").read_text("ascii")
        self._own = x509.load_pem_x509_certificate(self.certificate.encode())
        book = folder / "issued.json"
        self.issued: list[Issued] = msgspec.json.decode(book.read_bytes(), type=list[Issued]) if book.exists() else []
        self._count()

    def _begin(self) -> None:
        key = new_key()
        name = self._name(f"{self._hall} authority")
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            _certificate(name, name, key.public_key(), datetime.now(UTC) + AUTHORITY_LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        write_whole(self._folder / "key.pem", pem_of(key), 0o600)
        write_whole(self._folder / "certificate.pem", certificate.public_bytes(serialization.Encoding.PEM))

    def _name(self, common: str) -> x509.Name:
        return x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._hall), x509.NameAttribute(NameOID.COMMON_NAME, common)]
        )

    def issue(self, device: str, csr: str, by: str) -> Signed:
        """A certificate for a device; whatever it had before is revoked.

        Raises:
            EnrolmentError: `bad_request`: it is no request, or not signed by its own key.
        """
        with self._lock:
            public_key = _requested_key(csr)
            self._revoke_in_book(device)
            return self._issue(device, public_key, by)

    def _issue(self, device: str, key: ec.EllipticCurvePublicKey, by: str) -> Signed:
        signed = self._sign(device, key, ExtendedKeyUsageOID.CLIENT_AUTH, (), by)
        self.issued.append(signed.issued)
        self._keep()
        return signed

    def renew(self, certificate: str, csr: str, signature: str) -> Signed:
        """A newer certificate for a device that has one, on its own key's word.

        The old one counts until its end: the power may go before the device has stored the new one.

        Raises:
            EnrolmentError: `bad_request`, `not_ours`, `revoked`, `expired` or `bad_signature`.
        """
        now = datetime.now(UTC)
        try:
            old = x509.load_pem_x509_certificate(certificate.encode())
            old.verify_directly_issued_by(self._own)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise EnrolmentError("not_ours") from error
        known = next((one for one in self.issued if one.serial == f"{old.serial_number:x}"), None)
        if known is None or known.revoked_s is not None:
            raise EnrolmentError("revoked" if known else "not_ours")
        if now > old.not_valid_after_utc + GRACE:
            raise EnrolmentError("expired")
        if not _signed_by(old.public_key(), csr, signature):
            raise EnrolmentError("bad_signature")
        with self._lock:
            return self._issue(known.device, _requested_key(csr), known.by)

    def server(self, names: Sequence[str]) -> tuple[str, str]:
        """A new key and certificate for the broker, in PEM.

        Args:
            names: host names and addresses by which devices reach it.
        """
        key = new_key()
        signed = self._sign(names[0], key.public_key(), ExtendedKeyUsageOID.SERVER_AUTH, names, "hall")
        return pem_of(key).decode(), signed.certificate

    def _sign(
        self,
        common: str,
        key: ec.EllipticCurvePublicKey,
        use: x509.ObjectIdentifier,
        names: Sequence[str],
        by: str,
    ) -> Signed:
        now = datetime.now(UTC)
        builder = (
            _certificate(self._own.subject, self._name(common), key, now + LASTS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_alternative, names))), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        times = int(now.timestamp()), int((now + LASTS).timestamp())
        return Signed(pem, Issued(common, f"{certificate.serial_number:x}", *times, by))

    def holds(self, device: str) -> bool:
        """Whether a device has a certificate that counts."""
        return device in self._holding

    def blocked(self, device: str) -> bool:
        """Whether a device's last certificate has been revoked, and no other was given since."""
        return device in self._sent_away

    def revoke(self, device: str) -> bool:
        """Take a device's certificate back; False if it has none."""
        with self._lock:
            had = self.holds(device)
            self._revoke_in_book(device)
            self._keep()
        return had

    def _revoke_in_book(self, device: str) -> None:
        now = int(datetime.now(UTC).timestamp())
        self.issued = [
            msgspec.structs.replace(one, revoked_s=now) if one.device == device and one.revoked_s is None else one
            for one in self.issued
        ]

    def _count(self) -> None:
        """Who is who: asked for every message of every device, so it is counted beforehand."""
        self._holding = frozenset(one.device for one in self.issued if one.revoked_s is None)
        self._sent_away = frozenset(one.device for one in self.issued) - self._holding

    def _keep(self) -> None:
        self._count()
        write_whole(self._folder / "issued.json", msgspec.json.encode(self.issued), 0o600)

    def revocations(self) -> str:
        """The list of revoked certificates in PEM."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._own.subject).last_update(BEGINS)
        builder = builder.next_update(now + CRL_LASTS)
        with self._lock:
            revoked = [one for one in self.issued if one.revoked_s is not None and one.expires_s > now.timestamp()]
        for one in revoked:
            at = datetime.fromtimestamp(one.revoked_s or 0, UTC)
            entry = x509.RevokedCertificateBuilder().serial_number(int(one.serial, 16)).revocation_date(at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().issuer_name(issuer).subject_name(subject).public_key(key)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(BEGINS).not_valid_after(ends)


def list_soon_over(listed: x509.CertificateRevocationList) -> bool:
    """Whether a list of revoked certificates is in the second half of its life."""
    ends = listed.next_update_utc
    return ends is None or ends - datetime.now(UTC) < CRL_LASTS / 2


def soon_expired(certificate: str) -> bool:
    """Whether a certificate is in the last third of its life, or none at all."""
    try:
        return (
            x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc - datetime.now(UTC) < RENEW_WITHIN
        )
    except ValueError:
        return True


def _signed_by(key: PublicKeyTypes, csr: str, signature: str) -> bool:
    """Whether the old certificate's key, which is elliptic as all that we issue, vouches for a request."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(base64.b64decode(signature, validate=True), csr.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _requested_key(csr: str) -> ec.EllipticCurvePublicKey:
    """The key to certify. Nothing else is taken from a request: names and rights are the hall's to give."""
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        key = request.public_key()
        good = request.is_signature_valid
    except ValueError as error:
        raise EnrolmentError("bad_request") from error
    if not good or not isinstance(key, ec.EllipticCurvePublicKey):
        raise EnrolmentError("bad_request")
    return key


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
