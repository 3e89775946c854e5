"""What the terminal says."""

WORDS = {
    "zh-Hans": {
        "sign_in": "登录", "staff": "工号", "pin": "密码", "window": "窗口", "enter": "按回车键登录",
        "linked": "在线", "unlinked": "断线", "queue": "队列", "waiting": "等候", "longest": "最久", "next": "接下来",
        "nobody": "没有当前号码", "held": "挂起", "missed": "过号", "min": "分",
        "working": "正在提交…", "done": "已完成", "no_reply": "大厅没有答复，请看窗口状态后再试",
        "no_link": "连接中断，没有执行", "busy": "上一操作还没有答复，没有执行", "not_now": "现在不能",
        "which": "号码", "to_queue": "转到哪个队列", "outcome": "办理结果", "cancel": "Esc 取消", "calls": "呼叫",
        "signed_out": "登录已失效，请重新登录",
        "open": "开放", "paused": "暂停", "closed": "关闭", "ordinary": "普通", "green": "优先",
        "appointment": "预约", "urgent": "急办",
        "called": "已叫号", "serving": "办理中", "behalf": "代他人办理", "group": "人", "accompany": "陪同",
        "assisted": "帮办", "priority": "优先",
        "issued": "取号", "recalled": "重呼", "started": "开始", "no_show": "过号",
        "transferred": "转来", "requeued": "重排", "resumed": "恢复",
    },
    "en": {
        "sign_in": "Sign in", "staff": "Staff id", "pin": "PIN", "window": "Window", "enter": "Enter signs in",
        "linked": "online", "unlinked": "NO LINK", "queue": "Queue", "waiting": "Wait", "longest": "Max",
        "next": "Next", "nobody": "No current ticket", "held": "Held",
        "missed": "Missed", "min": "min", "working": "Sending…", "done": "Done",
        "no_reply": "No answer from the hall: look at the window's state, then try again",
        "no_link": "No link, not done", "busy": "The last order has no answer yet; not done", "not_now": "Not now",
        "which": "Number", "to_queue": "To which queue", "outcome": "Outcome", "cancel": "Esc cancels",
        "calls": "calls", "signed_out": "Signed out; please sign in again",
        "open": "open", "paused": "paused", "closed": "closed", "ordinary": "ordinary", "green": "priority",
        "appointment": "appointment", "urgent": "urgent",
        "called": "called", "serving": "serving", "behalf": "for somebody else", "group": "people",
        "accompany": "accompany", "assisted": "assist", "priority": "priority",
        "issued": "taken", "recalled": "recalled", "started": "started", "no_show": "no show",
        "transferred": "transferred", "requeued": "requeued", "resumed": "resumed",
    },
}  # fmt: skip

_NARROW = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "·": "/", "—": "-", "…": ".", "→": ">", "–": "-"})


def plain(text: str) -> str:
    """A configured text without characters that some terminals draw in one cell and others in two."""
    return text.translate(_NARROW)


REFUSALS = {
    "nobody_waiting": "没有人在等候",
    "window_busy": "窗口还有办理中的号码",
    "window_closed": "窗口未开放，请先按 0 开放",
    "no_current_ticket": "没有当前号码",
    "wrong_state": "号码状态不允许此操作",
    "foreign_window": "号码在别的窗口",
    "too_early": "还不能过号，请再呼叫或再等一会",
    "requeue_used": "此号码已重排过",
    "unknown_ticket": "今天没有这个号码",
    "skill_missing": "没有办理此队列的权限",
    "wrong_pin": "工号或密码不对",
    "too_many_attempts": "密码错误次数过多，请五分钟后再试",
    "window_taken": "此窗口已有人登录",
    "unknown_window": "没有这个窗口",
    "session_expired": "登录已失效，请重新登录",
    "hall_closed": "大厅不在办公时间",
    "storage_failed": "大厅暂时不能保存，没有执行",
    "invalid": "输入有误",
}
"""The hall's refusals in Chinese; in English its own sentence is shown."""
