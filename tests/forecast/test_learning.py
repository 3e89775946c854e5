"""What a hall knows after some days, and that a restart knows the same."""

from math import log

import msgspec
import pytest

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.configuration import Hours, Window
from hall_server.domain.evolve import evolve
from hall_server.domain.state import State
from hall_server.forecast.arrivals import Arrivals
from hall_server.forecast.learned import Learned
from hall_server.forecast.learning import observe
from hall_server.forecast.look import Looker
from hall_server.forecast.outlook import Block
from hall_server.forecast.service_times import Times, mean_of
from hall_server.forecast.window_plan import WindowPlan
from simulators.days.draw import draw_day
from simulators.days.run import OFFSET_S, DayInHall
from simulators.days.scenario import Scenario, hall_of, load_scenario
from tests.story import Story

DAYS = 12


def learn(scenario: Scenario, days: int, seed: int = 3) -> Learned:
    learned = Learned()
    for number in range(days):
        day = DayInHall(scenario, hall_of(scenario), draw_day(scenario, seed, number))

        def hear(state: State, events: list[e.Event], now: Moment) -> None:
            for event in events:
                observe(learned, state, event, now.offset_s)

        day.listeners.append(hear)
        state = day.run()
        ended = e.DayEnded(at=day.now.ms, day=state.day or "")
        evolve(state, ended)
        observe(learned, state, ended, OFFSET_S)
    return learned


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(load_scenario("S1"), DAYS)


def test_service_times_no_shows_and_show_ups_are_those_of_the_scenario(learned: Learned) -> None:
    for index, minutes in enumerate((4, 7, 11, 15, 22)):
        table = learned.services[f"service-{index + 1}"].quantiles(600)
        assert mean_of(table) / 60 == pytest.approx(minutes, rel=0.15)
    assert learned.no_shows["ordinary"].value == pytest.approx(0.06, abs=0.015)
    assert learned.show_up.value == pytest.approx(0.88, abs=0.04)
    assert learned.early.mean / 60 == pytest.approx(-4, abs=1)


def test_arrivals_follow_the_half_hours_and_the_day(learned: Learned) -> None:
    noon = Moment(1_767_542_400_000 + 12 * 3_600_000, OFFSET_S)
    arrivals = Arrivals(learned, noon)
    rates = [arrivals.rates(f"q1/{of}") for of in ("ordinary", "green")]
    for half_hour, expected in ((19, 20), (21, 26), (25, 11), (34, 4)):
        assert sum(line[half_hour] for line in rates) == pytest.approx(expected, rel=0.35, abs=2)
    learned.today.came["q1/ordinary"] = [0] * 18 + [45] * 6 + [0] * 24
    shape, rate = Arrivals(learned, noon).busier()
    learned.today.came.clear()
    assert shape / rate > 1.3, "a busy morning makes a busy day"


def test_a_window_left_without_notice_is_an_absence_and_a_planned_break_is_none() -> None:
    assert learn(load_scenario("S1"), 2).absent == 0
    absent = learn(load_scenario("S5"), 6)
    # 0.12 an hour are drawn; those that end before the visitor at the window has gone are not seen.
    assert 0.04 < absent.absent / absent.open_s * 3600 < 0.12


def test_patience_is_learned_where_visitors_leave() -> None:
    impatient = learn(load_scenario("S7"), 12)
    assert impatient.left_waiting > 5
    assert impatient.waited_s / impatient.left_waiting / 60 == pytest.approx(90, rel=0.5)


def test_it_is_stored_and_read_back_whole(learned: Learned) -> None:
    assert msgspec.json.decode(msgspec.json.encode(learned), type=Learned) == learned


def test_days_fade(learned: Learned) -> None:
    later = msgspec.json.decode(msgspec.json.encode(learned), type=Learned)
    for _ in range(50):
        observe(later, State(), e.DayEnded(at=0, day="x"), 0)
    assert later.services["service-1"].weight == pytest.approx(learned.services["service-1"].weight * 0.985**50)


def test_thin_data_stay_near_what_is_configured() -> None:
    story = Story()
    learned = Learned()
    ann = story.signs_in()

    def gives(command: c.Command) -> None:
        for event in story.order(command):  # type: ignore[union-attr]  # nothing is refused here
            observe(learned, story.state, event, story.now.offset_s)

    gives(c.Issue("t", "h", "id-card", "d"))
    gives(c.CallNext(ann))
    gives(c.Start(ann))
    story.later(5400)
    gives(c.Finish(ann))
    gives(c.Issue("t2", "h2", "id-card", "d"))
    outlook = Looker(learned).look(story.state, story.now)
    usual = mean_of(outlook.tables[outlook.waiting[0].work[0]])
    assert 600 < usual < 5400 / 3, "one endless visit is not what all will take"


def test_a_group_weighs_in() -> None:
    story = Story()
    story.takes(group_size=5)
    story.takes()
    first, second = Looker(Learned()).look(story.state, story.now).waiting
    assert (first.factor, second.factor) == (3.0, 1.0)


def test_spread_of_windows_is_seen_through_the_noise_of_services(learned: Learned) -> None:
    moments = learned.window_days
    assert moments.weight > 50
    assert 0.002 < moments.mean < 0.04, "cv 0.12 is a variance of 0.0144"
    assert learned.noise == pytest.approx(log(1 + 0.7**2), rel=0.2)


def at(hour: float) -> float:
    return hour * 3600


def test_a_plan_knows_breaks_the_lunch_of_the_hall_and_an_early_end() -> None:
    sessions = [Hours(9 * 60, 12 * 60), Hours(13 * 60, 17 * 60)]
    plan = WindowPlan(Window("1", "A", ("q",), breaks=(Hours(600, 615),)), sessions, "2026-06-03")
    assert plan.blocks(at(9.5)) == [Block(at(10), at(10.25)), Block(at(12), at(13))]
    assert plan.blocks(at(14)) == [], "whoever waits at the end is served"
    assert plan.opens(at(8)) == at(9)
    assert plan.opens(at(9.1)) == at(9.1) + 60
    assert plan.opens(at(11)) == at(13)
    assert plan.opens(at(16)) is None
    assert plan.back_from_break(at(10.1)) == at(10.25)
    short = WindowPlan(Window("2", "A", ("q",), hours=(Hours(570, 960),)), sessions, "2026-06-03")
    assert short.blocks(at(10)) == [Block(at(16), float("inf"))]


def test_a_plan_may_name_days() -> None:
    window = Window("1", "A", ("q",), hours=(Hours(540, 1020), Hours(540, 720, ("2026-06-03",))))
    sessions = [Hours(540, 1020)]
    assert WindowPlan(window, sessions, "2026-06-03").blocks(at(10)) == [Block(at(12), float("inf"))]
    assert WindowPlan(window, sessions, "2026-06-04").blocks(at(10)) == []


def test_a_service_nobody_has_seen_takes_as_much_longer_as_the_others_do() -> None:
    story, learned = Story(), Learned()
    slow = Times()
    for _ in range(400):
        slow.add(1800.0)
    learned.services["pension"] = slow
    story.takes("id-card")
    outlook = Looker(learned).look(story.state, story.now)
    assert mean_of(outlook.tables[outlook.waiting[0].work[0]]) > 1200
