"""What visitors are told: the newest forecast brought up to now, else the last calls, else nothing."""

import pytest

from hall_server.application.foresight import FORECAST, RECENT_CALLS, STALE_MS, Foresight
from hall_server.domain import commands as c
from hall_server.domain.tickets import TicketClass
from hall_server.forecast.told import Forecast, Wait
from tests.story import Story

ORDINARY = TicketClass.ORDINARY


@pytest.fixture
def story() -> Story:
    story = Story()
    story.signs_in()
    story.takes()
    return story


def forecast(story: Story) -> Foresight:
    foresight = Foresight()
    known = Forecast(
        story.now.ms, story.state.seq, {next(iter(story.state.tickets)): Wait(300, 900, 600)}, {"identity/ordinary": Wait(600, 1200, 900)},
        {"identity": 240},
    )  # fmt: skip
    foresight.take(known)
    return foresight


def test_a_range_shrinks_as_time_passes_and_never_below_nothing(story: Story) -> None:
    foresight = forecast(story)
    ticket = next(iter(story.state.tickets.values()))
    for later, low, high in ((0, 300, 900), (60, 240, 840), (20, 220, 820)):
        found = foresight.of_ticket(story.state, ticket, 0, story.later(later).now)
        assert found is not None
        assert (found.range.low, found.range.high, found.basis) == (low, high, FORECAST)


def test_each_newcomer_since_the_forecast_adds_a_call(story: Story) -> None:
    foresight = forecast(story)
    first = foresight.of_next(story.state, "identity", ORDINARY, story.now)
    story.takes()
    third = story.takes()
    following = foresight.of_next(story.state, "identity", ORDINARY, story.now)
    own = foresight.of_ticket(story.state, third, 2, story.now)
    assert first is not None
    assert following is not None
    assert own is not None
    assert [found.range.low for found in (first, following, own)] == [600, 600 + 2 * 240, 600 + 240]


def test_an_old_forecast_is_not_used(story: Story) -> None:
    foresight = forecast(story)
    story.later(STALE_MS / 1000 + 1)
    assert foresight.of_ticket(story.state, next(iter(story.state.tickets.values())), 0, story.now) is None, (
        "and calls are too few"
    )


def test_without_a_forecast_the_last_calls_tell() -> None:
    story = Story()
    ann = story.signs_in()
    for _ in range(8):
        story.takes()
    for _ in range(6):
        story.later(300)
        story.calls(ann)
        story.order(c.Start(ann))
        story.order(c.Finish(ann))
    found = Foresight().of_next(story.state, "identity", ORDINARY, story.now)
    assert found is not None
    assert found.basis == RECENT_CALLS
