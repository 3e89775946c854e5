"""The fleet's programs as an operator starts them: enrol, sign, publish, apply, take back, see."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from command_line.stage import Program, programs
from tests.fleet.halls import FleetHall, fleet_hall
from tests.fleet.site import write_site

DISPENSER = 'role = "dispenser"\n[agent]\nlarge_type = false\n[agent.printer]\nkind = "file"\n[agent.buttons]\nkind = "socket"\n'


async def paihao(*words: str, exits: int = 0, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "command_line", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
    )
    said, _ = await process.communicate()
    assert process.returncode == exits, said.decode()
    return said.decode()


class Board:
    """A device's machine: the agent, and something like systemd that keeps its program running."""

    def __init__(self, folder: Path, agent: Program, log: Path) -> None:
        self.folder, self._log = folder, log
        self.logs = (log, agent.log)
        self.starts = 0

    async def keep_program(self) -> None:
        """`Restart=always`, and `ConditionPathExists` for the configuration."""
        current = self.folder / "config/current/device.toml"
        while True:
            if current.exists():
                self.starts += 1
                with self._log.open("ab") as log:
                    process = await asyncio.create_subprocess_exec(
                        *(sys.executable, "-m", "command_line", "dispenser", "--config", str(current)),
                        stdout=log,
                        stderr=log,
                    )
                (self.folder / "board/program.pid").write_text(str(process.pid))
                try:
                    await process.wait()
                finally:
                    if process.returncode is None:
                        process.terminate()
                        await process.wait()
            await asyncio.sleep(0.1)


@asynccontextmanager
async def board(fleet: FleetHall, tmp_path: Path) -> AsyncIterator[Board]:
    folder = tmp_path / "machine"
    (folder / "board").mkdir(parents=True)
    await fleet.enrol("dispenser-1", folder / "identity")
    async with programs(tmp_path) as started:
        words = ("--folder", str(folder), "--board", str(folder / "board"), "--heard-within", "8")
        agent = await started.start("agent", "agent", *words)
        machine = Board(folder, agent, tmp_path / "program.log")
        keeping = asyncio.create_task(machine.keep_program())
        try:
            yield machine
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


async def until(what: Callable[[], Any], within_s: float = 20.0, logs: tuple[Path, ...] = ()) -> None:
    for _ in range(int(within_s / 0.05)):
        if what():
            return
        await asyncio.sleep(0.05)
    said = [f"{path.name}:\n{path.read_text()}" for path in logs]
    raise AssertionError("\n".join(["it never came to be", *said]))


async def test_from_an_operators_desk_to_a_board_and_back(tmp_path: Path) -> None:
    site, key = tmp_path / "fleet", tmp_path / "key.pem"
    public = json.loads((await paihao("config", "key", str(key))).splitlines()[-1].partition("= ")[2])[0]
    async with fleet_hall(tmp_path, (public,)) as fleet, board(fleet, tmp_path) as machine:
        port = fleet.stage.loaded.file.fleet.port  # type: ignore[union-attr]
        head = f'hall = "example"\nsigners = ["{public}"]\n[every.link]\nhost = "localhost"\nport = {port}\n'

        async def publish(device: str) -> None:
            write_site(site, site=head, devices__dispenser_1=device)
            (site / "devices/dispenser_1.toml").replace(site / "devices/dispenser-1.toml")
            assert "signed" in await paihao("config", "sign", str(site), "--key", str(key))
            assert "published" in await paihao("config", "publish", str(site), "--data", str(fleet.stage.loaded.data))

        def generation() -> int:
            states = {one.device: one.state.config_generation for one in fleet.hall.devices.all()}
            return states.get("dispenser-1", 0)

        def reported() -> tuple[int, str]:
            said = {one.device: one.reported for one in fleet.hall.devices.all()}.get("dispenser-1")
            return (said.generation, said.status) if said else (0, "")

        await publish(DISPENSER)
        await until(lambda: generation() == 1 and reported() == (1, "applied"), logs=machine.logs)
        started = machine.starts

        await publish(DISPENSER.replace("large_type = false", "large_type = true"))
        await until(lambda: generation() == 2 and reported() == (2, "applied"), logs=machine.logs)
        assert machine.starts == started, "a hot key takes no restart"

        # A template that is not there: the program does not come up with it.
        await publish(DISPENSER.replace("[agent]\n", '[agent]\nslip = "/nowhere/slip.toml"\n'))
        await until(lambda: reported() == (3, "rolled_back"), 30, logs=machine.logs)
        await until(lambda: generation() == 2, logs=machine.logs)
        said = await paihao("config", "status", str(fleet.stage.hall_toml), exits=1)
        assert "rolled_back not_heard" in said

        await publish(DISPENSER.replace("large_type = false", "repeat_guard_s = 1.0"))
        await until(lambda: generation() == 4 and reported() == (4, "applied"), logs=machine.logs)
        said = await paihao("config", "status", str(fleet.stage.hall_toml))
        assert "dispenser-1               4      4  online, applied" in said


async def test_a_device_is_let_in_from_the_command_line(tmp_path: Path) -> None:
    async with fleet_hall(tmp_path) as fleet:
        url, password = fleet.hall.http_url, fleet.stage.manager_password
        async with programs(tmp_path) as started:
            words = ("--hall", url, "--device", "dispenser-2", "--folder", str(tmp_path))
            enrolling = await started.start("enrol", "enrol", *words)
            await until(lambda: "approve" in enrolling.log.read_text())
            code = next(line.strip() for line in enrolling.log.read_text().splitlines() if line.startswith("    "))
            assert "waits for its code" in await paihao("devices", "--hall", url, "list", PAIHAO_PASSWORD=password)
            wrong = await paihao(
                "devices", "--hall", url, "approve", "dispenser-2", "00000-00000", exits=1, PAIHAO_PASSWORD=password
            )
            assert wrong == "the code is not the one that the device shows\n"
            locked_out = await paihao("devices", "--hall", url, "list", exits=1, PAIHAO_PASSWORD="guess")
            assert locked_out == "name or password is wrong\n"
            await paihao("devices", "--hall", url, "approve", "dispenser-2", code, PAIHAO_PASSWORD=password)
            assert await asyncio.wait_for(enrolling.process.wait(), 10) == 0
        assert "dispenser-2 belongs to example as a dispenser" in enrolling.log.read_text()
        assert (tmp_path / "identity/certificate.pem").exists()
        await paihao("devices", "--hall", url, "revoke", "dispenser-2", PAIHAO_PASSWORD=password)
        retired = await paihao("devices", "--hall", url, "retire", "dispenser-2", PAIHAO_PASSWORD=password)
        assert retired == "dispenser-2: nothing to take back\n"
        gone = await paihao("devices", "--hall", url, "revoke", "dispenser-2", exits=1, PAIHAO_PASSWORD=password)
        assert gone == "the device has no certificate\n"
