"""Devices that ask to belong to the hall: who waits, whose code was typed, who has been sent away."""

import asyncio
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec
import structlog

from hall_protocol.enrolment import (
    LASTS_S,
    Answer,
    Renewal,
    Renewed,
    Request,
    answer_proof,
    request_proof,
    stretched,
)
from hall_protocol.identity import Identity
from hall_protocol.topics import Role

log = structlog.get_logger()

MOST_WAITING, MOST_AN_ADDRESS, MOST_WRONG = 64, 4, 5
DAY_S = 86_400.0


class EnrolmentError(Exception):
    """What was asked for is refused: a stable word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Certified(Protocol):
    """What an authority says of a certificate it has issued."""

    @property
    def issued_s(self) -> int:
        """Seconds since 1970."""

    @property
    def expires_s(self) -> int:
        """Seconds since 1970."""


class Authority(Protocol):
    """The hall's certificate authority; it refuses with an `EnrolmentError`."""

    @property
    def certificate(self) -> str:
        """Its own, in PEM."""

    def issue(self, device: str, csr: str, by: str) -> tuple[str, Certified]:
        """A certificate for a device."""

    def renew(self, certificate: str, csr: str, signature: str) -> tuple[str, Certified]:
        """A newer certificate on the old key's word."""

    def revoke(self, device: str) -> bool:
        """Take a device's certificate back."""

    def holds(self, device: str) -> bool:
        """Whether a device has a certificate that counts."""

    def blocked(self, device: str) -> bool:
        """Whether a device had certificates, and has none that counts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where devices find the hall, and whose configurations they are to believe."""

    hall: str
    host: str
    port: int
    url: str
    signers: tuple[str, ...]


class Waiting(NamedTuple):
    """A request whose code nobody has typed yet."""

    device: str
    address: str
    for_s: int


class _Pending(NamedTuple):
    request: Request
    address: str
    since: float
    answer: Answer | None


class EnrolmentDesk:
    """Takes requests, codes and revocations.

    Args:
        roles: the devices that the hall's configuration knows.
        changed: brings the broker's files up to date; called in some thread when somebody's right to connect has
            changed, and every day.
    """

    def __init__(
        self,
        authority: Authority,
        place: Place,
        roles: dict[str, Role],
        changed: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._authority, self._place, self._roles, self._changed = authority, place, roles, changed
        self._clock = clock
        self._pending: dict[tuple[str, str], _Pending] = {}
        self._wrong: dict[str, int] = {}

    async def run(self) -> None:
        """Every day, until cancelled: what the broker has is renewed before its end, however long the hall runs."""
        while True:
            await asyncio.sleep(DAY_S)
            try:
                await asyncio.to_thread(self._changed)
            except OSError as error:
                # There are months of days on which to try again.
                log.error("broker_files_not_written", reason=str(error))

    def request(self, request: Request, address: str) -> None:
        """A device asks. Whether it is the one it says it is only its code will tell.

        Raises:
            EnrolmentError: `unknown_device` or `busy`.
        """
        self._forget_old()
        if request.device not in self._roles:
            raise EnrolmentError("unknown_device")
        from_there = sum(1 for one in self._pending.values() if one.address == address)
        if len(self._pending) >= MOST_WAITING or from_there >= MOST_AN_ADDRESS:
            raise EnrolmentError("busy")
        self._pending[request.device, request.nonce] = _Pending(request, address, self._clock(), None)
        log.info("enrolment_requested", device=request.device, address=address)

    def waiting(self) -> list[Waiting]:
        """Requests whose codes nobody has typed, oldest first."""
        self._forget_old()
        now, waiting = self._clock(), [one for one in self._pending.values() if not one.answer]
        return [Waiting(one.request.device, one.address, int(now - one.since)) for one in waiting]

    async def approve(self, device: str, code: str, by: str) -> None:
        """Somebody has typed the code that a device shows. Takes 50 ms a request on purpose.

        Raises:
            EnrolmentError: `nobody_waiting`, `wrong_code` or `bad_request`.
        """
        self._forget_old()
        found = [one for one in self._pending.values() if one.request.device == device and not one.answer]
        if not found:
            raise EnrolmentError("nobody_waiting")
        for one in found:
            key = await asyncio.to_thread(stretched, code, device, one.request.nonce)
            if hmac.compare_digest(request_proof(key, one.request), one.request.proof):
                answer = await asyncio.to_thread(self._answer, one.request, key, by)
                self._pending[device, one.request.nonce] = one._replace(answer=answer)
                self._wrong.pop(device, None)
                log.info("device_enrolled", device=device, by=by)
                return
        self._wrong[device] = self._wrong.get(device, 0) + 1
        log.warning("wrong_enrolment_code", device=device, by=by, times=self._wrong[device])
        if self._wrong[device] >= MOST_WRONG:
            # Nobody may go on guessing: the device has to ask again, with another code.
            for one in found:
                self._pending.pop((device, one.request.nonce), None)
        raise EnrolmentError("wrong_code")

    def _answer(self, request: Request, key: bytes, by: str) -> Answer:
        certificate, issued = self._authority.issue(request.device, request.csr, by)
        self._changed()
        place = self._place
        identity = Identity(
            place.hall,
            request.device,
            self._roles[request.device],
            place.host,
            place.port,
            place.url,
            place.signers,
            issued.issued_s,
            issued.expires_s,
        )
        answer = Answer("approved", certificate, self._authority.certificate, identity)
        return msgspec.structs.replace(answer, proof=answer_proof(key, answer))

    def answer(self, device: str, nonce: str) -> Answer:
        """What has become of a request.

        Raises:
            EnrolmentError: `unknown_request`: it is too old, or its code was guessed at too often.
        """
        self._forget_old()
        pending = self._pending.get((device, nonce))
        if pending is None:
            raise EnrolmentError("unknown_request")
        return pending.answer or Answer("waiting")

    async def renew(self, renewal: Renewal) -> Renewed:
        """A device's certificate comes to its end.

        Raises:
            EnrolmentError: it is refused.
        """
        certificate, issued = await asyncio.to_thread(
            self._authority.renew, renewal.certificate, renewal.csr, renewal.signature
        )
        await asyncio.to_thread(self._changed)
        return Renewed(certificate, issued.issued_s, issued.expires_s)

    async def revoke(self, device: str, by: str) -> None:
        """A device is lost, dead or replaced: it may do nothing from now on.

        Raises:
            EnrolmentError: `not_enrolled`.
        """
        if not await asyncio.to_thread(self._authority.revoke, device):
            raise EnrolmentError("not_enrolled")
        await asyncio.to_thread(self._changed)
        log.info("device_revoked", device=device, by=by)

    def enrolled(self, device: str) -> bool:
        """Whether a device has a certificate that counts."""
        return self._authority.holds(device)

    def blocked(self, device: str) -> bool:
        """Whether a device has been sent away, and not let in again."""
        return self._authority.blocked(device)

    def _forget_old(self) -> None:
        now = self._clock()
        self._pending = {key: one for key, one in self._pending.items() if now - one.since < LASTS_S}
        asking = {device for device, _ in self._pending}
        self._wrong = {device: times for device, times in self._wrong.items() if device in asking}
