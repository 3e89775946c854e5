"""A scanner that types: codes and addresses become check-ins, everything else is left alone."""

import asyncio
from collections.abc import Callable

import pytest

from hall_protocol.commands import CheckIn
from tests.dispenser.test_panel import QuietDesk
from ticket_dispenser.drivers.scanned import code_in
from ticket_dispenser.drivers.scanner import Scanner


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("7K2QDM9X", "7K2QDM9X"),
        (" 7k2q-dm9x ", "7k2q-dm9x"),
        ("https://hall.example/receipt/7K2QDM9X", "7K2QDM9X"),
        ("https://hall.example/receipt/7K2QDM9X/", "7K2QDM9X"),
        ("12", None),
        ("99", None),
        ("", None),
        ("-------", None),
        ("码码码码码码码", None),
        ("x" * 65, None),
        ("7K2Q\x00DM9X", None),
    ],
)
def test_a_code_is_found_in_what_is_scanned(line: str, code: str | None) -> None:
    assert code_in(line) == code


class Typed:
    """A scanner that types these lines, and is then pulled out."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    async def read(self, take: Callable[[str | None], None]) -> asyncio.ReadTransport:
        for line in (*self.lines, None):
            take(line)
        return Closing()


class Closing(asyncio.ReadTransport):
    def close(self) -> None:
        """Nothing is open."""


async def test_what_is_scanned_is_checked_in() -> None:
    desk = QuietDesk()
    await Scanner(Typed("7K2QDM9X", "17", "https://h.example/b/AAAA-BBBB"), "zh-Hant").run(desk)
    assert desk.orders == [CheckIn("7K2QDM9X", language="zh-Hant"), CheckIn("AAAA-BBBB", language="zh-Hant")]
