"""What screens say around the numbers, in each language."""

from hall_protocol.messages import Board, BoardCall, WindowView

WORDS = {
    "zh-Hans": {
        "window": "{n}号窗口", "paused": "暂停服务", "closed": "未开放",
        "open": "请等候叫号", "called": "请到窗口", "serving": "正在办理", "stale": "信息可能已过时",
        "number": "号码", "to": "窗口", "zone": "区域", "nobody": "尚未叫号", "come": "请到{n}号窗口",
        "zone_name": "{zone}区",
    },
    "zh-Hant": {
        "window": "{n}號窗口", "paused": "暫停服務", "closed": "未開放",
        "open": "請等候叫號", "called": "請到窗口", "serving": "正在辦理", "stale": "資訊可能已過時",
        "number": "號碼", "to": "窗口", "zone": "區域", "nobody": "尚未叫號", "come": "請到{n}號窗口",
        "zone_name": "{zone}區",
    },
    "en": {
        "window": "Window {n}", "paused": "Paused", "closed": "Closed",
        "open": "Please wait for your number", "called": "Please come", "serving": "Serving",
        "stale": "May be out of date", "number": "Number", "to": "Window", "zone": "Zone",
        "nobody": "Nobody called yet", "come": "to window {n}", "zone_name": "Zone {zone}",
    },
}  # fmt: skip


def window_line(view: WindowView | None, language: str) -> str:
    """One line for a small sign above a window."""
    words = WORDS[language]
    if view is None:
        return words["stale"]
    if view.status != "open" and not view.label:
        return f"{words['window'].format(n=view.window)} {words[view.status]}"
    if view.label and view.state == "called":
        return f"{view.label} {words['come'].format(n=view.window)}"
    if view.label:
        return f"{view.label} {words['serving']}"
    return f"{words['window'].format(n=view.window)} {words['open']}"


def newest_call(board: Board | None, zone: str) -> BoardCall | None:
    """The newest call, of a zone if it is named."""
    return next((call for call in board.calls if not zone or call.zone == zone), None) if board else None


def board_line(board: Board | None, zone: str, language: str) -> str:
    """The newest call in one line."""
    words, call = WORDS[language], newest_call(board, zone)
    return f"{call.label} {words['come'].format(n=call.window)}" if call else words["nobody"]
