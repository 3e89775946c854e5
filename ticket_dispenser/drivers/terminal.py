"""A dispenser in a text terminal: number keys choose, Enter confirms, 0 goes back. Works with a keypad and a screen."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from hall_protocol.commands import Issue
from ticket_dispenser.drivers.port import Answer, Desk
from ticket_dispenser.menu import GUIDE_FIELDS, Menu

CLEAR = "\x1b[2J\x1b[H"
BACK_TO_START_S = 60.0
SHOW_NUMBER_S = 10.0
REPRINT_KEY = "99"
"""For staff who have mended the printer."""

_WORDS = {
    "zh-Hans": {
        "welcome": "欢迎光临。请按数字键，再按回车键。", "back": "返回", "language": "繁體／English",
        "help": "绿色通道（优先、陪同、帮办）", "ask": "取号", "behalf": "为他人办理",
        "waiting": "正在连接大厅，请稍候",
        "missing": "未提供", "no_link": "与大厅的连接中断", "choose": "请选择", "printed": "请取走号票",
        "on_screen": "未能打印，请记下号码", "no_answer": "没有取到号，请重新取号", "repeated": "已受理，请稍候",
        "refused": "暂不能取号", "green_on": "已选", "any_key": "按回车键返回", "away": "本大厅不办理",
        "conditions": "受理条件", "materials": "申请材料", "process": "办理流程", "time_limit": "办理时限",
        "result": "办理结果", "fee": "收费标准", "priority": "优先", "accompany": "陪同", "assisted": "帮办代办",
    },
    "zh-Hant": {
        "welcome": "歡迎光臨。請按數字鍵，再按輸入鍵。", "back": "返回", "language": "English／简体",
        "help": "綠色通道（優先、陪同、幫辦）", "ask": "取號", "behalf": "為他人辦理",
        "waiting": "正在連接大廳，請稍候",
        "missing": "未提供", "no_link": "與大廳的連線中斷", "choose": "請選擇", "printed": "請取走號票",
        "on_screen": "未能列印，請記下號碼", "no_answer": "沒有取到號，請重新取號", "repeated": "已受理，請稍候",
        "refused": "暫不能取號", "green_on": "已選", "any_key": "按輸入鍵返回", "away": "本大廳不辦理",
        "conditions": "受理條件", "materials": "申請材料", "process": "辦理流程", "time_limit": "辦理時限",
        "result": "辦理結果", "fee": "收費標準", "priority": "優先", "accompany": "陪同", "assisted": "幫辦代辦",
    },
    "en": {
        "welcome": "Welcome. Press a number, then Enter.", "back": "Back", "language": "简体／繁體",
        "help": "Green channel (priority, accompany, assistance)", "ask": "Take a number",
        "behalf": "For somebody else", "waiting": "Connecting to the hall, please wait", "missing": "not provided",
        "no_link": "No connection to the hall", "choose": "Please choose", "printed": "Please take your slip",
        "on_screen": "No slip could be printed: please note your number",
        "no_answer": "No number taken; please try again",
        "repeated": "Already under way", "refused": "No number now", "green_on": "chosen",
        "any_key": "Enter goes back", "away": "Not in this hall", "conditions": "Conditions",
        "materials": "What to bring", "process": "Process", "time_limit": "Time limit", "result": "Result",
        "fee": "Fee", "priority": "Priority", "accompany": "Accompany me", "assisted": "Assistance",
    },
}  # fmt: skip
_GREEN_KEYS = {"4": "priority", "5": "accompany", "6": "assisted"}
_LANGUAGES = ("zh-Hans", "zh-Hant", "en")


class Lines(Protocol):
    """Where lines come from."""

    async def read(self, take: Callable[[str | None], None]) -> asyncio.ReadTransport:
        """Tell of every line, and None at the end."""


class TerminalMenu:
    """Reads lines (from standard input, or a keypad) and draws the menu on standard output."""

    def __init__(self, lines: Lines | None = None) -> None:
        self._source: Lines = lines or StandardInput()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(64)
        self._menu: Menu | None = None
        self._telling = False
        """A visitor is reading the number just taken; nothing is drawn over it."""

    async def run(self, desk: Desk) -> None:
        """Serve visitors until the input ends."""
        heard = asyncio.Event()

        def changed() -> None:
            if desk.catalogue is not None:
                self._menu = replace(self._menu, catalogue=desk.catalogue) if self._menu else Menu(desk.catalogue)
                heard.set()
            if not self._telling:
                _draw(_screen(self._menu, desk.linked))

        desk.on_change(changed)
        reading = await self._source.read(self._take)
        changed()
        try:
            # What is typed before the hall is heard waits in the queue.
            await heard.wait()
            while (line := await self._line()) is not None:
                if self._menu is not None:
                    self._menu = await self._reprint_or_step(self._menu, line.strip(), desk)
                    _draw(_screen(self._menu, desk.linked))
        finally:
            reading.close()

    def _take(self, line: str | None) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._lines.put_nowait(line)

    async def _line(self) -> str | None:
        """The next line; somebody who walks away leaves the menu's first page behind."""
        try:
            async with asyncio.timeout(BACK_TO_START_S):
                return await self._lines.get()
        except TimeoutError:
            return "00"

    async def _reprint_or_step(self, menu: Menu, key: str, desk: Desk) -> Menu:
        return await (self._tell(menu, await desk.reprint()) if key == REPRINT_KEY else self._step(menu, key, desk))

    async def _step(self, menu: Menu, key: str, desk: Desk) -> Menu:
        """What one line of input does."""
        if not key:
            return menu
        if key == "00":
            return Menu(menu.catalogue)
        if key == "0":
            return _back(menu)
        if key in _GREEN_KEYS and (menu.helping or menu.service is not None):
            wish = _GREEN_KEYS[key]
            green = tuple(g for g in menu.green if g != wish) if wish in menu.green else (*menu.green, wish)
            return replace(menu, green=green)
        if menu.helping:
            return menu
        if key == "8" and menu.category_id is None:
            return replace(menu, helping=True)
        if key == "9" and menu.category_id is None:
            following = _LANGUAGES[(_LANGUAGES.index(menu.language) + 1) % len(_LANGUAGES)]
            return Menu(menu.catalogue, language=following)
        if menu.service is not None:
            return await self._at_service(menu, key, desk)
        chosen = next((choice for choice in menu.choices() if choice.key == key), None)
        if chosen is None:
            return menu
        return replace(menu, category_id=chosen.category_id or menu.category_id, service=chosen.service)

    async def _at_service(self, menu: Menu, key: str, desk: Desk) -> Menu:
        service = menu.service
        if service is None:
            return menu
        if key not in ("1", "2") or not service.available:
            return menu
        order = Issue(
            service.service_id,
            green=menu.green,  # type: ignore[arg-type]  # taken from _GREEN
            on_behalf_of=key == "2",
            language=menu.language,
        )
        return await self._tell(menu, await desk.press(order))

    async def _tell(self, menu: Menu, answer: Answer) -> Menu:
        self._telling = True
        _draw(_told(menu, answer))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SHOW_NUMBER_S):
                if await self._lines.get() is None:
                    self._lines.put_nowait(None)
        self._telling = False
        return Menu(menu.catalogue, language=menu.language)


