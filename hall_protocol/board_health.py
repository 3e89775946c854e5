"""How a board is: what Linux and a Raspberry Pi's firmware tell in files. What a board does not tell is left out."""

import os
from pathlib import Path
from typing import Any

ROOT = Path("/")
THROTTLED = {0: "undervoltage", 1: "slowed", 2: "throttled", 3: "hot"}
"""The firmware's bits for what is the case now."""
MB = 1_048_576


def board_health(folder: Path, root: Path = ROOT) -> dict[str, Any]:
    """Temperature, power, memory, disk, uplink. `folder` lies on the disk that matters."""
    found = {
        "temperature_c": _temperature(root),
        "power": _power(root),
        "memory_free_mb": _memory(root),
        "disk_free_mb": _disk(folder),
        "disk_worn_percent": _wear(root),
        "uptime_s": _number(_read(root / "proc/uptime").split(".")[0]),
        "uplink": _uplink(root),
    }
    return {name: value for name, value in found.items() if value is not None}


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""


def _number(text: str) -> int | None:
    try:
        return int(text, 0)
    except ValueError:
        return None


def _temperature(root: Path) -> float | None:
    thousandths = _number(_read(root / "sys/class/thermal/thermal_zone0/temp"))
    return None if thousandths is None else round(thousandths / 1000, 1)


def _power(root: Path) -> list[str] | None:
    """What is wrong with the power or the heat, by the firmware's word; empty if all is well."""
    text = _read(root / "sys/devices/platform/soc/soc:firmware/get_throttled")
    bits = _number(f"0x{text.removeprefix('0x')}") if text else None
    return None if bits is None else [word for bit, word in THROTTLED.items() if bits >> bit & 1]


def _memory(root: Path) -> int | None:
    for line in _read(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    return None


def _disk(folder: Path) -> int | None:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize // MB


def _wear(root: Path) -> int | None:
    """EMMC and good cards tell in tenths of their life how much is used; the worse of two kinds of cells."""
    tenths = [_number(part) for part in _read(root / "sys/block/mmcblk0/device/life_time").split()]
    known = [number for number in tenths if number]
    return 10 * max(known) if known else None


def _uplink(root: Path) -> str | None:
    """The interface of the default route."""
    for line in _read(root / "proc/net/route").splitlines()[1:]:
        interface, destination = line.split()[:2]
        if destination == "00000000":
            return interface
    return None
