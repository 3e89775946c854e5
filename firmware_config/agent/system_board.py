"""A real board: systemd, NetworkManager and the Raspberry Pi's firmware."""

import asyncio
import subprocess
from pathlib import Path

from firmware_config.agent.board import BoardError
from firmware_config.agent.places import Places
from firmware_config.bundle import Bundle, Part

STEP_WITHIN_S = 45.0
CONNECTION = "paihao"
DROP_IN = "50-generation.conf"
TRYBOOT_FLAG = "proc/device-tree/chosen/bootloader/tryboot"


class SystemBoard:
    """The machine that this program runs on. `root` is `/` but in tests."""

    def __init__(self, role: str, secrets: Path, root: Path = Path("/")) -> None:
        self._unit = f"paihao-{role}.service"
        self._places = Places(
            unit=root / f"etc/systemd/system/{self._unit}.d/{DROP_IN}",
            network=root / f"etc/NetworkManager/system-connections/{CONNECTION}.nmconnection",
            boot=root / "boot/firmware",
            secrets=secrets,
        )
        self.boot_id = (root / "proc/sys/kernel/random/boot_id").read_text().strip()
        flag = root / TRYBOOT_FLAG
        # A big-endian 32-bit cell of the device tree.
        self.trial_boot = flag.exists() and any(flag.read_bytes())

    def install(self, bundle: Bundle | None, *, trial: bool) -> frozenset[Part]:
        """Write what differs."""
        return self._places.install(bundle, trial=trial)

    async def reload(self) -> None:
        """`ExecReload` of the unit sends the program a hang-up signal."""
        await _run("systemctl", "reload", self._unit)

    async def restart(self) -> None:
        """With the drop-in as it is now."""
        await _run("systemctl", "daemon-reload")
        await _run("systemctl", "restart", self._unit)

    async def stop(self) -> None:
        """Until there is a configuration."""
        await _run("systemctl", "stop", self._unit)

    async def reconnect(self) -> None:
        """NetworkManager reads its files and takes the connection up; without ours, whatever else fits."""
        await _run("nmcli", "connection", "reload")
        if self._places.network.exists():
            await _run("nmcli", "--wait", "30", "connection", "up", CONNECTION)

    async def reboot(self, *, trial: bool) -> None:
        """The firmware takes the word behind the command."""
        await _run("systemctl", "reboot", *(["--reboot-argument=0 tryboot"] if trial else []))


async def _run(*words: str) -> None:
    """One command of the system.

    Raises:
        BoardError: it failed, or took too long.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise BoardError(f"{words[0]}_missing") from error
    try:
        async with asyncio.timeout(STEP_WITHIN_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise BoardError(f"{words[0]}_{words[1]}_too_slow") from None
    if process.returncode:
        raise BoardError(f"{words[0]}_{words[1]}_failed: {said.decode(errors='replace').strip()[:200]}")
