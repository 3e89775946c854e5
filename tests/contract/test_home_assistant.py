"""Home Assistant's discovery: what it is told fits what devices say. Its templates are Jinja's."""

import json
from pathlib import Path
from typing import Any

import jinja2

from command_line.stage import broker, lay_out
from hall_protocol.codec import encode
from hall_protocol.messages.devices import DeviceState
from hall_server.adapters.home_assistant import discovery
from hall_server.main import run_hall
from tests.wire import Device

HEALTH = {
    "temperature_c": 51.5,
    "power": ["undervoltage"],
    "memory_free_mb": 210,
    "printer": "paper_out",
    "paper_low": True,
}


def told(template: str, message: bytes) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701  no page is made of it
    return environment.from_string(template).render(value_json=json.loads(message))


def readings(tmp_path: Path, name: str) -> dict[str, dict[str, Any]]:
    stage = lay_out(tmp_path)
    found = {message.topic: json.loads(message.payload) for message in discovery(stage.loaded, "1")}
    described = found[f"homeassistant/device/paihao-example-{name}/config"]
    assert {"dev", "o", "cmps", "state_topic"} <= described.keys()
    return dict(described["cmps"])


def test_each_reading_is_found_in_what_a_dispenser_says(tmp_path: Path) -> None:
    said = encode(DeviceState("online", "dispenser", "b", "1", 7, HEALTH))
    values = {name: told(one["value_template"], said) for name, one in readings(tmp_path, "dispenser-1").items()}
    assert values == {
        "online": "ON",
        "temperature": "51.5",
        "power": "ON",
        "memory_free": "210",
        "disk_free": "None",
        "configuration": "7",
        "printer": "ON",
        "paper_near_its_end": "ON",
    }


def test_a_device_that_is_gone_is_no_mistake(tmp_path: Path) -> None:
    said = encode(DeviceState("offline", "display", "b", "1"))
    values = {name: told(one["value_template"], said) for name, one in readings(tmp_path, "display-2").items()}
    assert (values["online"], values["power"]) == ("OFF", "OFF")
    assert "printer" not in values, "a display prints nothing"


async def test_a_monitor_hears_of_devices_and_can_say_nothing(tmp_path: Path) -> None:
    device = {"id": "home-assistant", "role": "monitor"}
    stage = lay_out(tmp_path / "hall", changes={"broker": {"home_assistant": True}, "devices": [device]})
    async with broker(stage), run_hall(stage.loaded) as hall:
        await hall.wire.session.linked.wait()
        password = stage.loaded.secrets.devices["home-assistant"]
        monitor = Device(*stage.mqtt, "homeassistant", "home-assistant", "home-assistant", password)
        async with monitor.connected("device/+/config") as reader:
            found = await reader.hears("device/paihao-example-hall/config", lambda _: True)
        assert found["state_topic"] == "paihao/1/example/progress"
