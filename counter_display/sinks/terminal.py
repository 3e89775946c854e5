"""Screens in a text terminal: two pixels a character, upper half block over lower."""

import shutil
import sys

from PIL import Image


class TerminalSink:
    """Draws the frames one below the other, in true colour."""

    def __init__(self) -> None:
        self._frames: dict[str, str] = {}

    def show(self, screen: str, frame: Image.Image) -> None:
        """Draw a frame in place of the screen's last one."""
        columns = max(40, shutil.get_terminal_size().columns - 1)
        self._frames[screen] = ansi(frame, min(columns, 120))
        sys.stdout.write("\x1b[H\x1b[J" + "\n".join(self._frames.values()) + "\x1b[0m\n")
        sys.stdout.flush()


def ansi(frame: Image.Image, columns: int) -> str:
    """A frame as lines of half blocks, so many columns wide."""
    rows = max(1, round(frame.height * columns / frame.width / 2))
    small = frame.convert("RGB").resize((columns, rows * 2), Image.Resampling.BOX)
    data = small.tobytes()
    stride = columns * 3

    def pixel(x: int, y: int) -> str:
        start = y * stride + x * 3
        return ";".join(str(value) for value in data[start : start + 3])

    lines = []
    for row in range(rows):
        cells = (f"\x1b[38;2;{pixel(x, 2 * row)};48;2;{pixel(x, 2 * row + 1)}m▀" for x in range(columns))
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)
