"""What a screen shows, as an image: pure functions of the hall's pictures."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

from glyphs import font
from hall_protocol.messages import Board, Text, WindowView

BACKGROUND = (6, 35, 61)
TEXT = (255, 255, 255)
QUIET = (185, 211, 234)
LABEL = (255, 215, 94)
NEWEST = (15, 76, 129)
WARNING = (255, 178, 102)

_WORDS = {
    "zh-Hans": {
        "window": "{n}号窗口", "paused": "暂停服务", "closed": "未开放",
        "open": "请等候叫号", "called": "请到窗口", "serving": "正在办理", "stale": "信息可能已过时",
        "number": "号码", "to": "窗口", "zone": "区域", "nobody": "尚未叫号",
    },
    "zh-Hant": {
        "window": "{n}號窗口", "paused": "暫停服務", "closed": "未開放",
        "open": "請等候叫號", "called": "請到窗口", "serving": "正在辦理", "stale": "資訊可能已過時",
        "number": "號碼", "to": "窗口", "zone": "區域", "nobody": "尚未叫號",
    },
    "en": {
        "window": "Window {n}", "paused": "Paused", "closed": "Closed",
        "open": "Please wait for your number", "called": "Please come", "serving": "Serving",
        "stale": "May be out of date", "number": "Number", "to": "Window", "zone": "Zone",
        "nobody": "Nobody called yet",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How a screen is drawn. `stale` marks it when the hall has not been heard for a while."""

    size: tuple[int, int]
    language: str = "zh-Hans"
    stale: bool = False


def render_window(view: WindowView | None, look: Look) -> Image.Image:
    """One window's screen: its number, the label called to it, and what is going on."""
    words = _WORDS[look.language]
    width, height = look.size
    image = Image.new("RGB", look.size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    unit = height / 192
    if view is None:
        _middle(draw, words["stale"], (width / 2, height / 2), int(28 * unit), WARNING, width)
        return image
    _left(draw, words["window"].format(n=view.window), (12 * unit, 10 * unit), int(30 * unit), QUIET)
    queues = " · ".join(_said(name, look.language) for name in view.queues)
    _middle(draw, queues, (width / 2, height - 18 * unit), int(22 * unit), QUIET, width - 16 * unit)
    status = words[view.state] if view.state else words[view.status]
    draw.text((width - 12 * unit, 10 * unit), status, font=font(int(30 * unit)), fill=TEXT, anchor="ra")
    if view.label:
        if view.state == "called":
            draw.rounded_rectangle((8 * unit, 48 * unit, width - 8 * unit, height - 38 * unit), 8 * unit, fill=NEWEST)
        _middle(draw, view.label, (width / 2, height * 0.51), int(92 * unit), LABEL, width - 24 * unit)
    elif view.status != "open":
        _middle(draw, words[view.status], (width / 2, height * 0.5), int(60 * unit), TEXT, width - 24 * unit)
    if look.stale:
        _stale(draw, look, words["stale"], unit)
    return image


def render_board(board: Board | None, name: Text, clock: str, look: Look) -> Image.Image:
    """The main display: the latest calls, newest first and marked. `clock` is the hall's time, HH:MM."""
    words = _WORDS[look.language]
    width, height = look.size
    image = Image.new("RGB", look.size, BACKGROUND)
    draw = ImageDraw.Draw(image)
    unit = height / 720
    _left(draw, _said(name, look.language), (40 * unit, 22 * unit), int(44 * unit), TEXT)
    if clock:
        draw.text((width - 40 * unit, 22 * unit), clock, font=font(int(44 * unit)), fill=TEXT, anchor="ra")
    columns = (0.06, 0.46, 0.78)
    for share, title in zip(columns, (words["number"], words["to"], words["zone"]), strict=True):
        _left(draw, title, (share * width, 92 * unit), int(30 * unit), QUIET)
    calls = board.calls[:8] if board else []
    if not calls:
        _middle(draw, words["nobody"], (width / 2, height / 2), int(48 * unit), QUIET, width)
    for row, call in enumerate(calls):
        top = (140 + row * 70) * unit
        if row == 0:
            draw.rectangle((0.03 * width, top, 0.97 * width, top + 66 * unit), fill=NEWEST)
        marks = ((f"{call.label}", LABEL), (call.window, TEXT), (call.zone, TEXT))
        for share, (text, colour) in zip(columns, marks, strict=True):
            _left(draw, text, (share * width, top + 4 * unit), int(50 * unit), colour)
        if row == 0:
            # Not by colour alone.
            _left(draw, "▶", (0.035 * width, top + 14 * unit), int(30 * unit), LABEL)
    if look.stale:
        _stale(draw, look, words["stale"], unit)
    return image


def _stale(draw: ImageDraw.ImageDraw, look: Look, sentence: str, unit: float) -> None:
    width, height = look.size
    draw.rectangle((0, height - 30 * unit, width, height), fill=WARNING)
    _middle(draw, f"! {sentence}", (width / 2, height - 15 * unit), int(22 * unit), BACKGROUND, width)


def _said(text: Text, language: str) -> str:
    return text.get(language) or text.get("zh-Hans", "")


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
