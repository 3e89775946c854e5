"""What staff can do, as a table: the key, the words, when it is offered, and the order it gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hall_protocol import commands as c
from hall_protocol.messages import WindowStaffView

Ask = Literal["label", "queue", "outcome", ""]


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `ask` is what must be asked first; its answer is the second argument of `order`."""

    name: str
    keys: tuple[str, ...]
    zh: str
    en: str
    offered: Callable[[WindowStaffView], bool]
    order: Callable[[str, str], c.Body]
    ask: Ask = ""

    def title(self, language: str) -> str:
        """The words for the key line."""
        return self.en if language == "en" else self.zh


def _state(view: WindowStaffView) -> str:
    return view.current.state if view.current else ""


def _free(view: WindowStaffView) -> bool:
    return view.status == "open" and view.current is None


ACTIONS: tuple[Action, ...] = (
    Action("call_next", ("1", "n", "space"), "叫号", "Call", _free, lambda s, _: c.CallNext(s)),
    Action("recall", ("2", "r"), "重呼", "Recall", lambda v: _state(v) == "called", lambda s, _: c.Recall(s)),
    Action("start", ("3", "s"), "开始", "Start", lambda v: _state(v) == "called", lambda s, _: c.Start(s)),
    Action(
        "finish",
        ("4", "f"),
        "办结",
        "Finish",
        lambda v: v.current is not None,
        lambda s, outcome: c.Finish(s, outcome=outcome),  # type: ignore[arg-type]  # from OUTCOMES
        ask="outcome",
    ),
    Action("no_show", ("5", "x"), "过号", "No show", lambda v: _state(v) == "called", lambda s, _: c.NoShow(s)),
    Action("hold", ("6", "h"), "挂起", "Hold", lambda v: v.current is not None, lambda s, _: c.Hold(s)),
    Action(
        "resume",
        ("7", "u"),
        "恢复",
        "Resume",
        lambda v: _free(v) and bool(v.held),
        lambda s, label: c.Resume(s, label=label or None),
        ask="label",
    ),
    Action(
        "transfer",
        ("8", "t"),
        "转移",
        "Transfer",
        lambda v: v.current is not None,
        lambda s, queue_id: c.Transfer(s, queue_id=queue_id),
        ask="queue",
    ),
    Action("requeue", ("9", "q"), "重排", "Requeue", lambda _: True, lambda s, x: c.Requeue(s, label=x), ask="label"),
    Action("call_specific", ("c",), "选呼", "Call no.", _free, lambda s, x: c.CallSpecific(s, label=x), ask="label"),
    Action("pause_window", ("0", "p"), "暂停", "Pause", lambda v: v.status == "open", lambda s, _: c.PauseWindow(s)),
    Action("open_window", ("0", "o"), "开放", "Open", lambda v: v.status != "open", lambda s, _: c.OpenWindow(s)),
    Action(
        "void", ("v",), "作废", "Void", lambda _: True, lambda s, x: c.Void(s, label=x, reason="staff"), ask="label"
    ),
    Action("sign_out", ("z",), "退出", "Sign out", lambda v: v.current is None, lambda s, _: c.SignOut(s)),
)

OUTCOMES: tuple[tuple[str, str, str], ...] = (
    ("completed", "办结", "Completed"),
    ("accepted", "已受理", "Accepted"),
    ("conditional_acceptance", "容缺受理", "Conditional acceptance"),
    ("materials_missing", "材料不齐，一次性告知", "Materials missing"),
    ("referred", "转办", "Referred"),
    ("not_accepted", "不予受理", "Not accepted"),
)


def action_for(key: str, view: WindowStaffView) -> Action | None:
    """The action a key means now; of two with the same key the one that is offered."""
    matching = [action for action in ACTIONS if key in action.keys]
    return next((action for action in matching if action.offered(view)), matching[0] if matching else None)
