"""A site to try things on, and its signed generations."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from counter_display.configuration import DisplayFile
from firmware_config.bundle import Bundle, Part, signed
from firmware_config.overlays import Types
from ticket_dispenser.configuration import DispenserFile
from window_terminal.configuration import TerminalFile

TYPES: Types = {"dispenser": DispenserFile, "display": DisplayFile, "terminal": TerminalFile}
KEY, NEXT_KEY, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2, 3))


def public(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


SIGNERS = (public(KEY), public(NEXT_KEY))


def bundle(
    generation: int,
    *,
    device: str = "dispenser-1",
    large: bool = False,
    port: int = 8883,
    unit: str = "[Service]\n",
    network: str | None = None,
    boot: str | None = None,
    signers: tuple[str, ...] = SIGNERS,
) -> Bundle:
    agent = f'generation = {generation}\nhost = "hall"\nport = {port}\nlarge_type = {str(large).lower()}\n'
    files = {Part.AGENT: agent, Part.UNIT: unit, Part.NETWORK: network, Part.BOOT: boot}
    kept = {part: text for part, text in files.items() if text is not None}
    return Bundle("example", device, "dispenser", generation, kept, ("large_type",), signers)


def message(what: Bundle, key: Ed25519PrivateKey = KEY) -> bytes:
    return signed(what, public(key), key.sign)


def write_site(folder: Path, **files: str) -> Path:
    """A site's folder; `__` in a name stands for a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
