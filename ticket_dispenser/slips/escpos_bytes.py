"""A slip's lines as ESC/POS bytes: GB18030 in Kanji mode, native QR, about 250 bytes.

python-escpos builds the commands; Chinese goes out raw, as its `.text()` would look for single-byte code pages. A line
with a character that the printer's encoding lacks (an emoji, a rare name) becomes a raster line.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from escpos.printer.dummy import Dummy
from PIL import Image, ImageDraw

from glyphs import font
from ticket_dispenser.slips.template import LogoLine, QrLine, SlipLine

Encoding = Literal["gb18030", "gbk", "utf-8", "raster"]
KANJI_ON, KANJI_OFF = b"\x1c&", b"\x1c."
UTF8_ON, UTF8_OFF = b"\x1c(C\x02\x0002", b"\x1c(C\x02\x0001"
"""FS ( C, function 48: the character encode system (Epson's command reference)."""
QR_MODULE = 5
_PIECES = re.compile(r"[!-~]+ ?|.[、，。；：！？）》]*")
"""What is never broken: a Latin word, a character with the closing marks behind it."""
DOTS_A_COLUMN = 12


class Paper(NamedTuple):
    """What a printer can do. `columns` is 32 on 58 mm paper, 48 on 80 mm.

    `encoding` raster sends every line as dots: 40 KB a slip, for printers without Chinese characters.
    """

    columns: int = 32
    encoding: Encoding = "gb18030"
    cutter: bool = True
    native_qr: bool = True


def slip_bytes(lines: list[SlipLine], paper: Paper = Paper()) -> bytes:  # noqa: B008  a constant
    """The whole slip, from initialising the printer to the cut."""
    begin, end = {"utf-8": (UTF8_ON, UTF8_OFF), "raster": (b"", b"")}.get(paper.encoding, (KANJI_ON, KANJI_OFF))
    out = bytearray(_command("init") + _command("center") + begin)
    size = 1
    for line in lines:
        if isinstance(line, QrLine):
            out += _qr(line.content) if paper.native_qr else _dots(_qr_picture(line.content))
            continue
        if isinstance(line, LogoLine):
            out += _logo(line.path, paper.columns)
            continue
        # A label of five characters in the largest type would not fit on narrow paper.
        fitting = max(1, min(line.size, paper.columns // max(1, _width(line.text)))) if line.size > 2 else line.size
        if fitting != size:
            size = fitting
            out += _size(size)
        for row in _wrapped(line.text, paper.columns // fitting):
            encoded = _encoded(row, paper.encoding)
            out += encoded + b"\n" if encoded is not None else _dots(_text_picture(row, paper.columns, fitting))
    return bytes(out + end + _command("cut" if paper.cutter else "feed"))


@lru_cache(maxsize=8)
def _command(name: str) -> bytes:
    printer = Dummy()
    if name == "init":
        printer.hw("INIT")
    elif name == "center":
        printer.set(align="center")
    else:
        printer.print_and_feed(4)
        if name == "cut":
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


def _qr_picture(content: str) -> Image.Image:
    # Few printers need it, and it costs memory in all dispensers.
    import segno

    code = segno.make(content, error="l", micro=False)
    modules = [[bool(dot) for dot in row] for row in code.matrix]
    side = len(modules) * QR_MODULE
    picture = Image.new("1", (-(-side // 8) * 8, side), 0)
    draw = ImageDraw.Draw(picture)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                box = (x * QR_MODULE, y * QR_MODULE, (x + 1) * QR_MODULE - 1, (y + 1) * QR_MODULE - 1)
                draw.rectangle(box, fill=1)
    return picture


def _encoded(text: str, encoding: Encoding) -> bytes | None:
    """The bytes of a line; None if the printer has no characters for it.

    GB18030 is used as far as it has two bytes a character: printers seldom know the rest.
    """
    if encoding == "raster":
        return None
    try:
        encoded = text.encode(encoding)
    except UnicodeEncodeError:
        return None
    if encoding == "utf-8":
        return encoded if all(ord(character) < 0x10000 for character in text) else None
    return encoded if len(encoded) == sum(1 if ord(character) < 0x80 else 2 for character in text) else None


def _cells(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def _width(text: str) -> int:
    return sum(map(_cells, text))


def _wrapped(text: str, columns: int) -> list[str]:
    """The text in rows of at most so many cells, about equally long: one character alone in a row reads badly."""
    rows = -(-_width(text) // columns)
    if rows <= 1:
        return [text]
    for limit in range(-(-_width(text) // rows), columns + 1):
        found = _filled(text, limit)
        if len(found) <= rows:
            return found
    return _filled(text, columns)


def _filled(text: str, columns: int) -> list[str]:
    """Rows as full as they can be. Chinese breaks anywhere but before a closing mark; Latin words stay whole."""
    rows, row = [], ""
    for piece in _pieces(text, columns):
        if row and _width(row + piece.rstrip()) > columns:
            rows.append(row.rstrip())
            row = ""
        row += piece if row else piece.lstrip()
    return [*rows, row.rstrip()]


def _pieces(text: str, columns: int) -> Iterator[str]:
    """What is not broken; a word longer than a row is, for it must go somewhere."""
    for piece in _PIECES.findall(text):
        if _width(piece.rstrip()) <= columns:
            yield piece
        else:
            yield from piece


def _text_picture(text: str, columns: int, size: int) -> Image.Image:
    width = columns * DOTS_A_COLUMN
    dots = Image.new("1", (width, 32 * size), 0)
    ImageDraw.Draw(dots).text((width / 2, 16 * size), text, font=font(24 * size), fill=1, anchor="mm")
    return dots


@lru_cache(maxsize=4)
def _logo(path: Path, columns: int) -> bytes:
    """A PNG, shrunk to the paper if it is too wide; dark is printed."""
    with Image.open(path) as picture:
        plain = Image.new("RGB", picture.size, "white")
        rgba = picture.convert("RGBA")
        plain.paste(rgba, mask=rgba.getchannel("A"))
    most = columns * DOTS_A_COLUMN
    if plain.width > most:
        plain = plain.resize((most, max(1, plain.height * most // plain.width)))
    dark = plain.convert("L").point(lambda level: 255 if level < 128 else 0).convert("1")
    wide = Image.new("1", (-(-dark.width // 8) * 8, dark.height), 0)
    wide.paste(dark)
    return _dots(wide)


def _dots(picture: Image.Image) -> bytes:
    """A picture as raster dots (GS v 0); its width is a multiple of 8."""
    wide, high = picture.width // 8, picture.height
    header = b"\x1dv0\x00" + bytes((wide % 256, wide // 256, high % 256, high // 256))
    return header + picture.tobytes()
