"""The doctor's look at one configured role: its file, its broker, and every device that it names."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hall_protocol.board_health import board_health
from hall_protocol.device_file import DeviceFile, load_device
from hall_protocol.hall_http import ask
from hall_protocol.identity import load_identity, tls_context

if TYPE_CHECKING:
    from voice.settings import VoiceSettings

ANSWERS_WITHIN_S = 3.0
DAY_S = 86_400
HOT_C = 80.0
BUILT_AFTER_S = 1_764_000_000
"""November 2025: a clock before this is certainly wrong."""


class Check(NamedTuple):
    """One line of the doctor's: what, and how to find out. The check says what is well, or raises what is not."""

    what: str
    check: Callable[[], str]
    needed: bool = True


def checks(role: str, config: Path) -> Iterator[Check]:
    """Everything about a configured role, in the order in which somebody would mend it."""
    yield Check("clock", _clock, needed=False)
    if role == "hall":
        yield from _hall(config)
    elif role == "dispenser":
        yield from _dispenser(config)
    elif role == "display":
        yield from _display(config)
    elif role == "kiosk":
        yield from _kiosk(config)
    else:
        from window_terminal.configuration import TerminalFile

        file = load_device(config, TerminalFile)
        yield Check("configuration", lambda: f"{config} is good")
        yield from _link(file)


def _clock() -> str:
    now = time.time()
    if now < BUILT_AFTER_S:
        raise OSError(f"says {time.strftime('%Y-%m-%d', time.gmtime(now))}; tickets are right all the same")
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now))


def _hall(config: Path) -> Iterator[Check]:
    from hall_server.adapters.hall_file import load_hall
    from hall_server.adapters.secrets_file import HALL_USER

    loaded = load_hall(config)
    yield Check("configuration", lambda: f"{config} is good")
    missing = {HALL_USER, *(device.id for device in loaded.file.devices)} - loaded.secrets.devices.keys()
    yield Check("secrets", lambda: _none_of(missing, "all there", f"paihao secrets {config}"))
    yield Check("data", lambda: _writable(loaded.data))
    if loaded.file.broker.kind == "external":
        yield Check("broker", lambda: _reaches(loaded.file.broker.host, loaded.file.broker.port))
    if loaded.file.fleet is not None:
        folder = loaded.data / loaded.file.fleet.files
        yield Check("broker files", lambda: _present(folder / "mosquitto.conf", f"paihao broker {config}"))
    if loaded.file.voice is not None:
        yield _voice(loaded.file.voice, config.parent)
    yield from _board(loaded.data)


def _dispenser(config: Path) -> Iterator[Check]:
    from ticket_dispenser.configuration import DispenserFile
    from ticket_dispenser.main import printer_of, slip_maker

    file = load_device(config, DispenserFile)
    data = (config.parent / file.data).resolve()
    yield Check("configuration", lambda: f"{config} is good")
    yield from _link(file)
    yield Check("slip's template", lambda: (slip_maker(file, config.parent), file.slip or "the usual one")[1])

    def printer() -> str:
        async def ask() -> str | None:
            job = await printer_of(file.printer, data).ready()
            job.close()
            return job.failed

        failed = asyncio.run(ask())
        if failed:
            raise OSError(f"{failed} ({file.printer.kind})")
        return f"{file.printer.kind}, ready"

    yield Check("printer", printer)
    buttons = file.buttons
    match buttons.kind:
        case "gpio":
            yield Check("pins", lambda: _pins(len(buttons.keys)))
        case "keypad":
            yield Check("keypad", lambda: _readable(Path(buttons.device)))
        case "kiosk":
            yield Check("touch pages", lambda: f"http://{buttons.host}:{buttons.port}/kiosk/{file.device}")
    if buttons.scanner:
        yield Check("scanner", lambda: _readable(Path(buttons.scanner)))
    yield Check("data", lambda: _writable(data))
    yield from _board(data)


def _display(config: Path) -> Iterator[Check]:
    from counter_display.configuration import DisplayFile

    file, folder = load_device(config, DisplayFile), config.parent
    yield Check("configuration", lambda: f"{config} is good")
    yield from _link(file)
    match file.sink:
        case "framebuffer":
            from counter_display.sinks.framebuffer import geometry_of

            def screen() -> str:
                found = geometry_of(Path(file.framebuffer))
                return f"{file.framebuffer}, {found.width} x {found.height}, {_readable(Path(file.framebuffer))}"

            yield Check("screen", screen)
        case "led":
            yield Check("LED panel", lambda: _readable(Path(f"/dev/spidev{file.led.spi_port}.{file.led.spi_device}")))
        case "signs":
            yield Check("signs' line", lambda: _readable(folder / file.signs.line))
        case "png":
            yield Check("frames", lambda: _writable(folder / file.folder))
    if file.voice is not None:
        yield _voice(file.voice, folder)
        if file.voice.player == "aplay":
            yield Check("sound card", _sound_card)
    yield from _board(folder)


