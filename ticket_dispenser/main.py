"""The dispenser's composition root."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from hall_protocol.board_health import board_health
from hall_protocol.device import DeviceLink
from hall_protocol.device_file import DeviceFileError
from hall_protocol.rereading import Reread, rereading
from hall_protocol.toml_file import TomlFileError, read_toml
from hall_protocol.topics import Role, Topics
from hall_protocol.watchdog import keep_telling
from ticket_dispenser.configuration import ButtonsSection, DispenserFile, PrinterSection
from ticket_dispenser.desk import TicketDesk, Times
from ticket_dispenser.drivers.contacts import PanelDriver
from ticket_dispenser.drivers.event_keys import EventKeys
from ticket_dispenser.drivers.panel import Panel
from ticket_dispenser.drivers.port import Driver
from ticket_dispenser.drivers.scanner import Scanner
from ticket_dispenser.drivers.socket import SocketButtons
from ticket_dispenser.drivers.terminal import TerminalMenu
from ticket_dispenser.memory import Memory
from ticket_dispenser.offline.counter import OfflineCounter
from ticket_dispenser.offline.time import HallTime
from ticket_dispenser.printers.connections import BITS_A_BYTE, device_file, network
from ticket_dispenser.printers.file import FilePrinter
from ticket_dispenser.printers.port import Printer
from ticket_dispenser.printers.stream import StreamPrinter
from ticket_dispenser.printing import MakeSlip
from ticket_dispenser.settling import Settler
from ticket_dispenser.slips.content import SlipContent
from ticket_dispenser.slips.escpos_bytes import Paper, slip_bytes
from ticket_dispenser.slips.template import USUAL, Template, layout


async def run_dispenser(file: DispenserFile, folder: Path, reread: Reread[DispenserFile] | None = None) -> None:
    """Run until cancelled, or until the terminal's input ends. Relative paths count from `folder`.

    Args:
        file: what it is told.
        folder: where the file lies.
        reread: the file as it is now, asked for after a hang-up signal.

    Raises:
        DeviceFileError: the slip's template cannot be used.
    """
    data = await asyncio.to_thread((folder / file.data).resolve)
    make_slip = slip_maker(file, folder)
    memory = Memory(data)
    topics, hall_time = Topics(file.hall), HallTime()
    driver = _driver(file.buttons, file.device, data)
    # Link and desk know each other; the desk is made second and heard through these.
    desk: TicketDesk

    def receive(topic: str, payload: bytes) -> None:
        desk.receive(topic, payload)

    def linked(up: bool) -> None:
        desk.link_changed(up)
        if up:
            settler.lease_soon()

    link = DeviceLink(
        file.address,
        file.hall,
        file.device,
        Role.DISPENSER,
        reads=(topics.catalogue, topics.hall_state, topics.progress),
        on_message=receive,
        on_link=linked,
        generation=file.generation,
        health=lambda: {**board_health(data), **desk.health(), **_kiosk_url(file)},
    )
    desk = TicketDesk(
        link,
        printer_of(file.printer, data),
        memory,
        OfflineCounter(memory.leases, memory.bookings, hall_time),
        hall_time,
        make_slip,
        times_of(file),
    )
    settler = Settler(link, desk, memory, hall_time)
    tasks = [
        asyncio.create_task(link.run(), name="link"),
        asyncio.create_task(settler.run(), name="settle"),
        asyncio.create_task(driver.run(desk), name="driver"),
        *_scanning(file.buttons, desk),
        asyncio.create_task(keep_telling(desk.gets_on), name="watchdog"),
    ]
    try:
        with rereading(reread, lambda now: desk.adjust(slip_maker(now, folder), times_of(now)), link):
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        memory.close()


def times_of(file: DispenserFile) -> Times:
    """How long things may take."""
    return Times(file.repeat_guard_s, file.answer_within_s)


def _scanning(buttons: ButtonsSection, desk: TicketDesk) -> list[asyncio.Task[None]]:
    if not buttons.scanner:
        return []
    scanner = Scanner(EventKeys(Path(buttons.scanner)), buttons.language)
    return [asyncio.create_task(scanner.run(desk), name="scanner")]


def _kiosk_url(file: DispenserFile) -> dict[str, Any]:
    """Where the touch screen's page is; the hall's own address leads there."""
    buttons = file.buttons
    return {"kiosk_url": f"http://{buttons.host}:{buttons.port}/kiosk/{file.device}"} if buttons.kind == "kiosk" else {}


def slip_maker(file: DispenserFile, folder: Path) -> MakeSlip:
    """From what a slip says to the printer's bytes, by the hall's template and the printer's profile."""
    template, logo = USUAL, None
    if file.slip:
        path = folder / file.slip
        try:
            template = read_toml(path, Template)
        except TomlFileError as error:
            raise DeviceFileError(str(error)) from error
        logo = path.parent / template.logo if template.logo else None
        if logo is not None and not logo.is_file():
            raise DeviceFileError(f"{path}: logo: there is no file {logo}")
    printer = file.printer
    paper = Paper(printer.columns, printer.encoding, printer.cutter, printer.native_qr)

    def make(content: SlipContent) -> bytes:
        if file.large_type:
            content = replace(content, large=True)
        return slip_bytes(layout(content, template, logo), paper)

    return make


def printer_of(section: PrinterSection, data: Path) -> Printer:
    """The printer that the configuration names."""
    match section.kind:
        case "network" | "tcp":
            return StreamPrinter(network(section.host, section.port), answers=section.answers)
        case "usb":
            return StreamPrinter(device_file(data / section.device), answers=section.answers)
        case "serial":
            return StreamPrinter(
                device_file(data / section.device, section.baud),
                answers=section.answers,
                bytes_per_s=section.baud / BITS_A_BYTE,
            )
    return FilePrinter(data / section.folder)


def _driver(section: ButtonsSection, device: str, data: Path) -> Driver:
    panel = Panel(section.keys, section.debounce_ms / 1000, language=section.language)
    match section.kind:
        case "socket":
            return SocketButtons(data / section.socket, panel)
        case "gpio":
            # Only where it is used: on other machines the library is not needed.
            from ticket_dispenser.drivers.gpio import GpioContacts

            return PanelDriver(panel, GpioContacts(section.keys))
        case "kiosk":
            # A web server costs memory that other dispensers need not have.
            from ticket_dispenser.drivers.kiosk.server import Kiosk

            return Kiosk(device, section.host, section.port)
        case "keypad":
            return TerminalMenu(EventKeys(Path(section.device)))
    return TerminalMenu()
