"""A slip's lines as ESC/POS bytes: GB18030 in Kanji mode, native QR, about 250 bytes.

python-escpos builds the commands; Chinese goes out raw, as its `.text()` would look for single-byte code pages. A line
with a character outside two-byte GB18030 (an emoji, a rare name) becomes a raster line.
"""

import unicodedata
from functools import lru_cache

from escpos.printer.dummy import Dummy
from PIL import Image, ImageDraw

from glyphs import font
from ticket_dispenser.slip import QrLine, SlipLine

KANJI_ON, KANJI_OFF = b"\x1c&", b"\x1c."
QR_MODULE = 5


def slip_bytes(lines: list[SlipLine], columns: int = 32) -> bytes:
    """The whole slip, from initialising the printer to the cut. `columns` is 32 on 58 mm paper, 48 on 80 mm."""
    out = bytearray(_command("init") + _command("center") + KANJI_ON)
    size = 1
    for line in lines:
        if isinstance(line, QrLine):
            out += _qr(line.content)
            continue
        if line.size != size:
            size = line.size
            out += _size(size)
        for row in _wrapped(line.text, columns // size):
            encoded = _encoded(row)
            out += encoded + b"\n" if encoded is not None else _raster(row, columns)
    return bytes(out + KANJI_OFF + _command("cut"))


@lru_cache(maxsize=8)
def _command(name: str) -> bytes:
    printer = Dummy()
    if name == "init":
        printer.hw("INIT")
    elif name == "center":
        printer.set(align="center")
    else:
        printer.print_and_feed(4)
        printer.cut(mode="PART", feed=False)
    return bytes(printer.output)


@lru_cache(maxsize=8)
def _size(size: int) -> bytes:
    printer = Dummy()
    printer.set(custom_size=True, width=size, height=size)
    return bytes(printer.output)


def _qr(content: str) -> bytes:
    printer = Dummy()
    printer.qr(content, native=True, size=QR_MODULE)
    return bytes(printer.output)


def _encoded(text: str) -> bytes | None:
    """Two-byte GB18030, or None if a character needs four bytes or has none."""
    try:
        encoded = text.encode("gb18030")
    except UnicodeEncodeError:
        return None
    return encoded if len(encoded) == sum(1 if ord(character) < 0x80 else 2 for character in text) else None


def _cells(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _wrapped(text: str, columns: int) -> list[str]:
    """The text in rows of at most so many cells; between characters, as Chinese breaks anywhere."""
    rows, row, used = [], "", 0
    for character in text:
        cells = _cells(character)
        if used + cells > columns:
            rows.append(row)
            row, used = "", 0
        row, used = row + character, used + cells
    return [*rows, row]


def _raster(text: str, columns: int) -> bytes:
    """One line as dots (GS v 0)."""
    width = columns * 12
    dots = Image.new("1", (width, 32), 0)
    ImageDraw.Draw(dots).text((width / 2, 16), text, font=font(24), fill=1, anchor="mm")
    wide = width // 8
    header = b"\x1dv0\x00" + bytes((wide % 256, wide // 256, 32, 0))
    return header + dots.tobytes()
