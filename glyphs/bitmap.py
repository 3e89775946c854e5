"""Characters of 16 dots for LED panels, where an outline font is unreadable: GNU Unifont 15.0.01, cut down likewise.

The file is Unifont's own format: `XXXX:` and 32 hex digits (8 × 16 dots) or 64 (16 × 16), a row after the other.
"""

import gzip
from functools import lru_cache
from pathlib import Path

from PIL import Image

HEIGHT = 16
FILE = Path(__file__).parent / "unifont-16.hex.gz"
NARROW_DIGITS = 2 * HEIGHT
MISSING = "□"


@lru_cache(maxsize=1)
def _glyphs() -> dict[str, str]:
    lines = gzip.decompress(FILE.read_bytes()).decode("ascii").splitlines()
    return {chr(int(code, 16)): dots for code, _, dots in (line.partition(":") for line in lines)}


@lru_cache(maxsize=512)
def glyph(character: str) -> Image.Image:
    """One character, 8 or 16 dots wide and 16 high; lit dots are 1."""
    known = _glyphs()
    dots = known.get(character) or known[MISSING]
    width = 8 if len(dots) == NARROW_DIGITS else 16
    return Image.frombytes("1", (width, HEIGHT), bytes.fromhex(dots))


def text_dots(text: str) -> Image.Image:
    """A line of text, 16 dots high."""
    glyphs = [glyph(character) for character in text]
    line = Image.new("1", (max(1, sum(one.width for one in glyphs)), HEIGHT), 0)
    left = 0
    for one in glyphs:
        line.paste(one, (left, 0))
        left += one.width
    return line
