"""What stands on a slip: pure layout, from the hall's answer to lines. Nothing on it says why somebody goes first."""

from dataclasses import dataclass

from hall_protocol.messages import Text


@dataclass(frozen=True, slots=True)
class SlipContent:
    """Everything a slip can say. `wait_min` is the range in minutes, None where unknown."""

    hall: Text
    label: str
    service: Text
    zone: str
    windows: tuple[str, ...]
    ahead: int
    wait_min: tuple[int, int] | None
    taken: str
    """Local date and time, YYYY-MM-DD HH:MM."""
    url: str
    phone: str
    bring: Text | None = None
    language: str = "zh-Hans"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text; `size` magnifies it."""

    text: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class QrLine:
    """A QR code."""

    content: str


SlipLine = TextLine | QrLine

_WORDS = {
    "zh-Hans": {
        "where": "{zone}区 {windows}号窗口", "ahead": "前面还有{n}人", "wait": "预计等候{low}-{high}分钟",
        "unknown": "等候时间暂无法预计", "scan": "扫码查看排队进度", "phone": "电话 {phone}", "bring": "请备：{text}",
        "join": "、",
    },
    "zh-Hant": {
        "where": "{zone}區 {windows}號窗口", "ahead": "前面還有{n}人", "wait": "預計等候{low}-{high}分鐘",
        "unknown": "等候時間暫無法預計", "scan": "掃碼查看排隊進度", "phone": "電話 {phone}", "bring": "請備：{text}",
        "join": "、",
    },
    "en": {
        "where": "Zone {zone}, window {windows}", "ahead": "{n} people ahead", "wait": "Wait {low}-{high} min",
        "unknown": "Wait not known yet", "scan": "Scan to follow the queue", "phone": "Phone {phone}",
        "bring": "Bring: {text}", "join": ", ",
    },
}  # fmt: skip


def layout(content: SlipContent) -> list[SlipLine]:
    """The slip's lines, top to bottom, in the visitor's language."""
    words = _WORDS.get(content.language, _WORDS["zh-Hans"])

    def said(text: Text) -> str:
        return text.get(content.language) or text["zh-Hans"]

    if content.wait_min is None:
        wait = words["unknown"]
    else:
        wait = words["wait"].format(low=content.wait_min[0], high=content.wait_min[1])
    lines: list[SlipLine] = [
        TextLine(said(content.hall)),
        TextLine(content.label, 4),
        TextLine(said(content.service)),
        TextLine(words["where"].format(zone=content.zone, windows=words["join"].join(content.windows))),
        TextLine(words["ahead"].format(n=content.ahead)),
        TextLine(wait),
    ]
    if content.bring is not None:
        lines.append(TextLine(words["bring"].format(text=said(content.bring))))
    return [
        *lines,
        QrLine(content.url),
        TextLine(words["scan"]),
        TextLine(content.taken),
        TextLine(words["phone"].format(phone=content.phone)),
    ]
