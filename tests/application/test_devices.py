"""Devices that need somebody: an alert names the device and what to do, and goes by itself when the device is well."""

from typing import Any, cast

import pytest

from hall_protocol.messages.devices import DeviceState, Reported
from hall_server.application.devices import DEVICE_TROUBLES, DeviceBook
from hall_server.application.foresight import Foresight
from hall_server.application.watching import Watchman
from hall_server.application.writer import Writer
from hall_server.domain import events as e
from hall_server.web import words
from tests.application.test_watching import Hall, StoryClock
from tests.story import Story


class Devices:
    """A hall whose devices say how they are."""

    def __init__(self) -> None:
        self.desired: dict[str, int] = {}
        self.sent_away: set[str] = set()
        self.story, self.book, foresight = Story(), DeviceBook(self.desired, self.sent_away.__contains__), Foresight()
        watchman = Watchman(cast("Writer", None), StoryClock(self.story), foresight, self.book)
        self.hall = Hall(self.story, foresight, watchman)

    def says(self, state: str = "online", role: str = "dispenser", device: str = "dispenser-1", **health: Any) -> None:
        health.setdefault("catalogue_version", self.story.state.catalogue_version)
        self.book.hear(device, DeviceState(state, role, "boot", "1", health=health))  # type: ignore[arg-type]

    def after(self, seconds: float) -> list[str]:
        self.hall.looks()
        self.story.later(seconds)
        return self.hall.looks()


@pytest.fixture
def devices() -> Devices:
    devices = Devices()
    devices.says()
    return devices


def test_a_well_device_is_no_news(devices: Devices) -> None:
    devices.says(temperature_c=55.0, power=[], disk_free_mb=9000, memory_free_mb=300, printer="ok", uptime_s=5)
    assert devices.after(3600) == []


def test_R03_a_device_with_an_old_catalogue_is_flagged_within_a_minute(devices: Devices) -> None:
    devices.says(catalogue_version="older")
    assert devices.after(44) == []
    devices.story.later(6)
    assert devices.hall.looks() == ["+out-of-date-dispenser-1"]
    devices.says()
    assert devices.hall.looks() == ["-out-of-date-dispenser-1"]


def test_R03_a_device_with_an_old_configuration_is_flagged_within_a_minute(devices: Devices) -> None:
    devices.desired["dispenser-1"] = 3
    assert devices.after(44) == []
    devices.story.later(6)
    assert devices.hall.looks() == ["+old-configuration-dispenser-1"]
    facts = devices.story.state.alerts["old-configuration-dispenser-1"].facts
    assert (facts["generation"], facts["desired"]) == (0, 3)


def test_a_device_that_has_not_taken_its_configuration_says_why(devices: Devices) -> None:
    devices.desired["dispenser-1"] = 3
    devices.book.hear_reported("dispenser-1", Reported(3, "rolled_back", "not_heard"))
    assert devices.hall.looks() == ["+configuration-not-taken-dispenser-1"]
    assert devices.story.state.alerts["configuration-not-taken-dispenser-1"].facts["reason"] == "not_heard"
    devices.book.hear_reported("dispenser-1", Reported(4, "applied"))
    assert devices.hall.looks() == ["-configuration-not-taken-dispenser-1"]


@pytest.mark.parametrize(
    ("alert", "health"),
    [
        ("printer", {"printer": "paper_out"}),
        ("printer", {"printer": "cover_open"}),
        ("hot", {"temperature_c": 84.1}),
        ("power", {"power": ["undervoltage"]}),
        ("disk-low", {"disk_free_mb": 12}),
        ("disk-worn", {"disk_worn_percent": 90}),
        ("memory-low", {"memory_free_mb": 20}),
    ],
)
def test_trouble_raises_an_alert_that_names_the_device(devices: Devices, alert: str, health: dict[str, Any]) -> None:
    devices.says(**health)
    assert devices.after(15) == [f"+{alert}-dispenser-1"]
    raised = devices.story.state.alerts[f"{alert}-dispenser-1"]
    assert (raised.kind, raised.device) == ("device", "dispenser-1")
    (name,) = health
    assert raised.facts[name]


def test_J4_paper_near_its_end_is_told_at_once_and_gone_with_a_new_roll(devices: Devices) -> None:
    devices.says(paper_low=True)
    assert devices.hall.looks() == ["+paper-low-dispenser-1"]
    devices.says()
    assert devices.hall.looks() == ["-paper-low-dispenser-1"]
    assert devices.story.state.alerts == {}, "a roll of paper needs no explanation"
    causes = [event for event in devices.story.events if isinstance(event, e.AlertHandled) and event.step == "cause"]
    assert [cause.by for cause in causes] == ["system"], "R10: and yet it has a cause"


def test_a_device_that_goes_is_missed_but_not_one_that_was_never_there(devices: Devices) -> None:
    devices.says("offline", device="dispenser-2")
    devices.says("offline", role="terminal", device="terminal-1")
    devices.says("offline")
    assert devices.after(119) == []
    assert devices.after(5) == ["+device-offline-dispenser-1"]


def test_a_device_that_has_been_sent_away_is_gone_and_missed_by_nobody(devices: Devices) -> None:
    assert devices.book.working_dispensers() == ["dispenser-1"]
    devices.sent_away.add("dispenser-1")
    assert devices.book.working_dispensers() == []
    assert [one.state.state for one in devices.book.all()] == ["offline"]
    assert devices.after(600) == []


@pytest.mark.parametrize("noise", ["hot", None, [], {"a": 1}])
def test_a_device_may_say_anything(devices: Devices, noise: Any) -> None:
    devices.says(temperature_c=noise, disk_free_mb=noise, memory_free_mb=noise, disk_worn_percent=noise, power=None)
    assert devices.hall.looks() == ([] if noise is None else ["+odd-message-dispenser-1"])
    assert devices.after(60) == [], "one alert"
    devices.says()
    devices.after(1)
    assert devices.story.state.alerts == {}, "one alert, gone by itself"


def test_every_trouble_says_what_to_do() -> None:
    assert set(DEVICE_TROUBLES) <= set(words.ALERT)
