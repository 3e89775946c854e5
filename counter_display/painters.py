"""From what a screen shows to what its sink takes: frames in colour, frames of dots, or a line of text."""

from dataclasses import dataclass
from typing import Protocol

from counter_display.configuration import Screen
from counter_display.layouts.colour import Look, render_board, render_call, render_window
from counter_display.layouts.dots import PanelLook, calls_panel, moves, window_panel
from counter_display.layouts.words import board_line, newest_call, window_line
from counter_display.sinks.port import Sink, TextSink
from hall_protocol.messages import Board, Text, WindowView

REVERSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Shown:
    """What one screen shows now. `since_s` is how long it has; `new` while a call still stands out."""

    view: WindowView | None
    board: Board | None
    name: Text
    clock: str
    language: str
    stale: bool
    new: bool
    since_s: float


class Painter(Protocol):
    """One way of showing."""

    def paint(self, screen: Screen, shown: Shown) -> None:
        """Show it."""

    def moves(self, screen: Screen, shown: Shown) -> bool:
        """Whether it changes by itself, many times a second."""


class InColour:
    """For screens and monitors. With `flash` a new call fills main and zone screens while it is new."""

    def __init__(self, sink: Sink, *, flash: bool = False) -> None:
        self._sink, self._flash = sink, flash

    def paint(self, screen: Screen, shown: Shown) -> None:
        """Draw a frame."""
        reverse = shown.new and int(shown.since_s / REVERSE_S) % 2 == 0
        look = Look(screen.size("colour"), shown.language, shown.stale, reverse)
        call = newest_call(shown.board, screen.zone)
        if screen.kind == "window":
            frame = render_window(shown.view, look)
        elif self._flash and shown.new and call is not None:
            frame = render_call(call, look)
        else:
            frame = render_board(shown.board, shown.name, shown.clock, look, screen.zone)
        self._sink.show(screen.name, frame)

    def moves(self, screen: Screen, shown: Shown) -> bool:
        """Nothing runs."""
        del screen, shown
        return False


class InDots:
    """For LED panels."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def paint(self, screen: Screen, shown: Shown) -> None:
        """Draw a frame."""
        look = self._look(screen, shown)
        if screen.kind == "window":
            self._sink.show(screen.name, window_panel(shown.view, look))
        else:
            self._sink.show(screen.name, calls_panel(shown.board, screen.zone, look))

    def moves(self, screen: Screen, shown: Shown) -> bool:
        """A line too long for the panel runs through it."""
        lines = [] if screen.kind != "window" else [window_line(shown.view, shown.language)]
        return moves(lines, self._look(screen, shown))

    def _look(self, screen: Screen, shown: Shown) -> PanelLook:
        return PanelLook(screen.size("dots"), shown.language, shown.stale, shown.new, shown.since_s)


class InText:
    """For signs that make their own letters."""

    def __init__(self, sink: TextSink) -> None:
        self._sink = sink
        self._said: dict[str, tuple[str, bool]] = {}

    def paint(self, screen: Screen, shown: Shown) -> None:
        """Say a line, if it is another one."""
        if screen.kind == "window":
            text = window_line(shown.view, shown.language)
        else:
            text = board_line(shown.board, screen.zone, shown.language)
        line = text + (" !" if shown.stale else ""), shown.new
        if self._said.get(screen.name) != line:
            self._said[screen.name] = line
            self._sink.say(screen.name, line[0], new=line[1])

    def moves(self, screen: Screen, shown: Shown) -> bool:
        """The sign's own affair."""
        del screen, shown
        return False
