"""An alert's life, told by the people in it (R09, R10, R11)."""

import msgspec
import pytest

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.configuration import Unit
from tests.story import Story, at, refused, small_hall


@pytest.fixture
def story() -> Story:
    units = (Unit("公安局", "李科长", "020-1"),)
    story = Story(msgspec.structs.replace(small_hall(), units=units))
    story.order(raised())
    return story


def raised(**facts: object) -> c.RaiseAlert:
    return c.RaiseAlert("forecast-identity", "extra_window", "forecast", "identity", facts=dict(facts))


def handles(story: Story, step: str, text: str = "") -> object:
    return story.order(c.HandleAlert("forecast-identity", step, "manager", text))


def life(story: Story) -> list[tuple[str, str]]:
    return [(stamp.what, stamp.by) for stamp in story.state.alerts["forecast-identity"].life]


def test_R10_each_step_is_stamped_and_attributed(story: Story) -> None:
    story.later(60)
    handles(story, "acknowledged")
    handles(story, "cause", "二号窗口临时停办")
    handles(story, "action", "已增开六号窗口")
    assert life(story) == [
        ("raised", "system"),
        ("acknowledged", "manager"),
        ("cause", "manager"),
        ("action", "manager"),
    ]
    stamps = story.state.alerts["forecast-identity"].life
    assert [stamp.at for stamp in stamps[1:]] == [story.now.ms] * 3
    assert handles(story, "cleared") != []
    assert story.state.alerts == {}


def test_R10_no_alert_is_cleared_without_a_cause(story: Story) -> None:
    assert refused(handles(story, "cleared")) == "wrong_state"  # type: ignore[arg-type]  # a decision
    assert refused(handles(story, "cause", "  ")) == "invalid"  # type: ignore[arg-type]  # the same
    story.order(c.EaseAlert("forecast-identity"))
    assert "forecast-identity" in story.state.alerts, "it has eased, but nobody has said why it was"
    handles(story, "cause", "学校放假前的人流")
    assert story.state.alerts == {}


def test_it_clears_by_itself_once_its_cause_is_known(story: Story) -> None:
    handles(story, "cause", "系统故障")
    story.order(c.EaseAlert("forecast-identity"))
    assert story.state.alerts == {}
    assert isinstance(story.events[-1], e.AlertHandled)
    assert (story.events[-1].step, story.events[-1].by) == ("cleared", "system")


def test_R11_what_nobody_acknowledges_goes_to_the_unit_and_its_representative_once(story: Story) -> None:
    story.later(14 * 60).order(c.Tick())
    assert [what for what, _ in life(story)] == ["raised"]
    story.later(120).order(c.Tick())
    story.later(120).order(c.Tick())
    assert [what for what, _ in life(story)] == ["raised", "escalated"]
    assert story.state.alerts["forecast-identity"].life[-1].text == "公安局 李科长 020-1"


def test_an_acknowledged_alert_is_not_escalated(story: Story) -> None:
    handles(story, "acknowledged")
    story.later(3600).order(c.Tick())
    assert [what for what, _ in life(story)] == ["raised", "acknowledged"]


def test_what_comes_back_is_the_same_alert_reopened_and_must_be_acknowledged_anew(story: Story) -> None:
    handles(story, "acknowledged")
    story.order(c.EaseAlert("forecast-identity"))
    story.later(600).order(raised())
    alert = story.state.alerts["forecast-identity"]
    assert (alert.reopened, alert.eased_at, alert.has("acknowledged")) == (1, None, False)
    story.later(1000).order(c.Tick())
    assert life(story)[-1] == ("escalated", "system")


def test_raising_what_is_raised_changes_nothing(story: Story) -> None:
    assert story.order(raised(waiting=99)) == []
    assert story.order(c.EaseAlert("no-such")) == []
    assert refused(story.order(c.HandleAlert("no-such", "cause", "m", "x"))) == "unknown_alert"
    assert refused(story.order(c.HandleAlert("forecast-identity", "forgotten", "m"))) == "invalid"


def test_open_alerts_stay_over_night(story: Story) -> None:
    story.later(24 * 3600).order(c.Tick())
    assert "forecast-identity" in story.state.alerts


def test_R10_a_gap_in_the_record_is_recorded_as_a_gap() -> None:
    story = Story(now=at("2026-06-03 10:00"))
    assert story.later(30).order(c.Begin()) == [], "a quick restart is none"
    before = story.now.ms - 30_000
    decision = story.later(570).order(c.Begin())
    assert decision == [e.GapRecorded(at=story.now.ms, since=before, until=story.now.ms)]
    night = Story(now=at("2026-06-03 17:30"))
    assert night.later(3600).order(c.Begin()) == [], "nobody watches a closed hall"
