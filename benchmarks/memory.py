"""What each program holds in memory while it works; the floor is a bare interpreter with asyncio."""

import asyncio
import json
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import tomli_w

from benchmarks.figures import Report
from benchmarks.throughput import Presser
from command_line.stage import Program, Stage, answers, broker, lay_out, programs
from hall_protocol.topics import Role

TICKETS = 5000
AIMS = {"hall server": "<= 80 MB", "dispenser": "<= 45 MB", "display": "<= 45 MB"}
BARE = "import asyncio; print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmRSS')))"


async def run() -> Report:
    """The figures."""
    report = Report("memory")
    bare = await asyncio.to_thread(subprocess.check_output, [sys.executable, "-c", BARE])
    with tempfile.TemporaryDirectory(prefix="paihao-bench-") as name:
        folder = Path(name)
        stage = lay_out(folder)
        async with AsyncExitStack() as stack:
            nats = await stack.enter_async_context(broker(stage))
            started = await stack.enter_async_context(programs(folder))
            hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
            await answers(f"http://127.0.0.1:{stage.loaded.file.server.http_port}/healthz", watched=[hall])
            buttons = {"buttons": {"kind": "socket"}, "printer": {"kind": "file"}}
            dispenser = await started.start("dispenser", "dispenser", "--config", _file(stage, "dispenser-1", buttons))
            windows = [{"kind": "window", "window": w.window_id} for w in stage.loaded.hall.windows]
            screens = {"screens": [{"kind": "main"}, *windows]}
            display = await started.start("display", "display", "--config", _file(stage, "display-1", screens))
            await _a_day(stage)
            await _press_one(folder / "data" / "buttons.sock")
            measured: dict[str, Program | int | None] = {
                "hall server": hall, "its forecasting process": _child(hall.process.pid, "hall_server.forecaster"),
                "dispenser": dispenser, "display": display, "broker": nats.pid,
            }  # fmt: skip
            for what, program in measured.items():
                pid = program.process.pid if isinstance(program, Program) else program
                if pid is not None:
                    report.add(what, resident_mb(pid), "MB", floor=int(bare) / 1024, aim=AIMS.get(what, ""))
    report.add("tickets in the day", TICKETS, "tickets")
    return report


def resident_mb(pid: int) -> float:
    """The resident set of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _child(pid: int, module: str) -> int | None:
    """The process that a program has started to run a module."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next((int(c) for c in children if module in Path(f"/proc/{c}/cmdline").read_text()), None)


def _file(stage: Stage, device: str, more: dict[str, Any]) -> str:
    address = stage.address(device)
    shared = {"hall": stage.loaded.hall.hall_id, "device": device, "password": address.password, "port": address.port}
    path = stage.folder / f"{device}.toml"
    path.write_text(tomli_w.dumps(shared | more), "utf-8")
    return str(path)


async def _a_day(stage: Stage) -> None:
    """Five thousand numbers are taken."""
    presser = Presser(stage, stage.devices(Role.DISPENSER)[1])
    session = asyncio.create_task(presser.session.run())
    await presser.session.linked.wait()
    await presser.press(TICKETS, 16, a_second=400)
    session.cancel()
    await asyncio.gather(session, return_exceptions=True)


async def _press_one(buttons: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(buttons))
    for service in ("passport", "marriage", "invoice"):
        writer.write(json.dumps({"service_id": service}).encode() + b"\n")
        await reader.readline()
    writer.close()
