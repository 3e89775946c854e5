"""From the hall as it is to alerts: each trigger alone, only who may help is named, silence while closed (R09, R31)."""

from dataclasses import dataclass
from typing import cast

import pytest
from msgspec.structs import replace

from hall_server.application.devices import DeviceBook
from hall_server.application.foresight import Foresight
from hall_server.application.watching import Watchman
from hall_server.application.writer import Writer
from hall_server.domain import commands as c
from hall_server.domain.calendar import Moment
from hall_server.domain.configuration import Alerts, Staff, Window
from hall_server.domain.state import Tuning
from hall_server.domain.tickets import TicketClass
from hall_server.forecast.advice import advise, eligible
from hall_server.forecast.foresee import crowding
from hall_server.forecast.learned import Learned
from hall_server.forecast.look import Looker
from hall_server.forecast.service_times import Times
from hall_server.forecast.told import Advice, Crowding, Extra, Forecast, Kept, crowded
from tests.story import Story, at, small_hall

LIMITS = Alerts(waiting_limit=4, wait_limit_s=1200, ease_after_s=60)


@dataclass
class StoryClock:
    story: Story

    def now(self) -> Moment:
        return self.story.now

    def seconds(self, real_seconds: float) -> float:
        return real_seconds


@dataclass
class Hall:
    """A story with somebody who watches."""

    story: Story
    foresight: Foresight
    watchman: Watchman

    def looks(self) -> list[str]:
        """What is raised (`+`) and eased (`-`) now."""
        found = []
        for command in self.watchman.orders(self.story.state):
            self.story.order(command)
            sign = "+" if isinstance(command, c.RaiseAlert) else "-"
            found.append(sign + command.alert_id)  # type: ignore[attr-defined]  # both have it
        return found

    def forecasts(self, *over: float, **parts: object) -> None:
        crowds = {"identity": Crowding(over, tuple(0 for _ in over), crowded(over))} if over else {}
        self.foresight.take(Forecast(self.story.now.ms, self.story.state.seq, crowds=crowds, **parts))  # type: ignore[arg-type]  # its fields


@pytest.fixture
def hall() -> Hall:
    rules = replace(small_hall().rules, alerts=LIMITS)
    story, foresight = Story(replace(small_hall(), rules=rules)), Foresight()
    return Hall(story, foresight, Watchman(cast("Writer", None), StoryClock(story), foresight, DeviceBook()))


def test_R09_too_many_waiting_raise_an_alert_alone(hall: Hall) -> None:
    for _ in range(4):
        hall.story.takes()
    assert hall.looks() == []
    hall.story.takes()
    assert hall.looks() == ["+count-identity"]
    alert = hall.story.state.alerts["count-identity"]
    assert (alert.facts["waiting"], alert.facts["waiting_limit"], alert.queue_id) == (5, 4, "identity")
    assert hall.looks() == [], "it is raised once"


def test_R09_waiting_too_long_raises_an_alert_alone(hall: Hall) -> None:
    hall.story.takes()
    hall.story.later(1199)
    assert hall.looks() == []
    hall.story.later(1)
    assert hall.looks() == ["+time-identity"]
    assert hall.story.state.alerts["time-identity"].facts["longest_wait_s"] == 1200


def test_R09_a_forecast_raises_one_before_the_wait(hall: Hall) -> None:
    hall.forecasts(0.9, 0.9, 0.2, 0.3)
    assert hall.looks() == [], "what is crowded now shows without a forecast"
    hall.forecasts(0.1, 0.2, 0.2, 0.4)
    assert hall.looks() == ["+forecast-identity"]
    hall.forecasts(0.9, 0.1, 0.1, 0.1)
    assert hall.looks() == []
    hall.story.later(60)
    assert hall.looks() == ["-forecast-identity"]


def test_it_eases_only_when_it_has_been_well_below_for_a_while(hall: Hall) -> None:
    tickets = [hall.story.takes() for _ in range(5)]
    hall.looks()
    hall.story.order(c.Abandon("token1"))
    hall.story.later(3600)
    assert "-count-identity" not in hall.looks(), "four are not well below four"
    hall.story.order(c.Abandon("token2"))
    assert tickets
    hall.looks()
    hall.story.later(59)
    assert "-count-identity" not in hall.looks()
    hall.story.later(1)
    assert "-count-identity" in hall.looks()


def test_a_closed_hall_is_silent_and_what_was_raised_eases() -> None:
    rules = replace(small_hall().rules, alerts=LIMITS)
    story, foresight = Story(replace(small_hall(), rules=rules), now=at("2026-06-03 16:30")), Foresight()
    hall = Hall(story, foresight, Watchman(cast("Writer", None), StoryClock(story), foresight, DeviceBook()))
    for number in range(5):
        story.takes()
        assert number >= 4 or hall.looks() == []
    assert hall.looks() == ["+count-identity"]
    for number in range(1, 6):
        story.order(c.Abandon(f"token{number}"))
    story.later(3600)
    assert hall.looks() == ["-count-identity"]
    assert hall.looks() == []


