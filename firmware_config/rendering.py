"""From a device's model to the files it gets, as text. Pure: the same model gives the same bytes."""

import uuid
from typing import Any

import tomli_w

from firmware_config.bundle import Part
from firmware_config.model import BoardSection, DeviceModel, LinkSection, NetworkSection, UnitSection

DATA, IDENTITY = "../../../data", "../../../identity"
"""Beside the folder of configurations; counted from a generation's folder, wherever all of it lies."""
HEAD = "# Made by `paihao config render`; changes belong in the site's overlays.\n"
NAMESPACE = uuid.UUID("6f9a6b1e-6f0d-5c53-9a44-0f4d5b1d6a10")
"""Connections' ids follow from hall and device, so that a new generation replaces the old connection."""


def render(hall: str, device: str, model: DeviceModel) -> dict[Part, str]:
    """All parts of a device's configuration but its generation, which the bundle adds."""
    parts = {Part.AGENT: _agent(hall, device, model.link, model.agent), Part.UNIT: _unit(model.unit)}
    if model.board is not None:
        parts[Part.BOOT] = _boot(model.board)
    if model.network is not None:
        parts[Part.NETWORK] = _network(f"{hall}/{device}", model.network)
    return parts


def _agent(hall: str, device: str, link: LinkSection, agent: dict[str, Any]) -> str:
    own = {"hall": hall, "device": device, "host": link.host, "port": link.port, "data": DATA, "identity": IDENTITY}
    return HEAD + tomli_w.dumps({**own, **agent})


def _unit(unit: UnitSection) -> str:
    lines = ["[Service]"]
    if unit.memory_max_mb is not None:
        lines.append(f"MemoryMax={unit.memory_max_mb}M")
    if unit.watchdog_s is not None:
        lines.append(f"WatchdogSec={unit.watchdog_s}")
    return HEAD + "\n".join(lines) + "\n"


def _boot(board: BoardSection) -> str:
    def switch(name: str, on: bool) -> str:
        return f"dtparam={name}={'on' if on else 'off'}"

    lines = [switch("spi", board.spi), switch("i2c_arm", board.i2c), switch("audio", board.audio)]
    lines += [switch("watchdog", board.watchdog), f"enable_uart={int(board.uart)}"]
    lines += [] if board.bluetooth else ["dtoverlay=disable-bt"]
    lines += [] if board.wifi else ["dtoverlay=disable-wifi"]
    lines += [] if board.gpu_mem_mb is None else [f"gpu_mem={board.gpu_mem_mb}"]
    if board.power_button_pin is not None:
        lines.append(f"dtoverlay=gpio-shutdown,gpio_pin={board.power_button_pin}")
    lines += [f"dtoverlay={overlay}" for overlay in board.overlays]
    return HEAD + "[all]\n" + "\n".join(lines) + "\n"


def _network(name: str, network: NetworkSection) -> str:
    """A NetworkManager keyfile. `${secret:…}` is filled in on the device."""
    wifi, vlan = network.wifi, network.vlan
    kind = "wifi" if wifi else "vlan" if vlan else "ethernet"
    interface = f"{network.interface}.{vlan}" if vlan else network.interface
    sections: dict[str, dict[str, str]] = {
        "connection": {
            "id": "paihao",
            "uuid": str(uuid.uuid5(NAMESPACE, name)),
            "type": kind,
            "interface-name": interface,
            "autoconnect-priority": "100",
            "autoconnect-retries": "0",
        }
    }
    if vlan:
        sections["vlan"] = {"parent": network.interface, "id": str(vlan)}
    if wifi:
        sections["wifi"] = {"mode": "infrastructure", "ssid": wifi.ssid}
        sections["wifi-security"] = {"key-mgmt": "wpa-psk", "psk": f"${{secret:{wifi.secret}}}"}
    dns = {"dns": "".join(f"{server};" for server in network.dns)} if network.dns else {}
    if network.address is None:
        sections["ipv4"] = {"method": "auto", **dns}
    else:
        gateway = f",{network.gateway}" if network.gateway else ""
        sections["ipv4"] = {"method": "manual", "address1": network.address + gateway, **dns}
    sections["ipv6"] = {"method": "auto" if network.address is None else "link-local"}
    written = (
        "\n".join([f"[{name}]", *(f"{key}={value}" for key, value in keys.items())]) for name, keys in sections.items()
    )
    return HEAD + "\n\n".join(written) + "\n"
