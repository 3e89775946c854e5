"""Seeded visitors: they come, press at a dispenser, wait, give up or fail to show up. No shortcut into the hall."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import structlog

from hall_protocol.commands import Abandon
from hall_protocol.device import DeviceLink, NoReplyError

log = structlog.get_logger()

AT_THE_DOOR = 8
BETWEEN_S = 10.0
GREEN_SHARE, BEHALF_SHARE, GROUP_SHARE = 0.12, 0.08, 0.06
NO_SHOW_SHARE, ABANDON_SHARE = 0.06, 0.03


class Visitors:
    """Everybody who comes. `speed` is how much faster than real time they live."""

    def __init__(self, seed: int, speed: float, buttons: Path, services: list[str], gateway: DeviceLink | None) -> None:
        self._random = random.Random(seed)
        self._speed = speed
        self._buttons = buttons
        self._services = services
        self._gateway = gateway
        self._leaving: set[asyncio.Task[None]] = set()
        self._absent: set[str] = set()

    def shows_up(self, label: str) -> bool:
        """Whether a called visitor comes to the window."""
        return label not in self._absent

    async def run(self) -> None:
        """Come one after the other, until cancelled."""
        waiting_at_door = AT_THE_DOOR
        while True:
            await self._one()
            if waiting_at_door:
                waiting_at_door -= 1
                await asyncio.sleep(0.3)
            else:
                await asyncio.sleep(self._random.expovariate(1 / BETWEEN_S) / self._speed)

    async def _one(self) -> None:
        chance = self._random
        order: dict[str, Any] = {"service_id": chance.choice(self._services)}
        if chance.random() < GREEN_SHARE:
            order["green"] = chance.choice([["priority"], ["priority", "accompany"], ["assisted"]])
        if chance.random() < GROUP_SHARE:
            order["group_size"] = chance.randint(2, 9)
        order["language"] = chance.choices(["zh-Hans", "zh-Hant", "en"], [90, 6, 4])[0]
        fate = chance.random()
        answer = await self._press(order)
        label = answer.get("label")
        if not isinstance(label, str):
            if answer.get("kind") not in ("repeated", "no_dispenser"):
                log.info("visitor_without_ticket", answer=answer.get("kind"), code=answer.get("code"))
            return
        if fate < NO_SHOW_SHARE:
            self._absent.add(label)
        elif fate < NO_SHOW_SHARE + ABANDON_SHARE and self._gateway is not None:
            token = str(answer["url"]).rsplit("/", 1)[-1]
            leaving = asyncio.create_task(self._leave(token, chance.uniform(20, 120)), name="visitor-leaves")
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _press(self, order: dict[str, Any]) -> dict[str, Any]:
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._buttons))
            try:
                writer.write(json.dumps(order).encode() + b"\n")
                answer: dict[str, Any] = json.loads(await asyncio.wait_for(reader.readline(), 15))
            finally:
                writer.close()
        except (OSError, TimeoutError, ValueError):
            # The dispenser is being started again, say.
            await asyncio.sleep(1.0)
            return {"kind": "no_dispenser"}
        return answer

    async def _leave(self, token: str, after_s: float) -> None:
        await asyncio.sleep(after_s / self._speed)
        if self._gateway is None:
            return
        try:
            await self._gateway.request(Abandon(token), within_s=5)
        except NoReplyError:
            log.info("visitor_left_without_a_word")
