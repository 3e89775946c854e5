"""A site's folder: `roles/ROLE.toml`, then `site.toml`, then `devices/DEVICE.toml`, each laid over the one before."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from firmware_config.model import DeviceModel
from hall_protocol.device_file import DeviceFile
from hall_protocol.topics import is_id

Types = Mapping[str, type[DeviceFile]]
"""The file that each role's program reads."""
ENROLLED = ("hall", "device", "password", "host", "port", "data", "identity", "generation")
"""Keys of a program's file that no overlay sets."""


class SiteError(Exception):
    """A site that cannot be used: one line a fault, with file and key."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))


class Site(NamedTuple):
    """A hall's devices."""

    hall: str
    signers: tuple[str, ...]
    """Public keys that devices of this site are to believe: at most two, so that one can follow the other."""
    devices: dict[str, DeviceModel]


class _Layer(NamedTuple):
    name: str
    content: dict[str, Any]


def load_site(folder: Path, types: Types) -> Site:
    """All devices of a site.

    Raises:
        SiteError: with one line for every fault.
    """
    site = _read(folder / "site.toml")
    hall, signers = site.pop("hall", ""), site.pop("signers", [])
    lines = [] if is_id(str(hall)) else [f"site.toml: hall: {hall!r} does not match [a-z0-9][a-z0-9-]{{0,31}}"]
    if not (isinstance(signers, list) and len(signers) <= 2 and all(isinstance(key, str) for key in signers)):
        lines.append("site.toml: signers: a list of at most two public keys")
    lines += [
        f"site.toml: {key}: no role; known are every, {', '.join(types)}"
        for key in site.keys() - types.keys() - {"every"}
    ]
    devices: dict[str, DeviceModel] = {}
    for path in sorted((folder / "devices").glob("*.toml")):
        try:
            if not is_id(path.stem):
                raise SiteError([f"devices/{path.name}: the name does not match [a-z0-9][a-z0-9-]{{0,31}}"])
            devices[path.stem] = _device(folder, site, path, types)
        except SiteError as error:
            lines.append(str(error))
    if not devices and not lines:
        lines.append(f"{folder}/devices: there are no devices")
    if lines:
        raise SiteError(lines)
    return Site(hall, tuple(signers), devices)


def _device(folder: Path, site: dict[str, Any], path: Path, types: Types) -> DeviceModel:
    own = _read(path)
    role = str(own.get("role", ""))
    if role not in types:
        raise SiteError([f"devices/{path.name}: role: {role!r} is none of {', '.join(types)}"])
    shipped = folder / "roles" / f"{role}.toml"
    layers = [
        _Layer(f"roles/{role}.toml", _read(shipped) if shipped.exists() else {}),
        _Layer("site.toml", site.get("every", {})),
        _Layer("site.toml", site.get(role, {})),
        _Layer(f"devices/{path.name}", own),
    ]
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = laid_over(merged, layer.content)
    model = _typed(merged, DeviceModel, layers, "")
    enrolled = [key for key in ENROLLED if key in model.agent]
    if enrolled:
        raise SiteError([_fault(layers, f"agent.{key}", "is given by enrolment, not here") for key in enrolled])
    identity = {"hall": "hall", "device": path.stem}
    _typed({**model.agent, **identity}, types[role], layers, "agent.")
    return model


ValueT = TypeVar("ValueT")


def _typed(content: dict[str, Any], kind: type[ValueT], layers: list[_Layer], prefix: str) -> ValueT:
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        sentence, _, where = str(error).partition(" - at `$.")
        key = prefix + where.rstrip("`")
        unknown = sentence.partition("unknown field `")[2].rstrip("`")
        if unknown:
            key, sentence = f"{key}.{unknown}".removeprefix(".").replace("..", "."), "there is no such key"
        raise SiteError([_fault(layers, key.rstrip("."), sentence)]) from error


def _fault(layers: list[_Layer], key: str, sentence: str) -> str:
    """A line that names the overlay which said it last."""
    said = [layer.name for layer in layers if _says(layer.content, key.partition("[")[0])]
    return f"{said[-1] if said else layers[-1].name}: {key or 'top level'}: {sentence}"


def _says(content: Any, key: str) -> bool:
    for part in key.split("."):
        if not (isinstance(content, dict) and part in content):
            return False
        content = content[part]
    return True


def laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Tables join key by key; everything else, lists too, is replaced."""
    joined = dict(below)
    for key, value in above.items():
        old = joined.get(key)
        joined[key] = laid_over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return joined


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SiteError([f"{path}: cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SiteError([f"{path}: no valid TOML: {error}"]) from error
