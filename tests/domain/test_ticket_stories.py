"""The life of a ticket, told by the people in it."""

import pytest
from msgspec.structs import replace

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.refusals import Refusal
from hall_server.domain.tickets import TicketState
from tests.story import Story, at, refused, small_hall


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_visitor_is_called_served_and_done(story: Story) -> None:
    ticket = story.takes()
    assert ticket.label == "A001"
    ann = story.signs_in()
    assert story.calls(ann).label == "A001"
    story.order(c.Start(ann))
    assert story.ticket("A001").state is TicketState.SERVING
    story.order(c.Finish(ann, outcome="accepted"))
    done = story.ticket("A001")
    assert (done.state, done.outcome, done.window) == (TicketState.FINISHED, "accepted", "1")
    assert story.state.windows["1"].current is None


def test_labels_count_up_per_queue_and_grow_past_999(story: Story) -> None:
    assert [story.takes().label, story.takes("pension").label, story.takes().label] == ["A001", "B001", "A002"]
    story.state.records["identity"].last_number = 999
    assert story.takes().label == "A1000"


def test_first_come_first_served_over_all_queues_of_a_comprehensive_window(story: Story) -> None:
    for service in ("pension", "id-card", "pension"):
        story.later(1).takes(service)
    ann = story.signs_in()
    called = []
    for _ in range(3):
        called.append(story.calls(ann).label)
        story.order(c.Finish(ann))
    assert called == ["B001", "A001", "B002"]
    assert refused(story.order(c.CallNext(ann))) == "nobody_waiting"


def test_R12_staff_without_the_skill_never_get_the_ticket(story: Story) -> None:
    story.takes("pension")
    bob = story.signs_in("bob", "2")
    assert refused(story.order(c.CallNext(bob))) == "nobody_waiting"
    assert refused(story.order(c.CallSpecific(bob, label="B001"))) == "skill_missing"


def test_R01_a_collection_ticket_is_never_called_by_an_intake_window(story: Story) -> None:
    story.takes("collect")
    ann, cai = story.signs_in("ann", "1"), story.signs_in("cai", "3")
    assert refused(story.order(c.CallNext(ann))) == "nobody_waiting"
    assert refused(story.order(c.CallSpecific(ann, label="G001"))) == "skill_missing"
    assert story.calls(cai).label == "G001"


def test_R14_priority_changes_the_order_and_the_others_do_not(story: Story) -> None:
    story.takes()
    accompanied = story.later(60).takes(green=("accompany",))
    story.later(60).takes(green=("priority",))
    ann = story.signs_in()
    decision = story.later(240).order(c.CallNext(ann))
    assert isinstance(decision, list)
    called = decision[0]
    assert isinstance(called, e.TicketCalled)
    assert (story.state.windows["1"].current, called.why) == ("t3", "priority_service")
    assert (called.waited_s, called.passed_over, called.passed_over_waited_s) == (240, "A001", 360)
    assert list(story.state.wanting_company) == [accompanied.ticket_id]


def test_nobody_is_overtaken_by_priority_that_came_long_after(story: Story) -> None:
    ordinary = story.takes()
    story.later(1200).takes(green=("priority",))
    assert story.later(60).calls(story.signs_in()).label == ordinary.label


def test_R06_a_window_asked_to_prefer_a_queue_does_so_within_bounds() -> None:
    hall = small_hall()
    preferring = (replace(hall.windows[0], prefers="social"), *hall.windows[1:])
    story = Story(replace(hall, windows=preferring))
    first = story.takes("id-card")
    second = story.later(200).takes("pension")
    third = story.later(200).takes("pension")
    ann = story.signs_in()
    decision = story.order(c.CallNext(ann))
    assert isinstance(decision, list)
    assert (decision[0].ticket_id, decision[0].why) == (second.ticket_id, "preferred_queue")  # type: ignore[attr-defined]
    story.order(c.Start(ann))
    story.order(c.Finish(ann))
    assert story.calls(ann).label == first.label, "400 s later is more than preference_s"
    assert third.label not in {w.current for w in story.state.windows.values()}


def test_an_older_press_goes_first_whatever_arrived_first(story: Story) -> None:
    story.takes()
    story.later(1).takes(age_ms=30_000)
    assert story.calls(story.signs_in()).label == "A002"


def test_no_show_needs_calls_and_time_and_one_requeue_by_rule(story: Story) -> None:
    missed = story.takes()
    others = [story.later(1).takes() for _ in range(5)]
    ann = story.signs_in()
    story.calls(ann)
    assert refused(story.order(c.NoShow(ann))) == "too_early"
    story.order(c.Recall(ann))
    assert refused(story.order(c.NoShow(ann))) == "too_early"
    story.later(60)
    assert isinstance(story.order(c.NoShow(ann)), list)
    assert story.ticket("A001").state is TicketState.NO_SHOW
    story.order(c.Requeue(ann, label="A001"))
    assert story.state.ahead(story.ticket("A001"), story.now.ms) == story.hall.rules.requeue_behind
    assert story.ticket("A001").taken_at == missed.taken_at
    for label in ("A002", "A003", "A004", "A001"):
        assert story.calls(ann).label == label
        if label != "A001":
            story.order(c.Finish(ann))
    story.order(c.Recall(ann))
    story.later(60).order(c.NoShow(ann))
    assert refused(story.order(c.Requeue(ann, label="A001"))) == "requeue_used"
    assert story.states()[others[-1].label] is TicketState.WAITING


