"""A keypad or scanner types lines, whatever pieces its events come in."""

import asyncio
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ticket_dispenser.drivers.event_keys import EVENT, EventKeys, Typing

CODES = {"1": 2, "2": 3, "0": 11, "a": 30, "z": 44, "-": 12, "\n": 28, "\b": 14, "KP7": 71, "KP\n": 96, "shift": 42}


def tap(*keys: str) -> bytes:
    return b"".join(
        EVENT.pack(0, 0, 4, 4, CODES[key]) + EVENT.pack(0, 0, 1, CODES[key], value) + EVENT.pack(0, 0, 0, 0, 0)
        for key in keys
        for value in (1, 0)
    )


def test_keys_become_lines() -> None:
    assert Typing().lines(tap("1", "2", "\n", "KP7", "KP\n")) == ["12", "7"]


def test_backspace_and_shift() -> None:
    shifted = EVENT.pack(0, 0, 1, 42, 1) + tap("a") + EVENT.pack(0, 0, 1, 42, 0)
    assert Typing().lines(tap("1", "\b", "2") + shifted + tap("z", "\n")) == ["2Az"]


def test_a_held_key_types_once() -> None:
    held = EVENT.pack(0, 0, 1, 2, 1) + 20 * EVENT.pack(0, 0, 1, 2, 2) + EVENT.pack(0, 0, 1, 2, 0)
    assert Typing().lines(held + tap("\n")) == ["1"]


@given(st.lists(st.integers(1, 200), max_size=12))
def test_events_may_be_cut_anywhere(cuts: list[int]) -> None:
    data, typing, lines = tap("a", "-", "1", "0", "\n"), Typing(), []
    for cut in cuts:
        lines += typing.lines(data[:cut])
        data = data[cut:]
    assert lines + typing.lines(data) == ["a-10"]


@given(st.binary(max_size=300))
def test_no_noise_breaks_it(noise: bytes) -> None:
    for line in Typing().lines(noise):
        assert isinstance(line, str)


async def test_a_device_file_is_read_and_its_end_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "keypad")
    writing = os.open(tmp_path / "keypad", os.O_RDWR)
    heard: asyncio.Queue[str | None] = asyncio.Queue()
    reading = await EventKeys(tmp_path / "keypad").read(heard.put_nowait)
    os.write(writing, tap("1", "2", "\n"))
    assert await asyncio.wait_for(heard.get(), 5) == "12"
    os.close(writing)
    assert await asyncio.wait_for(heard.get(), 5) is None
    reading.close()
