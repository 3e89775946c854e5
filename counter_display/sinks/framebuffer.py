"""A screen on the board's own HDMI port without any desktop: the kernel's framebuffer.

A browser needs 384 MB; this needs none. The geometry is what the kernel says under /sys/class/graphics.
"""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops

KNOWN_BITS = (16, 32)


class Geometry(NamedTuple):
    """How pixels lie in memory; `stride` is bytes a row."""

    width: int
    height: int
    bits: int
    stride: int


class UnknownFramebufferError(Exception):
    """There is no such framebuffer, or none that can be written to; one sentence."""


def geometry_of(device: Path, sys: Path = Path("/sys/class/graphics")) -> Geometry:
    """What the kernel says of a framebuffer.

    Raises:
        UnknownFramebufferError: it says nothing, or something strange.
    """
    about = sys / device.name
    try:
        width, height = map(int, (about / "virtual_size").read_text().split(","))
        bits, stride = int((about / "bits_per_pixel").read_text()), int((about / "stride").read_text())
    except (OSError, ValueError) as error:
        raise UnknownFramebufferError(f"{device}: no framebuffer: {error}") from error
    if bits not in KNOWN_BITS:
        raise UnknownFramebufferError(f"{device}: {bits} bits a pixel; 16 and 32 are known")
    return Geometry(width, height, bits, stride)


class FramebufferSink:
    """Fills the framebuffer with the one screen it shows; bars where the shapes differ."""

    def __init__(self, device: Path, geometry: Geometry) -> None:
        self._device, self._geometry = device, geometry

    def show(self, screen: str, frame: Image.Image) -> None:
        """Show a frame."""
        del screen
        geometry = self._geometry
        fitted = Image.new("RGB", (geometry.width, geometry.height))
        scale = min(geometry.width / frame.width, geometry.height / frame.height)
        sized = frame.convert("RGB")
        if scale != 1:
            sized = sized.resize((max(1, round(frame.width * scale)), max(1, round(frame.height * scale))))
        fitted.paste(sized, ((geometry.width - sized.width) // 2, (geometry.height - sized.height) // 2))
        pixels = fitted.tobytes("raw", "BGRX") if geometry.bits == 32 else _rgb565(fitted)
        row = geometry.width * geometry.bits // 8
        with self._device.open("r+b", buffering=0) as memory:
            if geometry.stride == row:
                memory.write(pixels)
                return
            for number in range(geometry.height):
                memory.seek(number * geometry.stride)
                memory.write(pixels[number * row : (number + 1) * row])


def _rgb565(frame: Image.Image) -> bytes:
    """Two bytes a pixel, low byte first: five bits of red, six of green, five of blue."""
    red, green, blue = frame.split()
    high = ImageChops.add(red.point(lambda level: level & 0xF8), green.point(lambda level: level >> 5))
    low = ImageChops.add(green.point(lambda level: level << 3 & 0xE0), blue.point(lambda level: level >> 3))
    return Image.merge("LA", (low, high)).tobytes()
