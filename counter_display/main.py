"""The display's composition root: keeps the newest pictures and draws what has changed."""

import asyncio
import time
from pathlib import Path

import structlog

from counter_display.configuration import DisplayFile, Screen
from counter_display.render import Look, render_board, render_window
from counter_display.sinks.png import PngSink
from counter_display.sinks.port import Sink
from counter_display.sinks.terminal import TerminalSink
from hall_protocol.codec import decode
from hall_protocol.device import DeviceLink
from hall_protocol.messages import Board, Catalogue, HallState, Message, Progress, WindowView
from hall_protocol.topics import Role, Topics

log = structlog.get_logger()

CHECK_S = 1.0


class Screens:
    """What is shown on each screen, and whether the hall has been heard lately."""

    def __init__(self, file: DisplayFile, sink: Sink) -> None:
        self._file = file
        self._sink = sink
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
        self._clock = ""
        self._heard = time.monotonic()
        self._hall_online = False
        self._stale = True
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
                self._name = message.name
                self._draw_kind("main")
            case Board() if self._board is None or message.seq >= self._board.seq:
                self._board = message
                self._draw_kind("main")
            case WindowView():
                self._take_window(message)
        if message is not None:
            self._heard = time.monotonic()
        self.check()

    def _take_progress(self, progress: Progress) -> None:
        """The hall's heartbeat, and its clock: a board without one needs none of its own."""
        if progress.generated_at[11:16] != self._clock:
            self._clock = progress.generated_at[11:16]
            self._draw_kind("main")

    def _take_window(self, view: WindowView) -> None:
        known = self._windows.get(view.window)
        if known is not None and view.seq < known.seq:
            return
        self._windows[view.window] = view
        for screen in self._file.screens:
            if screen.window == view.window and (known is None or _shown(known) != _shown(view)):
                self._draw(screen)

    def check(self) -> None:
        """Set or take away the stale mark."""
        stale = not self._hall_online or time.monotonic() - self._heard > self._file.stale_after_s
        if stale != self._stale:
            self._stale = stale
            log.info("stale" if stale else "current")
            for screen in self._file.screens:
                self._draw(screen)

    def _draw_kind(self, kind: str) -> None:
        for screen in self._file.screens:
            if screen.kind == kind:
                self._draw(screen)

    def _draw(self, screen: Screen) -> None:
        look = Look(screen.size, self._file.language, self._stale)
        if screen.kind == "main":
            frame = render_board(self._board, self._name, self._clock, look)
        else:
            frame = render_window(self._windows.get(screen.window), look)
        self._sink.show(screen.name, frame)


def _shown(view: WindowView) -> tuple[object, ...]:
    return view.status, view.label, view.state, view.calls, view.queues


async def run_display(file: DisplayFile, folder: Path) -> None:
    """Run until cancelled. Relative paths count from `folder`."""
    sink: Sink = PngSink(folder / file.folder) if file.sink == "png" else TerminalSink()
    screens = Screens(file, sink)
    topics = Topics(file.hall)
    link = DeviceLink(
        file.address,
        file.hall,
        file.device,
        Role.DISPLAY,
        reads=(topics.hall_state, topics.catalogue, topics.progress, topics.board, topics.window("+")),
        on_message=screens.receive,
        on_link=lambda _up: screens.check(),
    )

    async def check() -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            screens.check()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(link.session.run(), name="mqtt-session")
        tasks.create_task(check(), name="stale-check")
