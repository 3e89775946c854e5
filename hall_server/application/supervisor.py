"""Tasks that must go on: one that fails is logged, alarmed and started again with back-off (decision 21)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Alarm(Protocol):
    """Who is told of a fault."""

    def __call__(self, trigger: str, error: Exception) -> None:
        """Log a fault and alert somebody; `trigger` is the task's name."""


class Supervisor:
    """Starts named tasks in a group and starts each again when it fails. A task that returns has ended well."""

    def __init__(self, tasks: asyncio.TaskGroup, alarm: Alarm, first_pause_s: float = FIRST_PAUSE_S) -> None:
        self._tasks, self._alarm, self._first_pause_s = tasks, alarm, first_pause_s

    def run(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do the work until it returns or is cancelled, however often it fails."""
        return self._tasks.create_task(self._keep(name, work), name=name)

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause_s = self._first_pause_s
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work()
                return
            except Exception as error:  # noqa: BLE001  whatever it is, the hall goes on
                self._alarm(name, error)
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
                pause_s = self._first_pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
