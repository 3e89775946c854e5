"""A board that is a folder: for trials without a machine to restart.

Places lie below the folder. Whatever would be done to the system is a line in `done`; with a process number in
`program.pid`, a reload is a hang-up signal to it and a restart ends it (whoever started it starts it again).
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

from firmware_config.agent.places import Places
from firmware_config.bundle import Bundle, Part


class FolderBoard:
    """The shipped fake."""

    def __init__(self, folder: Path, boot_id: str = "1", *, trial_boot: bool = False) -> None:
        self._folder = folder
        self._places = Places(folder / "unit.conf", folder / "network", folder / "boot", folder / "secrets")
        self.boot_id, self.trial_boot = boot_id, trial_boot
        (folder / "boot").mkdir(parents=True, exist_ok=True)
        usual = folder / "boot/config.txt"
        if not usual.exists():
            usual.write_text("[all]\ninclude paihao.txt\n")

    def install(self, bundle: Bundle | None, *, trial: bool) -> frozenset[Part]:
        """Write what differs."""
        return self._places.install(bundle, trial=trial)

    async def reload(self) -> None:
        """A hang-up signal."""
        self._do("reload", signal.SIGHUP)

    async def restart(self) -> None:
        """The program ends."""
        self._do("restart", signal.SIGTERM)

    async def stop(self) -> None:
        """The program ends."""
        self._do("stop", signal.SIGTERM)

    async def reconnect(self) -> None:
        """A line."""
        self._do("reconnect", None)

    async def reboot(self, *, trial: bool) -> None:
        """A line."""
        self._do("reboot on trial" if trial else "reboot", None)

    def _do(self, what: str, number: signal.Signals | None) -> None:
        with (self._folder / "done").open("a") as done:
            done.write(f"{what}\n")
        if number is not None:
            with suppress(OSError, ValueError):
                os.kill(int((self._folder / "program.pid").read_text()), number)
