"""A dispenser in a text terminal: number keys choose, Enter confirms, 0 goes back. Works with a keypad and a screen."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace

from hall_protocol.commands import CheckIn, Green, Issue
from ticket_dispenser.drivers.port import Answer, Desk, Lines
from ticket_dispenser.drivers.scanned import code_in
from ticket_dispenser.drivers.words import REASONS, WORDS
from ticket_dispenser.menu import GUIDE_FIELDS, Menu

CLEAR = "\x1b[2J\x1b[H"
BACK_TO_START_S = 60.0
SHOW_NUMBER_S = 10.0
REPRINT_KEY = "99"
"""For staff who have mended the printer."""

_GREEN_KEYS: dict[str, Green] = {"4": "priority", "5": "accompany", "6": "assisted"}
_LANGUAGES = ("zh-Hans", "zh-Hant", "en")


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
                    self._menu = await self._take_line(self._menu, line.strip(), desk)
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

    async def _take_line(self, menu: Menu, line: str, desk: Desk) -> Menu:
        """Staff's reprint, a scanned code, or a choice in the menu."""
        code = code_in(line)
        if code is not None:
            return await self._tell(menu, await desk.press(CheckIn(code, menu.green, menu.language)))
        return await (self._tell(menu, await desk.reprint()) if line == REPRINT_KEY else self._step(menu, line, desk))

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
            green=menu.green,
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
        return [WORDS["zh-Hans"]["waiting"]]
    words = WORDS[menu.language]
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
    words = WORDS[menu.language]
    lines = ["", f"  {words[answer.kind]}", ""]
    if answer.label:
        lines += [f"      {answer.label}", "", f"  {answer.url}"]
    if answer.came is not None:
        lines += ["", f"  {words[f'came_{answer.came}']}"]
    if answer.others:
        lines.append(f"  {words['others'].format(names='、'.join(answer.others))}")
    if answer.trouble:
        lines.append(f"  ({answer.trouble})")
    if answer.message:
        lines.append(f"  {REASONS[menu.language].get(answer.code or '', answer.message)} ({answer.code})")
    return [*lines, "", f"  {words['any_key']}"]
