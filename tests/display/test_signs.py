"""Text signs on an RS-485 line: the protocol, a line with noise and deaf signs, and what a display says on them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counter_display.configuration import DisplayFile, Screen
from counter_display.painters import InText
from counter_display.screens import Screens
from counter_display.signs.fake import FakeSigns
from counter_display.signs.line import SignLine
from counter_display.signs.simple_gb2312 import Frame, SimpleGb2312, read_frames
from counter_display.signs.sink import SignSink
from hall_protocol.codec import encode
from hall_protocol.messages import HallState
from hall_protocol.topics import Topics
from tests.display.test_frames import view

PROTOCOL = SimpleGb2312()


def test_a_message_is_what_the_document_says() -> None:
    assert PROTOCOL.message(3, "B1", new=False) == bytes.fromhex("02 03 41 02 42 31 33 03")
    assert PROTOCOL.message(3, "号", new=True) == bytes.fromhex("02 03 42 02 ba c5 3c 03")
    assert PROTOCOL.accepted(3, bytes.fromhex("06 03 03"))
    assert not PROTOCOL.accepted(3, bytes.fromhex("15 03 03"))
    assert not PROTOCOL.accepted(4, bytes.fromhex("06 03 03"))


@given(
    address=st.integers(1, 250),
    text=st.text("A012请到号窗口㐂", max_size=120),
    new=st.booleans(),
    noise=st.binary(max_size=6),
)
def test_a_sign_reads_what_was_said_behind_any_noise(address: int, text: str, new: bool, noise: bytes) -> None:
    clean = noise.replace(b"\x02", b"")
    frames, rest = read_frames(clean + PROTOCOL.message(address, text, new=new))
    (frame,) = frames
    assert frame is not None
    assert (frame.address, frame.new, rest) == (address, new, b"")
    said = text.replace("㐂", "□")
    assert said.startswith(frame.text)
    assert frame.text == said or len(frame.text.encode("gb2312")) >= 199


@given(st.binary(max_size=300))
def test_no_noise_breaks_a_sign(noise: bytes) -> None:
    read_frames(noise)


@pytest.fixture
def signs(tmp_path: Path) -> Iterator[FakeSigns]:
    fake = FakeSigns(tmp_path / "line")
    yield fake
    fake.close()


@pytest.fixture
def line(signs: FakeSigns, tmp_path: Path) -> Iterator[SignLine]:
    del signs
    line = SignLine(tmp_path / "line", 9600, {"window-3": 3, "window-4": 4}, PROTOCOL)
    yield line
    line.close()


def until(true: Callable[[], bool]) -> None:
    for _ in range(300):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def test_a_line_shows_on_its_sign(signs: FakeSigns, line: SignLine) -> None:
    assert line.say("window-3", "B007 请到3号窗口", new=True)
    assert signs.shown == {3: Frame(3, "B007 请到3号窗口", True)}


def test_a_message_that_was_not_understood_is_said_again(signs: FakeSigns, line: SignLine) -> None:
    signs.refuses_next = 2
    assert line.say("window-3", "B007", new=False)
    assert signs.shown[3].text == "B007"


def test_a_deaf_sign_holds_up_no_other(signs: FakeSigns, line: SignLine) -> None:
    signs.deaf.add(3)
    assert not line.say("window-3", "B007", new=False)
    assert line.say("window-4", "B008", new=False)


def test_a_line_that_is_not_there_is_no_crash(tmp_path: Path) -> None:
    assert not SignLine(tmp_path / "nothing", 9600, {"window-3": 3}, PROTOCOL).say("window-3", "B007", new=False)


def test_a_display_says_on_its_signs_what_its_windows_do(signs: FakeSigns, line: SignLine) -> None:
    sink, topics = SignSink(line.say), Topics("example")
    windows = (Screen("window", "3", address=3), Screen("window", "4", address=4))
    screens = Screens(
        DisplayFile(hall="example", device="d", password="x", screens=windows, sink="signs"), InText(sink)
    )
    screens.receive(topics.hall_state, encode(HallState("online", "b", "1", "c", "2026-06-03T10:42:07+08:00")))
    screens.receive(topics.window("3"), encode(view(seq=1)))
    screens.receive(topics.window("3"), encode(view(label="B007", state="called", seq=2)))
    until(lambda: signs.shown.get(3) == Frame(3, "B007 请到3号窗口", True))
    screens.receive(topics.window("3"), encode(view("paused", seq=3)))
    until(lambda: signs.shown.get(3) == Frame(3, "3号窗口 暂停服务", False))
    sink.close()
