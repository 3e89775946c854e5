"""The demo: a whole hall on this machine, every program a process of its own, as in a real hall."""

import asyncio
import contextlib
import json
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import structlog
import tomli_w

from command_line.stage import Programs, Stage, answers, broker, lay_out, programs
from hall_protocol.topics import Role
from hall_protocol.whole_file import write_whole
from hall_server.adapters.broker_process import BrokerError, free_port, port_is_busy
from simulators.people import PeopleFile, Seat

log = structlog.get_logger()

PEOPLE_FREE_WINDOWS = frozenset({"6", "12"})
"""No simulated staff sit here, so that somebody can join."""
NOT_ASKED_FOR = frozenset({"unresolved", "exit-appointment"})
READY_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line says."""

    data: Path
    http_port: int
    mqtt_port: int
    speed: float
    seed: int
    visitors: bool


async def run_demo(options: DemoOptions) -> None:
    """Run until cancelled.

    Raises:
        BrokerError: a port is busy, or a program does not start; the sentence says which.
    """
    for name, port in (("--http-port", options.http_port), ("--mqtt-port", options.mqtt_port)):
        if port and port_is_busy("127.0.0.1", port):
            raise BrokerError(f"port {port} is in use; choose another with {name} (0 takes any free one)")
    ready = options.data / "demo.json"
    ready.unlink(missing_ok=True)
    stage = lay_out(options.data, http_port=options.http_port, mqtt_port=options.mqtt_port, speed=options.speed)
    printer_port = free_port()
    try:
        async with AsyncExitStack() as stack:
            # The broker starts first and stops last.
            await stack.enter_async_context(broker(stage))
            logs = options.data / "logs"
            logs.mkdir(exist_ok=True)
            started = await stack.enter_async_context(programs(logs))
            await _start_programs(stage, started, options, printer_port)
            _write_ready(ready, stage, printer_port)
            _tell(stage, options)
            await _supervise(started)
    finally:
        ready.unlink(missing_ok=True)


async def _start_programs(stage: Stage, started: Programs, options: DemoOptions, printer_port: int) -> None:
    slips, url = options.data / "slips", http_url(stage)
    hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
    await started.start("printer", "fake-printer", "--folder", str(slips), "--port", str(printer_port))
    dispenser = options.data / "dispenser-1.toml"
    _write_toml(dispenser, {
        **_device(stage, "dispenser-1"),
        "printer": {"kind": "tcp", "host": "127.0.0.1", "port": printer_port},
        "buttons": {"kind": "socket"},
    })  # fmt: skip
    display = options.data / "display-1.toml"
    windows = [{"kind": "window", "window": window.window_id} for window in stage.loaded.hall.windows]
    _write_toml(display, {**_device(stage, "display-1"), "screens": [{"kind": "main"}, *windows]})
    await started.start("display-1", "display", "--config", str(display))
    await started.start("dispenser-1", "dispenser", "--config", str(dispenser))
    await answers(f"{url}/healthz", READY_WITHIN_S, [hall])
    buttons = options.data / "data" / "dispenser-1" / "buttons.sock"
    await _exist([buttons, options.data / "screens" / "main.png"], started)
    if options.visitors:
        people = options.data / "people.json"
        people.write_bytes(msgspec.json.encode(_people(stage, options, buttons)))
        people.chmod(0o600)
        await started.start("people", "people", "--config", str(people))


def http_url(stage: Stage) -> str:
    """Where the pages are."""
    return f"http://127.0.0.1:{stage.loaded.file.server.http_port}"


def _device(stage: Stage, device: str) -> dict[str, Any]:
    host, port = stage.mqtt
    password = stage.loaded.secrets.devices[device]
    hall = stage.loaded.hall.hall_id
    return {"hall": hall, "device": device, "password": password, "host": host, "port": port, "data": f"data/{device}"}


def _write_toml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(tomli_w.dumps(content), "utf-8")
    path.chmod(0o600)


def _people(stage: Stage, options: DemoOptions, buttons: Path) -> PeopleFile:
    hall, host, port = stage.loaded.hall, *stage.mqtt
    terminals = stage.devices(Role.TERMINAL)
    seats = [
        Seat(terminal, person.staff_id, stage.pins[person.staff_id], window.window_id)
        for terminal, person, window in zip(terminals, hall.staff, hall.windows, strict=False)
        if window.window_id not in PEOPLE_FREE_WINDOWS
    ]
    services = [
        s.service_id
        for s in hall.services
        if s.available and not s.booking_required and s.service_id not in NOT_ASKED_FOR
    ]
    return PeopleFile(
        hall=hall.hall_id,
        host=host,
        port=port,
        passwords=stage.loaded.secrets.devices,
        seats=seats,
        services=services,
        buttons=str(buttons),
        gateway=stage.devices(Role.GATEWAY)[0],
        seed=options.seed,
        speed=options.speed,
    )


async def _exist(paths: list[Path], started: Programs) -> None:
    for _ in range(int(READY_WITHIN_S / 0.05)):
        if all(path.exists() for path in paths):
            return
        for program in started.running:
            if program.process.returncode is not None:
                raise BrokerError(f"{program.name} ended; see {program.log}")
        await asyncio.sleep(0.05)
    raise BrokerError(f"not everything came up in {READY_WITHIN_S:.0f} s; see {started.folder}")


def _write_ready(path: Path, stage: Stage, printer_port: int) -> None:
    """`demo.json`, whole or not at all: whoever finds it can begin."""
    loaded, (host, port) = stage.loaded, stage.mqtt
    content = {
        "http_url": http_url(stage),
        "mqtt_host": host,
        "mqtt_port": port,
        "hall": loaded.hall.hall_id,
        "pid": os.getpid(),
        "devices": {
            device.id: {"username": device.id, "password": loaded.secrets.devices[device.id], "role": device.role.value}
            for device in loaded.file.devices
        },
        "staff": [
            {"staff_id": person.staff_id, "pin": stage.pins[person.staff_id], "skills": list(person.skills)}
            for person in loaded.hall.staff
        ],
        "manager": {"username": "manager", "password": stage.manager_password},
        "slips": str(path.parent / "slips"),
        "printer": {"host": "127.0.0.1", "port": printer_port},
    }
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=1).encode(), 0o600)


def _tell(stage: Stage, options: DemoOptions) -> None:
    url, folder = http_url(stage), options.data
    person = stage.loaded.hall.staff[-2].staff_id
    print(
        f"""
The hall is open.

  Queues, for phones     {url}/
  Main display           {url}/board
  A window's screen      {url}/window/1
  Managers               {url}/manage    manager, password {stage.manager_password}
  Slips                  {folder / "slips"}
  Screens                {folder / "screens"}

Take part from another terminal:

  ./paihao dispenser --join {folder}    take a number
  ./paihao terminal  --join {folder}    serve it: staff {person}, PIN {stage.pins[person]}, window 6
  ./paihao display   --join {folder}    the main display

Ctrl-C closes the hall.
""",
        flush=True,
    )


async def _supervise(started: Programs) -> None:
    """Start again whatever ends, as systemd does in a hall."""
    waiting = {asyncio.create_task(p.process.wait(), name=p.name): p for p in started.running}
    pause = 0.2
    try:
        while True:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                ended = waiting.pop(task)
                log.warning("program_ended", program=ended.name, code=ended.process.returncode, log=str(ended.log))
                started.running.remove(ended)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)
                again = await started.start(ended.name, *ended.arguments)
                waiting[asyncio.create_task(again.process.wait(), name=again.name)] = again
    finally:
        for task in waiting:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*waiting, return_exceptions=True)
