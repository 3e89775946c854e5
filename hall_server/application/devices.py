"""The hall's devices as they say they are: who is there, what is wrong with whom, who has an old catalogue (R03)."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from hall_protocol.messages.devices import DeviceState, Reported
from hall_protocol.messages.health import read_health
from hall_protocol.topics import Role
from hall_server.forecast.watch import Key, Level

HOT_C = 80.0
DISK_LOW_MB, MEMORY_LOW_MB, WORN_PERCENT = 200, 40, 80
OFFLINE_AFTER_MS, OUT_OF_DATE_AFTER_MS, TROUBLE_AFTER_MS = 120_000, 45_000, 10_000
WATCHED = frozenset({Role.DISPENSER, Role.DISPLAY})
"""Terminals come and go with their staff."""
TWINS_FOR_S = 120.0
"""How long the alert stays after two devices with one id were last heard by turns."""
BOOTS_REMEMBERED = 8
OFFLINE, OUT_OF_DATE, PRINTER, PAPER_LOW = "device_offline", "out_of_date", "printer", "paper_low"
NOT_TAKEN, OLD_CONFIGURATION = "configuration_not_taken", "old_configuration"
HOT, POWER, DISK, WORN, MEMORY = "hot", "power", "disk_low", "disk_worn", "memory_low"
ODD, TWINS = "odd_message", "same_id_twice"
DEVICE_TROUBLES = (
    *(OFFLINE, OUT_OF_DATE, NOT_TAKEN, OLD_CONFIGURATION),
    *(PRINTER, PAPER_LOW, HOT, POWER, DISK, WORN, MEMORY),
    *(ODD, TWINS),
)


_KIOSK = re.compile(r"http://[A-Za-z0-9.:\[\]-]{1,255}/kiosk/[a-z0-9-]{1,32}")


class Device(NamedTuple):
    """One device, as it last said it is. `here` if it has been online since this server started."""

    device: str
    state: DeviceState
    here: bool
    reported: Reported | None = None
    """What became of its newest configuration."""
    odd: tuple[str, ...] = ()
    """Fields of its last message that could not be believed."""

    def not_taken(self, generation: int) -> Reported | None:
        """Its own word on why it does not have a generation; None where it has said nothing against it."""
        told = self.reported
        return told if told is not None and told.generation == generation and told.status != "applied" else None


class Trouble(NamedTuple):
    """Something about a device that somebody should do something about."""

    key: Key
    level: Level
    facts: dict[str, Any]


class DeviceBook:
    """Newest words of all devices. What is retained at the broker comes back by itself after a restart."""

    def __init__(
        self,
        desired: Mapping[str, int] = MappingProxyType({}),
        blocked: Callable[[str], bool] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.desired = desired
        """Configuration generations that devices are to have; changes when an operator publishes."""
        self.blocked = blocked or (lambda _device: False)
        """Whether a device has been sent away: nothing that it says counts."""
        self._devices: dict[str, Device] = {}
        self._reported: dict[str, Reported] = {}
        self._boots: dict[str, deque[str]] = {}
        self._twins: dict[str, float] = {}
        self._monotonic = monotonic

    def hear(self, device: str, state: DeviceState) -> None:
        """Take in a device's state or its last will. What cannot be believed of its health is left out and flagged."""
        known = self._devices.get(device)
        here = state.state == "online" or (known is not None and known.here)
        health, odd = read_health(state.health)
        state = msgspec.structs.replace(state, health=health)
        self._devices[device] = Device(device, state, here, self._reported.get(device), odd)
        if state.state == "online":
            self._note_boot(device, state.boot_id)

    def hear_unreadable(self, device: str) -> None:
        """A device has sent a state that is none: flag it, and keep what it said before."""
        known = self._devices.get(device)
        if known is not None:
            self._devices[device] = known._replace(odd=("state",))

    def _note_boot(self, device: str, boot_id: str) -> None:
        """A start that comes back after another one proves two devices with one id, for instance a copied card."""
        boots = self._boots.setdefault(device, deque(maxlen=BOOTS_REMEMBERED))
        if boots and boots[-1] == boot_id:
            return
        if boot_id in boots:
            self._twins[device] = self._monotonic()
            boots.remove(boot_id)
        boots.append(boot_id)

    def hear_reported(self, device: str, reported: Reported) -> None:
        """A device says what became of a configuration."""
        self._reported[device] = reported
        known = self._devices.get(device)
        if known is not None:
            self._devices[device] = known._replace(reported=reported)

    def all(self) -> list[Device]:
        """By id. Who has been sent away is gone, whatever it says."""
        return [self._gone(known) if self.blocked(device) else known for device, known in sorted(self._devices.items())]

    @staticmethod
    def _gone(known: Device) -> Device:
        return known._replace(state=msgspec.structs.replace(known.state, state="offline", health={}), here=False)

    def working_dispensers(self) -> list[str]:
        """Those that are there and print."""
        return [
            device.device
            for device in self.all()
            if device.state.role == Role.DISPENSER
            and device.state.state == "online"
            and device.state.health.get("printer", "ok") == "ok"
        ]

    def kiosk_url(self, device: str) -> str | None:
        """Where a touch dispenser says that its screen's page is."""
        known = self._devices.get(device)
        if known is None or known.state.role != Role.DISPENSER:
            return None
        url = str(known.state.health.get("kiosk_url", ""))
        return url if _KIOSK.fullmatch(url) and url.endswith(f"/kiosk/{device}") else None

    def troubles(self, catalogue_version: str) -> Iterator[Trouble]:
        """Every condition of every device, whether it holds or not."""
        for device in self.all():
            if device.state.role in WATCHED and device.here:
                twins = self._monotonic() - self._twins.get(device.device, -TWINS_FOR_S) < TWINS_FOR_S
                yield from _troubles(device, catalogue_version, self.desired.get(device.device, 0), twins=twins)


