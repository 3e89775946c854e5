"""C1, H3: a device may say anything of itself; the hall believes what can be true, and is never ended by the rest."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall_protocol.codec import decode
from hall_protocol.messages.devices import DeviceState
from hall_protocol.messages.health import Health, read_health
from hall_server.application.devices import DeviceBook

FIELDS = [field.name for field in msgspec.structs.fields(Health)]
odd_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
health = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=12), odd_values, max_size=12)


@given(health)
def test_every_trouble_can_be_told_whatever_a_device_says(told: dict[str, Any]) -> None:
    book = DeviceBook()
    book.hear("display-1", DeviceState("online", "display", "boot", "1", health=told))
    for trouble in book.troubles("v1"):
        msgspec.json.encode(trouble.facts)
    book.working_dispensers()
    book.kiosk_url("display-1")
    (device,) = book.all()
    msgspec.convert(device.state.health, Health)  # what is left has the right types
    assert set(device.odd) <= set(told)


@pytest.mark.parametrize("depth", [50, 3000, 100_000])
def test_deep_nesting_is_no_message(depth: int) -> None:
    payload = (
        b'{"state":"online","role":"x","boot_id":"","version":"","health":{"a":' + b"[" * depth + b"]" * depth + b"}}"
    )
    state = decode(payload, DeviceState)
    if state is not None:
        assert read_health(state.health) == ({}, ()), "unknown fields are ignored"


@pytest.mark.parametrize("power", [5, 1, True, {"a": 1}, [[1]], ["x" * 99], [5]])
def test_H3_power_of_the_wrong_type_is_left_out_and_flagged(power: Any) -> None:
    assert read_health({"power": power, "uptime_s": 5}) == ({"uptime_s": 5}, ("power",))


def test_row_26_two_starts_by_turns_are_two_devices_with_one_id() -> None:
    book = DeviceBook()

    def alerts(boot: str) -> dict[str, float]:
        book.hear("dispenser-1", DeviceState("online", "dispenser", boot, "1"))
        return {trouble.key.trigger: trouble.level.value for trouble in book.troubles("")}

    assert [alerts(boot)["same_id_twice"] for boot in ("a", "a", "b", "c", "c")] == [0, 0, 0, 0, 0], "restarts"
    assert [alerts(boot)["same_id_twice"] for boot in ("b", "c")] == [1, 1], "they come by turns"


def test_M6_only_dispensers_lead_to_a_touch_page_and_only_to_their_own() -> None:
    book = DeviceBook()

    def leads(role: str, url: str) -> str | None:
        book.hear("one", DeviceState("online", role, "boot", "1", health={"kiosk_url": url}))
        return book.kiosk_url("one")

    assert leads("dispenser", "http://10.0.0.7:8090/kiosk/one") == "http://10.0.0.7:8090/kiosk/one"
    for role, url in (
        ("display", "http://10.0.0.7:8090/kiosk/one"),
        ("dispenser", "http://10.0.0.7:8090/kiosk/two"),
        ("dispenser", "http://evil.example/x?/kiosk/one"),
        ("dispenser", "http://a@b/kiosk/one"),
        ("dispenser", "javascript:alert(1)//kiosk/one"),
    ):
        assert leads(role, url) is None
