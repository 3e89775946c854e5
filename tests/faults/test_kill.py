"""`kill -9` in mid-load, twenty times: no acknowledged ticket is lost, none is doubled."""

import asyncio
import random
from collections import Counter
from pathlib import Path

from command_line.stage import Stage, answers, programs
from hall_protocol.commands import Issue
from hall_protocol.device import DeviceLink, NoReplyError
from hall_protocol.messages import Accepted
from hall_protocol.topics import Role
from hall_server.domain.state import State
from hall_server.journal import tools
from hall_server.journal.store import fold

KILLS = 20
PRESSERS = 8


async def press_on(link: DeviceLink, acknowledged: list[str], stop: asyncio.Event) -> None:
    """Take numbers one after the other; an order is repeated with its own id until it is answered."""
    while not stop.is_set():
        try:
            reply = await link.request(Issue("passport"), within_s=20, resend_after_s=0.3)
        except NoReplyError:
            continue
        assert isinstance(reply, Accepted), reply
        acknowledged.append(reply.result["label"])


async def more_than(labels: list[str], count: int) -> None:
    """Wait until the load has gone on."""
    for _ in range(3000):
        if len(labels) > count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the hall does not come back")


async def test_twenty_kills(stage: Stage, tmp_path: Path) -> None:
    chance, stop = random.Random(7), asyncio.Event()
    labels: list[str] = []
    (tmp_path / "logs").mkdir()
    url = f"http://127.0.0.1:{stage.loaded.file.server.http_port}/healthz"
    link = DeviceLink(stage.address("dispenser-1"), "example", "dispenser-1", Role.DISPENSER)
    async with programs(tmp_path / "logs") as started:
        hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
        await answers(url, watched=[hall])
        session = asyncio.create_task(link.session.run())
        pressing = [asyncio.create_task(press_on(link, labels, stop)) for _ in range(PRESSERS)]
        killed_with = []
        for _ in range(KILLS):
            await more_than(labels, len(labels) + 5)
            await asyncio.sleep(chance.uniform(0, 0.1))
            hall.kill()
            await hall.process.wait()
            killed_with.append(len(labels))
            hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
        await answers(url, watched=[hall])
        stop.set()
        await asyncio.gather(*pressing)
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)
    assert len(set(killed_with)) == KILLS, "every kill hit a hall at work"
    assert [label for label, times in Counter(labels).items() if times > 1] == [], "a label was handed out twice"
    with tools.opened(stage.loaded.data) as connection:
        tools.check_chain(connection)
        tools.check_fold(connection)
        stored = {ticket.label for ticket in fold(connection, State()).tickets.values()}
    assert set(labels) <= stored, "an acknowledged ticket is gone"
    # Every stored ticket was asked for by somebody who got its answer: repeated orders made no second ticket.
    assert stored == set(labels)
