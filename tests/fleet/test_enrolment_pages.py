"""Devices on the managers' page and over the API: signed in or nothing, and no form that another page could send."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from aiohttp.web import RouteDef

from firmware_config import enrolling
from hall_server.web import enrolling as enrolling_routes
from tests.browser.test_manage import Visitor
from tests.fleet.halls import FleetHall, fleet_hall
from tests.fleet.test_enrolment import request
from tests.wire import Demo

CODE = "AAAAA-AAAAA"


class Desk(NamedTuple):
    """A hall, and a device that waits for its code to be typed."""

    fleet: FleetHall
    visitor: Visitor

    async def gets(self, path: str, **form: str) -> tuple[int, str]:
        return await asyncio.to_thread(self.visitor.gets, path, **form)

    async def signs_in(self) -> str:
        _, page = await self.gets("/manage/sign-in?lang=en", name="manager", password=self.fleet.stage.manager_password)
        return page.partition('name="key" value="')[2].partition('"')[0]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with fleet_hall(tmp_path) as fleet:
        assert fleet.hall.enrolment is not None
        fleet.hall.enrolment.request(request(CODE)[0], "192.0.2.7")
        yield Desk(fleet, Visitor(Demo(tmp_path, {"http_url": fleet.hall.http_url})))


async def test_a_manager_lets_a_device_in_and_sends_it_away_on_the_page(desk: Desk) -> None:
    enrolment = desk.fleet.hall.enrolment
    assert enrolment is not None
    key = await desk.signs_in()
    _, page = await desk.gets("/manage?lang=en")
    assert "A device asks to belong to the hall:" in page
    assert "192.0.2.7" in page
    status, page = await desk.gets("/manage/devices/dispenser-1/approval?lang=en", key=key, code="00000-00000")
    assert (status, "not the one that the device shows" in page) == (409, True)
    status, page = await desk.gets("/manage/devices/dispenser-1/approval?lang=en", key=key, code="aaaaa aaaaa")
    assert (status, enrolment.enrolled("dispenser-1")) == (200, True)
    assert "A device asks" not in page
    status, _ = await desk.gets("/manage/devices/dispenser-1/revocation?lang=en", key=key)
    assert (status, enrolment.blocked("dispenser-1")) == (200, True)
    status, page = await desk.gets("/manage/devices/dispenser-1/revocation?lang=en", key=key)
    assert (status, "the device has no certificate" in page) == (409, True)


@pytest.mark.parametrize("what", ["approval", "revocation"])
async def test_nobody_else_can(desk: Desk, what: str) -> None:
    path = f"/manage/devices/dispenser-1/{what}"
    assert (await desk.gets(path, key="", code=CODE))[0] == 403
    await desk.signs_in()
    assert (await desk.gets(path, key="guess", code=CODE))[0] == 403
    assert desk.fleet.hall.enrolment is not None
    assert not desk.fleet.hall.enrolment.enrolled("dispenser-1")


async def asks(desk: Desk, path: str, body: bytes | None, authorization: str = "") -> tuple[int, dict[str, str]]:
    def ask() -> tuple[int, dict[str, str]]:
        headers = {"Authorization": authorization} if authorization else {}
        sent = urllib.request.Request(desk.fleet.hall.http_url + path, body, headers)  # noqa: S310  our own hall
        try:
            with urllib.request.urlopen(sent, timeout=10) as answer:  # noqa: S310  the same
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    return await asyncio.to_thread(ask)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/v1/enrolments", b"", 400, "invalid"),
        ("/api/v1/enrolments", b"[" * 9000, 400, "invalid"),
        ("/api/v1/enrolments", b'{"device":"../x","nonce":"n","csr":"","proof":""}', 400, "invalid"),
        ("/api/v1/enrolments", b'{"device":"lift-1","nonce":"n","csr":"","proof":""}', 404, "unknown_device"),
        ("/api/v1/enrolments/dispenser-1/other", None, 404, "unknown_request"),
        ("/api/v1/certificates", b"\xff", 400, "invalid"),
        ("/api/v1/certificates", b'{"certificate":"","csr":"","signature":""}', 403, "not_ours"),
        ("/api/v1/devices", None, 401, "wrong_password"),
        ("/api/v1/devices/dispenser-1/approval", b'{"code":"AAAAA-AAAAA"}', 401, "wrong_password"),
        ("/api/v1/devices/dispenser-1/revocation", b"{}", 401, "wrong_password"),
        ("/api/v1/devices/dispenser-1/numbers", b"{}", 401, "wrong_password"),
    ],
)
async def test_a_wrong_request_gets_a_code_and_changes_nothing(
    desk: Desk, path: str, body: bytes | None, status: int, code: str
) -> None:
    for authorization in ("", "Basic !", "Basic bWFuYWdlcjpndWVzcw==", "Bearer x"):
        answered, problem = await asks(desk, path, body, authorization)
        assert (answered, problem["code"]) == (status, code)


async def test_every_path_of_the_api_is_described(desk: Desk) -> None:
    _, described = await asks(desk, "/openapi.json", None)
    served = {route.path for route in enrolling_routes.routes if isinstance(route, RouteDef)}
    assert {path for path in served if path.startswith("/api/")} <= set(described["paths"])


async def test_a_certificate_of_another_hall_is_not_renewed(desk: Desk, tmp_path: Path) -> None:
    async with fleet_hall(tmp_path / "other") as other:
        await other.enrol("dispenser-1", tmp_path / "theirs")
    identity = tmp_path / "theirs/identity.json"
    content = msgspec.json.decode(identity.read_bytes()) | {"hall_url": desk.fleet.hall.http_url}
    identity.write_bytes(msgspec.json.encode(content))
    with pytest.raises(enrolling.EnrollingError, match="not of this hall"):
        await asyncio.to_thread(enrolling.renew, tmp_path / "theirs")
