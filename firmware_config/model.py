"""The typed model of one device: what overlays add up to, and what everything else is rendered from."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

HOST = r"^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$"
ADDRESS = r"^\d{1,3}(\.\d{1,3}){3}$"
NAME = r"^[a-z0-9][a-z0-9-]{0,31}$"


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class LinkSection(_Section, frozen=True):
    """The way to the hall's broker."""

    host: Annotated[str, Meta(pattern=HOST)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 8883
    """Mutual TLS with the device's own certificate."""


class BoardSection(_Section, frozen=True):
    """A Raspberry Pi's firmware settings. Everything here takes a reboot."""

    spi: bool = False
    i2c: bool = False
    uart: bool = False
    bluetooth: bool = False
    wifi: bool = True
    audio: bool = True
    watchdog: bool = True
    """The board's own watchdog: a kernel that hangs is started again."""
    gpu_mem_mb: Annotated[int, Meta(ge=16, le=512)] | None = None
    power_button_pin: Annotated[int, Meta(ge=0, le=27)] | None = None
    overlays: tuple[Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_,=-]{0,127}$")], ...] = ()
    """Further device-tree overlays as `config.txt` writes them."""


class WifiSection(_Section, frozen=True):
    """A wireless network; its passphrase lies on the device, never in a bundle."""

    ssid: Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f;\\]+$")]
    secret: Annotated[str, Meta(pattern=NAME)]
    """Name of the file below the device's folder of secrets."""


class NetworkSection(_Section, frozen=True):
    """The device's uplink."""

    interface: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,15}$")] = "eth0"
    address: Annotated[str, Meta(pattern=ADDRESS[:-1] + r"/\d{1,2}$")] | None = None
    """IPv4 with prefix length; by DHCP if absent."""
    gateway: Annotated[str, Meta(pattern=ADDRESS)] | None = None
    dns: tuple[Annotated[str, Meta(pattern=ADDRESS)], ...] = ()
    vlan: Annotated[int, Meta(ge=1, le=4094)] | None = None
    wifi: WifiSection | None = None


class UnitSection(_Section, frozen=True):
    """What systemd grants the role's program."""

    memory_max_mb: Annotated[int, Meta(ge=32, le=4096)] | None = None
    watchdog_s: Annotated[int, Meta(ge=5, le=600)] | None = None


class DeviceModel(_Section, frozen=True):
    """One device. `agent` is the role's own file without what enrolment gives; its type belongs to the role."""

    role: str
    link: LinkSection
    agent: dict[str, Any] = {}
    board: BoardSection | None = None
    """None leaves the firmware's settings alone, as on boards that are no Raspberry Pi."""
    network: NetworkSection | None = None
    """None leaves the network alone."""
    unit: UnitSection = UnitSection()
