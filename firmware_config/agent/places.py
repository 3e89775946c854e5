"""Where a generation's files go on a board, and writing them there whole."""

import re
from pathlib import Path
from typing import NamedTuple

from firmware_config.agent.board import BoardError
from firmware_config.bundle import Bundle, Part
from hall_protocol.whole_file import sync_folder, write_whole

TRYBOOT, TRIAL_INCLUDE = "tryboot.txt", "paihao-trial.txt"
INCLUDE = "paihao.txt"
"""What the board's own `config.txt` includes."""
_SECRET = re.compile(r"\$\{secret:([a-z0-9][a-z0-9-]{0,31})\}")


class Places(NamedTuple):
    """Files and folders outside the generations."""

    unit: Path
    """The drop-in of the role's unit."""
    network: Path
    boot: Path
    """The firmware's partition."""
    secrets: Path

    def install(self, bundle: Bundle | None, *, trial: bool) -> frozenset[Part]:
        """Write what differs; returns which parts did.

        Raises:
            BoardError: a secret is not there.
            OSError: something cannot be written.
        """
        files = bundle.files if bundle else {}
        changed = {
            Part.UNIT: _put(self.unit, files.get(Part.UNIT), 0o644),
            Part.NETWORK: _put(self.network, self._with_secrets(files.get(Part.NETWORK)), 0o600),
        }
        if trial:
            self._lay_out_trial_boot(files.get(Part.BOOT))
        else:
            changed[Part.BOOT] = _put(self.boot / INCLUDE, files.get(Part.BOOT), 0o644)
        return frozenset(part for part, did in changed.items() if did)

    def _lay_out_trial_boot(self, settings: str | None) -> None:
        """The firmware reads tryboot.txt once, in place of config.txt, and config.txt again at the boot after."""
        if settings is None and not (self.boot / INCLUDE).exists():
            return
        usual = (self.boot / "config.txt").read_text("utf-8")
        _put(self.boot / TRIAL_INCLUDE, settings or "", 0o644)
        _put(self.boot / TRYBOOT, usual.replace(f"include {INCLUDE}", f"include {TRIAL_INCLUDE}"), 0o644)

    def _with_secrets(self, text: str | None) -> str | None:
        def secret(found: re.Match[str]) -> str:
            path = self.secrets / found.group(1)
            try:
                return path.read_text("utf-8").strip()
            except OSError as error:
                raise BoardError(f"secret_missing: {found.group(1)}") from error

        return None if text is None else _SECRET.sub(secret, text)


def _put(path: Path, text: str | None, mode: int) -> bool:
    if text is None:
        if not path.exists():
            return False
        path.unlink()
        sync_folder(path.parent)
        return True
    content = text.encode()
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content, mode)
    return True
