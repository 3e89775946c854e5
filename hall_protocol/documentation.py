"""`docs/protocol.md`, made from the types: `python -m hall_protocol.documentation > docs/protocol.md`."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from hall_protocol.codec import MAX_COMMAND_BYTES, encode
from hall_protocol.commands import BODIES, NOT_OFFERED
from hall_protocol.examples import EXAMPLES
from hall_protocol.messages import Accepted, Refused
from hall_protocol.refusals import DESCRIPTIONS, RefusalCode
from hall_protocol.topics import Role, Topics, rights

EXAMPLE_ID = "3f0c9c1e-5d0e-4e1f-9b39-0d1f1f0f6a10"
_HALL, _DEVICE = "{hall}", "{d}"


def protocol_page() -> str:
    """The whole page."""
    return "\n".join([*_head(), *_rights(), *_commands(), *_codes(), *_messages()]) + "\n"


def _head() -> Iterator[str]:
    yield "# The wire"
    yield ""
    yield "Made from the types in `hall_protocol`; a test fails when it is not current."
    yield ""
    yield "MQTT 3.1.1, QoS 1. Everything is UTF-8 JSON under `paihao/1/{hall}`. Times are RFC 3339 with offset,"
    yield "durations whole seconds named `…_s`. Unknown fields are ignored. A command has at most"
    yield f"{MAX_COMMAND_BYTES} bytes. A device repeats a command with the same id until it has the reply; the same id"
    yield "always gets the same reply, and `ok: true` means stored durably. Readers take the newest `seq`."
    yield ""


def _rights() -> Iterator[str]:
    topics = Topics(_HALL)
    yield "## Who may do what"
    yield ""
    yield "| role | writes | reads |"
    yield "|---|---|---|"
    for role in Role:
        right = rights(topics, _DEVICE, role)

        def short(names: tuple[str, ...]) -> str:
            return ", ".join(f"`{name.removeprefix(topics.root + '/')}`" for name in names)

        yield f"| {role.value} | {short(right.publish)} | {short(right.subscribe)} |"
    yield ""


def _commands() -> Iterator[str]:
    yield "## Commands"
    yield ""
    yield "`device/{d}/command`, answered on `device/{d}/reply`. Accepted and refused replies:"
    yield ""
    yield from _json(msgspec.to_builtins(Accepted(EXAMPLE_ID, 123, {"…": "…"})))
    refused = Refused(EXAMPLE_ID, "queue_closed", "no more tickets are given out today")
    yield from _json(msgspec.to_builtins(refused))
    for name, body in BODIES.items():
        yield f"### {name}"
        yield ""
        yield inspect.cleandoc(body.__doc__ or "")
        yield ""
        yield f"From: {', '.join(sorted(role.value for role in body.roles))}."
        yield ""
        yield from _json({"v": 1, "id": EXAMPLE_ID, "type": name, "age_ms": 0, "body": body.example})
        yield "Result:"
        yield ""
        yield from _json(body.result_example)
    yield f"Known and not offered by this version (`unsupported`): {', '.join(sorted(NOT_OFFERED))}."
    yield ""


def _codes() -> Iterator[str]:
    yield "## Refusal codes"
    yield ""
    yield "| code | meaning |"
    yield "|---|---|"
    yield from (f"| `{code.value}` | {DESCRIPTIONS[code]} |" for code in RefusalCode)
    yield ""


def _messages() -> Iterator[str]:
    yield "## What is published"
    yield ""
    for topic, message in EXAMPLES.items():
        yield f"### {topic}"
        yield ""
        yield inspect.cleandoc(type(message).__doc__ or "")
        yield ""
        yield from _json(json.loads(encode(message)))


def _json(value: Any) -> Iterator[str]:
    yield "```json"
    yield json.dumps(value, ensure_ascii=False, indent=1)
    yield "```"
    yield ""


if __name__ == "__main__":
    print(protocol_page(), end="")
