"""From the press to the slip's bytes at the printer, and from the call to the window's display, at a hall's pace."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import tomli_w

from benchmarks import floor
from benchmarks.figures import Report, quantile
from command_line.stage import Stage, answers, broker, lay_out, programs
from hall_protocol import commands as c
from hall_protocol.device import DeviceLink
from hall_protocol.messages import Accepted
from hall_protocol.topics import Role
from hall_server.adapters.secrets_file import HALL_USER
from ticket_dispenser.printers.status import FIXED
from window_terminal.client import TerminalClient

A_SECOND = 20.0
LABEL_AT = b"\x1d!3"
"""The command for large characters stands before the label on every slip."""


class TimedPrinter:
    """Answers like a healthy printer and notes when each slip's last byte came."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One slip."""
        await reader.readexactly(12)
        writer.write(bytes((FIXED,)) * 4)
        slip = await reader.readuntil(b"\x1dr\x01")
        now = time.perf_counter()
        self.arrived[slip.split(LABEL_AT, 1)[1].split(b"\n", 1)[0].decode()] = now
        writer.write(b"\x00")
        writer.close()


async def run(presses: int) -> Report:
    """The figures."""
    report = Report("latency")
    with tempfile.TemporaryDirectory(prefix="paihao-bench-") as name:
        folder = Path(name)
        stage = lay_out(folder)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(broker(stage))
            floors = await asyncio.to_thread(_floors, stage, presses)
            started = await stack.enter_async_context(programs(folder))
            hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
            await answers(f"http://127.0.0.1:{stage.loaded.file.server.http_port}/healthz", watched=[hall])
            printer = TimedPrinter()
            server = await asyncio.start_server(printer.connection, "127.0.0.1", 0)
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
            buttons = _dispenser_files(stage, server.sockets[0].getsockname()[1])
            await started.start("dispenser", "dispenser", "--config", str(folder / "dispenser.toml"))
            pressed = await _press(buttons, printer, presses)
            called = await _call(stage, presses)
            again = await asyncio.to_thread(_floors, stage, presses)
        press_floor, call_floor = floors[0] + again[0], floors[1] + again[1]
        compared = (
            ("press to slip at the printer", pressed, press_floor, "<= 1.5 x"),
            ("call to display", called, press_floor, "<= 1.5 x"),
            ("call to display, beside a floor without spool and paper", called, call_floor, ""),
        )
        for what, measured, beside, aim in compared:
            for share, label in ((0.5, "p50"), (0.99, "p99")):
                least = quantile(beside, share) * 1e3
                report.add(
                    f"{what}, {label}",
                    quantile(measured, share) * 1e3,
                    "ms",
                    floor=least,
                    aim=aim if share > 0.9 else "",
                )
    return report


def _floors(stage: Stage, count: int) -> tuple[list[float], list[float]]:
    """With the same broker, disk and pace, before and after the measurement.

    The first is the floor that the aim names for both: a QoS 1 hop each way, a durable commit at each end, one TCP
    write. The second leaves out what a call has no need of, the commit in the spool and the write to the printer.
    """
    hall = stage.address(HALL_USER, "floor")
    there, back = f"{stage.topics.root}/device/floor/there", f"{stage.topics.root}/device/floor/back"
    arguments = [
        hall.host,
        str(hall.port),
        hall.username,
        hall.password,
        there,
        back,
        str(stage.folder / "floor.sqlite"),
    ]
    far = subprocess.Popen([sys.executable, "-m", "benchmarks.floor", *arguments])
    try:
        press = floor.measure(hall, there, back, stage.folder, count // 2, A_SECOND, paper=True)
        call = floor.measure(hall, there, back, stage.folder, count // 2, A_SECOND, paper=False)
    finally:
        far.kill()
        far.wait()
    return press, call


def _dispenser_files(stage: Stage, printer_port: int) -> Path:
    address = stage.address("dispenser-1")
    content = {
        "hall": stage.loaded.hall.hall_id,
        "device": "dispenser-1",
        "password": address.password,
        "port": address.port,
        "printer": {"kind": "tcp", "port": printer_port},
        "buttons": {"kind": "socket"},
    }
    (stage.folder / "dispenser.toml").write_text(tomli_w.dumps(content), "utf-8")
    return stage.folder / "data" / "buttons.sock"


async def _until_there(path: Path) -> None:
    for _ in range(200):
        if await asyncio.to_thread(path.exists):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{path} does not appear")


async def _press(buttons: Path, printer: TimedPrinter, presses: int) -> list[float]:
    await _until_there(buttons)
    seconds: list[float] = []

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_unix_connection(str(buttons))
        # Another group size makes it another press, not a repetition.
        order = json.dumps({"service_id": "id-card-renewal", "group_size": number % 900 + 1}).encode() + b"\n"
        start = time.perf_counter()
        writer.write(order)
        answer = json.loads(await reader.readline())
        writer.close()
        if answer["kind"] == "printed":
            seconds.append(printer.arrived.pop(answer["label"]) - start)

    await one(899)  # the first press connects and warms up
    await asyncio.sleep(0.5)
    seconds.clear()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(presses):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
            group.create_task(one(number))
    return seconds


async def _call(stage: Stage, calls: int) -> list[float]:
    """Call and finish as fast as a hall with many windows does, watching the window's topic as a display does."""
    shown: dict[str, asyncio.Future[float]] = {}

    def watch(_topic: str, payload: bytes) -> None:
        label = json.loads(payload)["label"]
        if label in shown and not shown[label].done():
            shown[label].set_result(time.perf_counter())
        elif label:
            shown[label] = asyncio.get_running_loop().create_future()
            shown[label].set_result(time.perf_counter())

    client = TerminalClient(stage.address("terminal-4"), stage.loaded.hall.hall_id, "terminal-4", lambda: None)
    window = stage.topics.window("4")
    display = DeviceLink(
        stage.address("display-2"),
        stage.loaded.hall.hall_id,
        "display-2",
        Role.DISPLAY,
        reads=(window,),
        on_message=watch,
    )
    links = [asyncio.create_task(client.link.session.run()), asyncio.create_task(display.session.run())]
    await asyncio.gather(client.link.session.linked.wait(), display.session.linked.wait())
    await client.sign_in("s04", stage.pins["s04"], "4")
    await client.give(c.OpenWindow(client.session or ""))
    seconds, began = [], time.perf_counter()
    for number in range(calls):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        start = time.perf_counter()
        answer = await client.give(c.CallNext(client.session or ""))
        if not isinstance(answer, Accepted):
            break
        label = answer.result["label"]
        when = await asyncio.wait_for(shown.setdefault(label, asyncio.get_running_loop().create_future()), 5)
        seconds.append(when - start)
        await client.give(c.Finish(client.session or ""))
    for link in links:
        link.cancel()
    await asyncio.gather(*links, return_exceptions=True)
    return seconds
