"""What slips say around the facts, in the visitor's language."""

WORDS = {
    "zh-Hans": {
        "where": "{zone}区 {windows}号窗口", "ahead": "前面还有{n}人", "wait": "预计等候{low}-{high}分钟",
        "unknown": "等候时间暂无法预计", "scan": "扫码查看排队进度", "phone": "电话 {phone}", "bring": "请备：{text}",
        "join": "、", "offline": "离线取号", "later": "恢复后按取号时间排队", "again": "补打",
        "late": "预约逾时转现场号",
    },
    "zh-Hant": {
        "where": "{zone}區 {windows}號窗口", "ahead": "前面還有{n}人", "wait": "預計等候{low}-{high}分鐘",
        "unknown": "等候時間暫無法預計", "scan": "掃碼查看排隊進度", "phone": "電話 {phone}", "bring": "請備：{text}",
        "join": "、", "offline": "離線取號", "later": "恢復後按取號時間排隊", "again": "補印",
        "late": "預約逾時轉現場號",
    },
    "en": {
        "where": "Zone {zone}, window {windows}", "ahead": "{n} people ahead", "wait": "Wait {low}-{high} min",
        "unknown": "Wait not known yet", "scan": "Scan to follow the queue", "phone": "Phone {phone}",
        "bring": "Bring: {text}", "join": ", ", "offline": "Taken offline",
        "later": "Your place counts from now", "again": "Reprint", "late": "Appointment missed: walk-in",
    },
}  # fmt: skip


def words_of(language: str) -> dict[str, str]:
    """The words of a language; simplified Chinese where there are none."""
    return WORDS.get(language, WORDS["zh-Hans"])
