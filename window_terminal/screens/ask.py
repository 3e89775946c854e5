"""Small questions in front of the main screen; each returns a value, or None when cancelled."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option


class AskText(ModalScreen[str | None]):
    """A line of text, such as a number."""

    BINDINGS = [Binding("escape", "dismiss(None)")]  # noqa: RUF012  Textual's own way

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint = title, hint

    def compose(self) -> ComposeResult:
        """Title, field, hint."""
        with Vertical(classes="question"):
            yield Label(self._title)
            yield Input(max_length=12)
            yield Label(self._hint, classes="hint")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip().upper() or None)


class AskOne(ModalScreen[str | None]):
    """One of several; by arrow keys and Enter, or by its number."""

    BINDINGS = [Binding("escape", "dismiss(None)")]  # noqa: RUF012  Textual's own way

    def __init__(self, title: str, options: list[tuple[str, str]], hint: str) -> None:
        super().__init__()
        self._title, self._options, self._hint = title, options, hint

    def compose(self) -> ComposeResult:
        """Title, list, hint."""
        with Vertical(classes="question"):
            yield Label(self._title)
            yield OptionList(
                *(Option(f"{number}. {text}", id=value) for number, (value, text) in enumerate(self._options, start=1))
            )
            yield Label(self._hint, classes="hint")

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)

    def key(self, number: int) -> None:
        """Choose by number."""
        if 1 <= number <= len(self._options):
            self.dismiss(self._options[number - 1][0])

    def on_key(self, event: object) -> None:
        """Digits choose."""
        character = getattr(event, "character", None)
        if isinstance(character, str) and character.isdigit():
            self.key(int(character))
