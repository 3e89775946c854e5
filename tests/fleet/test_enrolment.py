"""J8: a new device is let in by the code that it shows, has exactly its rights, and is sent away at once."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from command_line.devices import renew_when_due
from firmware_config import enrolling
from firmware_config.agent.renewals import Renewals
from hall_protocol import enrolment as e
from hall_protocol.commands import Issue
from hall_protocol.device import DeviceLink, NoReplyError
from hall_protocol.identity import IDENTITY, IdentityError, load_identity, tls_context
from hall_protocol.messages import Accepted
from hall_protocol.session import Outgoing
from hall_protocol.topics import Role
from hall_server.adapters import authority as authority_module
from hall_server.adapters.authority import Authority
from hall_server.application.enrolment import EnrolmentDesk, EnrolmentError, Place
from tests.fleet.halls import FleetHall, fleet_hall

ISSUE = Issue(service_id="id-card-renewal")


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[FleetHall]:
    async with fleet_hall(tmp_path, ("key-1", "key-2")) as running:
        yield running


async def online(link: DeviceLink) -> asyncio.Task[None]:
    running = asyncio.create_task(link.run())
    async with asyncio.timeout(5):
        await link.session.linked.wait()
    return running


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to be")


async def ended(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_J8_a_device_is_let_in_by_its_code_and_sent_away_at_once(fleet: FleetHall, tmp_path: Path) -> None:
    identity = await fleet.enrol("dispenser-1", tmp_path / "d1")
    assert (identity.hall, identity.role, identity.signers) == ("example", Role.DISPENSER, ("key-1", "key-2"))
    assert (tmp_path / "d1/key.pem").stat().st_mode & 0o007 == 0, "nobody else reads the key"
    link = fleet.link("dispenser-1", Role.DISPENSER, tmp_path / "d1")
    running = await online(link)
    assert isinstance(await link.request(ISSUE, within_s=5), Accepted)

    assert fleet.hall.enrolment is not None
    began = time.monotonic()
    await fleet.hall.enrolment.revoke("dispenser-1", "manager")
    with pytest.raises(NoReplyError):
        await link.request(ISSUE, within_s=1, resend_after_s=0.2)
    await until(lambda: not link.session.linked.is_set())
    assert time.monotonic() - began < 3
    await asyncio.sleep(1)
    assert not link.session.linked.is_set(), "never again with this certificate"
    await ended(running)

    await fleet.enrol("dispenser-1", tmp_path / "spare")
    spare = fleet.link("dispenser-1", Role.DISPENSER, tmp_path / "spare")
    running = await online(spare)
    assert isinstance(await spare.request(ISSUE, within_s=5), Accepted)
    await ended(running)


async def test_a_device_has_the_rights_of_its_role_and_of_nobody_else(fleet: FleetHall, tmp_path: Path) -> None:
    await fleet.enrol("display-2", tmp_path / "display")
    await fleet.enrol("dispenser-1", tmp_path / "d1")
    heard: list[str] = []
    topics = ("paihao/1/example/#",)
    display = fleet.link(
        "display-2", Role.DISPLAY, tmp_path / "display", reads=topics, on_message=lambda topic, _: heard.append(topic)
    )
    dispenser = fleet.link("dispenser-1", Role.DISPENSER, tmp_path / "d1")
    tasks = [await online(display), await online(dispenser)]
    taken = await dispenser.request(ISSUE, within_s=5)
    assert isinstance(taken, Accepted)
    # Under another's name nothing arrives, although it looks like a success in MQTT 3.1.1.
    forged = Outgoing("paihao/1/example/device/dispenser-1/state", b"{}", retain=True)
    await display.session.publish(forged)
    await asyncio.sleep(0.5)
    leaves = {topic.removeprefix("paihao/1/example/").split("/")[0] for topic in heard}
    assert leaves <= {"catalogue", "progress", "board", "window", "hall", "device"}
    assert all("dispenser-1" not in topic for topic in heard)
    assert {one.device: one.state.state for one in fleet.hall.devices.all()}["dispenser-1"] == "online"
    for task in tasks:
        await ended(task)


async def test_a_spare_replaces_a_device_whose_old_certificate_dies_with_it(fleet: FleetHall, tmp_path: Path) -> None:
    await fleet.enrol("dispenser-1", tmp_path / "old")
    old = fleet.link("dispenser-1", Role.DISPENSER, tmp_path / "old")
    running = await online(old)
    await fleet.enrol("dispenser-1", tmp_path / "new")
    await until(lambda: not old.session.linked.is_set())
    new = fleet.link("dispenser-1", Role.DISPENSER, tmp_path / "new")
    spare = await online(new)
    assert isinstance(await new.request(ISSUE, within_s=5), Accepted)
    assert not old.session.linked.is_set()
    for task in (running, spare):
        await ended(task)


async def test_a_certificate_is_renewed_before_its_end_by_the_halls_clock(fleet: FleetHall, tmp_path: Path) -> None:
    folder = tmp_path / "d1"
    identity = await fleet.enrol("dispenser-1", folder)
    renewals = Renewals(folder)
    running = asyncio.create_task(renewals.run())
    before = (folder / "certificate.pem").read_bytes(), (folder / "key.pem").read_bytes()
    renewals.hear("2026-06-03T10:42:07+08:00")
    renewals.hear("no time at all")
    await asyncio.sleep(0.1)
    assert (folder / "certificate.pem").read_bytes() == before[0], "not due by that clock"
    late = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(identity.issued_s + 300 * 86400))
    renewals.hear(late)
    await until(lambda: (folder / "certificate.pem").read_bytes() != before[0])
    assert (folder / "key.pem").read_bytes() != before[1], "and with a new key"
    await ended(running)
    link = fleet.link("dispenser-1", Role.DISPENSER, folder)
    await ended(await online(link))


async def test_a_staff_computers_certificate_is_renewed_when_its_terminal_starts(
    fleet: FleetHall, tmp_path: Path
) -> None:
    folder = tmp_path / "terminal"
    identity = await fleet.enrol("terminal-6", folder)
    before = (folder / "certificate.pem").read_bytes()
    await asyncio.to_thread(renew_when_due, folder)
    assert (folder / "certificate.pem").read_bytes() == before, "not due yet"
    aged = msgspec.structs.replace(identity, issued_s=identity.issued_s - 300 * 86_400, expires_s=identity.issued_s)
    (folder / "identity.json").write_bytes(msgspec.json.encode(aged))
    await asyncio.to_thread(renew_when_due, folder)
    assert (folder / "certificate.pem").read_bytes() != before
    await ended(await online(fleet.link("terminal-6", Role.TERMINAL, folder)))
    await asyncio.to_thread(renew_when_due, tmp_path / "nothing here")


async def test_who_has_been_sent_away_cannot_renew(fleet: FleetHall, tmp_path: Path) -> None:
    await fleet.enrol("dispenser-1", tmp_path / "d1")
    assert fleet.hall.enrolment is not None
    await fleet.hall.enrolment.revoke("dispenser-1", "manager")
    with pytest.raises(enrolling.EnrollingError, match="has been revoked"):
        await asyncio.to_thread(enrolling.renew, tmp_path / "d1")


async def test_unknown_devices_and_nonsense_are_refused_with_a_sentence(fleet: FleetHall, tmp_path: Path) -> None:
    with pytest.raises(enrolling.EnrollingError, match=r"hall\.toml names no such device"):
        await asyncio.to_thread(enrolling.enrol, fleet.hall.http_url, "lift-1", tmp_path, lambda _code: None)
    with pytest.raises(enrolling.EnrollingError, match="begins with http"):
        enrolling.enrol("hall.lan", "dispenser-1", tmp_path, lambda _code: None)
    with pytest.raises(enrolling.EnrollingError, match="cannot be reached"):
        enrolling.enrol("http://127.0.0.1:9", "dispenser-1", tmp_path, lambda _code: None)


def desk(tmp_path: Path, now: list[float]) -> EnrolmentDesk:
    place = Place("example", "localhost", 8883, "http://localhost", ())
    roles = {"dispenser-1": Role.DISPENSER}
    return EnrolmentDesk(Authority(tmp_path / "ca", "example"), place, roles, lambda: None, lambda: now[0])


def request(code: str, nonce: str = "n1") -> tuple[e.Request, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    stretched = e.stretched(code, "dispenser-1", nonce)
    asked = e.Request("dispenser-1", nonce, enrolling._csr(key), "")
    return msgspec.structs.replace(asked, proof=e.request_proof(stretched, asked)), stretched


async def test_nobody_may_guess_at_a_code(tmp_path: Path) -> None:
    now = [0.0]
    hall = desk(tmp_path, now)
    hall.request(request("AAAAA-AAAAA")[0], "192.0.2.7")
    for _ in range(5):
        with pytest.raises(EnrolmentError, match="wrong_code"):
            await hall.approve("dispenser-1", "BBBBB-BBBBB", "manager")
    with pytest.raises(EnrolmentError, match="nobody_waiting"):
        await hall.approve("dispenser-1", "AAAAA-AAAAA", "manager")
    with pytest.raises(EnrolmentError, match="unknown_request"):
        hall.answer("dispenser-1", "n1")


async def test_a_code_is_good_for_ten_minutes(tmp_path: Path) -> None:
    now = [0.0]
    hall = desk(tmp_path, now)
    hall.request(request("AAAAA-AAAAA")[0], "192.0.2.7")
    now[0] = 601.0
    assert hall.waiting() == []
    with pytest.raises(EnrolmentError, match="nobody_waiting"):
        await hall.approve("dispenser-1", "AAAAA-AAAAA", "manager")


async def test_somebody_who_asks_first_does_not_get_the_certificate_of_the_one_with_the_code(tmp_path: Path) -> None:
    hall = desk(tmp_path, [0.0])
    hall.request(request("ZZZZZ-ZZZZZ", "evil")[0], "192.0.2.66")
    asked, stretched = request("AAAAA-AAAAA", "good")
    hall.request(asked, "192.0.2.7")
    await hall.approve("dispenser-1", " aaaaa aaaaa", "manager")
    assert hall.answer("dispenser-1", "evil").status == "waiting"
    answer = hall.answer("dispenser-1", "good")
    assert answer.proof == e.answer_proof(stretched, answer)
    # And many who ask do not fill the hall's memory.
    for number in range(3):
        hall.request(request("ZZZZZ-ZZZZZ", f"more-{number}")[0], "192.0.2.66")
    with pytest.raises(EnrolmentError, match="busy"):
        hall.request(request("ZZZZZ-ZZZZZ", "one-too-many")[0], "192.0.2.66")
    hall.request(request("BBBBB-BBBBB", "another")[0], "192.0.2.8")


@pytest.mark.parametrize("forged", ["authority", "certificate"])
async def test_an_answer_from_a_false_hall_is_not_kept(tmp_path: Path, forged: str) -> None:
    hall = desk(tmp_path, [0.0])
    asked, stretched = request("AAAAA-AAAAA")
    hall.request(asked, "192.0.2.7")
    await hall.approve("dispenser-1", "AAAAA-AAAAA", "manager")
    answer = msgspec.structs.replace(hall.answer("dispenser-1", "n1"), **{forged: "another"})
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(enrolling.EnrollingError, match="does not come from the hall"):
        enrolling._keep(tmp_path / "d1", key, answer, stretched)
    assert not (tmp_path / "d1").exists()


async def test_what_a_request_asks_for_besides_its_key_is_not_given(tmp_path: Path) -> None:
    """A device names itself in vain: names and rights are the hall's to give."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hall")])
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    pem = csr.public_bytes(serialization.Encoding.PEM).decode()
    signed = Authority(tmp_path, "example").issue("dispenser-1", pem, "manager")
    subject = x509.load_pem_x509_certificate(signed.certificate.encode()).subject
    assert subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "dispenser-1"
    for nonsense in ("", "no pem", pem.replace("M", "N"), "é"):
        with pytest.raises(EnrolmentError, match="bad_request"):
            Authority(tmp_path, "example").issue("dispenser-1", nonsense, "manager")