def _voice(voice: "VoiceSettings", folder: Path) -> Check:
    from voice.settings import all_clips

    def complete() -> str:
        all_clips(voice, folder)
        return ", ".join(voice.languages)

    return Check("voice", complete)


def _kiosk(unit: Path) -> Iterator[Check]:
    """`unit` is its systemd unit, which ends its browser's command with the page."""
    commands = [line for line in unit.read_text("utf-8").splitlines() if line.startswith("ExecStart=")]
    if not commands:
        raise OSError(f"{unit} is no systemd unit of a screen")
    url = commands[-1].split()[-1]
    yield Check("page", lambda: f"{url}, {len(ask(url))} bytes")
    yield Check("screen", _graphics_card)


def _graphics_card() -> str:
    cards = sorted(Path("/dev/dri").glob("card*"))
    if not cards:
        raise OSError("this machine has none (/dev/dri/card*)")
    return ", ".join(map(str, cards))


def _link(file: DeviceFile) -> Iterator[Check]:
    if not file.identity:
        yield Check("broker", lambda: _reaches(file.host, file.port))
        return
    folder = Path(file.identity)

    def certificate() -> str:
        left = (load_identity(folder).expires_s - time.time()) / DAY_S
        if left < 0:
            raise OSError("has ended, by this board's clock; paihao enrol makes a new one")
        return f"good for {left:.0f} days, renewed by itself"

    def handshake() -> str:
        context = tls_context(folder)
        with (
            socket.create_connection((file.host, file.port), ANSWERS_WITHIN_S) as plain,
            context.wrap_socket(plain, server_hostname=file.host) as secure,
        ):
            # A refused certificate is only told with the first answer.
            secure.settimeout(0.5)
            try:
                secure.recv(1)
            except TimeoutError:
                return f"{file.host} port {file.port}, {secure.version()}"
        raise ssl.SSLError("the broker does not take this device's certificate")

    yield Check("certificate", certificate)
    yield Check("broker", handshake)


def _board(folder: Path) -> Iterator[Check]:
    """Power and heat, where the board tells of them."""
    health = board_health(folder)

    def power() -> str:
        if health["power"]:
            raise OSError(f"{', '.join(health['power'])}: change the power supply or its cable")
        return "enough"

    def heat() -> str:
        if health["temperature_c"] >= HOT_C:
            raise OSError(f"{health['temperature_c']} degrees: give it air")
        return f"{health['temperature_c']} degrees"

    if "power" in health:
        yield Check("power", power)
    if "temperature_c" in health:
        yield Check("heat", heat)


def _reaches(host: str, port: int) -> str:
    socket.create_connection((host, port), ANSWERS_WITHIN_S).close()
    return f"{host} port {port}"


def _none_of(missing: object, well: str, help_: str) -> str:
    if missing:
        raise OSError(f"not complete: {help_}")
    return well


def _present(path: Path, help_: str) -> str:
    if not path.exists():
        raise OSError(f"{path} is not there: {help_}")
    return str(path)


def _readable(path: Path) -> str:
    if not path.exists():
        raise OSError(f"{path} is not there")
    if not os.access(path, os.R_OK | os.W_OK):
        raise OSError(f"{path} may not be used by this user; its group is {path.group()}")
    return str(path)


def _writable(folder: Path) -> str:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(nearest, os.W_OK):
        raise OSError(f"{folder} cannot be written to by this user")
    return str(folder)


def _pins(keys: int) -> str:
    if find_spec("gpiozero") is None:
        raise OSError("gpiozero is not installed: pip install 'paihao[gpio]'")
    if find_spec("lgpio") is None:
        raise OSError("lgpio is not installed: apt-get install python3-lgpio (Raspberry Pi OS)")
    chips = sorted(Path("/dev").glob("gpiochip*"))
    if not chips:
        raise OSError("this machine has no pins (/dev/gpiochip*)")
    return f"{_readable(chips[0])}, {keys} buttons configured"


def _sound_card() -> str:
    aplay = shutil.which("aplay")
    if aplay is None:
        raise OSError("aplay is not installed: apt-get install alsa-utils")
    listed = subprocess.run([aplay, "-l"], capture_output=True, text=True, check=False).stdout
    cards = [line for line in listed.splitlines() if line.startswith("card ")]
    if not cards:
        raise OSError("no sound card")
    return cards[0]
