"""`device.toml` of a dispenser."""

from typing import Literal

import msgspec

from hall_protocol.device_file import DeviceFile


class PrinterSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which printer, and how wide its paper is."""

    kind: Literal["tcp", "file"] = "file"
    host: str = "127.0.0.1"
    port: int = 9100
    folder: str = "slips"
    columns: Literal[32, 48] = 32
    answers: bool = True


class ButtonsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What visitors press."""

    kind: Literal["terminal", "socket"] = "terminal"
    socket: str = "buttons.sock"


class DispenserFile(DeviceFile, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a dispenser is told."""

    printer: PrinterSection = PrinterSection()
    buttons: ButtonsSection = ButtonsSection()
    repeat_guard_s: float = 1.5
    """A second press of the same button within this time is the same press."""
    answer_within_s: float = 5.0
    """After this the visitor is asked to press again, and a late ticket becomes void."""
