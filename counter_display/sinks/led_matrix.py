"""LED panels of MAX7219 blocks (8 × 8 dots each) on the SPI bus, with luma."""

from typing import Any

from luma.led_matrix.device import max7219
from PIL import Image


class LedMatrixSink:
    """One panel. `serial` is luma's way to the bus; tests give one that remembers."""

    def __init__(self, serial: Any, size: tuple[int, int], *, orientation: int, rotate: int, intensity: int) -> None:
        width, height = size
        self._panel = max7219(
            serial, width=width, height=height, block_orientation=orientation, rotate=rotate, contrast=intensity * 16
        )

    def show(self, screen: str, frame: Image.Image) -> None:
        """Show a frame of single dots."""
        del screen
        self._panel.display(frame.convert("1"))
