"""Screens: golden frames, and what a display shows as the hall goes on."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image, ImageChops

from command_line.stage import Stage
from counter_display.configuration import DisplayFile, Screen
from counter_display.layouts.colour import Look, render_board, render_window
from counter_display.main import run_display
from counter_display.painters import InColour
from counter_display.screens import Screens
from counter_display.sinks.terminal import ansi
from hall_protocol.codec import encode
from hall_protocol.messages import Board, BoardCall, HallState, WindowView
from hall_protocol.topics import Topics
from hall_server.main import run_hall

GOLDEN = Path(__file__).parent / "golden"
QUEUES = [{"zh-Hans": "户政居住证", "en": "Household"}, {"zh-Hans": "出入境与驾驶证", "en": "Travel"}]
SIZE = (512, 192)


def view(status: str = "open", label: str | None = None, state: str | None = None, seq: int = 3) -> WindowView:
    return WindowView("3", status, label, state, 1 if label else 0, "2026-06-03T10:42:07+08:00", seq, "B", QUEUES)  # type: ignore[arg-type]


CALLS = [BoardCall(f"{'ABC'[n % 3]}{n:03d}", str(n), "A", 1, "2026-06-03T10:42:07+08:00") for n in range(1, 10)]
BOARD = Board(9, "2026-06-03T10:42:07+08:00", CALLS)
NAME = {"zh-Hans": "示范区政务服务中心", "en": "Example District Service Hall"}
FRAMES = {
    "window-called": render_window(view(label="B007", state="called"), Look(SIZE)),
    "window-serving": render_window(view(label="A1000", state="serving"), Look(SIZE, "en")),
    "window-paused-stale": render_window(view("paused"), Look(SIZE, stale=True)),
    "window-unknown": render_window(None, Look(SIZE, stale=True)),
    "window-small": render_window(view(label="B007", state="called"), Look((160, 64))),
    "main": render_board(BOARD, NAME, "10:42", Look((1280, 720))),
    "main-empty-stale": render_board(None, NAME, "", Look((640, 360), "en", stale=True)),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames_are_golden(name: str) -> None:
    golden = GOLDEN / f"{name}.png"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        FRAMES[name].save(golden, optimize=True)
        pytest.fail(f"{golden} is new: look at it, then commit it")
    assert ImageChops.difference(FRAMES[name], Image.open(golden).convert("RGB")).getbbox() is None


def test_a_frame_in_a_terminal_is_as_wide_as_asked() -> None:
    lines = ansi(FRAMES["main"], 60).splitlines()
    assert len(lines) == 17
    assert all(line.count("▀") == 60 for line in lines)


class Album:
    """A sink that keeps every frame."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, Image.Image]] = []

    def show(self, screen: str, frame: Image.Image) -> None:
        self.frames.append((screen, frame))


def test_a_screen_draws_what_is_new_ignores_what_is_old_and_says_when_it_is_cut_off() -> None:
    album, topics = Album(), Topics("example")
    file = DisplayFile(hall="example", device="d", password="x", screens=(Screen("window", "3"),))
    screens = Screens(file, InColour(album))
    online = encode(HallState("online", "b", "1", "c", "2026-06-03T10:42:07+08:00"))
    screens.receive(topics.hall_state, online)
    screens.receive(topics.window("3"), encode(view(label="B007", state="called", seq=5)))
    assert ImageChops.difference(album.frames[-1][1], FRAMES["window-called"]).getbbox() is None
    drawn = len(album.frames)
    screens.receive(topics.window("3"), encode(view(label="B001", state="called", seq=4)))
    another = replace(view(label="B001", state="called", seq=9), window="4")
    screens.receive(topics.window("4"), encode(another))
    screens.receive(topics.window("3"), b"not json")
    assert len(album.frames) == drawn
    screens.receive(topics.hall_state, encode(HallState("offline", "b", "1", "c", "2026-06-03T10:42:07+08:00")))
    stale = render_window(view(label="B007", state="called"), Look(SIZE, stale=True))
    assert ImageChops.difference(album.frames[-1][1], stale).getbbox() is None


async def test_after_a_restart_the_last_state_is_back_within_two_seconds(stage: Stage) -> None:
    async with run_hall(stage.loaded) as hall:
        await asyncio.wait_for(hall.wire.session.linked.wait(), 5)
        file = DisplayFile(
            hall="example",
            device="display-1",
            password=stage.loaded.secrets.devices["display-1"],
            port=stage.mqtt[1],
            screens=(Screen("window", "1"),),
        )
        running = asyncio.create_task(run_display(file, stage.folder))
        path = stage.folder / "screens" / "window-1.png"
        closed = {"zh-Hans": "社保公积金"}, {"zh-Hans": "税务与就业"}
        shown = WindowView("1", "closed", None, None, 0, "x", 1, "A", list(closed))
        expected = render_window(shown, Look(SIZE))
        shows = False
        for _ in range(100):
            await asyncio.sleep(0.02)
            shows = path.exists() and ImageChops.difference(_load(path), expected).getbbox() is None
            if shows:
                break
        assert shows
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _load(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
