"""A hall in a folder: its files, and its programs as processes of their own. For the demo, benchmarks and tests."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from hall_protocol.session import BrokerAddress
from hall_protocol.topics import Role, Topics
from hall_server.adapters.broker_files import nats_configuration, users
from hall_server.adapters.broker_process import BrokerError, NatsServer, free_port, leash, nats_server
from hall_server.adapters.hall_file import LoadedHall, load_hall
from hall_server.adapters.secrets_file import HALL_USER, complete, write
from halls import EXAMPLE

STOP_WITHIN_S = 2.0
ALWAYS_OPEN = {
    "holidays": [],
    "last_issue_before_end_min": 0,
    "sessions": [{"kind": "regular", "from": "00:00", "to": "24:00", "weekdays": [0, 1, 2, 3, 4, 5, 6]}],
}


@dataclass(frozen=True, slots=True)
class Stage:
    """The files of a hall that is laid out in a folder."""

    folder: Path
    loaded: LoadedHall
    pins: dict[str, str]
    manager_password: str = ""

    @property
    def hall_toml(self) -> Path:
        """The configuration file."""
        return self.folder / "hall.toml"

    @property
    def topics(self) -> Topics:
        """The hall's topics."""
        return Topics(self.loaded.hall.hall_id)

    @property
    def mqtt(self) -> tuple[str, int]:
        """The broker's host and port."""
        broker = self.loaded.file.broker
        return broker.host, broker.port

    def address(self, device: str, client_id: str = "") -> BrokerAddress:
        """How a device reaches the broker."""
        return BrokerAddress(*self.mqtt, device, self.loaded.secrets.devices[device], client_id)

    def devices(self, role: Role) -> list[str]:
        """The devices of one role."""
        return [device.id for device in self.loaded.file.devices if device.role is role]


def lay_out(
    folder: Path,
    *,
    source: Path = EXAMPLE,
    http_port: int = 0,
    mqtt_port: int = 0,
    speed: float = 1.0,
    always_open: bool = True,
    changes: dict[str, Any] | None = None,
) -> Stage:
    """Write a hall's files into a folder; secrets that are there already stay.

    The hall is open around the clock unless told otherwise: a demonstration at night should have something to show.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    loaded = load_hall(source)
    content: dict[str, Any] = msgspec.to_builtins(loaded.file)
    content["server"] |= {"data": "data", "http_port": http_port or free_port(), "speed": speed}
    content["broker"] = {"kind": "external", "host": "127.0.0.1", "port": mqtt_port or free_port()}
    if always_open:
        content["calendar"] |= ALWAYS_OPEN
    for section, values in (changes or {}).items():
        content[section] = (content[section] or {}) | values if isinstance(values, dict) else values
    (folder / "hall.toml").write_text(tomli_w.dumps(_without_none(content)), "utf-8")
    (folder / loaded.file.catalogue).write_bytes((source.parent / loaded.file.catalogue).read_bytes())
    loaded = load_hall(folder / "hall.toml")
    pins = {person.staff_id: f"{2400 + number}" for number, person in enumerate(loaded.hall.staff, start=1)}
    # The password is known only now, so each demonstration has a new one.
    nobody = msgspec.structs.replace(loaded, secrets=msgspec.structs.replace(loaded.secrets, managers={}))
    password = secrets.token_urlsafe(12)
    write(folder / loaded.file.secrets, complete(nobody, pins, password).stored)
    return Stage(folder, load_hall(folder / "hall.toml"), pins, password)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


@asynccontextmanager
async def broker(stage: Stage) -> AsyncIterator[NatsServer]:
    """The stage's broker.

    Raises:
        BrokerError: it does not start.
    """
    loaded, folder = stage.loaded, stage.folder / "broker"
    roles = {HALL_USER: Role.HALL, **{device.id: device.role for device in loaded.file.devices}}
    host, port = stage.mqtt
    configuration = nats_configuration(
        users(stage.topics, roles), loaded.secrets.devices, host=host, port=port, store=folder
    )
    async with nats_server(configuration, folder, host, port) as server:
        yield server


@dataclass(slots=True)
class Program:
    """One program as a process."""

    name: str
    arguments: tuple[str, ...]
    process: asyncio.subprocess.Process
    log: Path

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)


@dataclass(slots=True)
class Programs:
    """The programs that were started; all end with the block."""

    folder: Path
    running: list[Program] = field(default_factory=list)

    async def start(self, name: str, *arguments: str) -> Program:
        """Start `paihao …` with its output in a file of its own."""
        log = self.folder / f"{name}.log"
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *leash(),
                sys.executable,
                "-m",
                "command_line",
                *arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )
        program = Program(name, arguments, process, log)
        self.running.append(program)
        return program

    async def stop(self, *programs: Program) -> None:
        """End some, or all, together; by force where it takes too long."""
        ending = [p for p in (programs or tuple(self.running)) if p.process.returncode is None]
        for program in ending:
            program.process.terminate()
        if ending:
            waits = [asyncio.create_task(program.process.wait()) for program in ending]
            _, late = await asyncio.wait(waits, timeout=STOP_WITHIN_S)
            if late:
                for program in ending:
                    if program.process.returncode is None:
                        program.kill()
                await asyncio.gather(*waits)
        gone = programs or tuple(self.running)
        self.running = [program for program in self.running if program not in gone]


@asynccontextmanager
async def programs(folder: Path) -> AsyncIterator[Programs]:
    """A place to start programs in; they end with the block."""
    started = Programs(folder)
    try:
        yield started
    finally:
        await started.stop()


async def answers(url: str, within_s: float = 15.0, watched: Sequence[Program] = ()) -> None:
    """Wait until a hall's `/healthz` says that all is well, its link to the broker included.

    Raises:
        BrokerError: it does not in time, or one of the watched programs ended.
    """
    host, _, rest = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    for _ in range(int(within_s / 0.05)):
        for program in watched:
            if program.process.returncode is not None:
                raise BrokerError(f"{program.name} ended: {_last_line(program.log)}")
        try:
            reader, writer = await asyncio.open_connection(name, int(port))
            writer.write(f"GET /{rest} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            answer = await asyncio.wait_for(reader.read(), 2)
            writer.close()
            if b'"status": "ok"' in answer:
                return
        except (OSError, TimeoutError):
            pass
        await asyncio.sleep(0.05)
    raise BrokerError(f"{url} does not answer")


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing"
