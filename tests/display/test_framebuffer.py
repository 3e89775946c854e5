"""A screen in the kernel's framebuffer, with a file for the memory."""

from pathlib import Path

import pytest
from PIL import Image

from counter_display.sinks.framebuffer import FramebufferSink, Geometry, UnknownFramebufferError, geometry_of

RED = Image.new("RGB", (4, 2), (255, 0, 0))


def about(folder: Path, size: str = "8,4", bits: str = "32", stride: str = "32") -> Path:
    (folder / "fb0").mkdir(parents=True)
    for name, value in (("virtual_size", size), ("bits_per_pixel", bits), ("stride", stride)):
        (folder / "fb0" / name).write_text(value + "\n")
    return folder


def test_the_geometry_is_the_kernels(tmp_path: Path) -> None:
    assert geometry_of(Path("/dev/fb0"), about(tmp_path / "sys")) == Geometry(8, 4, 32, 32)


@pytest.mark.parametrize("wrong", [{"bits": "8"}, {"size": "wide"}])
def test_a_strange_framebuffer_is_one_sentence(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(UnknownFramebufferError, match="/dev/fb0"):
        geometry_of(Path("/dev/fb0"), about(tmp_path / "sys", **wrong))
    with pytest.raises(UnknownFramebufferError, match="no framebuffer"):
        geometry_of(Path("/dev/fb7"), tmp_path / "sys")


@pytest.mark.parametrize(("bits", "pixel"), [(32, b"\x00\x00\xff"), (16, b"\x00\xf8")])
def test_pixels_lie_where_the_kernel_wants_them(tmp_path: Path, bits: int, pixel: bytes) -> None:
    memory, stride = tmp_path / "fb0", 8 * bits // 8 + 4
    memory.write_bytes(bytes(4 * stride))
    FramebufferSink(memory, Geometry(8, 4, bits, stride)).show("main", RED)
    data = memory.read_bytes()
    for y in range(4):
        for x in range(8):
            at = y * stride + x * bits // 8
            assert data[at : at + len(pixel)] == pixel
        assert data[y * stride + 8 * bits // 8 : (y + 1) * stride] == bytes(4), "beyond the row nothing is touched"


def test_another_shape_gets_bars(tmp_path: Path) -> None:
    memory = tmp_path / "fb0"
    memory.write_bytes(bytes(8 * 8 * 4))
    FramebufferSink(memory, Geometry(8, 8, 32, 32)).show("main", RED)
    rows = [memory.read_bytes()[y * 32 : y * 32 + 3] for y in range(8)]
    assert rows == [b"\0\0\0"] * 2 + [b"\0\0\xff"] * 4 + [b"\0\0\0"] * 2
