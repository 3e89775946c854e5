"""What all messages share, replies, and the hall's own state and journal."""

from typing import Any, Literal

import msgspec

Text = dict[str, str]
"""A text by language tag: zh-Hans always, zh-Hant and en where the hall has them."""


def said(text: Text, language: str) -> str:
    """A text in a language; simplified Chinese where there is none, empty where there is not even that."""
    return text.get(language) or text.get("zh-Hans", "")


class Message(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that is published."""


class WaitRange(Message, frozen=True):
    """A wait's 10–90 % range in seconds. Where no honest one can be given the field is null, never 0."""

    low: int
    high: int


class Accepted(Message, frozen=True):
    """An order that is stored durably."""

    id: str
    seq: int
    result: dict[str, Any]
    v: int = 1
    ok: bool = True


class Refused(Message, frozen=True):
    """An order that changed nothing."""

    id: str
    code: str
    message: str
    v: int = 1
    ok: bool = False


Presence = Literal["online", "offline"]


class HallState(Message, frozen=True):
    """`hall/state`, retained; `offline` is the hall's last will."""

    state: Presence
    boot_id: str
    version: str
    catalogue_version: str
    at: str
    dispensers: list[str] = []
    """Dispensers that give out slips just now: where a visitor can go when another one has no paper."""


class JournalRecord(Message, frozen=True):
    """`journal`: one event as it was stored. `hash` chains it to the one before."""

    seq: int
    at: str
    name: str
    version: int
    data: dict[str, Any] | msgspec.Raw
    hash: str
