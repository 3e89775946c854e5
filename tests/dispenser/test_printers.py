"""One suite for all printers, and each fault of a real one by the fake: what is known is said, nothing is guessed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dispenser.test_slip import CONTENT
from ticket_dispenser.printers.connections import network
from ticket_dispenser.printers.fake import FakePrinter, Fault
from ticket_dispenser.printers.file import FilePrinter
from ticket_dispenser.printers.port import Printer, PrintReport, Result
from ticket_dispenser.printers.stream import StreamPrinter
from ticket_dispenser.slips.escpos_bytes import slip_bytes
from ticket_dispenser.slips.template import layout

SLIP = slip_bytes(layout(CONTENT))


@pytest.fixture
async def paper(tmp_path: Path) -> AsyncIterator[tuple[FakePrinter, StreamPrinter]]:
    fake = FakePrinter(tmp_path / "slips")
    server = await fake.serve("127.0.0.1", 0)
    yield fake, StreamPrinter(network("127.0.0.1", server.sockets[0].getsockname()[1]))
    server.close()


async def printed(printer: Printer) -> PrintReport:
    return await (await printer.ready()).print(SLIP)


async def kept(fake: FakePrinter, count: int) -> list[bytes]:
    """The slips, once so many are out; files are written just after the answer."""
    for _ in range(200):
        if len(fake.slips) >= count:
            break
        await asyncio.sleep(0.01)
    return fake.slips


@pytest.fixture(params=["tcp", "file"])
def printer(request: pytest.FixtureRequest, paper: tuple[FakePrinter, StreamPrinter], tmp_path: Path) -> Printer:
    return paper[1] if request.param == "tcp" else FilePrinter(tmp_path / "files")


async def test_a_slip_comes_out(printer: Printer) -> None:
    for _ in range(3):
        assert (await printed(printer)).result is Result.PRINTED


async def test_the_bytes_are_the_slips(paper: tuple[FakePrinter, StreamPrinter], tmp_path: Path) -> None:
    fake, printer = paper
    await printed(printer)
    assert await kept(fake, 1) == [SLIP]
    for _ in range(100):
        if (tmp_path / "slips" / "0001-B007.bin").exists():
            break
        await asyncio.sleep(0.01)
    assert (tmp_path / "slips" / "0001-B007.bin").read_bytes() == SLIP
    assert "B007" in (tmp_path / "slips" / "0001-B007.txt").read_text("utf-8")
    assert (tmp_path / "slips" / "0001-B007.png").exists()


@pytest.mark.parametrize(
    ("fault", "result", "reason", "slips"),
    [
        (Fault.PAPER_OUT, Result.FAILED, "paper_out", 0),
        (Fault.COVER_OPEN, Result.FAILED, "cover_open", 0),
        (Fault.JAM, Result.FAILED, "error", 0),
        (Fault.CUTTER, Result.FAILED, "cutter", 0),
        (Fault.STALL, Result.FAILED, "no_answer", 0),
        (Fault.MUTE, Result.FAILED, "no_answer", 0),
        (Fault.PAPER_LOW, Result.UNCERTAIN, "", 1),
        (Fault.DROP, Result.UNCERTAIN, "no_answer", 0),
    ],
)
async def test_each_fault_is_told(
    paper: tuple[FakePrinter, StreamPrinter], fault: Fault, result: Result, reason: str, slips: int
) -> None:
    fake, printer = paper
    fake.fault = fault
    report = await printed(printer)
    if fault is Fault.PAPER_LOW:
        # Goes on, and says so.
        assert (report.result, report.paper_low) == (Result.PRINTED, True)
    else:
        assert (report.result, report.reason) == (result, reason)
    await asyncio.sleep(0.05)
    assert len(await kept(fake, slips)) == slips
    fake.fault = Fault.NONE
    assert (await printed(printer)).result is Result.PRINTED
    assert len(await kept(fake, slips + 1)) == slips + 1, "nothing was printed late"


async def test_a_printer_that_never_answers_is_uncertain_and_not_asked_twice(
    paper: tuple[FakePrinter, StreamPrinter],
) -> None:
    fake, printer = paper
    mute = StreamPrinter(printer._connect, answers=False)
    assert (await printed(mute)).result is Result.UNCERTAIN
    assert await kept(fake, 1) == [SLIP]


async def test_no_printer_at_all() -> None:
    report = await printed(StreamPrinter(network("127.0.0.1", 1)))
    assert (report.result, report.reason) == (Result.FAILED, "offline")


async def test_a_fault_by_hand(paper: tuple[FakePrinter, StreamPrinter], tmp_path: Path) -> None:
    _, printer = paper
    (tmp_path / "slips" / "fault").write_text("cover_open\n")
    assert (await printed(printer)).reason == "cover_open"
    (tmp_path / "slips" / "fault").unlink()
    assert (await printed(printer)).result is Result.PRINTED


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert (await printed(FilePrinter(tmp_path / "file" / "slips"))).result is Result.FAILED
