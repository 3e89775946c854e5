"""Bytes to messages and back: every example, every refusal, and any noise."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_protocol import commands
from hall_protocol.codec import decode, decode_command, decode_reply, encode, encode_command
from hall_protocol.documentation import protocol_page
from hall_protocol.examples import EXAMPLES
from hall_protocol.messages import Accepted, Progress, Refused
from hall_protocol.refusals import DESCRIPTIONS, RefusalCode
from hall_protocol.topics import Role, Topics, is_id, rights

ROOT = Path(__file__).parent.parent.parent


def test_the_documentation_is_current() -> None:
    current = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    assert current == protocol_page(), "run: python -m hall_protocol.documentation > docs/protocol.md"


@pytest.mark.parametrize("name", commands.BODIES)
def test_every_command_example_goes_there_and_back(name: str) -> None:
    kind = commands.BODIES[name]
    payload = json.dumps({"v": 1, "id": "some-id-1", "type": name, "body": {**kind.example, "newer_field": 1}}).encode()
    decoded = decode_command(payload)
    assert not isinstance(decoded, Refused)
    envelope, body = decoded
    assert (type(body), envelope.id) == (kind, "some-id-1")
    again = decode_command(encode_command("some-id-1", body, 7))
    assert not isinstance(again, Refused)
    assert (again[1], again[0].age_ms) == (body, 7)


@pytest.mark.parametrize("topic", [topic for topic in EXAMPLES if topic != "journal"])
def test_every_message_example_goes_there_and_back(topic: str) -> None:
    message = EXAMPLES[topic]
    assert decode(encode(message), type(message)) == message


def test_replies() -> None:
    accepted, refused = Accepted("id-1-id-1", 5, {"label": "A001"}), Refused("id-1-id-1", "busy", "later")
    assert decode_reply(encode(accepted)) == accepted
    assert decode_reply(encode(refused)) == refused
    assert decode_reply(b"[]") is None
    assert decode(b"{}", Progress) is None


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_noise_is_always_a_refusal(noise: bytes) -> None:
    decoded = decode_command(noise)
    assert isinstance(decoded, Refused)
    assert decoded.code in set(RefusalCode)


json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=10,
)


@given(st.sampled_from(sorted(commands.BODIES)), json_values)
def test_any_body_is_a_command_or_a_refusal_with_its_id(name: str, body: object) -> None:
    decoded = decode_command(json.dumps({"v": 1, "id": "fuzzed-id", "type": name, "body": body}).encode())
    if isinstance(decoded, Refused):
        assert (decoded.id, decoded.code) == ("fuzzed-id", "invalid")
    else:
        assert isinstance(decoded[1], commands.BODIES[name])


def test_every_refusal_code_is_described_and_the_domain_uses_no_other() -> None:
    assert set(DESCRIPTIONS) == set(RefusalCode)
    used = set()
    for path in (ROOT / "hall_server" / "domain").glob("*.py"):
        for part in path.read_text("utf-8").split("Refusal(")[1:]:
            if part.startswith('"'):
                used.add(part.split('"')[1])
    assert used <= {code.value for code in RefusalCode}
    assert "nobody_waiting" in used


def test_ids() -> None:
    assert all(map(is_id, ("a", "gz-th-01", "0", "a" * 32)))
    assert not any(map(is_id, ("", "-a", "A", "a_b", "a/b", "a b", "a" * 33, "一")))


def test_no_role_but_the_hall_may_write_what_others_believe() -> None:
    topics = Topics("h")
    for role in set(Role) - {Role.HALL}:
        for topic in rights(topics, "d", role).publish:
            assert topic.startswith(f"{topics.root}/device/d/")
            assert not topic.endswith(("/reply", "/desired"))


def test_public_messages_have_no_field_for_a_person() -> None:
    for topic in ("progress", "board", "window/{n}"):
        fields = msgspec.json.encode(msgspec.json.schema(type(EXAMPLES[topic]))).decode()
        for word in ("staff", "green", "class", "name_of", "phone", "token"):
            assert f'"{word}' not in fields
