"""The dispenser's composition root."""

import asyncio
from pathlib import Path

from hall_protocol.device import DeviceLink
from hall_protocol.topics import Role, Topics
from ticket_dispenser.configuration import ButtonsSection, DispenserFile, PrinterSection
from ticket_dispenser.desk import TicketDesk
from ticket_dispenser.drivers.port import Driver
from ticket_dispenser.drivers.socket import SocketButtons
from ticket_dispenser.drivers.terminal import TerminalMenu
from ticket_dispenser.printers.file import FilePrinter
from ticket_dispenser.printers.port import Printer
from ticket_dispenser.printers.tcp import TcpPrinter
from ticket_dispenser.spool import Spool


async def run_dispenser(file: DispenserFile, folder: Path) -> None:
    """Run until cancelled, or until the terminal's input ends. Relative paths count from `folder`."""
    data = folder / file.data
    spool = Spool(data / "spool.json")
    topics = Topics(file.hall)
    # Link and desk know each other; the desk is made second and heard through these.
    desk: TicketDesk

    def receive(topic: str, payload: bytes) -> None:
        desk.receive(topic, payload)

    link = DeviceLink(
        file.address,
        file.hall,
        file.device,
        Role.DISPENSER,
        reads=(topics.catalogue, topics.hall_state),
        on_message=receive,
        on_link=lambda _up: desk.changed(),
    )
    desk = TicketDesk(
        link,
        _printer(file.printer, data),
        spool,
        columns=file.printer.columns,
        repeat_guard_s=file.repeat_guard_s,
        answer_within_s=file.answer_within_s,
    )
    driver = _driver(file.buttons, data)
    tasks = [
        asyncio.create_task(link.session.run(), name="mqtt-session"),
        asyncio.create_task(desk.settle_forever(), name="settle"),
        asyncio.create_task(driver.run(desk), name="driver"),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        spool.close()


def _printer(section: PrinterSection, data: Path) -> Printer:
    if section.kind == "tcp":
        return TcpPrinter(section.host, section.port, answers=section.answers)
    return FilePrinter(data / section.folder)


def _driver(section: ButtonsSection, data: Path) -> Driver:
    return SocketButtons(data / section.socket) if section.kind == "socket" else TerminalMenu()
