"""`/kiosk/{dispenser}` leads to the touch screen's page, which its dispenser serves itself."""

import aiohttp
import pytest

from command_line.stage import Stage
from hall_protocol.messages.devices import DeviceState
from hall_server.main import run_hall


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("http://192.0.2.30:8090/kiosk/dispenser-1", 302),
        ("http://192.0.2.30:8090/elsewhere", 404),
        ("javascript:alert(1)//kiosk/dispenser-1", 404),
        (17, 404),
        (None, 404),
    ],
)
async def test_a_touch_screens_page_is_where_its_dispenser_says(stage: Stage, told: object, status: int) -> None:
    async with run_hall(stage.loaded) as hall, aiohttp.ClientSession(hall.http_url) as browser:
        health = {} if told is None else {"kiosk_url": told}
        hall.devices.hear("dispenser-1", DeviceState("online", "dispenser", "boot", "1", health=health))
        async with browser.get("/kiosk/dispenser-1?lang=en", allow_redirects=False) as response:
            assert response.status == status
            if status == 302:
                assert response.headers["Location"] == f"{told}?lang=en"
        async with browser.get("/kiosk/nobody", allow_redirects=False) as response:
            assert response.status == 404
