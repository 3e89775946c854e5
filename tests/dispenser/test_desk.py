"""The dispenser with a real hall, broker and (fake) paper: one press, one ticket, and the hall knows each slip's fate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from command_line.stage import Stage
from hall_protocol.commands import Issue
from hall_protocol.device import DeviceLink
from hall_protocol.topics import Role
from hall_server.domain.tickets import Ticket
from hall_server.main import RunningHall, run_hall
from ticket_dispenser.desk import RepeatGuard, TicketDesk
from ticket_dispenser.printers.fake import FakePrinter, Fault
from ticket_dispenser.printers.tcp import TcpPrinter
from ticket_dispenser.spool import DurableStorage, Pending, Spool

ORDER = Issue("passport")


@dataclass
class Corner:
    """A dispenser and its printer."""

    desk: TicketDesk
    printer: FakePrinter
    spool: Spool


@asynccontextmanager
async def dispenser(stage: Stage, *, answer_within_s: float = 3.0, guard_s: float = 0.0) -> AsyncIterator[Corner]:
    folder = stage.folder / "dispenser"
    printer = FakePrinter(folder / "slips")
    server = await printer.serve("127.0.0.1", 0)
    spool = Spool(folder / "spool.json")

    def receive(topic: str, payload: bytes) -> None:
        desk.receive(topic, payload)

    link = DeviceLink(
        stage.address("dispenser-1"),
        stage.loaded.hall.hall_id,
        "dispenser-1",
        Role.DISPENSER,
        reads=(stage.topics.catalogue,),
        on_message=receive,
    )
    desk = TicketDesk(
        link,
        TcpPrinter("127.0.0.1", server.sockets[0].getsockname()[1]),
        spool,
        columns=32,
        repeat_guard_s=guard_s,
        answer_within_s=answer_within_s,
    )
    tasks = [asyncio.create_task(link.session.run()), asyncio.create_task(desk.settle_forever())]
    await asyncio.wait_for(link.session.linked.wait(), 5)
    try:
        yield Corner(desk, printer, spool)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.close()
        spool.close()


@asynccontextmanager
async def open_hall(stage: Stage) -> AsyncIterator[RunningHall]:
    async with run_hall(stage.loaded) as hall:
        await asyncio.wait_for(hall.wire.session.linked.wait(), 5)
        yield hall


async def tickets(hall: RunningHall) -> list[Ticket]:
    return await hall.writer.see(lambda state: list(state.tickets.values()))


async def settled(corner: Corner) -> None:
    for _ in range(500):
        if not corner.spool.all():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(corner.spool.all())


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
