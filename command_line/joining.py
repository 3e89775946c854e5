"""Device files for taking part in a running demo, made from its `demo.json`."""

import json
from pathlib import Path
from typing import Any

from counter_display.configuration import DisplayFile, Screen
from hall_protocol.device_file import DeviceFileError
from ticket_dispenser.configuration import DispenserFile, PrinterSection
from window_terminal.configuration import TerminalFile

FREE_WINDOW = "6"


def _demo(folder: Path, device: str, role: str) -> dict[str, Any]:
    """What all device files share, and the demo's own description under `demo`."""
    path = folder / "demo.json"
    try:
        demo: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DeviceFileError(f"no demo runs in {folder}: start one with: paihao demo --data {folder}") from error
    known = demo["devices"].get(device)
    if known is None or known["role"] != role:
        names = sorted(name for name, other in demo["devices"].items() if other["role"] == role)
        raise DeviceFileError(f"the demo has no {role} {device!r}; it has {', '.join(names)}")
    shared = {
        "hall": demo["hall"],
        "device": device,
        "password": known["password"],
        "host": demo["mqtt_host"],
        "port": demo["mqtt_port"],
        "data": f"joined/{device}",
    }
    return {"shared": shared, "demo": demo}


def dispenser_file(folder: Path, device: str) -> DispenserFile:
    """A dispenser in this terminal, with the demo's printer."""
    found = _demo(folder, device, "dispenser")
    printer = found["demo"]["printer"]
    return DispenserFile(**found["shared"], printer=PrinterSection("tcp", printer["host"], printer["port"]))


def display_file(folder: Path, device: str, window: str) -> DisplayFile:
    """A screen in this terminal."""
    found = _demo(folder, device, "display")
    screen = Screen("window", window) if window else Screen("main")
    return DisplayFile(**found["shared"], screens=(screen,), sink="terminal")


def terminal_file(folder: Path, device: str, language: str) -> TerminalFile:
    """A staff terminal at a window that no simulated person has."""
    if language not in ("zh-Hans", "en"):
        raise DeviceFileError("the terminal speaks zh-Hans and en")
    found = _demo(folder, device, "terminal")
    return TerminalFile(**found["shared"], window=FREE_WINDOW, language=language)  # type: ignore[arg-type]  # one of both
