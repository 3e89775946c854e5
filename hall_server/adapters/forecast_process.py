"""Keeps the forecasting process running and asks it: soon after a change, and now and then."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from hall_server.application.ports import Clock
from hall_server.forecast.told import Forecast

log = structlog.get_logger()

ASK_EVERY_S = 2.0
"""At most so often while something changes."""
ASK_ANYWAY_S = 15.0
ANSWERS_WITHIN_S = 60.0
"""The first answer may have a whole journal to learn from."""
STOPS_WITHIN_S = 1.0
LINE_LIMIT = 16 * 1024 * 1024
LONGEST_PAUSE_S = 60.0


class ForecastProcess:
    """Asks for forecasts until cancelled; a process that dies or hangs is started again, ever more slowly."""

    def __init__(self, data: Path, clock: Clock, take: Callable[[Forecast], None]) -> None:
        self._command = [sys.executable, "-m", "hall_server.forecaster", str(data)]
        self._clock = clock
        self._take = take
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Something has happened in the hall."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        pause = 1.0
        while True:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                limit=LINE_LIMIT,
                # A Ctrl-C at the terminal is for us.
                start_new_session=True,
            )
            try:
                while True:
                    await self._ask(process)
                    pause = 1.0
                    await self._rest()
            except (OSError, TimeoutError, EOFError, msgspec.MsgspecError) as error:
                log.error("forecaster_failed", reason=str(error) or type(error).__name__, again_in_s=pause)
            finally:
                await _stop(process)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _ask(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise EOFError
        self._changed.clear()
        now = self._clock.now()
        process.stdin.write(msgspec.json.encode({"ms": now.ms, "offset_s": now.offset_s}) + b"\n")
        await process.stdin.drain()
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            answer = await process.stdout.readline()
        if not answer:
            raise EOFError("it ended")
        self._take(msgspec.json.decode(answer, type=Forecast))

    async def _rest(self) -> None:
        await asyncio.sleep(ASK_EVERY_S)
        try:
            async with asyncio.timeout(ASK_ANYWAY_S - ASK_EVERY_S):
                await self._changed.wait()
        except TimeoutError:
            return


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Let it store what it knows; end it by force if that takes too long."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOPS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    except asyncio.CancelledError:
        process.kill()
        raise
