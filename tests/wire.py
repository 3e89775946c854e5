"""A program that nobody here wrote: it knows the contract's names and speaks plain MQTT and JSON."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt

Json = dict[str, Any]


@dataclass(frozen=True)
class Demo:
    """A running demo, by its `demo.json`."""

    folder: Path
    described: Json

    @property
    def url(self) -> str:
        return str(self.described["http_url"])

    def root(self) -> str:
        return f"paihao/1/{self.described['hall']}"

    def pin(self, staff_id: str) -> str:
        return next(str(p["pin"]) for p in self.described["staff"] if p["staff_id"] == staff_id)

    def device(self, name: str) -> "Device":
        known = self.described["devices"][name]
        return Device(
            self.described["mqtt_host"],
            self.described["mqtt_port"],
            self.root(),
            name,
            known["username"],
            known["password"],
        )


class Device:
    """One device with its own connection."""

    def __init__(self, host: str, port: int, root: str, name: str, username: str, password: str) -> None:
        self._host, self._port, self.root, self.name = host, port, root, name
        self._username, self._password = username, password
        self.heard: list[tuple[str, bytes]] = []
        self._news = asyncio.Condition()
        self.client: aiomqtt.Client

    @asynccontextmanager
    async def connected(self, *topics: str) -> AsyncIterator["Device"]:
        """Connect, hear the own replies and these topics under the root."""
        async with aiomqtt.Client(
            self._host,
            self._port,
            username=self._username,
            password=self._password,
            identifier=f"test-{self.name}-{uuid.uuid4().hex[:8]}",
        ) as self.client:
            await self.client.subscribe(f"{self.root}/device/{self.name}/reply", qos=1)
            for topic in topics:
                await self.client.subscribe(f"{self.root}/{topic}", qos=1)
            listening = asyncio.create_task(self._listen())
            try:
                yield self
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self) -> None:
        async for message in self.client.messages:
            async with self._news:
                self.heard.append((str(message.topic).removeprefix(self.root + "/"), bytes(message.payload)))
                self._news.notify_all()

    async def send(self, payload: bytes) -> None:
        await self.client.publish(f"{self.root}/device/{self.name}/command", payload, qos=1)

    async def hears(self, topic: str, wanted: Any, within_s: float = 5.0) -> Json:
        """The first message on a topic that fits, also one heard before."""

        def found() -> Json | None:
            for heard, payload in self.heard:
                if heard == topic and payload and wanted(decoded := json.loads(payload)):
                    return dict(decoded)
            return None

        async with asyncio.timeout(within_s), self._news:
            while (message := found()) is None:
                await self._news.wait()
            return message

    async def command(self, type_: str, body: Json | None = None, **envelope: Any) -> Json:
        """Give an order and wait for its reply."""
        command_id = envelope.pop("id", None) or str(uuid.uuid4())
        count = sum(1 for topic, _ in self.heard if topic.endswith("/reply"))
        await self.send(json.dumps({"v": 1, "id": command_id, "type": type_, "body": body or {}, **envelope}).encode())

        def replies() -> list[Json]:
            return [json.loads(payload) for topic, payload in self.heard if topic.endswith("/reply")][count:]

        async with asyncio.timeout(5), self._news:
            while not (matching := [reply for reply in replies() if reply["id"] == command_id]):
                await self._news.wait()
            return matching[0]

    async def accepted(self, type_: str, body: Json | None = None, **envelope: Any) -> Json:
        """An order that must be accepted: its result."""
        reply = await self.command(type_, body, **envelope)
        assert reply["ok"], reply
        return dict(reply["result"])
