"""Seeded window staff: they sign in, call, serve and rest, through the same terminal client as people."""

import asyncio
import random
from collections.abc import Callable
from math import log as ln
from math import sqrt

import structlog

from hall_protocol import commands as c
from hall_protocol.messages import Accepted, Refused
from window_terminal.client import Answer, TerminalClient

log = structlog.get_logger()

SERVICE_MEAN_S, SERVICE_CV = 90.0, 0.7
WALK_S = 8.0
LOOK_AGAIN_S = 4.0
RECALL_S = 30.0
TRANSFER_SHARE, HOLD_SHARE, PAUSE_SHARE = 0.04, 0.02, 0.01


def lognormal(chance: random.Random, mean: float, cv: float) -> float:
    """A lognormal time with this mean and coefficient of variation."""
    variance = ln(1 + cv * cv)
    return chance.lognormvariate(ln(mean) - variance / 2, sqrt(variance))


class StaffMember:
    """One member of staff at one window."""

    def __init__(
        self,
        client: TerminalClient,
        staff_id: str,
        pin: str,
        window: str,
        chance: random.Random,
        speed: float,
        shows_up: Callable[[str], bool],
    ) -> None:
        self._client = client
        self._staff_id, self._pin, self._window = staff_id, pin, window
        self._random = chance
        self._speed = speed
        self._shows_up = shows_up

    async def run(self) -> None:
        """Work until cancelled, or until somebody takes this login over."""
        await self._client.link.session.linked.wait()
        while not self._replaced():
            if await self._begin():
                while self._client.session is not None:
                    await self._serve_one()
            await self._pause(10)
        log.info("staff_replaced", staff_id=self._staff_id)

    def _replaced(self) -> bool:
        """Somebody has signed in elsewhere as this member of staff, or sits at this window."""
        windows = self._client.queues.windows if self._client.queues else []
        return any(
            (w.staff_id == self._staff_id and w.window != self._window)
            or (w.window == self._window and w.staff_id not in (None, self._staff_id))
            for w in windows
        )

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(max(0.05, seconds / self._speed))

    async def _begin(self) -> bool:
        client = self._client
        if not isinstance(await client.sign_in(self._staff_id, self._pin, self._window), Accepted):
            return False
        return isinstance(await client.give(c.OpenWindow(client.session or "")), Accepted)

    async def _serve_one(self) -> None:
        client, session, chance = self._client, self._client.session or "", self._random
        called = await client.give(c.CallNext(session))
        if not isinstance(called, Accepted):
            await self._not_called(called, session)
            return
        if not self._shows_up(called.result["label"]):
            await self._wait_in_vain(session)
            return
        await self._pause(WALK_S * chance.uniform(0.5, 1.5))
        await client.give(c.Start(session))
        await self._pause(lognormal(chance, SERVICE_MEAN_S, SERVICE_CV))
        lot = chance.random()
        if lot < TRANSFER_SHARE:
            await client.give(c.Transfer(session, queue_id="collection"))
        elif lot < TRANSFER_SHARE + HOLD_SHARE:
            await self._hold_a_while(session)
        else:
            await client.give(c.Finish(session, outcome=chance.choice(["completed", "accepted"])))
        if chance.random() < PAUSE_SHARE:
            await client.give(c.PauseWindow(session, reason="break"))
            await self._pause(60)
            await client.give(c.OpenWindow(session))

    async def _not_called(self, answer: Answer, session: str) -> None:
        if isinstance(answer, Refused) and answer.code == "window_busy":
            # Left over from before a restart.
            await self._client.give(c.Finish(session))
        elif isinstance(answer, Refused) and answer.code == "window_closed":
            await self._client.give(c.OpenWindow(session))
        await self._pause(LOOK_AGAIN_S)

    async def _wait_in_vain(self, session: str) -> None:
        for _ in range(20):
            await self._pause(RECALL_S)
            answer = await self._client.give(c.NoShow(session))
            if not isinstance(answer, Refused) or answer.code != "too_early":
                return
            await self._client.give(c.Recall(session))

    async def _hold_a_while(self, session: str) -> None:
        held = await self._client.give(c.Hold(session, reason="filling in a form"))
        if not isinstance(held, Accepted):
            return
        await self._pause(30)
        await self._client.give(c.Resume(session, label=held.result["label"]))
        await self._pause(30)
        await self._client.give(c.Finish(session))
