"""A site's signed generations: `SITE/signed/DEVICE.json`, each the newest of its device."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware_config.bundle import Bundle, BundleError, bundle_in, opened, signed, with_generation
from firmware_config.overlays import Site, Types
from firmware_config.rendering import render
from hall_protocol.codec import decode
from hall_protocol.messages.devices import Desired
from hall_protocol.private_keys import pem_of, signing_key
from hall_protocol.whole_file import write_whole

SIGNED = "signed"


class GenerationError(Exception):
    """A generation that cannot be made or published; one sentence."""


class Step(NamedTuple):
    """A device's newest signed generation, and the one that the site as it is now would make."""

    device: str
    old: Bundle | None
    """None before the first."""
    new: Bundle
    """The same as `old` where nothing has changed."""

    @property
    def changes(self) -> bool:
        """Whether there is anything to sign."""
        return self.new != self.old


class Signer(NamedTuple):
    """A key to sign with."""

    public: str
    sign: Callable[[bytes], bytes]


def make_key(path: Path) -> str:
    """A new signing key in a file for its owner alone; returns the public key.

    Raises:
        GenerationError: the file is there already.
    """
    if path.exists():
        raise GenerationError(f"{path} is there already; keys are not overwritten")
    key = Ed25519PrivateKey.generate()
    write_whole(path, pem_of(key), 0o600)
    return _public(key)


def load_key(path: Path) -> Signer:
    """A signing key.

    Raises:
        GenerationError: it is missing or none.
    """
    try:
        key = signing_key(path.read_bytes())
    except OSError as error:
        raise GenerationError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise GenerationError(f"{path}: no key to sign with: {error}; paihao config key makes one") from error
    return Signer(_public(key), key.sign)


def _public(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def steps(folder: Path, site: Site, types: Types) -> Iterator[Step]:
    """Every device of the site, in order."""
    for device, model in site.devices.items():
        old = newest(folder, device)
        files = render(site.hall, device, model)
        hot = tuple(sorted(types[model.role].HOT))
        generation = old.generation + 1 if old else 1
        new = Bundle(site.hall, device, model.role, generation, with_generation(files, generation), hot, site.signers)
        if old is not None:
            as_before = with_generation(files, old.generation)
            new = old if msgspec.structs.replace(new, generation=old.generation, files=as_before) == old else new
        yield Step(device, old, new)


def newest(folder: Path, device: str) -> Bundle | None:
    """The newest signed generation of a device.

    Raises:
        GenerationError: the file is damaged.
    """
    path = folder / SIGNED / f"{device}.json"
    if not path.exists():
        return None
    desired = decode(path.read_bytes(), Desired)
    try:
        if desired is None:
            raise BundleError("malformed")
        return bundle_in(desired)
    except BundleError as error:
        raise GenerationError(f"{path}: is damaged; restore it, its generation must not be used twice") from error


def sign(folder: Path, step: Step, signer: Signer) -> None:
    """Write a device's new generation.

    Raises:
        GenerationError: devices of this site do not believe the key.
    """
    believed = (step.old or step.new).signers
    if signer.public not in believed:
        raise GenerationError(
            f"{step.device} believes {', '.join(believed) or 'no key'}, not {signer.public}: "
            "a new key is first named in site.toml's signers and signed by an old one"
        )
    (folder / SIGNED).mkdir(exist_ok=True)
    write_whole(folder / SIGNED / f"{step.device}.json", signed(step.new, signer.public, signer.sign))


def publish(folder: Path, target: Path) -> list[tuple[str, int]]:
    """Hand the signed generations to a hall's folder; returns devices and generations that are new there.

    Raises:
        GenerationError: one is damaged, or older than what the hall has already.
    """
    target.mkdir(parents=True, exist_ok=True)
    ready: list[tuple[str, int, bytes]] = []
    for path in sorted((folder / SIGNED).glob("*.json")):
        payload = path.read_bytes()
        desired = decode(payload, Desired)
        try:
            bundle = opened(payload, (desired.signer,) if desired else ()).bundle
        except BundleError as error:
            raise GenerationError(f"{path}: {error.reason}") from error
        there = target / path.name
        known = decode(there.read_bytes(), Desired) if there.exists() else None
        if known is not None and known.generation > bundle.generation:
            raise GenerationError(
                f"{bundle.device}: the hall has generation {known.generation} already, this is {bundle.generation}"
            )
        if not there.exists() or there.read_bytes() != payload:
            ready.append((path.name, bundle.generation, payload))
    for name, _, payload in ready:
        write_whole(target / name, payload)
    return [(name.removesuffix(".json"), generation) for name, generation, _ in ready]
