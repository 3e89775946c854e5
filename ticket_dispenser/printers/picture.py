"""What a slip's bytes look like on paper: a small ESC/POS reader, to look at slips without a printer.

Understands what our slips use, and refuses anything else: a slip that this cannot read, a cheap printer might not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import segno
from PIL import Image, ImageDraw

from glyphs import font

CELL = 12
"""Dots of one narrow character; a Chinese one has two cells."""
LINE = 30


class UnreadableSlipError(ValueError):
    """The bytes hold a command that slips do not use."""


class Line(NamedTuple):
    """One printed line of text."""

    text: str
    align: int
    width: int
    height: int


class Code(NamedTuple):
    """A QR code."""

    content: str
    module: int
    align: int


class Raster(NamedTuple):
    """A raster line: `bytes_wide` × 8 dots wide."""

    data: bytes
    bytes_wide: int
    align: int


class Cut(NamedTuple):
    """The cutter."""


Part = Line | Code | Raster | Cut


@dataclass
class _Reader:
    data: bytes
    at: int = 0
    align: int = 0
    size: tuple[int, int] = (1, 1)
    module: int = 3
    content: str = ""
    encoding: str = "gb18030"

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def parts(self) -> Iterator[Part]:
        text = bytearray()
        while self.at < len(self.data):
            byte = self.take(1)
            if byte == b"\n":
                yield Line(text.decode(self.encoding), self.align, *self.size)
                text.clear()
            elif byte == b"\x1b":
                yield from self._escape()
            elif byte == b"\x1d":
                yield from self._group()
            elif byte == b"\x1c":
                self._characters()
            else:
                text += byte

    def _characters(self) -> None:
        command = self.take(1)
        if command == b"(" and self.take(4) == b"C\x02\x000":
            self.encoding = "utf-8" if self.take(1) == b"2" else "gb18030"
        elif command not in (b"&", b"."):
            raise UnreadableSlipError(f"FS command at byte {self.at}")

    def _escape(self) -> Iterator[Part]:
        command = self.take(1)
        if command == b"@":
            self.align, self.size = 0, (1, 1)
        elif command == b"a":
            self.align = self.take(1)[0]
        elif command == b"d":
            for _ in range(self.take(1)[0]):
                yield Line("", 0, 1, 1)
        elif command == b"t" or command == b"E":
            self.take(1)
        else:
            raise UnreadableSlipError(f"ESC {command!r} at byte {self.at}")

    def _group(self) -> Iterator[Part]:
        command = self.take(1)
        if command == b"!":
            size = self.take(1)[0]
            self.size = ((size >> 4) + 1, (size & 7) + 1)
        elif command == b"V":
            self.take(1)
            yield Cut()
        elif command == b"(" and self.take(1) == b"k":
            low, high = self.take(2)
            yield from self._qr(self.take(low + 256 * high))
        elif command == b"v" and self.take(2) == b"0\x00":
            xl, xh, yl, yh = self.take(4)
            wide, high = xl + 256 * xh, yl + 256 * yh
            yield Raster(self.take(wide * high), wide, self.align)
        else:
            raise UnreadableSlipError(f"GS {command!r} at byte {self.at}")

    def _qr(self, body: bytes) -> Iterator[Part]:
        function = body[1]
        if function == 0x43:
            self.module = body[2]
        elif function == 0x50:
            self.content = body[3:].decode()
        elif function == 0x51:
            yield Code(self.content, self.module, self.align)


def read(slip: bytes) -> list[Part]:
    """The parts of a slip, top to bottom.

    Raises:
        UnreadableSlipError: it holds a command that slips do not use.
    """
    return list(_Reader(slip).parts())


def text_of(slip: bytes) -> str:
    """The slip as plain text; a QR code as its content in brackets."""
    lines = []
    for part in read(slip):
        if isinstance(part, Line):
            lines.append(part.text)
        elif isinstance(part, Code):
            lines.append(f"[{part.content}]")
        elif isinstance(part, Raster):
            lines.append("[raster]")
    return "\n".join(lines).strip() + "\n"


def picture_of(slip: bytes, width: int = 384) -> Image.Image:
    """The slip as a printer with `width` dots would print it (384 for 58 mm paper, 576 for 80 mm)."""
    pieces = [_piece(part, width) for part in read(slip)]
    paper = Image.new("L", (width, sum(piece.height for piece in pieces) + 24), 255)
    top = 12
    for piece in pieces:
        paper.paste(piece, (0, top))
        top += piece.height
    return paper


def _piece(part: Part, width: int) -> Image.Image:
    match part:
        case Line():
            return _text_line(part, width)
        case Code():
            rows = [list(row) for row in segno.make(part.content, error="l", micro=False, boost_error=False).matrix]
            code = Image.new("L", (len(rows[0]), len(rows)), 255)
            code.putdata([0 if dark else 255 for row in rows for dark in row])
            code = code.resize((code.width * part.module, code.height * part.module), Image.Resampling.NEAREST)
            return _aligned(code, part.align, width, 6)
        case Raster():
            dots = Image.frombytes("1", (part.bytes_wide * 8, len(part.data) // part.bytes_wide), part.data)
            return _aligned(dots.convert("L").point(lambda dot: 255 - dot), part.align, width, 2)
        case Cut():
            edge = Image.new("L", (width, 3), 255)
            ImageDraw.Draw(edge).line([(x, 1) for x in range(0, width, 1)][::1], fill=160)
            return edge


def _text_line(line: Line, width: int) -> Image.Image:
    """Characters in cells of the printer's grid, then magnified as a printer does it."""
    cells = sum(2 if ord(character) > 0xFF else 1 for character in line.text)
    strip = Image.new("L", (max(1, cells * CELL), LINE), 255)
    draw, x = ImageDraw.Draw(strip), 0
    for character in line.text:
        wide = CELL * (2 if ord(character) > 0xFF else 1)
        draw.text((x + wide / 2, 14), character, font=font(22 if wide > CELL else 19), fill=0, anchor="mm")
        x += wide
    strip = strip.resize((strip.width * line.width, strip.height * line.height), Image.Resampling.BICUBIC)
    return _aligned(strip, line.align, width, 0)


def _aligned(piece: Image.Image, align: int, width: int, margin: int) -> Image.Image:
    left = {0: 0, 1: (width - piece.width) // 2, 2: width - piece.width}[align]
    framed = Image.new("L", (width, piece.height + 2 * margin), 255)
    framed.paste(piece, (max(0, left), margin))
    return framed
