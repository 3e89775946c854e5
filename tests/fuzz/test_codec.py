"""Whatever bytes arrive: a command, a refusal, or nothing. Never an exception."""

from hypothesis import given
from hypothesis import strategies as st

from hall_protocol.codec import decode_command
from hall_protocol.messages import Refused


@given(st.binary(max_size=400))
def test_any_bytes_are_a_command_or_a_refusal(payload: bytes) -> None:
    decoded = decode_command(payload)
    assert isinstance(decoded, tuple | Refused)
