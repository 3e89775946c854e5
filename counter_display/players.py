"""What makes a sound: the board's sound card, or a folder for trials."""

import asyncio
import itertools
from pathlib import Path

import structlog

log = structlog.get_logger()

LONGEST_S = 60.0


class Aplay:
    """ALSA's own player. `device` as `aplay -L` lists them; empty for the usual one."""

    def __init__(self, device: str = "") -> None:
        self._command = ["aplay", "-q", *(["-D", device] if device else []), "-"]

    async def play(self, sound: bytes) -> None:
        """Play."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
        except OSError as error:
            log.error("no_player", reason=str(error))
            return
        try:
            async with asyncio.timeout(LONGEST_S):
                _, told = await process.communicate(sound)
        except TimeoutError:
            log.error("player_hangs")
        else:
            if process.returncode:
                log.error("player_failed", reason=told.decode(errors="replace").strip()[:200])
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


class SoundFolder:
    """Keeps every sound as a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        folder.mkdir(parents=True, exist_ok=True)

    async def play(self, sound: bytes) -> None:
        """Write it."""
        path = self._folder / f"{next(self._numbers):04d}.wav"
        await asyncio.to_thread(path.write_bytes, sound)
