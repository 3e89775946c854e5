"""Staff and their windows."""

import pytest

from hall_server.domain import commands as c
from tests.story import Story, refused


@pytest.fixture
def story() -> Story:
    return Story()


def test_two_windows_never_share_a_ticket(story: Story) -> None:
    story.takes()
    story.takes()
    ann, bob = story.signs_in("ann", "1"), story.signs_in("bob", "2")
    assert story.calls(ann).label != story.calls(bob).label
    assert refused(story.order(c.Start(ann, label="A002"))) == "foreign_window"
    assert refused(story.order(c.CallSpecific(ann, label="A002"))) == "window_busy"


def test_G13_a_second_login_ends_the_first(story: Story) -> None:
    first = story.signs_in("ann", "1")
    second = story.signs_in("ann", "2")
    assert refused(story.order(c.CallNext(first))) == "session_expired"
    assert refused(story.order(c.CallNext(second))) == "nobody_waiting"
    assert [e.name for e in story.events if e.name.startswith("staff")] == [
        "staff_signed_in",
        "staff_signed_out",
        "staff_signed_in",
    ]


def test_a_visitor_left_at_a_window_waits_there_for_the_next_member_of_staff(story: Story) -> None:
    story.takes()
    story.calls(story.signs_in("ann", "1"))
    story.signs_in("ann", "2")
    assert story.state.windows["1"].current == "t1"
    bob = story.signs_in("bob", "1")
    assert isinstance(story.order(c.Finish(bob)), list)


def test_a_taken_window_and_a_window_of_another_trade_are_refused(story: Story) -> None:
    story.signs_in("ann", "1")
    assert refused(story.order(c.SignIn("bob", "1", "s", "t"))) == "window_taken"
    assert refused(story.order(c.SignIn("cai", "2", "s", "t"))) == "skill_missing"
    assert refused(story.order(c.SignIn("ann", "99", "s", "t"))) == "unknown_window"
    assert refused(story.order(c.SignIn("eve", "2", "s", "t"))) == "wrong_pin"


def test_a_paused_or_closed_window_calls_nobody(story: Story) -> None:
    story.takes()
    ann = story.signs_in("ann", "1", opens=False)
    assert refused(story.order(c.CallNext(ann))) == "window_closed"
    story.order(c.SetWindow(ann, "open"))
    story.order(c.SetWindow(ann, "paused", "lunch"))
    assert refused(story.order(c.CallNext(ann))) == "window_closed"
    assert story.state.windows_open("identity") == 0


def test_nobody_leaves_a_visitor_behind(story: Story) -> None:
    story.takes()
    ann = story.signs_in()
    story.calls(ann)
    assert refused(story.order(c.SignOut(ann))) == "window_busy"
    assert refused(story.order(c.SetWindow(ann, "closed"))) == "window_busy"
    story.order(c.Finish(ann))
    assert isinstance(story.order(c.SignOut(ann)), list)
    assert (story.state.windows["1"].status, story.state.windows["1"].staff_id) == ("closed", None)


@pytest.mark.parametrize("order", [c.Recall, c.Start, c.Finish, c.NoShow, c.Hold, c.Transfer])
def test_orders_about_nobody(story: Story, order: type[c.OnTicket]) -> None:
    ann = story.signs_in()
    assert refused(story.order(order(ann))) == "no_current_ticket"
    assert refused(story.order(order(ann, label="Z999"))) == "unknown_ticket"
    assert refused(story.order(order("no-such-session"))) == "session_expired"
