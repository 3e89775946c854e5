"""What an LED panel shows, dot by dot: one line of 16 dots, two on panels of 32. Pure.

A line that is wider than the panel runs through it. A new call stands in reverse, changing once a second for some
seconds, which is far below what makes anybody ill.
"""

from typing import NamedTuple

from PIL import Image, ImageChops

from counter_display.layouts.words import WORDS, window_line
from glyphs.bitmap import HEIGHT, text_dots
from hall_protocol.messages import Board, WindowView

DOTS_A_S = 40
PAUSE_S = 1.0
"""A running line stands still so long before it begins."""
GAP = 24
REVERSES_A_S = 1.0
STALE_MARK = "!"


class PanelLook(NamedTuple):
    """How a panel is drawn. `at_s` is the time since what it shows began; `new` while a call is still new."""

    size: tuple[int, int]
    language: str = "zh-Hans"
    stale: bool = False
    new: bool = False
    at_s: float = 0.0


def window_panel(view: WindowView | None, look: PanelLook) -> Image.Image:
    """One window's panel."""
    if look.size[1] >= 2 * HEIGHT and view is not None and view.label:
        words = WORDS[look.language]
        where = words["come"].format(n=view.window) if view.state == "called" else words["serving"]
        lines = [view.label, where]
    else:
        lines = [window_line(view, look.language)]
    return _panel(lines, look)


def calls_panel(board: Board | None, zone: str, look: PanelLook) -> Image.Image:
    """The latest calls, one a line; of one zone if it is named."""
    words = WORDS[look.language]
    calls = [call for call in board.calls if not zone or call.zone == zone] if board else []
    lines = [f"{call.label} {words['come'].format(n=call.window)}" for call in calls[: max(1, look.size[1] // HEIGHT)]]
    return _panel(lines or [words["nobody"]], look)


def moves(lines: list[str], look: PanelLook) -> bool:
    """Whether a line is wider than the panel and so runs through it."""
    free = look.size[0] - (text_dots(STALE_MARK).width if look.stale else 0)
    return any(text_dots(line).width > free for line in lines)


def _panel(lines: list[str], look: PanelLook) -> Image.Image:
    width, height = look.size
    panel = Image.new("1", look.size, 0)
    top = (height - HEIGHT * len(lines)) // 2 if len(lines) * HEIGHT <= height else 0
    mark = ImageChops.invert(text_dots(STALE_MARK))
    free = width - mark.width if look.stale else width
    for number, line in enumerate(lines):
        panel.paste(_line(line, free, look.at_s), (0, top + number * HEIGHT))
    if look.new and int(2 * REVERSES_A_S * look.at_s) % 2 == 0:
        panel = ImageChops.invert(panel)
    if look.stale:
        panel.paste(mark, (width - mark.width, 0))
    return panel


def _line(text: str, width: int, at_s: float) -> Image.Image:
    """A line as wide as the panel: in the middle if it fits, else running."""
    dots = text_dots(text)
    strip = Image.new("1", (width, HEIGHT), 0)
    if dots.width <= width:
        strip.paste(dots, ((width - dots.width) // 2, 0))
        return strip
    whole = dots.width + GAP
    shift = int(max(0.0, at_s - PAUSE_S) * DOTS_A_S) % whole
    strip.paste(dots, (-shift, 0))
    strip.paste(dots, (whole - shift, 0))
    return strip
