"""Printers on a serial line or a USB device file, with a pseudo-terminal for the wire."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dispenser.test_slip import CONTENT
from ticket_dispenser.configuration import PrinterSection
from ticket_dispenser.main import printer_of
from ticket_dispenser.printers.fake import FakePrinter, Fault
from ticket_dispenser.printers.port import PrintReport, Result, Trouble
from ticket_dispenser.slips.escpos_bytes import slip_bytes
from ticket_dispenser.slips.template import layout

SLIP = slip_bytes(layout(CONTENT))
SECTIONS = {
    "serial": PrinterSection("serial", device="printer", baud=115200),
    "usb": PrinterSection("usb", device="printer"),
}


@pytest.fixture
async def fake(tmp_path: Path) -> AsyncIterator[FakePrinter]:
    printer = FakePrinter(tmp_path / "slips")
    line = await printer.serve_line(tmp_path / "printer")
    yield printer
    line.cancel()
    await asyncio.gather(line, return_exceptions=True)


async def printed(section: PrinterSection, folder: Path) -> PrintReport:
    return await (await printer_of(section, folder).ready()).print(SLIP)


@pytest.mark.parametrize("kind", SECTIONS)
async def test_a_slip_goes_down_the_line_whole(kind: str, fake: FakePrinter, tmp_path: Path) -> None:
    for _ in range(2):
        assert await printed(SECTIONS[kind], tmp_path) == PrintReport(Result.PRINTED)
    for _ in range(200):
        if len(fake.slips) == 2:
            break
        await asyncio.sleep(0.01)
    assert fake.slips == [SLIP, SLIP]


@pytest.mark.parametrize(
    ("fault", "report"),
    [
        (Fault.PAPER_OUT, PrintReport(Result.FAILED, Trouble.PAPER_OUT)),
        (Fault.COVER_OPEN, PrintReport(Result.FAILED, Trouble.COVER_OPEN)),
        (Fault.CUTTER, PrintReport(Result.FAILED, Trouble.CUTTER)),
        (Fault.MUTE, PrintReport(Result.FAILED, Trouble.NO_ANSWER)),
        (Fault.STALL, PrintReport(Result.FAILED, Trouble.NO_ANSWER)),
    ],
)
@pytest.mark.parametrize("kind", SECTIONS)
async def test_trouble_is_known_before_anything_is_sent(
    kind: str, fault: Fault, report: PrintReport, fake: FakePrinter, tmp_path: Path
) -> None:
    fake.fault = fault
    assert await printed(SECTIONS[kind], tmp_path) == report
    assert fake.slips == []


async def test_a_low_roll_is_told_and_prints(fake: FakePrinter, tmp_path: Path) -> None:
    fake.fault = Fault.PAPER_LOW
    report = await printed(SECTIONS["usb"], tmp_path)
    assert report.paper_low


@pytest.mark.parametrize("kind", SECTIONS)
async def test_a_printer_that_is_pulled_out_is_offline(kind: str, tmp_path: Path) -> None:
    assert await printed(SECTIONS[kind], tmp_path) == PrintReport(Result.FAILED, Trouble.OFFLINE)


@pytest.mark.parametrize("kind", SECTIONS)
async def test_a_file_in_a_printers_place_is_no_printer(kind: str, tmp_path: Path) -> None:
    (tmp_path / "printer").write_text("not a device")
    assert await printed(SECTIONS[kind], tmp_path) == PrintReport(Result.FAILED, Trouble.OFFLINE)
    assert (tmp_path / "printer").read_text() == "not a device"
