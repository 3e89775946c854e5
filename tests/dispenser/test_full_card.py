"""A dispenser whose card is full: a clear word, no number that nobody holds, and all is well once there is room."""

import asyncio
import errno
import itertools
from pathlib import Path
from typing import Any

import pytest

from command_line.stage import Stage
from hall_protocol.commands import Issue
from hall_protocol.whole_file import write_whole
from tests.dispenser.corner import ORDER, Corner, dispenser, open_hall, settled, tickets
from ticket_dispenser.settling import SETTLE_PAUSE_S


class Card:
    """Writes go through so many times, and then the card is full until it has room again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes_left: int | None = None
        write = write_whole

        def written(path: Path, *more: Any) -> None:
            if self.writes_left is not None:
                if self.writes_left == 0:
                    raise OSError(errno.ENOSPC, "No space left on device")
                self.writes_left -= 1
            write(path, *more)

        monkeypatch.setattr("ticket_dispenser.durable.write_whole", written)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Card:
    monkeypatch.setattr("ticket_dispenser.settling.SETTLE_PAUSE_S", SETTLE_PAUSE_S / 20)
    return Card(monkeypatch)


async def quiet(corner: Corner) -> None:
    """Until the dispenser has heard and stored everything that a start brings."""
    async with asyncio.timeout(10):
        for _ in itertools.count():
            if corner.memory.leases.held() and corner.memory.catalogue():
                break
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)


async def test_J4_nothing_is_asked_for_that_could_not_be_remembered(stage: Stage, card: Card) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        await quiet(corner)
        card.writes_left = 0
        answer = await corner.desk.press(ORDER)
        assert (answer.kind, answer.code) == ("refused", "storage_failed")
        assert await tickets(hall) == []
        card.writes_left = None
        assert (await corner.desk.press(ORDER)).kind == "printed"
        await settled(corner)


async def test_J4_a_number_whose_slip_could_not_be_begun_is_void(stage: Stage, card: Card) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        await quiet(corner)
        card.writes_left = 1
        answer = await corner.desk.press(ORDER)
        assert answer.code == "storage_failed"
        assert corner.printer.slips == []
        card.writes_left = None
        await settled(corner)
        (ticket,) = await tickets(hall)
        assert ticket.state == "void"


async def test_J4_a_slip_that_is_out_is_a_visitors_whatever_the_card_says(stage: Stage, card: Card) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        await quiet(corner)
        card.writes_left = 2
        answer = await corner.desk.press(ORDER)
        assert answer.kind == "printed"
        card.writes_left = None
        await settled(corner)
        (ticket,) = await tickets(hall)
        assert (ticket.state, ticket.print_state) == ("waiting", "uncertain")


async def test_without_the_hall_too(stage: Stage, card: Card) -> None:
    async with dispenser(stage) as corner:
        async with open_hall(stage):
            await quiet(corner)
        for left in (0, 1):
            card.writes_left = left
            assert (await corner.desk.press(Issue("pension-enquiry"))).code == "storage_failed"
        card.writes_left = None
        labels = [(await corner.desk.press(Issue("pension-enquiry"))).label for _ in range(2)]
        async with open_hall(stage) as hall:
            await settled(corner)
            assert sorted(ticket.label for ticket in await tickets(hall)) == labels
