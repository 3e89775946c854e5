"""What travels to a device: nothing that is not signed, by nobody who is not believed."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_config.bundle import BundleError, canonical, opened
from firmware_config.changes import Effect, changed_keys, effects
from tests.fleet.site import NEXT_KEY, SIGNERS, STRANGER, bundle, message


def test_a_signed_bundle_opens_with_either_of_two_keys() -> None:
    for key in (None, NEXT_KEY):
        payload = message(bundle(3)) if key is None else message(bundle(3), key)
        assert opened(payload, SIGNERS).bundle == bundle(3)


def test_the_signed_bytes_do_not_depend_on_the_order_of_keys() -> None:
    content = canonical(bundle(3))
    assert b" " not in content.replace(b" = ", b"")
    turned = dict(reversed(list(msgspec.json.decode(content).items())))
    assert canonical(msgspec.convert(turned, type(bundle(3)))) == content


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "malformed"),
        (b"[]", "malformed"),
        (b"\xff\xfe", "malformed"),
        (message(bundle(3), STRANGER), "unknown_signer"),
        (message(bundle(3)).replace(b"large_type = false", b"large_type = true"), "bad_signature"),
        (message(bundle(3)).replace(b'"generation":3', b'"generation":4'), "bad_signature"),
        (message(bundle(3)).replace(b'"hot":', b'"more":1,"hot":'), "malformed"),
        (message(bundle(3)).replace(b'"signature":"', b'"signature":"!'), "bad_signature"),
    ],
)
def test_what_is_not_as_it_was_signed_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(BundleError, match=f"^{reason}$"):
        opened(payload, SIGNERS)


@given(st.data())
def test_no_changed_byte_is_believed(data: st.DataObject) -> None:
    payload = bytearray(message(bundle(3)))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))
    with suppress(BundleError):
        assert opened(bytes(payload), SIGNERS).bundle == bundle(3)


@pytest.mark.parametrize(
    ("change", "takes"),
    [
        ({}, set()),
        ({"large": True}, {Effect.HOT}),
        ({"port": 1}, {Effect.RESTART}),
        ({"large": True, "port": 1}, {Effect.RESTART}),
        ({"unit": "[Service]\nMemoryMax=1M\n"}, {Effect.RESTART}),
        ({"network": "[ipv4]"}, {Effect.NETWORK}),
        ({"boot": "dtparam=spi=on", "large": True}, {Effect.REBOOT, Effect.HOT}),
    ],
)
def test_hot_restart_and_reboot_are_told_apart(change: dict[str, object], takes: set[Effect]) -> None:
    assert effects(bundle(1), bundle(2, **change)) == takes  # type: ignore[arg-type]


def test_a_first_configuration_starts_the_program() -> None:
    assert effects(None, bundle(1)) == {Effect.RESTART}
    assert changed_keys(bundle(1), bundle(2, large=True)) == ["generation", "large_type"]
