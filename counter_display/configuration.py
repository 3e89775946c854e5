"""`device.toml` of a display."""

from typing import Literal

import msgspec

from hall_protocol.device_file import DeviceFile


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One screen: a window's, or the main display. One small board may drive several."""

    kind: Literal["window", "main"]
    window: str = ""
    width: int = 0
    height: int = 0
    """Pixels; 0 takes the kind's usual size."""

    @property
    def name(self) -> str:
        """For files and logs."""
        return "main" if self.kind == "main" else f"window-{self.window}"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        usual = (1280, 720) if self.kind == "main" else (512, 192)
        return self.width or usual[0], self.height or usual[1]


class DisplayFile(DeviceFile, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a display is told."""

    screens: tuple[Screen, ...]
    sink: Literal["png", "terminal"] = "png"
    folder: str = "screens"
    language: Literal["zh-Hans", "zh-Hant", "en"] = "zh-Hans"
    stale_after_s: float = 30.0
    """Without a word from the hall for so long, the screen says that it may be old."""
