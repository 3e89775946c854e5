"""Signed configurations that devices are to have: files below `DATA/desired`, handed on as they are.

The hall holds no key to sign with, so whoever breaks into it cannot configure a device.
"""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

import structlog

from hall_protocol.codec import decode
from hall_protocol.messages.devices import Desired

log = structlog.get_logger()

FOLDER = "desired"
LOOK_S = 1.0


class DesiredConfigurations:
    """What lies in the folder, by device.

    Args:
        data: the hall's data directory.
        devices: those that the hall knows; files for others are left alone.
    """

    def __init__(self, data: Path, devices: Collection[str]) -> None:
        self._folder, self._devices = data / FOLDER, devices
        self._read: dict[str, tuple[int, int]] = {}
        """Time and size of each file as it was last read."""
        self.payloads: dict[str, bytes] = {}
        self.generations: dict[str, int] = {}

    def look(self) -> list[str]:
        """Read what is new; returns the devices it is for."""
        fresh = []
        for path in sorted(self._folder.glob("*.json")):
            device = path.stem
            try:
                status = path.stat()
                mark = status.st_mtime_ns, status.st_size
                if device not in self._devices or self._read.get(device) == mark:
                    continue
                payload = path.read_bytes()
            except OSError as error:
                log.error("desired_unreadable", file=str(path), reason=error.strerror)
                continue
            self._read[device] = mark
            desired = decode(payload, Desired)
            if desired is None:
                log.error("desired_unreadable", file=str(path), reason="not a signed configuration")
                continue
            self.payloads[device], self.generations[device] = payload, desired.generation
            fresh.append(device)
        return fresh

    async def watch(self, publish: Callable[[str], None]) -> None:
        """Publish what is new, until cancelled."""
        while True:
            for device in await asyncio.to_thread(self.look):
                publish(device)
            await asyncio.sleep(LOOK_S)