def test_a_transfer_keeps_the_original_time(story: Story) -> None:
    story.takes("id-card")
    story.later(600).takes("pension")
    ann = story.signs_in()
    story.calls(ann)
    story.order(c.Start(ann))
    assert isinstance(story.order(c.Transfer(ann, queue_id="social")), list)
    assert story.state.ahead(story.ticket("A001"), story.now.ms) == 0
    assert story.calls(ann).label == "A001"
    assert [step.what for step in story.ticket("A001").story] == [
        "issued",
        "called",
        "started",
        "transferred",
        "called",
    ]


def test_a_held_visitor_frees_the_window_and_comes_back_to_it(story: Story) -> None:
    story.takes()
    story.takes()
    ann, bob = story.signs_in("ann", "1"), story.signs_in("bob", "2")
    story.calls(ann)
    story.order(c.Hold(ann, reason="form"))
    story.calls(ann)
    assert refused(story.order(c.Resume(bob, label="A001"))) == "foreign_window"
    assert refused(story.order(c.Resume(ann, label="A001"))) == "window_busy"
    story.order(c.Finish(ann))
    assert isinstance(story.order(c.Resume(ann)), list)
    assert story.ticket("A001").state is TicketState.SERVING


def test_a_place_is_given_up_once_and_not_from_the_window(story: Story) -> None:
    story.takes()
    story.takes()
    assert isinstance(story.order(c.Abandon("token1")), list)
    assert story.order(c.Abandon("token1")) == []
    story.calls(story.signs_in())
    assert refused(story.order(c.Abandon("token2"))) == "not_cancellable"
    assert refused(story.order(c.Abandon("nothing"))) == "unknown_ticket"


def test_G05_a_repeat_endorsement_cannot_be_given_up(story: Story) -> None:
    story.takes("endorsement")
    assert refused(story.order(c.Abandon("token1"))) == "not_cancellable"


def test_voiding_with_a_reason_and_only_while_it_means_something(story: Story) -> None:
    story.takes()
    ann = story.signs_in()
    assert isinstance(story.order(c.Void(ann, label="a001", reason="taken twice")), list)
    assert refused(story.order(c.Void(ann, label="A001"))) == "wrong_state"


@pytest.mark.parametrize(
    ("service", "wishes", "code"),
    [
        ("nothing", {}, "unknown_service"),
        ("vehicle", {}, "service_unavailable"),
        ("first-fund", {}, "booking_required"),
        ("id-card", {"on_behalf_of": True}, "behalf_not_allowed"),
    ],
)
def test_refused_numbers_change_nothing(story: Story, service: str, wishes: dict[str, object], code: str) -> None:
    before = story.state.seq
    assert refused(story.tries_to_take(service, **wishes)) == code
    assert story.state.seq == before


def test_G03_a_booking_first_service_names_its_department(story: Story) -> None:
    decision = story.tries_to_take("first-fund")
    assert isinstance(decision, Refusal)
    assert "公积金中心" in decision.message


def test_a_queue_with_all_its_tickets_taken(story: Story) -> None:
    day = Story(small_hall(queues=tuple(replace(queue, daily_limit=1) for queue in small_hall().queues)))
    day.takes()
    assert refused(day.tries_to_take()) == "queue_full"


def test_the_slips_outcome_is_known(story: Story) -> None:
    first, second, third = story.takes(), story.takes(), story.takes()
    story.order(c.ReportPrint(first.ticket_id, "dispenser-1", "printed"))
    story.order(c.ReportPrint(second.ticket_id, "dispenser-1", "failed", "paper_out"))
    story.order(c.ReportPrint(third.ticket_id, "dispenser-1", "expired", "expired"))
    assert [t.print_state for t in story.state.tickets.values()] == ["printed", "failed", "pending"]
    # No slip because of the paper leaves the number valid; a number nobody was given does not stay in line.
    assert list(story.states().values()) == [TicketState.WAITING, TicketState.WAITING, TicketState.VOID]
    assert story.order(c.ReportPrint(first.ticket_id, "dispenser-1", "printed")) == []
    assert refused(story.order(c.ReportPrint(first.ticket_id, "dispenser-9", "printed"))) == "unknown_ticket"


def test_a_day_ends_and_the_next_begins_with_empty_lines_and_first_numbers(story: Story) -> None:
    story.takes()
    ann = story.signs_in()
    story.now = at("2026-06-04 08:00")
    story.order(c.Tick())
    assert (story.state.day, story.state.tickets) == ("2026-06-04", {})
    assert refused(story.order(c.CallNext(ann))) == "session_expired"
    story.now = at("2026-06-04 09:00")
    assert story.takes().label == "A001"


def test_a_queue_or_window_in_use_is_not_taken_out_of_the_hall(story: Story) -> None:
    story.takes("pension")
    story.signs_in("cai", "3")
    hall = small_hall()
    without_queue = replace(hall, queues=hall.queues[:1] + hall.queues[2:])
    assert refused(story.order(c.Configure(without_queue, "v2"))) == "invalid"
    assert refused(story.order(c.Configure(replace(hall, windows=hall.windows[:2]), "v2"))) == "invalid"
    story.now = at("2026-06-04 08:00")
    story.order(c.Tick())
    assert isinstance(story.order(c.Configure(without_queue, "v2")), list)


def test_a_clock_that_runs_backwards_does_not_end_the_day(story: Story) -> None:
    story.takes()
    story.now = at("1970-01-02 00:00")
    assert story.order(c.Tick()) == []
    assert story.state.day == "2026-06-03"
