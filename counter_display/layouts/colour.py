"""What a screen shows, as an image: pure functions of the hall's pictures."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from counter_display.layouts.words import WORDS
from glyphs import font
from hall_protocol.messages import Board, BoardCall, Text, WindowView, said

BACKGROUND = (6, 35, 61)
TEXT = (255, 255, 255)
QUIET = (185, 211, 234)
LABEL = (255, 215, 94)
NEWEST = (15, 76, 129)
WARNING = (255, 178, 102)
ROWS = 8


@dataclass(frozen=True, slots=True)
class Look:
    """How a screen is drawn. `stale` marks it when the hall has not been heard for a while.

    `reverse` swaps the newest call's colours: shown in turn once a second while it is new.
    """

    size: tuple[int, int]
    language: str = "zh-Hans"
    stale: bool = False
    reverse: bool = False


def render_window(view: WindowView | None, look: Look) -> Image.Image:
    """One window's screen: its number, the label called to it, and what is going on."""
    words = WORDS[look.language]
    width, height = look.size
    image = Image.new("RGB", look.size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    unit = height / 192
    if view is None:
        _middle(draw, words["stale"], (width / 2, height / 2), int(28 * unit), WARNING, width)
        return image
    _left(draw, words["window"].format(n=view.window), (12 * unit, 10 * unit), int(30 * unit), QUIET)
    queues = " · ".join(said(name, look.language) for name in view.queues)
    _middle(draw, queues, (width / 2, height - 18 * unit), int(22 * unit), QUIET, width - 16 * unit)
    status = words[view.state] if view.state else words[view.status]
    draw.text((width - 12 * unit, 10 * unit), status, font=font(int(30 * unit)), fill=TEXT, anchor="ra")
    if view.label:
        if view.state == "called":
            box = (8 * unit, 48 * unit, width - 8 * unit, height - 38 * unit)
            draw.rounded_rectangle(box, 8 * unit, fill=LABEL if look.reverse else NEWEST)
        colour = BACKGROUND if look.reverse and view.state == "called" else LABEL
        _middle(draw, view.label, (width / 2, height * 0.51), int(92 * unit), colour, width - 24 * unit)
    elif view.status != "open":
        _middle(draw, words[view.status], (width / 2, height * 0.5), int(60 * unit), TEXT, width - 24 * unit)
    if look.stale:
        _stale(draw, look, words["stale"], unit)
    return image


def render_board(board: Board | None, name: Text, clock: str, look: Look, zone: str = "") -> Image.Image:
    """The main display: the latest calls, newest first and marked. `clock` is the hall's time, HH:MM.

    With a zone only its calls, under its name.
    """
    words = WORDS[look.language]
    width, height = look.size
    image = Image.new("RGB", look.size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    unit = height / 720
    title = said(name, look.language) + (" · " + words["zone_name"].format(zone=zone) if zone else "")
    _left(draw, title, (40 * unit, 22 * unit), int(44 * unit), TEXT)
    if clock:
        draw.text((width - 40 * unit, 22 * unit), clock, font=font(int(44 * unit)), fill=TEXT, anchor="ra")
    columns = (0.06, 0.46, 0.78)
    for share, title in zip(columns, (words["number"], words["to"], words["zone"]), strict=True):
        _left(draw, title, (share * width, 92 * unit), int(30 * unit), QUIET)
    calls = [call for call in board.calls if not zone or call.zone == zone][:ROWS] if board else []
    if not calls:
        _middle(draw, words["nobody"], (width / 2, height / 2), int(48 * unit), QUIET, width)
    for row, call in enumerate(calls):
        top = (140 + row * 70) * unit
        if row == 0:
            fill = LABEL if look.reverse else NEWEST
            draw.rectangle((0.03 * width, top, 0.97 * width, top + 66 * unit), fill=fill)
        colours = (BACKGROUND, BACKGROUND) if row == 0 and look.reverse else (LABEL, TEXT)
        marks = ((call.label, colours[0]), (call.window, colours[1]), (call.zone, colours[1]))
        for share, (text, colour) in zip(columns, marks, strict=True):
            _left(draw, text, (share * width, top + 4 * unit), int(50 * unit), colour)
        if row == 0:
            # Not by colour alone.
            _left(draw, "▶", (0.035 * width, top + 14 * unit), int(30 * unit), colours[0])
    if look.stale:
        _stale(draw, look, words["stale"], unit)
    return image


def render_call(call: BoardCall, look: Look) -> Image.Image:
    """One new call as large as the screen, for those who do not hear."""
    words = WORDS[look.language]
    width, height = look.size
    image = Image.new("RGB", look.size, LABEL if look.reverse else BACKGROUND)
    draw = ImageDraw.Draw(image)
    colour = BACKGROUND if look.reverse else LABEL
    _middle(draw, call.label, (width / 2, height * 0.36), int(height * 0.5), colour, width * 0.94)
    where = words["come"].format(n=call.window)
    _middle(draw, where, (width / 2, height * 0.78), int(height * 0.2), colour, width * 0.94)
    return image


def _stale(draw: ImageDraw.ImageDraw, look: Look, sentence: str, unit: float) -> None:
    width, height = look.size
    draw.rectangle((0, height - 30 * unit, width, height), fill=WARNING)
    _middle(draw, f"! {sentence}", (width / 2, height - 15 * unit), int(22 * unit), BACKGROUND, width)


def _left(draw: ImageDraw.ImageDraw, text: str, at: tuple[float, float], size: int, fill: tuple[int, int, int]) -> None:
    draw.text(at, text, font=font(size), fill=fill)


def _middle(
    draw: ImageDraw.ImageDraw,
    text: str,
    at: tuple[float, float],
    size: int,
    fill: tuple[int, int, int],
    width: float,
) -> None:
    """Centred text, smaller if it would not fit."""
    while size > 8 and draw.textlength(text, font=font(size)) > width:
        size -= 2
    draw.text(at, text, font=font(size), fill=fill, anchor="mm")
