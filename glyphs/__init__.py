"""The font that screens and slips share: Noto Sans CJK SC Bold, cut down to what halls write.

It ships with the software, so that a board needs no font package and pictures are the same everywhere.
"""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).parent / "NotoSansSC-Bold.otf"


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)
