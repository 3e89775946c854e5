"""How many numbers a second the hall hands out durably over MQTT, and what 100,000 tickets change in that."""

import asyncio
import sqlite3
import tempfile
import time
import uuid
from pathlib import Path

from benchmarks.figures import Report, quantile
from command_line.stage import Stage, answers, broker, lay_out, programs
from hall_protocol.codec import decode_reply, encode_command
from hall_protocol.commands import Issue
from hall_protocol.messages import Accepted
from hall_protocol.session import MqttSession, Outgoing
from hall_protocol.topics import Role
from hall_server.journal.store import connect

BODY = Issue("id-card-renewal")
AT_ONCE = 256


class Presser:
    """A dispenser that presses as often as it is let: at most so many orders unanswered at a time."""

    def __init__(self, stage: Stage, device: str) -> None:
        self._topics, self._device = stage.topics, device
        self._sent: dict[str, float] = {}
        self._room = asyncio.Event()
        self.latencies: list[float] = []
        self.labels: set[str] = set()
        address = stage.address(device, f"bench-{device}")
        self.session = MqttSession(address, (self._topics.reply(device),), self._receive, clean=True)

    def _receive(self, _topic: str, payload: bytes) -> None:
        reply = decode_reply(payload)
        if isinstance(reply, Accepted) and reply.id in self._sent:
            self.latencies.append(time.perf_counter() - self._sent.pop(reply.id))
            self.labels.add(reply.result["label"])
            self._room.set()

    async def press(self, count: int, at_once: int, a_second: float | None = None) -> float:
        """Press so often; the seconds it took until the last answer."""
        self.latencies.clear()
        began = time.perf_counter()
        topic = self._topics.command(self._device)
        for number in range(count):
            if a_second is not None:
                await asyncio.sleep(max(0.0, began + number / a_second - time.perf_counter()))
            await self._until(at_once - 1)
            command_id = str(uuid.uuid4())
            self._sent[command_id] = time.perf_counter()
            self.session.publish_soon(Outgoing(topic, encode_command(command_id, BODY)))
        await self._until(0)
        return time.perf_counter() - began

    async def _until(self, most: int) -> None:
        while len(self._sent) > most:
            self._room.clear()
            await asyncio.wait_for(self._room.wait(), 30)


def floor_commits(folder: Path, count: int) -> float:
    """Durable single-row commits a second in SQLite with the journal's settings, one after the other."""
    connection: sqlite3.Connection = connect(folder / "floor.sqlite")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, data BLOB)")
    began = time.perf_counter()
    for _ in range(count):
        connection.execute("INSERT INTO row (data) VALUES (?)", (b"x" * 400,))
    seconds = time.perf_counter() - began
    connection.close()
    return count / seconds


async def run(tickets: int) -> Report:
    """The figures."""
    report = Report("throughput")
    with tempfile.TemporaryDirectory(prefix="paihao-bench-") as name:
        folder = Path(name)
        stage = lay_out(folder)
        report_floor = floor_commits(folder, 2000)
        async with broker(stage), programs(folder) as started:
            hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
            await answers(f"http://127.0.0.1:{stage.loaded.file.server.http_port}/healthz", watched=[hall])
            presser = Presser(stage, stage.devices(Role.DISPENSER)[0])
            link = asyncio.create_task(presser.session.run(), name="bench-link")
            await presser.session.linked.wait()
            await presser.press(200, 16)
            few = await _calm(presser)
            seconds = await presser.press(10_000, AT_ONCE)
            report.add("durable issues over MQTT", 10_000 / seconds, "1/s", floor=report_floor, aim=">= 1700/s")
            left = tickets - len(presser.labels)
            if left > 0:
                seconds = await presser.press(left, AT_ONCE)
                report.add(f"the same, up to {tickets} tickets", left / seconds, "1/s", aim=">= 1700/s")
            many = await _calm(presser)
            for share, what in ((0.5, "p50"), (0.99, "p99")):
                report.add(
                    f"order to reply at 20/s, 200 tickets in the journal, {what}", quantile(few, share) * 1e3, "ms"
                )
                report.add(
                    f"order to reply at 20/s, {len(presser.labels)} tickets, {what}",
                    quantile(many, share) * 1e3,
                    "ms",
                    floor=quantile(few, share) * 1e3,
                    aim="1 x",
                )
            link.cancel()
            await asyncio.gather(link, return_exceptions=True)
    return report


async def _calm(presser: Presser) -> list[float]:
    """Latencies at a hall's own pace."""
    await presser.press(600, 64, a_second=20)
    return list(presser.latencies)
