"""`device.toml` of a display."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from hall_protocol.device_file import DeviceFile
from voice.settings import VoiceSettings

USUAL_SIZES = {
    ("main", "colour"): (1280, 720),
    ("zone", "colour"): (1280, 720),
    ("window", "colour"): (512, 192),
    ("main", "dots"): (256, 64),
    ("zone", "dots"): (256, 64),
    ("window", "dots"): (128, 16),
}


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One screen: a window's, a zone's, or the main display. One small board may drive several."""

    kind: Literal["window", "zone", "main"]
    window: str = ""
    zone: str = ""
    width: int = 0
    height: int = 0
    """Pixels; 0 takes the kind's usual size."""
    address: Annotated[int, Meta(ge=1, le=250)] = 1
    """Of a sign on an RS-485 line."""

    @property
    def name(self) -> str:
        """For files and logs."""
        return "-".join(part for part in (self.kind, self.window or self.zone) if part)

    def size(self, style: str) -> tuple[int, int]:
        """Width and height in pixels."""
        usual = USUAL_SIZES[self.kind, style]
        return self.width or usual[0], self.height or usual[1]


class LedSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A panel of MAX7219 blocks."""

    spi_port: int = 0
    spi_device: int = 0
    orientation: Literal[0, 90, -90, 180] = -90
    """How the blocks lie in their chain."""
    rotate: Literal[0, 1, 2, 3] = 0
    intensity: Annotated[int, Meta(ge=0, le=15)] = 6


class SignsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Text signs on an RS-485 line."""

    line: str = "/dev/ttyUSB0"
    baud: Literal[2400, 9600, 19200, 38400, 115200] = 9600
    protocol: Literal["simple-gb2312"] = "simple-gb2312"
    answers: bool = True


class VoiceSection(VoiceSettings, frozen=True, forbid_unknown_fields=True):
    """Calls said aloud here."""

    player: Literal["aplay", "folder"] = "aplay"
    device: str = ""
    """A sound card as `aplay -L` lists them; empty for the usual one."""
    folder: str = "said"
    """Where the player `folder` keeps what is said."""


class DisplayFile(DeviceFile, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a display is told."""

    HOT: ClassVar[frozenset[str]] = frozenset(
        {"language", "stale_after_s", "new_for_s", "voice.percent", "voice.hours"}
    )

    screens: tuple[Screen, ...] = ()
    voice: VoiceSection | None = None
    sink: Literal["png", "terminal", "framebuffer", "led", "signs"] = "png"
    style: Literal["colour", "dots"] = "colour"
    """How `png` and `terminal` draw; an LED panel always has dots."""
    folder: str = "screens"
    framebuffer: str = "/dev/fb0"
    led: LedSection = LedSection()
    signs: SignsSection = SignsSection()
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    stale_after_s: float = 30.0
    """Without a word from the hall for so long, the screen says that it may be old."""
    new_for_s: Annotated[float, Meta(ge=0, le=60)] = 8.0
    """So long a new call stands out by changing its colours once a second."""
    flash: bool = False
    """A new call fills main and zone screens while it is new: for those who do not hear, and where nothing is said."""
