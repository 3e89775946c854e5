"""Home Assistant finds the hall's devices by itself: its MQTT discovery, one retained message a device.

Format: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload. Only states are offered; nothing can
be switched from there. Whoever reads them connects as a device of the role `monitor`.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from hall_protocol.session import Outgoing
from hall_protocol.topics import DISCOVERY, Role, Topics
from hall_server.adapters.hall_file import LoadedHall

PRESENT = frozenset({Role.DISPENSER, Role.DISPLAY})


class Reading(NamedTuple):
    """Something that a device tells. `more` as Home Assistant names it."""

    name: str
    kind: str
    template: str
    more: dict[str, Any]


def _health(name: str, otherwise: str) -> str:
    return f"{{{{ value_json.health.{name} | default({otherwise}) }}}}"


def _on_if(condition: str) -> str:
    return f"{{{{ 'ON' if {condition} else 'OFF' }}}}"


_DIAGNOSTIC = {"entity_category": "diagnostic"}
READINGS = (
    Reading("Online", "binary_sensor", _on_if("value_json.state == 'online'"), {"device_class": "connectivity"}),
    Reading("Temperature", "sensor", _health("temperature_c", "none"), {
        "device_class": "temperature", "unit_of_measurement": "°C", **_DIAGNOSTIC}),
    Reading("Power", "binary_sensor", _on_if("value_json.health.power | default([])"), {
        "device_class": "problem", **_DIAGNOSTIC}),
    Reading("Memory free", "sensor", _health("memory_free_mb", "none"), {
        "device_class": "data_size", "unit_of_measurement": "MB", **_DIAGNOSTIC}),
    Reading("Disk free", "sensor", _health("disk_free_mb", "none"), {
        "device_class": "data_size", "unit_of_measurement": "MB", **_DIAGNOSTIC}),
    Reading("Configuration", "sensor", "{{ value_json.config_generation }}", _DIAGNOSTIC),
)  # fmt: skip
PRINTER_READINGS = (
    Reading("Printer", "binary_sensor", _on_if("value_json.health.printer | default('ok') != 'ok'"), {
        "device_class": "problem"}),
    Reading("Paper near its end", "binary_sensor", _on_if("value_json.health.paper_low | default(false)"), {
        "device_class": "problem"}),
)  # fmt: skip


def discovery(loaded: LoadedHall, version: str) -> Iterator[Outgoing]:
    """The messages for all dispensers and displays, and one for the hall."""
    topics, hall = Topics(loaded.hall.hall_id), loaded.hall.hall_id
    name = loaded.hall.name.get("en") or loaded.hall.name["zh-Hans"]

    def message(one: str, called: str, readings: tuple[Reading, ...], state_topic: str, **more: Any) -> Outgoing:
        told = {
            "dev": {"ids": [f"paihao-{hall}-{one}"], "name": called, "mf": "Paihao", "sw": version, **more},
            "o": {"name": "paihao", "sw": version},
            "state_topic": state_topic,
            "cmps": {_key(reading): _component(f"paihao-{hall}-{one}", reading) for reading in readings},
        }
        return Outgoing(f"{DISCOVERY}/device/paihao-{hall}-{one}/config", json.dumps(told).encode(), retain=True)

    waiting = Reading("Waiting", "sensor", "{{ value_json.totals.waiting }}", {"unit_of_measurement": "visitors"})
    yield message("hall", name, (waiting,), topics.progress)
    for device in loaded.file.devices:
        if device.role in PRESENT:
            readings = READINGS + (PRINTER_READINGS if device.role is Role.DISPENSER else ())
            via = {"via_device": f"paihao-{hall}-hall", "mdl": device.role.value}
            yield message(device.id, f"{name}: {device.id}", readings, topics.state(device.id), **via)


def _key(reading: Reading) -> str:
    return reading.name.lower().replace(" ", "_")


def _component(owner: str, reading: Reading) -> dict[str, Any]:
    return {
        "p": reading.kind,
        "name": reading.name,
        "unique_id": f"{owner}-{_key(reading)}",
        "value_template": reading.template,
        **reading.more,
    }
