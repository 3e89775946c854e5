"""The broker dies in mid-load, and again: everybody comes back, and no number is lost or doubled."""

import asyncio
import os
import signal
from pathlib import Path

from command_line.stage import answers, broker, lay_out, programs
from hall_protocol.commands import Issue
from hall_protocol.device import DeviceLink
from hall_protocol.messages import Accepted
from hall_protocol.topics import Role
from hall_server.domain.state import State
from hall_server.journal import tools
from hall_server.journal.store import fold
from hall_server.main import run_hall


async def test_three_kills_of_the_broker(tmp_path: Path) -> None:
    stage = lay_out(tmp_path / "hall")
    labels: list[str] = []
    (tmp_path / "logs").mkdir()
    async with broker(stage) as nats, programs(tmp_path / "logs") as started:
        hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
        await answers(f"http://127.0.0.1:{stage.loaded.file.server.http_port}/healthz", watched=[hall])
        link = DeviceLink(stage.address("dispenser-1"), "example", "dispenser-1", Role.DISPENSER)
        session = asyncio.create_task(link.session.run())
        for number in range(60):
            if number in (10, 25, 40):
                assert nats.pid is not None
                os.kill(nats.pid, signal.SIGKILL)
            reply = await link.request(Issue("passport"), within_s=30, resend_after_s=0.3)
            assert isinstance(reply, Accepted)
            labels.append(reply.result["label"])
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)
    assert labels == [f"C{number:03d}" for number in range(1, 61)]
    with tools.opened(stage.loaded.data) as connection:
        assert {t.label for t in fold(connection, State()).tickets.values()} == set(labels)


async def test_a_hall_with_its_own_broker(tmp_path: Path) -> None:
    stage = lay_out(tmp_path / "hall", changes={"broker": {"kind": "embedded"}})
    async with run_hall(stage.loaded) as hall:
        await asyncio.wait_for(hall.wire.session.linked.wait(), 5)
        link = DeviceLink(stage.address("dispenser-1"), "example", "dispenser-1", Role.DISPENSER)
        session = asyncio.create_task(link.session.run())
        assert isinstance(await link.request(Issue("passport"), within_s=5), Accepted)
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)
