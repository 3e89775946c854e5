"""Opening hours: sessions, lunch, extended hours, holidays and make-up workdays."""

import pytest

from hall_server.domain.calendar import issuing_session, session_at
from tests.story import Story, at, refused, small_hall

CALENDAR = small_hall().calendar


@pytest.mark.parametrize(
    ("time", "kind"),
    [
        ("2026-06-03 08:59", None),
        ("2026-06-03 09:00", "regular"),
        ("2026-06-03 11:59", "regular"),
        ("2026-06-03 12:30", None),
        ("2026-06-03 13:00", "regular"),
        ("2026-06-03 17:00", None),
        ("2026-06-06 10:00", "extended"),  # a Saturday
        ("2026-06-07 10:00", None),  # a Sunday
        ("2026-06-19 10:00", None),  # the Dragon Boat holiday, a Friday
        ("2026-06-20 14:00", "regular"),  # a Saturday that is worked
    ],
)
def test_R18_sessions(time: str, kind: str | None) -> None:
    session = session_at(CALENDAR, at(time))
    assert (session.kind if session else None) == kind


def test_no_numbers_in_the_last_minutes_of_the_day_but_until_lunch() -> None:
    assert issuing_session(CALENDAR, at("2026-06-03 11:59")) is not None
    assert issuing_session(CALENDAR, at("2026-06-03 16:44")) is not None
    assert issuing_session(CALENDAR, at("2026-06-03 16:45")) is None


@pytest.mark.parametrize(
    ("time", "code"),
    [("2026-06-03 12:30", "hall_closed"), ("2026-06-03 16:50", "queue_closed"), ("2026-06-03 20:00", "hall_closed")],
)
def test_numbers_outside_the_hours_are_refused(time: str, code: str) -> None:
    story = Story(now=at(time))
    assert refused(story.tries_to_take()) == code


def test_a_ticket_knows_the_session_it_was_taken_in() -> None:
    assert Story(now=at("2026-06-06 10:00")).takes().session == "extended"


def test_whoever_waits_at_closing_time_is_still_served() -> None:
    story = Story(now=at("2026-06-03 16:40"))
    story.takes()
    story.now = at("2026-06-03 17:10")
    assert story.calls(story.signs_in()).label == "A001"
