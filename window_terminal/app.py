"""The staff's program on a text terminal: screens around the headless client."""

from collections.abc import Coroutine
from functools import partial
from typing import Any

from textual import events, on
from textual.app import App

from hall_protocol.messages import Accepted, Refused, said
from window_terminal.actions import OUTCOMES, Action, action_for
from window_terminal.client import Answer, NoReply, TerminalClient
from window_terminal.configuration import TerminalFile
from window_terminal.screens.ask import AskOne, AskText
from window_terminal.screens.serve import ServeScreen
from window_terminal.screens.sign_in import SignInScreen
from window_terminal.words import REFUSALS, WORDS, plain


class TerminalApp(App[None]):
    """One terminal."""

    CSS_PATH = "terminal.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "Paihao"

    def __init__(self, file: TerminalFile) -> None:
        super().__init__()
        self._file = file
        self._words = WORDS[file.language]
        self.client = TerminalClient(file.address, file.hall, file.device, self._changed)
        self._working = False
        self._redraw_due = False

    async def on_mount(self) -> None:
        """Connect and ask who is there."""
        await self.push_screen(SignInScreen(self._words, self._file.window))
        self.run_worker(self.client.link.session.run(), name="mqtt-session", exit_on_error=True)

    def _changed(self) -> None:
        """Something shown may have changed: draw once, however much arrives together."""
        if not self._redraw_due:
            self._redraw_due = True
            self.call_later(self._redraw)

    def _redraw(self) -> None:
        self._redraw_due = False
        words, client = self._words, self.client
        name = client.catalogue.name if client.catalogue else {"zh-Hans": ""}
        hall = plain(said(name, self._file.language))
        link = words["linked"] if client.linked else f"! {words['unlinked']} !"
        for screen in self.screen_stack:
            if isinstance(screen, SignInScreen) and screen.ready:
                screen.show(hall, link)
            elif isinstance(screen, ServeScreen) and screen.ready:
                own = client.own_window
                status = words[own.status] if own else ""
                head = f" {hall}  {words['window']} {client.window} {status}  {client.staff_id}  {link}"
                screen.show(head, client.queues, own, linked=client.linked)

    @on(SignInScreen.Ready)
    @on(ServeScreen.Ready)
    def _screen_ready(self) -> None:
        self._changed()

    @on(SignInScreen.Wanted)
    async def _sign_in(self, wanted: SignInScreen.Wanted) -> None:
        screen = self.screen
        if not isinstance(screen, SignInScreen) or self._working:
            return
        screen.say(self._words["working"])
        self._begin(self._finish_sign_in(screen, wanted))

    async def _finish_sign_in(self, screen: SignInScreen, wanted: SignInScreen.Wanted) -> None:
        answer = await self.client.sign_in(wanted.staff_id, wanted.pin, wanted.window)
        if not isinstance(answer, Accepted):
            screen.say(self._sentence(answer))
            return
        await self.push_screen(ServeScreen(self._words, self._file.language))
        self._changed()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """One order at a time; its worker is owned by the app."""
        self._working = True
        self.run_worker(self._then_free(work), name="order", exit_on_error=True)

    async def _then_free(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._working = False

    def on_key(self, event: events.Key) -> None:
        """Keys are actions; none is lost without a word."""
        screen, client = self.screen, self.client
        own = client.own_window
        if not isinstance(screen, ServeScreen) or own is None:
            return
        action = action_for(event.key, own)
        if action is None:
            return
        event.stop()
        title = action.title(self._file.language)
        if self._working:
            screen.say(f"{title}: {self._words['busy']}", trouble=True)
        elif not client.linked:
            screen.say(f"{title}: {self._words['no_link']}", trouble=True)
        elif not action.offered(own):
            screen.say(f"{self._words['not_now']}: {title}", trouble=True)
        else:
            self._ask_then_do(screen, action)

    def _ask_then_do(self, screen: ServeScreen, action: Action) -> None:
        words = self._words

        def answered(value: str | None) -> None:
            if value is not None:
                self._begin(self._do(screen, action, value))

        if action.ask == "label":
            self.push_screen(
                AskText(f"{action.title(self._file.language)} {words['which']}", words["cancel"]), answered
            )
        elif action.ask == "outcome":
            index = 2 if self._file.language == "en" else 1
            options = [(outcome[0], outcome[index]) for outcome in OUTCOMES]
            self.push_screen(AskOne(words["outcome"], options, words["cancel"]), answered)
        elif action.ask == "queue":
            queues = self.client.queues.queues if self.client.queues else []
            names = [(q.queue_id, plain(said(q.name, self._file.language))) for q in queues]
            self.push_screen(AskOne(words["to_queue"], names, words["cancel"]), answered)
        else:
            answered("")

    async def _do(self, screen: ServeScreen, action: Action, value: str) -> None:
        client, title = self.client, action.title(self._file.language)
        screen.say(f"{title}: {self._words['working']}")
        answer = await client.give(action.order(client.session or "", value))
        label = answer.result.get("label", "") if isinstance(answer, Accepted) else ""
        if client.session is None:
            text = self._words["done"] if isinstance(answer, Accepted) else self._words["signed_out"]
            self.pop_screen()
            self.call_later(partial(self._say_at_sign_in, text))
            return
        screen.say(f"{title}: {self._sentence(answer)} {label}", trouble=not isinstance(answer, Accepted))
        self._changed()

    def _say_at_sign_in(self, text: str) -> None:
        if isinstance(self.screen, SignInScreen):
            self.screen.say(text)

    def _sentence(self, answer: Answer) -> str:
        match answer:
            case Accepted():
                return self._words["done"]
            case Refused():
                chinese = REFUSALS.get(answer.code) if self._file.language != "en" else None
                return (
                    f"{chinese} ({answer.message})" if chinese == REFUSALS["too_early"] else chinese or answer.message
                )
            case NoReply():
                return self._words["no_reply"]