class StandardInput:
    """Lines from the program's own terminal."""

    async def read(self, take: Callable[[str | None], None]) -> asyncio.ReadTransport:
        """Tell of every line, and None at the end."""

        class Input(asyncio.Protocol):
            rest = b""

            def data_received(self, data: bytes) -> None:
                *whole, self.rest = (self.rest + data).split(b"\n")
                for line in whole:
                    take(line.decode("utf-8", "replace"))

            def connection_lost(self, exc: Exception | None) -> None:
                del exc
                take(None)

        # A copy, so that closing the transport leaves the terminal's own input as it was.
        copy = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(Input, copy)
        return transport


def _draw(lines: list[str]) -> None:
    clear = CLEAR if sys.stdout.isatty() else ""
    sys.stdout.write(clear + "\n".join(lines) + "\n")
    sys.stdout.flush()


def _screen(menu: Menu | None, linked: bool) -> list[str]:
    if menu is None:
        return [_WORDS["zh-Hans"]["waiting"]]
    words = _WORDS[menu.language]
    head = [menu.said(menu.catalogue.name), "─" * 40]
    if not linked:
        head.append(f"! {words['no_link']}")
    if menu.service is not None:
        return head + _service_lines(menu, words)
    if menu.helping:
        return [*head, *_green_lines(menu, words), f"  0. {words['back']}"]
    if menu.category_id is None:
        lines = [words["welcome"], "", *(f"  {c.key}. {menu.said(c.name)}" for c in menu.choices())]
        chosen = f"  [{words['green_on']}]" if menu.green else ""
        return [*head, *lines, f"  8. {words['help']}{chosen}", f"  9. {words['language']}"]
    lines = [f"  {c.key}. {menu.said(c.name)}" + (f"（{menu.said(c.note)}）" if c.note else "") for c in menu.choices()]
    return [*head, words["choose"], "", *lines, f"  0. {words['back']}"]


def _service_lines(menu: Menu, words: dict[str, str]) -> list[str]:
    service = menu.service
    if service is None:
        return []
    guide = service.guide
    lines = [menu.said(service.name), ""]
    lines += [f"{words[f]}：{menu.said(guide[f]) if f in guide else words['missing']}" for f in GUIDE_FIELDS]
    if not service.available:
        return [*lines, "", words["away"], menu.said(service.note or {"zh-Hans": ""}), "", f"  0. {words['back']}"]
    lines += ["", f"  1. {words['ask']}"]
    if service.on_behalf_of:
        lines.append(f"  2. {words['ask']}（{words['behalf']}）")
    return [*lines, *_green_lines(menu, words), f"  0. {words['back']}"]


def _green_lines(menu: Menu, words: dict[str, str]) -> list[str]:
    lines = [f"  {words['help']}"]
    for key, wish in _GREEN_KEYS.items():
        lines.append(f"  {key}. {words[wish]}" + (f"  [{words['green_on']}]" if wish in menu.green else ""))
    return lines


def _back(menu: Menu) -> Menu:
    """One page back; what was wished for stays until the first page is left for good."""
    if menu.helping:
        return replace(menu, helping=False)
    if menu.service is not None:
        return replace(menu, service=None)
    return Menu(menu.catalogue, language=menu.language)


def _told(menu: Menu, answer: Answer) -> list[str]:
    words = _WORDS[menu.language]
    lines = ["", f"  {words[answer.kind]}", ""]
    if answer.label:
        lines += [f"      {answer.label}", "", f"  {answer.url}"]
    if answer.trouble:
        lines.append(f"  ({answer.trouble})")
    if answer.message:
        lines.append(f"  {answer.message} ({answer.code})")
    return [*lines, "", f"  {words['any_key']}"]