def _troubles(device: Device, catalogue_version: str, desired: int, *, twins: bool) -> Iterator[Trouble]:
    online, health = device.state.state == "online", device.state.health

    def trouble(name: str, holds: bool, after_ms: int, **facts: Any) -> Trouble:
        return Trouble(Key(name, device.device), Level(float(holds), 1.0, 0.0, after_ms, 0), facts)

    yield trouble(ODD, bool(device.odd), 0, fields=", ".join(device.odd))
    yield trouble(TWINS, twins, 0)
    yield trouble(OFFLINE, not online, OFFLINE_AFTER_MS)
    if not online:
        return
    version = health.get("catalogue_version", "")
    yield trouble(OUT_OF_DATE, bool(version) and version != catalogue_version, OUT_OF_DATE_AFTER_MS)
    failed, has = device.not_taken(desired), device.state.config_generation
    why = {"status": failed.status, "reason": failed.reason} if failed else {}
    yield trouble(NOT_TAKEN, failed is not None, 0, generation=desired, **why)
    lags = has < desired and failed is None
    yield trouble(OLD_CONFIGURATION, lags, OUT_OF_DATE_AFTER_MS, generation=has, desired=desired)
    printer = health.get("printer", "ok")
    yield trouble(PRINTER, printer not in ("ok", "no_answer", "uncertain"), TROUBLE_AFTER_MS, printer=printer)
    yield trouble(PAPER_LOW, bool(health.get("paper_low")), 0)
    temperature = health.get("temperature_c", 0)
    yield trouble(HOT, temperature >= HOT_C, TROUBLE_AFTER_MS, temperature_c=temperature)
    power = health.get("power", ())
    yield trouble(POWER, bool(power), TROUBLE_AFTER_MS, power=", ".join(power))
    disk = health.get("disk_free_mb", DISK_LOW_MB)
    yield trouble(DISK, disk < DISK_LOW_MB, TROUBLE_AFTER_MS, disk_free_mb=disk)
    worn = health.get("disk_worn_percent", 0)
    yield trouble(WORN, worn >= WORN_PERCENT, TROUBLE_AFTER_MS, disk_worn_percent=worn)
    memory = health.get("memory_free_mb", MEMORY_LOW_MB)
    yield trouble(MEMORY, memory < MEMORY_LOW_MB, TROUBLE_AFTER_MS, memory_free_mb=memory)
