"""A corner of a hall for tests: a dispenser with a fake printer, a real broker, and a hall that comes and goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from command_line.stage import Stage
from hall_protocol.commands import Issue
from hall_protocol.device import DeviceLink
from hall_protocol.topics import Role
from hall_server.domain.tickets import Ticket
from hall_server.main import RunningHall, run_hall
from ticket_dispenser.desk import TicketDesk, Times
from ticket_dispenser.memory import Memory
from ticket_dispenser.offline.counter import OfflineCounter
from ticket_dispenser.offline.time import HallTime
from ticket_dispenser.printers.connections import network
from ticket_dispenser.printers.fake import FakePrinter
from ticket_dispenser.printers.stream import StreamPrinter
from ticket_dispenser.settling import Settler
from ticket_dispenser.slips.escpos_bytes import slip_bytes
from ticket_dispenser.slips.template import layout
from ticket_dispenser.spool import Spool

ORDER = Issue("passport")


@dataclass
class Corner:
    """A dispenser and its printer."""

    desk: TicketDesk
    printer: FakePrinter
    spool: Spool
    memory: Memory
    settler: Settler


@asynccontextmanager
async def dispenser(
    stage: Stage, *, answer_within_s: float = 3.0, guard_s: float = 0.0, linked: bool = True
) -> AsyncIterator[Corner]:
    folder = stage.folder / "dispenser"
    printer = FakePrinter(folder / "slips")
    server = await printer.serve("127.0.0.1", 0)
    memory = Memory(folder)
    hall_time = HallTime()

    def receive(topic: str, payload: bytes) -> None:
        desk.receive(topic, payload)

    def link_changed(up: bool) -> None:
        desk.link_changed(up)

    link = DeviceLink(
        stage.address("dispenser-1"),
        stage.loaded.hall.hall_id,
        "dispenser-1",
        Role.DISPENSER,
        reads=(stage.topics.catalogue, stage.topics.hall_state, stage.topics.progress),
        on_message=receive,
        on_link=link_changed,
        health=lambda: {**desk.health()},
    )
    desk = TicketDesk(
        link,
        StreamPrinter(network("127.0.0.1", server.sockets[0].getsockname()[1])),
        memory,
        OfflineCounter(memory.leases, memory.bookings, hall_time),
        hall_time,
        lambda content: slip_bytes(layout(content)),
        Times(guard_s, answer_within_s),
    )
    settler = Settler(link, desk, memory, hall_time)
    tasks = [
        asyncio.create_task(link.session.run()),
        asyncio.create_task(settler.run()),
    ]
    if linked:
        await asyncio.wait_for(link.session.linked.wait(), 5)
    try:
        yield Corner(desk, printer, memory.spool, memory, settler)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.close()
        memory.close()


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
