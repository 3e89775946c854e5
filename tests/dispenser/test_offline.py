"""The dispenser goes on without the hall, and everything joins once when it is back (J4)."""

import asyncio
import time
import uuid

import pytest

from command_line.stage import Stage
from hall_protocol.commands import CheckIn, Issue, booking_id
from hall_server.application.orders import Order
from hall_server.domain import commands as c
from hall_server.domain.tickets import TicketClass
from hall_server.main import RunningHall
from tests.dispenser.corner import ORDER, Corner, dispenser, open_hall, settled, tickets
from ticket_dispenser.printers.fake import Fault
from ticket_dispenser.printers.picture import text_of


async def leased(corner: Corner) -> None:
    for _ in range(500):
        if corner.memory.leases.left("travel"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no numbers were lent")


async def slips(corner: Corner, count: int) -> list[str]:
    for _ in range(300):
        if len(corner.printer.slips) >= count:
            break
        await asyncio.sleep(0.01)
    return [text_of(slip) for slip in corner.printer.slips]


async def test_J4_without_the_hall_lent_numbers_go_on_and_join_once_in_order(stage: Stage) -> None:
    async with dispenser(stage) as corner:
        async with open_hall(stage):
            await leased(corner)
            assert (await corner.desk.press(ORDER)).label == "C001"
        answers = [await corner.desk.press(ORDER) for _ in range(3)]
        assert [(answer.kind, answer.label, answer.offline) for answer in answers] == [
            ("printed", "C701", True), ("printed", "C702", True), ("printed", "C703", True)
        ]  # fmt: skip
        slip = (await slips(corner, 4))[1]
        assert "离线取号" in slip
        assert "前面" not in slip
        assert "预计" not in slip
        assert answers[0].url is not None
        assert answers[0].url in slip
        async with open_hall(stage) as hall:
            await settled(corner)
            found = {ticket.label: ticket for ticket in await tickets(hall)}
            assert sorted(found) == ["C001", "C701", "C702", "C703"]
            assert all(found[label].print_state == "printed" for label in found)
            keys = [found[label].key for label in ("C001", "C701", "C702", "C703")]
            assert keys == sorted(keys)
            assert (await corner.desk.press(ORDER)).label == "C002"


async def test_J4_a_hall_that_hangs_costs_one_visitor_the_wait_and_leaves_no_second_ticket(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with dispenser(stage, answer_within_s=0.4) as corner:
        async with open_hall(stage) as hall:
            await leased(corner)
            await settled(corner)
            # It hangs: the link is there, nothing is answered.
            monkeypatch.setattr(hall.wire.session, "publish_soon", lambda _message: None)
            first = await corner.desk.press(ORDER)
            assert (first.kind, first.label, first.offline) == ("printed", "C701", True)
            began = asyncio.get_running_loop().time()
            second = await corner.desk.press(Issue("marriage"))
            assert (second.kind, second.offline) == ("printed", True)
            assert asyncio.get_running_loop().time() - began < 0.3, "known to be silent, so nobody waits"
        async with open_hall(stage) as hall:
            await settled(corner)
            states = {ticket.label: ticket.state.value for ticket in await tickets(hall)}
            assert states == {"C001": "void", "C701": "waiting", "D701": "waiting"}


async def test_J4_a_start_without_the_hall_has_catalogue_and_numbers(stage: Stage) -> None:
    async with open_hall(stage), dispenser(stage) as corner:
        await leased(corner)
    async with dispenser(stage, linked=False) as corner:
        answer = await corner.desk.press(ORDER)
        assert (answer.kind, answer.label) == ("printed", "C701")


async def test_J4_without_hall_and_paper_the_number_is_on_the_screen(stage: Stage) -> None:
    async with dispenser(stage) as corner:
        async with open_hall(stage):
            await leased(corner)
        corner.printer.fault = Fault.PAPER_OUT
        answer = await corner.desk.press(ORDER)
        assert (answer.kind, answer.label) == ("on_screen", "C701")
        async with open_hall(stage) as hall:
            await settled(corner)
            (ticket,) = await tickets(hall)
            assert (ticket.state, ticket.print_state) == ("waiting", "failed")


async def test_what_the_hall_would_refuse_is_refused_without_it(stage: Stage) -> None:
    async with dispenser(stage) as corner:
        async with open_hall(stage):
            await leased(corner)
        assert (await corner.desk.press(Issue("fund-first-withdrawal"))).code == "booking_required"
        assert (await corner.desk.press(Issue("no-such-service"))).kind == "no_answer"
        assert corner.memory.leases.left("travel") == 10


async def test_a_dispenser_that_has_just_started_is_not_yet_cut_off(stage: Stage) -> None:
    async with open_hall(stage) as hall:
        async with dispenser(stage) as corner:
            await leased(corner)
        async with dispenser(stage, linked=False) as corner:
            answer = await corner.desk.press(ORDER)
            assert (answer.label, answer.offline) == ("C001", False)
            assert [ticket.label for ticket in await tickets(hall)] == ["C001"]


async def booked(hall: RunningHall, code: str, in_min: float) -> None:
    at_ms = int((time.time() + in_min * 60) * 1000)
    done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    command = c.Book(booking_id(code), "passport", at_ms)
    hall.writer.submit(Order(str(uuid.uuid4()), command, done.set_result))
    assert b'"ok":true' in await done


async def told(corner: Corner, code: str) -> None:
    """The hall's appointments have come with its numbers."""
    corner.settler.lease_soon()
    for _ in range(500):
        if corner.memory.bookings.find(booking_id(code)):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the dispenser was not told of the appointment")


async def test_J3_an_appointment_is_checked_in_without_the_hall_and_joins_with_its_slots_place(stage: Stage) -> None:
    async with dispenser(stage) as corner:
        async with open_hall(stage) as hall:
            await leased(corner)
            await booked(hall, "7K2QDM9X", 10)
            await booked(hall, "LATERLATER", 120)
            await told(corner, "7K2QDM9X")
        first = await corner.desk.press(CheckIn("7k2q-dm9x"))
        assert (first.kind, first.label, first.offline) == ("printed", "C701", True)
        again = await corner.desk.press(CheckIn("7K2QDM9X"))
        assert (again.kind, again.label, again.came) == ("printed", "C701", "again")
        early = await corner.desk.press(CheckIn("LATERLATER"))
        assert (early.kind, early.code) == ("refused", "check_in_too_early")
        unknown = await corner.desk.press(CheckIn("NOSUCHCODE"))
        assert (unknown.kind, unknown.code) == ("refused", "unknown_booking")
        walk_in = await corner.desk.press(ORDER)
        assert walk_in.label == "C702"
        async with open_hall(stage) as hall:
            await settled(corner)
            found = {ticket.label: ticket.ticket_class for ticket in await tickets(hall)}
            assert found == {"C701": TicketClass.APPOINTMENT, "C702": TicketClass.ORDINARY}
            once_more = await corner.desk.press(CheckIn("7K2QDM9X"))
            assert (once_more.label, once_more.came) == ("C701", "again")


async def test_J3_with_the_hall_in_reach_it_decides(stage: Stage) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        await booked(hall, "7K2QDM9X", 5)
        came = await corner.desk.press(CheckIn("7K2QDM9X"))
        assert (came.kind, came.label, came.came) == ("printed", "C001", "in_time")
        assert (await corner.desk.press(CheckIn("7K2QDM9X"))).label == "C001"
        assert (await corner.desk.press(CheckIn("NOSUCHCODE"))).code == "unknown_booking"
        assert "护照" in (await slips(corner, 1))[0]
