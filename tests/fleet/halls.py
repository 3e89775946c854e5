"""A hall with certificates: the real server, Debian's Mosquitto with the hall's files, devices that enrol."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from command_line.stage import Stage, lay_out
from firmware_config import enrolling
from hall_protocol.device import DeviceLink
from hall_protocol.identity import Identity
from hall_protocol.session import BrokerAddress
from hall_protocol.topics import Role
from hall_server.adapters.broker_files import REVOKED
from hall_server.adapters.broker_process import free_port, port_is_busy
from hall_server.adapters.certified_fleet import broker_folder
from hall_server.main import RunningHall, run_hall
from tests.conftest import needs


class FleetHall(NamedTuple):
    """Up and running."""

    stage: Stage
    hall: RunningHall
    files: Path

    async def enrol(self, device: str, folder: Path) -> Identity:
        """As a person would: start it on the device, type the code at the hall."""
        codes: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def show(code: str) -> None:
            loop.call_soon_threadsafe(codes.put_nowait, code)

        enrolling.ASKS_EVERY_S = 0.05
        asking = asyncio.create_task(asyncio.to_thread(enrolling.enrol, self.hall.http_url, device, folder, show))
        code = await codes.get()
        assert self.hall.enrolment is not None
        await self.hall.enrolment.approve(device, code.lower().replace("0", "O"), "manager")
        return await asking

    def link(self, device: str, role: Role, identity: Path, **more: object) -> DeviceLink:
        """A device's own side, with its certificate."""
        fleet = self.stage.loaded.file.fleet
        assert fleet is not None
        address = BrokerAddress("localhost", fleet.port, device, "", identity=identity)
        return DeviceLink(address, "example", device, role, **more)  # type: ignore[arg-type]


class Mosquitto:
    """Debian's broker, and what systemd's path units do beside it in a hall."""

    def __init__(self, files: Path, log: Path) -> None:
        self._files, self._log = files, log
        # As root Mosquitto would change to a user who cannot read a private folder.
        self._own = files.parent / "mosquitto.conf"
        self._own.write_text("user root\n" + (files / "mosquitto.conf").read_text())
        self._seen = self._marks()
        self._start()

    def _start(self) -> None:
        with self._log.open("ab") as output:
            self.process = subprocess.Popen([needs("mosquitto"), "-c", str(self._own)], stdout=output, stderr=output)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(5)

    async def answers(self, address: tuple[str, int]) -> None:
        while not port_is_busy(*address):
            assert self.process.poll() is None, self._log.read_text()
            await asyncio.sleep(0.02)

    async def follow_files(self) -> None:
        """A reload, or a restart where somebody has been sent away: whoever is connected must not stay."""
        while True:
            await asyncio.sleep(0.05)
            before, self._seen = self._seen, self._marks()
            if before.get(REVOKED) != self._seen.get(REVOKED):
                self.stop()
                self._start()
            elif before != self._seen:
                self.process.send_signal(signal.SIGHUP)

    def _marks(self) -> dict[str, int]:
        marks = {}
        for path in self._files.iterdir():
            with suppress(FileNotFoundError):
                marks[path.name] = path.stat().st_mtime_ns
        return marks


@asynccontextmanager
async def fleet_hall(folder: Path, signers: tuple[str, ...] = ()) -> AsyncIterator[FleetHall]:
    fleet = {"names": ["localhost", "127.0.0.1"], "port": free_port(), "signers": list(signers)}
    stage = lay_out(
        folder / "hall",
        changes={"fleet": {**fleet, "host": "127.0.0.1", "files": "broker-files", "store": str(folder / "store")}},
    )
    assert stage.loaded.file.fleet is not None
    broker_folder(stage.loaded, stage.loaded.file.fleet)
    files = stage.loaded.data / "broker-files"
    (folder / "store").mkdir(exist_ok=True)
    broker = Mosquitto(files, folder / "mosquitto.log")
    following = asyncio.create_task(broker.follow_files())
    try:
        await broker.answers(stage.mqtt)
        async with run_hall(stage.loaded) as hall:
            await hall.wire.session.linked.wait()
            yield FleetHall(stage, hall, files)
    finally:
        following.cancel()
        broker.stop()