def test_R31_a_queue_without_calls_though_a_window_is_free_names_the_queue(hall: Hall) -> None:
    hall.story.signs_in("ann", "1")
    hall.story.takes()
    hall.story.later(899)
    assert not [one for one in hall.looks() if "silent" in one]
    hall.story.later(1)
    assert "+silent-queue-identity" in hall.looks()
    assert hall.story.state.alerts["silent-queue-identity"].queue_id == "identity"


def test_R31_a_dispenser_that_has_stopped_printing_is_named(hall: Hall) -> None:
    for number in range(20):
        ticket = hall.story.takes("collect")
        if number < 12:
            hall.story.order(c.ReportPrint(ticket.ticket_id, "dispenser-1", "printed"))
    hall.looks()
    hall.story.later(60)
    assert "+silent-dispenser-dispenser-1" in hall.looks()
    assert hall.story.state.alerts["silent-dispenser-dispenser-1"].device == "dispenser-1"


def test_R31_a_dispenser_that_gives_out_nothing_while_others_do_is_named(hall: Hall) -> None:
    def takes(source: str, count: int) -> None:
        for _ in range(count):
            number = len(hall.story.state.tickets)
            hall.story.order(c.Issue(f"i{number}", f"i{number}", "collect", source))
            hall.story.order(c.ReportPrint(f"i{number}", source, "printed"))

    for _ in range(12):
        takes("dispenser-1", 1)
        takes("dispenser-2", 1)
    takes("dispenser-1", 30)
    hall.looks()
    hall.story.later(60)
    assert [one for one in hall.looks() if "dispenser" in one] == ["+silent-dispenser-dispenser-2"]


def test_R31_a_slow_window_no_shows_and_ranges_that_do_not_hold_are_told(hall: Hall) -> None:
    hall.forecasts(
        window_shifts={"2": (0.7, 5.0, 12), "1": (0.1, 6.0, 50)},
        kept={"identity/ordinary": Kept(200.0, 120.0), "social/ordinary": Kept(200.0, 160.0)},
    )
    assert sorted(hall.looks()) == ["+ranges-drift-identity", "+slow-window-2"]
    alert = hall.story.state.alerts["slow-window-2"]
    assert (alert.window, alert.kind, alert.facts["times_usual"]) == ("2", "anomaly", 2.01)


def trained() -> Learned:
    learned = Learned()
    learned.services = {service: Times() for service in ("id-card", "pension")}
    for times in learned.services.values():
        for _ in range(60):
            times.add(600.0)
    return learned


def crowded_story() -> Story:
    windows = (
        *small_hall().windows,
        Window("6", "A", ("identity",)),
        Window("7", "A", ("collection",)),
    )
    staff = (*small_hall().staff, Staff("dan", ("identity",)), Staff("eve", ("collection",)))
    story = Story(replace(small_hall(), windows=windows, staff=staff))
    story.signs_in("ann", "1")
    story.signs_in("cai", "3")
    for _ in range(8):
        story.takes()
    return story


def test_R09_R12_only_windows_and_staff_who_can_help_are_named() -> None:
    story = crowded_story()
    assert list(eligible(story.state, "identity")) == [Extra("6", "bob"), Extra("2", "dan")]
    outlook = Looker(trained()).look(story.state, story.now, ())
    advice = advise(outlook, story.state, "identity", 2400.0)
    assert isinstance(advice, Advice)
    assert advice.over_before > 0.9 > advice.over_after
    assert advice.wait_after_s < advice.wait_before_s
    assert {one.window for one in advice.open} <= {"2", "6"}
    assert {one.staff_id for one in advice.open} <= {"bob", "dan"}


def test_the_fewest_windows_that_are_enough_are_advised() -> None:
    story = crowded_story()
    outlook = Looker(trained()).look(story.state, story.now, ())
    patient = advise(outlook, story.state, "identity", 4200.0)
    hasty = advise(outlook, story.state, "identity", 1500.0)
    assert patient is not None
    assert hasty is not None
    assert len(patient.open) <= len(hasty.open)


def test_nobody_on_a_break_is_called_back() -> None:
    story = crowded_story()
    bob = story.signs_in("bob", "2")
    story.order(c.SetWindow(bob, "paused", "lunch"))
    assert "bob" not in {one.staff_id for one in eligible(story.state, "identity")}


def test_the_same_minute_gives_the_same_crowding() -> None:
    story = crowded_story()
    first, second = (crowding(Looker(trained()), story.state, story.now) for _ in range(2))
    assert first == second
    assert first["identity"].over[0] > 0.5


def test_a_promise_that_no_order_can_keep_is_a_matter_of_staff(hall: Hall) -> None:
    hall.story.takes(green=("priority",))
    missing = Tuning(hall.story.now.ms, hall.story.state.tuning.rates, (TicketClass.GREEN,))
    hall.story.state.tune(missing)
    assert hall.looks() == []
    hall.story.later(600)
    assert "+staffing-green" in hall.looks()
    alert = hall.story.state.alerts["staffing-green"]
    assert (alert.kind, alert.facts["class"]) == ("staffing", "green")
