"""The dispenser with a real hall, broker and (fake) paper: one press, one ticket, and the hall knows each slip's fate."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from command_line.stage import Stage
from hall_protocol.codec import encode
from hall_protocol.commands import Issue
from hall_protocol.messages.devices import DeviceState
from hall_protocol.topics import Role
from hall_server.application.orders import Sender
from tests.dispenser.corner import ORDER, dispenser, open_hall, settled, tickets
from ticket_dispenser.durable import DurableStorage
from ticket_dispenser.printers.fake import Fault
from ticket_dispenser.printers.picture import text_of
from ticket_dispenser.repeat_guard import RepeatGuard
from ticket_dispenser.spool import Pending, Spool


async def test_a_press_becomes_a_printed_ticket(stage: Stage) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        answer = await corner.desk.press(ORDER)
        assert (answer.kind, answer.label) == ("printed", "C001")
        await settled(corner)
        (ticket,) = await tickets(hall)
        assert ticket.print_state == "printed"
        for _ in range(100):
            if corner.printer.slips:
                break
            await asyncio.sleep(0.01)
        assert answer.url is not None
        assert answer.url.encode() in corner.printer.slips[0]


async def test_J1_a_double_press_is_one_ticket(stage: Stage) -> None:
    async with open_hall(stage) as hall, dispenser(stage, guard_s=1.5) as corner:
        first, second = await asyncio.gather(corner.desk.press(ORDER), corner.desk.press(ORDER))
        assert (first.kind, second.kind) == ("printed", "repeated")
        assert (await corner.desk.press(Issue("marriage"))).kind == "printed"
        assert len(await tickets(hall)) == 2


def test_the_guard_tells_presses_apart() -> None:
    guard = RepeatGuard(1.5)
    assert not guard.is_repeat(ORDER, 10.0)
    assert guard.is_repeat(ORDER, 11.4)
    assert not guard.is_repeat(ORDER, 11.6), "a held button is not one press for ever"
    assert not guard.is_repeat(Issue("marriage"), 11.7)


async def test_J1_a_time_out_leaves_no_ticket(stage: Stage) -> None:
    async with dispenser(stage, answer_within_s=0.3) as corner:
        assert (await corner.desk.press(ORDER)).kind == "no_answer"
        async with open_hall(stage) as hall:
            await settled(corner)
            assert all(ticket.state == "void" for ticket in await tickets(hall))
            assert corner.printer.slips == [], "nothing is printed late"


@pytest.mark.parametrize("fault", [Fault.PAPER_OUT, Fault.COVER_OPEN, Fault.JAM])
async def test_J4_without_paper_the_number_is_on_the_screen_and_valid(stage: Stage, fault: Fault) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        corner.printer.fault = fault
        answer = await corner.desk.press(ORDER)
        assert (answer.kind, answer.label) == ("on_screen", "C001")
        assert answer.url
        await settled(corner)
        (ticket,) = await tickets(hall)
        assert (ticket.state, ticket.print_state) == ("waiting", "failed")


async def test_a_refusal_is_told_and_leaves_nothing_behind(stage: Stage) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        answer = await corner.desk.press(Issue("fund-first-withdrawal"))
        assert (answer.kind, answer.code) == ("refused", "booking_required")
        assert corner.spool.all() == []
        assert await tickets(hall) == []


async def test_J4_a_power_cut_before_the_answer_leaves_a_ticket_that_is_accounted_for(stage: Stage) -> None:
    order = {"service_id": "passport"}
    async with open_hall(stage) as hall:
        before = Spool(stage.folder / "dispenser" / "spool.json")
        before.put(Pending("cut-in-mid-order", order))
        before.close()
        async with dispenser(stage) as corner:
            await settled(corner)
            (ticket,) = await tickets(hall)
            # Whether its slip came out nobody knows: it is valid, and marked.
            assert (ticket.state, ticket.print_state) == ("waiting", "uncertain")
            assert corner.printer.slips == []


async def test_the_halls_restart_in_between_is_not_noticed(stage: Stage) -> None:
    async with AsyncExitStack() as stack:
        corner = await stack.enter_async_context(dispenser(stage, answer_within_s=10))
        pressing = asyncio.create_task(corner.desk.press(ORDER))
        await asyncio.sleep(0.2)
        async with open_hall(stage):
            assert (await pressing).kind == "printed"


def test_the_spool_survives_being_cut_off_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "spool.json"
    spool = Spool(path)
    spool.put(Pending("one", {"service_id": "x"}))
    (tmp_path / "spool.new").write_text('{"orders": {"1": {"half')
    again = Spool(path)
    assert [pending.command_id for pending in again.all()] == ["one"]
    again.settle("one")
    assert Spool(path).all() == []
    path.write_text("not ours")
    assert DurableStorage(path).read() is None
    assert (tmp_path / "spool.unreadable").read_text() == "not ours"


async def test_J4_the_hall_hears_that_a_printer_has_no_paper(stage: Stage) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        corner.printer.fault = Fault.PAPER_OUT
        assert (await corner.desk.press(ORDER)).kind == "on_screen"
        for _ in range(200):
            known = {device.device: device.state.health for device in hall.devices.all()}
            if known.get("dispenser-1", {}).get("printer") == "paper_out":
                break
            await asyncio.sleep(0.01)
        assert known["dispenser-1"]["printer"] == "paper_out"
        assert known["dispenser-1"]["catalogue_version"]


async def test_J4_a_slip_that_did_not_come_out_is_printed_again_on_demand_and_marked(stage: Stage) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        assert (await corner.desk.reprint()).code == "nothing_to_reprint"
        corner.printer.fault = Fault.PAPER_OUT
        assert (await corner.desk.press(ORDER)).kind == "on_screen"
        assert (await corner.desk.reprint()).kind == "on_screen", "still no paper"
        corner.printer.fault = Fault.NONE
        assert (await corner.desk.reprint()).kind == "printed"
        assert (await corner.desk.reprint()).code == "nothing_to_reprint", "once"
        await settled(corner)
        (ticket,) = await tickets(hall)
        assert ticket.print_state == "printed"
        for _ in range(100):
            if corner.printer.slips:
                break
            await asyncio.sleep(0.01)
        (slip,) = corner.printer.slips
        assert text_of(slip).startswith("补打")


async def test_J4_without_paper_other_dispensers_that_print_are_named(stage: Stage) -> None:
    async with open_hall(stage) as hall, dispenser(stage) as corner:
        there = DeviceState("online", "dispenser", "boot", "1", health={"printer": "ok"})
        hall.wire._hear_device(Sender("dispenser-2", Role.DISPENSER), encode(there))
        hall.wire._hear_device(
            Sender("dispenser-3", Role.DISPENSER), encode(replace(there, health={"printer": "paper_out"}))
        )
        corner.printer.fault = Fault.PAPER_OUT
        for _ in range(200):
            if corner.desk._others:
                break
            await asyncio.sleep(0.01)
        answer = await corner.desk.press(ORDER)
        assert (answer.kind, answer.others) == ("on_screen", ("dispenser-2",))
