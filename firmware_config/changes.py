"""What a new generation changes, and what it takes to bring that about."""

import difflib
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from firmware_config.bundle import Bundle, Part


class Effect(StrEnum):
    """What has to happen on the device."""

    HOT = "hot"
    """The program reads its file again."""
    RESTART = "restart"
    NETWORK = "network"
    REBOOT = "reboot"


def effects(old: Bundle | None, new: Bundle) -> frozenset[Effect]:
    """From one generation to the next; an absent old one is a first configuration."""
    before = old.files if old else {}
    changed = {part for part in {*before, *new.files} if before.get(part) != new.files.get(part)}
    found = set()
    # The number itself is news that the program is to tell, but changes nothing.
    if keys := set(changed_keys(old, new)) - {"generation"}:
        found.add(Effect.HOT if old and keys <= set(new.hot) else Effect.RESTART)
    if Part.UNIT in changed:
        found.add(Effect.RESTART)
    if Part.NETWORK in changed:
        found.add(Effect.NETWORK)
    if Part.BOOT in changed:
        found.add(Effect.REBOOT)
    return frozenset(found - {Effect.HOT} if Effect.RESTART in found else found)


def changed_keys(old: Bundle | None, new: Bundle) -> list[str]:
    """Keys of the program's file that are not as they were, dotted."""
    before, after = (_flat(bundle.files.get(Part.AGENT, "")) if bundle else {} for bundle in (old, new))
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _flat(text: str) -> dict[str, Any]:
    def walk(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
        for key, value in table.items():
            if isinstance(value, dict):
                yield from walk(value, f"{prefix}{key}.")
            else:
                yield prefix + key, value

    return dict(walk(tomllib.loads(text), ""))


def difference(old: Bundle | None, new: Bundle) -> Iterator[str]:
    """Lines for people, as `diff -u` writes them."""
    for part in Part:
        before = old.files.get(part, "") if old else ""
        after = new.files.get(part, "")
        yield from difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"old/{part}", f"new/{part}", lineterm=""
        )
