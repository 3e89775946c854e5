"""What each screen shows: the newest pictures, whether a call is still new, whether the hall was heard lately."""

import time
from collections.abc import Callable

import msgspec
import structlog

from counter_display.configuration import DisplayFile, Screen
from counter_display.layouts.words import newest_call
from counter_display.painters import REVERSE_S, Painter, Shown
from hall_protocol.codec import decode
from hall_protocol.messages import Board, Catalogue, HallState, Message, Progress, WindowView
from hall_protocol.topics import Topics

log = structlog.get_logger()

FRAME_S, CHECK_S = 0.05, 1.0


class Screens:
    """All screens of one display. `tick` keeps moving what moves."""

    def __init__(self, file: DisplayFile, painter: Painter, clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._painter, self._clock = file, painter, clock
        topics = Topics(file.hall)
        self._kinds: dict[str, type[Message]] = {
            topics.hall_state: HallState,
            topics.progress: Progress,
            topics.catalogue: Catalogue,
            topics.board: Board,
        }
        self._windows: dict[str, WindowView] = {}
        self._board: Board | None = None
        self._name = {"zh-Hans": ""}
        self.catalogue_version = ""
        self._time = ""
        self._heard = clock()
        self._hall_online = False
        self._stale = True
        self._began = {screen.name: clock() for screen in file.screens}
        """Since when a screen has shown what it shows."""
        self._new_until: dict[str, float] = {}
        for screen in file.screens:
            self._draw(screen)

    def receive(self, topic: str, payload: bytes) -> None:
        """A published message."""
        message = decode(payload, self._kinds.get(topic, WindowView))
        match message:
            case HallState():
                self._hall_online = message.state == "online"
            case Progress():
                self._take_progress(message)
            case Catalogue():
                self._name, self.catalogue_version = message.name, message.version
                self._draw_boards()
            case Board() if self._board is None or message.seq >= self._board.seq:
                self._take_board(message)
            case WindowView():
                self._take_window(message)
        if message is not None:
            self._heard = self._clock()
        self._check_stale()

    def adjust(self, file: DisplayFile) -> None:
        """Take over another language and other times; screens themselves stay."""
        self._file = msgspec.structs.replace(
            self._file, language=file.language, stale_after_s=file.stale_after_s, new_for_s=file.new_for_s
        )
        for screen in self._file.screens:
            self._draw(screen)

    def tick(self) -> float:
        """Draw what moves, or has become old; returns after how many seconds to come again."""
        self._check_stale()
        wait_s = CHECK_S
        for screen in self._file.screens:
            until = self._new_until.get(screen.name)
            if until is not None and self._clock() >= until:
                del self._new_until[screen.name]
            moves = self._painter.moves(screen, self._shown(screen))
            if moves or until is not None:
                self._draw(screen)
                wait_s = min(wait_s, FRAME_S if moves else REVERSE_S)
        return wait_s

    def _take_progress(self, progress: Progress) -> None:
        """The hall's heartbeat, and its clock: a board without one needs none of its own."""
        if progress.generated_at[11:16] != self._time:
            self._time = progress.generated_at[11:16]
            self._draw_boards()

    def _take_board(self, board: Board) -> None:
        before, self._board = self._board, board
        for screen in self._file.screens:
            if screen.kind == "window":
                continue
            newest = _newest(board, screen.zone)
            if newest != _newest(before, screen.zone):
                self._begins(screen, new=before is not None and newest is not None)
            self._draw(screen)

    def _take_window(self, view: WindowView) -> None:
        known = self._windows.get(view.window)
        if known is not None and view.seq < known.seq:
            return
        self._windows[view.window] = view
        if known is not None and _of(known) == _of(view):
            return
        # What was there before this display started is no news.
        called_anew = (
            known is not None
            and view.state == "called"
            and (known.label, known.calls)
            != (
                view.label,
                view.calls,
            )
        )
        for screen in self._file.screens:
            if screen.window == view.window:
                self._begins(screen, new=called_anew)
                self._draw(screen)

    def _begins(self, screen: Screen, *, new: bool) -> None:
        self._began[screen.name] = self._clock()
        self._new_until.pop(screen.name, None)
        if new:
            self._new_until[screen.name] = self._clock() + self._file.new_for_s

    def _check_stale(self) -> None:
        """Set or take away the stale mark."""
        stale = not self._hall_online or self._clock() - self._heard > self._file.stale_after_s
        if stale != self._stale:
            self._stale = stale
            log.info("stale" if stale else "current")
            for screen in self._file.screens:
                self._draw(screen)

    def _draw_boards(self) -> None:
        for screen in self._file.screens:
            if screen.kind != "window":
                self._draw(screen)

    def _draw(self, screen: Screen) -> None:
        self._painter.paint(screen, self._shown(screen))

    def _shown(self, screen: Screen) -> Shown:
        return Shown(
            view=self._windows.get(screen.window),
            board=self._board,
            name=self._name,
            clock=self._time,
            language=self._file.language,
            stale=self._stale,
            new=screen.name in self._new_until,
            since_s=self._clock() - self._began[screen.name],
        )


def _newest(board: Board | None, zone: str) -> tuple[str, str, int] | None:
    call = newest_call(board, zone)
    return (call.label, call.window, call.calls) if call else None


def _of(view: WindowView) -> tuple[object, ...]:
    return view.status, view.label, view.state, view.calls, view.queues