async def test_a_board_that_wakes_up_in_the_past_still_connects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a clock of its own: the broker's certificate is not valid yet by the board's time."""
    from datetime import UTC, datetime, timedelta

    future = datetime.now(UTC) + timedelta(days=30)
    async with fleet_hall(tmp_path) as fleet:
        await fleet.enrol("dispenser-1", tmp_path / "d1")
    monkeypatch.setattr(authority_module, "BEGINS", future)
    (fleet.files / "server.pem").unlink()
    path = tmp_path / "d1" / IDENTITY
    known = load_identity(tmp_path / "d1")
    async with fleet_hall(tmp_path) as fleet:
        assert fleet.stage.loaded.file.fleet is not None
        port = fleet.stage.loaded.file.fleet.port

        async def connects() -> bool:
            _, writer = await asyncio.open_connection("localhost", port, ssl=tls_context(tmp_path / "d1"))
            writer.close()
            return True

        with pytest.raises(ssl.SSLCertVerificationError, match="not yet valid"):
            await connects()
        path.write_bytes(msgspec.json.encode(msgspec.structs.replace(known, issued_s=int(future.timestamp()))))
        assert await connects(), "a clock before our own certificate is not believed"


def test_a_folder_without_identity_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IdentityError, match="paihao enrol makes one"):
        tls_context(tmp_path)
    (tmp_path / IDENTITY).write_text("{}")
    with pytest.raises(IdentityError, match="is damaged"):
        tls_context(tmp_path)
