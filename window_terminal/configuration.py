"""`device.toml` of a staff terminal."""

from typing import Literal

from hall_protocol.device_file import DeviceFile


class TerminalFile(DeviceFile, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a terminal is told."""

    window: str = ""
    """The window it stands at; staff may type another one if it is empty."""
    language: Literal["zh-Hans", "en"] = "zh-Hans"
