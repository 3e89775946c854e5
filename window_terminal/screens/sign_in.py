"""Signing in: staff id, PIN, window."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Label, Static


class SignInScreen(Screen[None]):
    """Asks who sits where."""

    class Ready(Message):
        """The screen can be drawn on."""

    class Wanted(Message):
        """Somebody wants to sign in."""

        def __init__(self, staff_id: str, pin: str, window: str) -> None:
            super().__init__()
            self.staff_id, self.pin, self.window = staff_id, pin, window

    def __init__(self, words: dict[str, str], window: str) -> None:
        super().__init__()
        self._words = words
        self._window = window
        self.ready = False

    def on_mount(self) -> None:
        """All parts are there."""
        self.ready = True
        self.post_message(self.Ready())

    def compose(self) -> ComposeResult:
        """Three fields and a line for messages."""
        words = self._words
        with Vertical(id="sign-in"):
            yield Label("", id="hall")
            yield Label(words["staff"])
            yield Input(id="staff", max_length=64)
            yield Label(words["pin"])
            yield Input(id="pin", password=True, max_length=64)
            yield Label(words["window"])
            yield Input(self._window, id="window", max_length=32)
            yield Static(words["enter"], id="message")
            yield Static("", id="link")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        fields = [self.query_one(f"#{name}", Input) for name in ("staff", "pin", "window")]
        empty = next((field for field in fields if not field.value.strip()), None)
        if empty is not None:
            empty.focus()
            return
        event.stop()
        self.post_message(self.Wanted(*(field.value.strip() for field in fields)))

    def say(self, text: str) -> None:
        """Show a message; a wrong PIN is typed again."""
        self.query_one("#message", Static).update(text)
        pin = self.query_one("#pin", Input)
        pin.value = ""
        pin.focus()

    def show(self, hall: str, link: str) -> None:
        """What is known of the hall."""
        self.query_one("#hall", Label).update(hall)
        self.query_one("#link", Static).update(link)
