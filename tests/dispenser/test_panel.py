"""Buttons and lamps: bounces, holds, the help button; real pins by gpiozero's mock, simulated ones by the socket."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from hall_protocol.commands import CheckIn, Issue
from hall_protocol.messages import Catalogue
from ticket_dispenser.drivers.contacts import PanelDriver
from ticket_dispenser.drivers.gpio import GpioContacts
from ticket_dispenser.drivers.panel import Key, Lamp, Panel, Reprint
from ticket_dispenser.drivers.port import Answer, Status
from ticket_dispenser.drivers.socket import SocketButtons

PASSPORT = Key(17, 27, "passport")
MARRIAGE = Key(18, 24, "marriage")
HELP = Key(22, 23, green=("priority",))
KEYS = (PASSPORT, MARRIAGE, HELP)


class QuietDesk:
    """A desk that notes what it is asked."""

    linked = True
    catalogue: Catalogue | None = None

    def __init__(self) -> None:
        self.orders: list[Issue | CheckIn | Reprint] = []
        self.statuses: dict[str, Status] = {}

    async def press(self, order: Issue | CheckIn) -> Answer:
        self.orders.append(order)
        return Answer("printed", f"A{len(self.orders):03d}")

    async def reprint(self) -> Answer:
        return Answer("printed", "A000")

    def status(self, service_id: str) -> Status:
        return self.statuses.get(service_id, "issuing")

    def on_change(self, listener: Callable[[], None]) -> None:
        del listener


def press(panel: Panel, key: Key, at: float, held_s: float = 0.1) -> list[Issue | Reprint]:
    panel.edge(key.pin, True, at)
    orders = list(panel.settle(at + 0.03))
    panel.edge(key.pin, False, at + held_s)
    return orders + list(panel.settle(at + held_s + 0.03))


def test_a_press_is_an_order() -> None:
    assert press(Panel(KEYS), PASSPORT, 1.0) == [Issue("passport")]


def test_a_held_button_is_one_press() -> None:
    assert press(Panel(KEYS), PASSPORT, 1.0, held_s=60) == [Issue("passport")]


@given(gaps=st.lists(st.floats(0.0001, 0.019), min_size=1, max_size=30))
def test_a_bouncing_contact_is_one_press(gaps: list[float]) -> None:
    panel, at, down = Panel(KEYS), 1.0, True
    orders: list[Issue | CheckIn | Reprint] = []
    for gap in gaps:
        panel.edge(17, down, at)
        at += gap
        orders += panel.settle(at)
        down = not down
    panel.edge(17, True, at)
    orders += panel.settle(at + 0.025)
    assert orders == [Issue("passport")]


@given(spike=st.floats(0.0001, 0.0199))
def test_noise_is_no_press(spike: float) -> None:
    panel = Panel(KEYS)
    panel.edge(17, True, 1.0)
    panel.edge(17, False, 1.0 + spike)
    assert list(panel.settle(2.0)) == []


def test_J2_the_help_button_goes_along_with_the_next_press_only() -> None:
    panel = Panel(KEYS)
    assert press(panel, HELP, 1.0) == []
    assert panel.lamps({"passport": "issuing", "marriage": "paused"}, 2.0)[23] is Lamp.QUICK
    assert press(panel, PASSPORT, 3.0) == [Issue("passport", green=("priority",))]
    assert press(panel, PASSPORT, 8.0) == [Issue("passport")]


def test_the_help_button_is_taken_back_by_itself_and_by_a_second_press() -> None:
    panel = Panel(KEYS)
    press(panel, HELP, 1.0)
    assert press(panel, PASSPORT, 12.0) == [Issue("passport")]
    press(panel, HELP, 20.0)
    press(panel, HELP, 21.0)
    assert press(panel, PASSPORT, 22.0) == [Issue("passport")]


def test_holding_the_help_button_asks_for_a_reprint() -> None:
    panel = Panel(KEYS)
    assert press(panel, HELP, 1.0, held_s=5.5) == [Reprint()]
    assert press(panel, PASSPORT, 7.0) == [Issue("passport")], "and is no wish for help"


def test_lamps_tell_issuing_paused_and_trouble_apart() -> None:
    lamps = Panel(KEYS).lamps({"passport": "trouble", "marriage": "paused"}, 1.0)
    assert lamps == {27: Lamp.SLOW, 24: Lamp.OFF, 23: Lamp.ON}


def test_nothing_flashes_above_three_hertz() -> None:
    for lamp in Lamp:
        seen = [lamp.burns(step / 1000) for step in range(1000)]
        assert sum(a != b for a, b in pairwise(seen)) / 2 <= 3


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    before, gpiozero.Device.pin_factory = gpiozero.Device.pin_factory, MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


async def until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def test_real_pins_take_presses_and_light_lamps(pins: MockFactory) -> None:
    desk = QuietDesk()
    desk.statuses["marriage"] = "paused"
    running = asyncio.create_task(PanelDriver(Panel(KEYS), GpioContacts(KEYS)).run(desk))
    await until(lambda: bool(pins.pin(27).state))
    assert not pins.pin(24).state
    # Bounces, on another thread as gpiozero's callbacks are.
    for _ in range(5):
        pins.pin(17).drive_low()
        time.sleep(0.001)  # noqa: ASYNC251  a bounce, shorter than the loop would wait
        pins.pin(17).drive_high()
    pins.pin(17).drive_low()
    await until(lambda: desk.orders == [Issue("passport")])
    pins.pin(17).drive_high()
    await asyncio.sleep(0.1)
    assert desk.orders == [Issue("passport")]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_the_simulated_panel_is_pressed_held_and_looked_at(tmp_path: Path) -> None:
    desk = QuietDesk()
    driver = SocketButtons(tmp_path / "buttons.sock", Panel(KEYS))
    running = asyncio.create_task(driver.run(desk))
    await until((tmp_path / "buttons.sock").exists)
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "buttons.sock"))

    async def say(**what: Any) -> Any:
        writer.write(json.dumps(what).encode() + b"\n")
        return json.loads(await reader.readline())

    assert (await say(press=17, hold_ms=300))["label"] == "A001"
    assert (await say(press=22)) == {"kind": "nothing"}
    assert (await say(lamps=True)) == {"27": "on", "24": "on", "23": "quick"}
    await say(press=18)
    assert desk.orders == [Issue("passport"), Issue("marriage", green=("priority",))]
    assert (await say(press=5))["code"] == "invalid"
    assert (await say(service_id="collect"))["label"] == "A003"
    writer.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
