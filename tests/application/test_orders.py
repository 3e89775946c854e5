"""Who may give which order, before anything is decided."""

import msgspec
import pytest

from hall_protocol.commands import BODIES, Envelope, hashed
from hall_protocol.messages import Refused
from hall_protocol.topics import Role
from hall_server.application.orders import Sender, translate
from hall_server.domain import commands as c

ENVELOPE = Envelope("some-id", "any")


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("role", Role)
def test_every_order_is_for_its_roles_and_no_other(name: str, role: Role) -> None:
    body = msgspec.convert(BODIES[name].example, BODIES[name])
    translated = translate(Sender("d", role), ENVELOPE, body)
    if role in body.roles:
        assert isinstance(translated, tuple)
    else:
        assert isinstance(translated, Refused)
        assert translated.code == "not_allowed"


def test_a_terminal_of_one_window_signs_in_nowhere_else() -> None:
    body = msgspec.convert({"staff_id": "ann", "pin": "1", "window": "3"}, BODIES["sign_in"])
    refused = translate(Sender("t", Role.TERMINAL, ("1", "2")), ENVELOPE, body)
    assert isinstance(refused, Refused)
    assert refused.code == "foreign_window"


def test_secrets_are_made_once_and_only_their_hash_goes_in() -> None:
    body = msgspec.convert({"service_id": "x"}, BODIES["issue"])
    first, second = (
        translate(Sender("d", Role.DISPENSER), ENVELOPE, body),
        translate(Sender("d", Role.DISPENSER), ENVELOPE, body),
    )
    assert isinstance(first, tuple)
    assert isinstance(second, tuple)
    command, token = first
    assert isinstance(command, c.Issue)
    assert token is not None
    assert token != second[1]
    assert command.token_hash == hashed(token)
    assert token not in str(command)
