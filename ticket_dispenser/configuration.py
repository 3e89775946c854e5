"""`device.toml` of a dispenser."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from hall_protocol.device_file import DeviceFile
from ticket_dispenser.drivers.panel import Key


class PrinterSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which printer, what it can do, and how wide its paper is."""

    kind: Literal["network", "tcp", "usb", "serial", "file"] = "file"
    """`tcp` is the same as `network`."""
    host: str = "127.0.0.1"
    port: int = 9100
    device: str = ""
    """`/dev/usb/lp0`, `/dev/ttyUSB0`; relative paths count from the device's folder."""
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 19200
    folder: str = "slips"
    columns: Literal[32, 48] = 32
    answers: bool = True
    encoding: Literal["gb18030", "gbk", "utf-8", "raster"] = "gb18030"
    cutter: bool = True
    native_qr: bool = True


class ButtonsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What visitors press."""

    kind: Literal["terminal", "socket", "gpio", "keypad", "kiosk"] = "terminal"
    """A text terminal, a socket for programs, a panel on a Raspberry Pi's pins, a keypad beside a screen, or
    a touch screen with a browser."""
    socket: str = "buttons.sock"
    keys: tuple[Key, ...] = ()
    """The panel's buttons."""
    debounce_ms: Annotated[int, Meta(ge=10, le=30)] = 20
    device: str = ""
    """The keypad's device file, such as `/dev/input/by-id/usb-…-event-kbd`."""
    scanner: str = ""
    """The device file of a QR or barcode scanner beside the buttons, for appointments; none if empty. A keypad's own
    device and a terminal take scanned codes too."""
    host: str = "127.0.0.1"
    """Where the touch screen's pages are served: this board alone, unless configured."""
    port: int = 8090
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    """Of slips taken at a panel."""


class DispenserFile(DeviceFile, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a dispenser is told."""

    HOT: ClassVar[frozenset[str]] = frozenset({"slip", "large_type", "repeat_guard_s", "answer_within_s"})

    printer: PrinterSection = PrinterSection()
    buttons: ButtonsSection = ButtonsSection()
    slip: str = ""
    """A template for slips; empty for the usual one."""
    large_type: bool = False
    """All slips in large type."""
    repeat_guard_s: float = 1.5
    """A second press of the same button within this time is the same press."""
    answer_within_s: float = 3.0
    """After this a lent number is given out; without one the visitor is asked to press again. A late ticket becomes
    void."""
