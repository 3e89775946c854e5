"""LED panels: golden dots, lines that run, calls that stand out, and what luma sends to the blocks."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from counter_display.configuration import DisplayFile, Screen
from counter_display.layouts.dots import PanelLook, calls_panel, window_panel
from counter_display.painters import InColour, InDots
from counter_display.screens import Screens
from counter_display.sinks.led_matrix import LedMatrixSink
from glyphs.bitmap import text_dots
from hall_protocol.codec import encode
from hall_protocol.messages import Board, BoardCall, HallState
from hall_protocol.topics import Topics
from tests.display.test_frames import BOARD, Album, view

GOLDEN = Path(__file__).parent / "golden"
CALLED = view(label="B007", state="called")
NARROW, TALL, WALL = (128, 16), (96, 32), (256, 64)
PANELS = {
    "panel-called": window_panel(CALLED, PanelLook(NARROW)),
    "panel-called-reversed": window_panel(CALLED, PanelLook(NARROW, new=True)),
    "panel-called-running": window_panel(CALLED, PanelLook((96, 16), at_s=1.5)),
    "panel-called-tall": window_panel(CALLED, PanelLook(TALL, "zh-Hant")),
    "panel-serving": window_panel(view(label="A1000", state="serving"), PanelLook(NARROW)),
    "panel-paused-stale": window_panel(view("paused"), PanelLook(NARROW, stale=True)),
    "panel-unknown": window_panel(None, PanelLook(NARROW)),
    "panel-calls": calls_panel(BOARD, "", PanelLook(WALL)),
    "panel-zone-without-calls": calls_panel(BOARD, "Z", PanelLook(WALL)),
}
ONLINE = encode(HallState("online", "b", "1", "c", "2026-06-03T10:42:07+08:00"))


@pytest.mark.parametrize("name", PANELS)
def test_panels_are_golden(name: str) -> None:
    golden = GOLDEN / f"{name}.png"
    if not golden.exists():
        PANELS[name].save(golden, optimize=True)
        pytest.fail(f"{golden} is new: look at it, then commit it")
    assert ImageChops.difference(PANELS[name].convert("L"), Image.open(golden).convert("L")).getbbox() is None


def test_a_character_without_dots_is_a_square() -> None:
    assert text_dots("🦄").tobytes() == text_dots("□").tobytes()


class Time:
    """A clock for tests."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def screens_of(painter: Any, *screens: Screen, time: Time) -> tuple[Screens, Topics]:
    file = DisplayFile(hall="example", device="d", password="x", screens=screens, new_for_s=4.0)
    made, topics = Screens(file, painter, time), Topics("example")
    made.receive(topics.hall_state, ONLINE)
    return made, topics


def test_a_new_call_changes_its_colours_once_a_second_and_then_stands_still() -> None:
    album, time = Album(), Time()
    screens, topics = screens_of(InColour(album), Screen("window", "3"), time=time)
    screens.receive(topics.window("3"), encode(view(seq=1)))
    screens.receive(topics.window("3"), encode(view(label="B007", state="called", seq=2)))
    frames = []
    for _ in range(100):
        assert screens.tick() >= 0.05
        frames.append(album.frames[-1][1].tobytes())
        time.now += 0.1
    changes = [number for number in range(1, 100) if frames[number] != frames[number - 1]]
    assert len(changes) == 7, "four seconds, there and back once a second"
    assert max(changes) <= 41
    assert all(later - earlier >= 4 for earlier, later in pairwise(changes)), "below 3 Hz by far"


def test_what_stood_there_before_a_start_is_no_news() -> None:
    album, time = Album(), Time()
    screens, topics = screens_of(InColour(album), Screen("window", "3"), Screen("main"), time=time)
    screens.receive(topics.window("3"), encode(CALLED))
    screens.receive(topics.board, encode(BOARD))
    assert screens.tick() == 1.0


def test_a_zones_screen_shows_its_calls_alone() -> None:
    album, time = Album(), Time()
    screens, topics = screens_of(InDots(album), Screen("zone", zone="B"), time=time)
    at = "2026-06-03T10:42:07+08:00"
    screens.receive(
        topics.board, encode(Board(1, at, [BoardCall("A001", "1", "A", 1, at), BoardCall("B002", "4", "B", 1, at)]))
    )
    expected = calls_panel(Board(1, at, [BoardCall("B002", "4", "B", 1, at)]), "B", PanelLook((256, 64)))
    assert album.frames[-1][0] == "zone-B"
    assert album.frames[-1][1].tobytes() == expected.tobytes()


def test_a_line_too_long_for_its_panel_runs_all_the_way_through() -> None:
    album, time = Album(), Time()
    screens, topics = screens_of(InDots(album), Screen("window", "3", width=64, height=16), time=time)
    screens.receive(topics.window("3"), encode(CALLED))
    columns: set[bytes] = set()
    whole = text_dots("B007 请到3号窗口")
    for _ in range(400):
        assert screens.tick() == 0.05
        frame = album.frames[-1][1]
        columns |= {frame.crop((x, 0, x + 16, 16)).tobytes() for x in range(48)}
        time.now += 0.05
    for x in range(whole.width - 16):
        assert whole.crop((x, 0, x + 16, 16)).tobytes() in columns, "a part of the line was never to be seen"


class Wire:
    """luma's way to the SPI bus, remembering what goes over it."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []

    def data(self, data: Any) -> None:
        self.sent.append(list(data))

    def command(self, *_: int) -> None: ...

    def cleanup(self) -> None: ...


def test_the_blocks_of_a_panel_get_the_dots() -> None:
    """Each MAX7219 takes a register (1 to 8: a row of its 8 × 8 dots) and a byte; the chain's words go out together."""
    wire = Wire()
    sink = LedMatrixSink(wire, (16, 8), orientation=0, rotate=0, intensity=5)
    assert [10, 5, 10, 5] in wire.sent, "the brightness"
    frame = Image.new("1", (16, 8), 0)
    frame.putpixel((0, 0), 1)
    frame.putpixel((15, 7), 1)
    wire.sent.clear()
    sink.show("window-3", frame)
    assert len(wire.sent) == 8
    assert all([word[0], word[2]] == [row, row] for row, word in enumerate(wire.sent, start=1))
    lit = sum(word[1].bit_count() + word[3].bit_count() for word in wire.sent)
    assert lit == 2
