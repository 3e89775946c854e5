"""R34: a window in an industrial park, over a line that loses, delays and reorders, and is away for a while."""

import asyncio
import json
import statistics
import subprocess
import sys
from pathlib import Path

from command_line.stage import lay_out
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketState
from hall_server.journal import tools
from hall_server.journal.store import fold
from tests.faults.line import HALL, Line, able

LOSS, DELAY_S = 0.1, (0.04, 0.12)
DONE_WITHIN_S = 240.0


async def test_R34_a_satellite_window_over_a_lossy_line(tmp_path: Path) -> None:
    able()
    stage = lay_out(
        tmp_path / "hall",
        changes={"broker": {"kind": "embedded", "host": HALL}, "server": {"http_host": HALL}},
    )
    park = tmp_path / "park"
    park.mkdir()
    host, port = stage.mqtt
    devices = ("dispenser-1", "display-1", "terminal-1")
    told = {
        "host": host, "port": port, "pin": stage.pins["s01"],
        "health": f"http://{HALL}:{stage.loaded.file.server.http_port}/healthz",
        "passwords": {device: stage.loaded.secrets.devices[device] for device in devices},
    }  # fmt: skip
    (park / "satellite.json").write_text(json.dumps(told))
    with Line(loss=LOSS, delay_s=DELAY_S).up() as line:
        hall = await asyncio.create_subprocess_exec(
            *line.inside(line.hall), sys.executable, "-m", "command_line", "hall", "--config", str(stage.hall_toml)
        )
        try:
            morning = await asyncio.create_subprocess_exec(
                *line.inside(line.park), sys.executable, "-m", "tests.faults.satellite", str(park),
                stdout=subprocess.PIPE,
            )  # fmt: skip
            watching = asyncio.create_task(_cut_when_told(line, park / "cut"))
            async with asyncio.timeout(DONE_WITHIN_S):
                said, _ = await morning.communicate()
            watching.cancel()
            assert morning.returncode == 0
        finally:
            hall.terminate()
            await hall.wait()
    seen = json.loads(said.splitlines()[-1])
    assert len(set(seen["labels"])) == len(seen["labels"]), "no number twice"
    assert sorted(seen["called"]) == sorted(seen["labels"]), "everybody is called, and once"
    assert all(seen["offline"]), "numbers go on without the line"
    with tools.opened(stage.loaded.data) as connection:
        tickets = fold(connection, State()).tickets.values()
    assert sorted(t.label for t in tickets if t.state is TicketState.FINISHED) == sorted(seen["labels"])
    print(f"{line.lost} packets lost, {line.carried} carried")
    for what, seconds in seen["seconds"].items():
        print(f"{what}: median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s")


async def _cut_when_told(line: Line, file: Path) -> None:
    while True:
        line.cut = await asyncio.to_thread(file.exists)
        await asyncio.sleep(0.05)
