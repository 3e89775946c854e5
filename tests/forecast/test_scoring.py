"""Alerts beside what happened."""

from msgspec.structs import replace

from hall_server.domain import commands as c
from hall_server.domain.configuration import Alerts
from hall_server.forecast.alert_scores import score_days
from hall_server.forecast.scoring import Span, score, spans, waits_by_minute
from tests.story import Story, small_hall


def day(*crowds: Span, minutes: int = 300) -> list[float]:
    return [40.0 if any(c.start <= minute < c.end for c in crowds) else 5.0 for minute in range(minutes)]


def test_a_crowd_that_was_told_of_before_has_a_lead() -> None:
    found = score(day(Span(100, 140)), 30, [Span(85, 150)])
    assert (found.crowds, found.true, found.false, found.missed, found.leads) == (
        [Span(100, 140)], [Span(85, 150)], [], [], [15],
    )  # fmt: skip


def test_a_false_alert_and_a_missed_crowd() -> None:
    found = score(day(Span(200, 220)), 30, [Span(20, 50)])
    assert (found.false, found.missed, found.leads) == ([Span(20, 50)], [Span(200, 220)], [])


def test_an_alert_that_comes_too_late_is_true_with_a_negative_lead() -> None:
    assert score(day(Span(100, 140)), 30, [Span(110, 150)]).leads == [-10]


def test_an_alert_that_ended_long_before_or_began_much_too_early_told_of_nothing() -> None:
    assert score(day(Span(100, 140)), 30, [Span(50, 70)]).missed == [Span(100, 140)]
    assert score(day(Span(100, 140)), 30, [Span(20, 150)]).missed == [Span(100, 140)]


def test_short_stretches_are_no_crowd_and_small_gaps_belong_to_one() -> None:
    assert score(day(Span(100, 105)), 30, []).crowds == []
    assert score(day(Span(100, 115), Span(130, 150)), 30, []).crowds == [Span(100, 150)]
    assert spans([True, False, True]) == [Span(0, 1), Span(2, 3)]


def test_a_minutes_wait_is_that_of_the_last_who_took_a_number() -> None:
    assert waits_by_minute([(0.5, 3.0), (2.2, 7.0)], 4) == [3.0, 3.0, 7.0, 7.0]


def test_the_journal_tells_how_each_days_alerts_did() -> None:
    """Two visitors wait 40 minutes where 20 are the limit; the alert came a quarter of an hour before the first."""
    rules = replace(small_hall().rules, alerts=Alerts(wait_limit_s=1200))
    story = Story(replace(small_hall(), rules=rules))
    ann = story.signs_in()

    def served() -> None:
        story.calls(ann)
        story.order(c.Start(ann))
        story.order(c.Finish(ann))

    story.takes()
    served()
    story.order(c.RaiseAlert("forecast-identity", "extra_window", "forecast", "identity"))
    story.later(900).takes()
    story.later(720).takes()
    story.later(1680)
    served()
    story.later(600)
    served()
    story.order(c.EaseAlert("forecast-identity"))
    story.order(c.RaiseAlert("forecast-social", "extra_window", "forecast", "social"))
    story.later(24 * 3600).order(c.Tick())
    scores = {one.queue_id: one.score for one in score_days(story.events)}
    assert (len(scores["identity"].true), scores["identity"].leads) == (1, [14])
    assert (len(scores["social"].false), scores["social"].crowds) == (1, [])
