"""Numbers lent to dispensers, and what comes back from them (J4)."""

import pytest

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.configuration import Offline, Rules
from hall_server.domain.tickets import TicketState
from tests.story import Story, at, small_hall

MINUTE_MS = 60_000


def lent(story: Story, device: str = "dispenser-1", *held: c.HeldNumbers) -> dict[str, tuple[int, int]]:
    """Ask for numbers; the open leases by queue."""
    assert isinstance(story.order(c.LeaseNumbers(device, held)), list)
    open_ones = [lease for lease in story.state.leases if lease.device == device and not lease.closed]
    return {lease.queue_id: (lease.first, lease.last) for lease in open_ones}


def offline(label: str, minutes: float, service: str = "id-card", **more: object) -> c.OfflineTicket:
    return c.OfflineTicket(f"id-{label}", f"secret-{label}", label, service, round(minutes * MINUTE_MS), **more)  # type: ignore[arg-type]


def merged(story: Story, *tickets: c.OfflineTicket, device: str = "dispenser-1") -> list[e.Event]:
    decision = story.order(c.MergeOffline(device, tickets))
    assert isinstance(decision, list)
    return decision


def test_each_dispenser_gets_numbers_of_its_own_for_every_queue() -> None:
    story = Story()
    assert lent(story) == {"identity": (701, 710), "social": (701, 710), "collection": (701, 710)}
    assert lent(story, "dispenser-2")["identity"] == (711, 720)


def test_a_dispenser_that_holds_enough_gets_nothing_more() -> None:
    story = Story()
    lent(story)
    held = [c.HeldNumbers(queue, 704, 710) for queue in ("identity", "social", "collection")]
    assert story.order(c.LeaseNumbers("dispenser-1", tuple(held))) == []
    assert lent(story, "dispenser-1", *[c.HeldNumbers(b.queue_id, 708, 710) for b in held])["identity"] == (711, 717)


def test_a_busy_dispenser_holds_what_it_gives_out_in_two_hours() -> None:
    story = Story(small_hall(rules=Rules(offline=Offline(lasts_h=2.0, fewest=5, most=60))))
    for _ in range(20):
        story.takes()
    assert lent(story) == {"identity": (701, 740), "social": (701, 705), "collection": (701, 705)}


def test_numbers_given_out_by_the_hall_leave_out_those_lent() -> None:
    story = Story(small_hall(rules=Rules(offline=Offline(first_number=3, fewest=4))))
    lent(story)
    assert [story.takes().label for _ in range(4)] == ["A001", "A002", "A007", "A008"]


def test_an_offline_ticket_joins_where_its_real_age_belongs() -> None:
    story = Story()
    lent(story)
    story.takes()
    story.later(60)
    session = story.signs_in()
    story.takes()
    merged(story, offline("A701", 2), offline("A702", 0.5))
    labels = [story.calls(session).label]
    for _ in range(3):
        assert isinstance(story.order(c.Start(session)), list)
        assert isinstance(story.order(c.Finish(session)), list)
        labels.append(story.calls(session).label)
    assert labels == ["A701", "A001", "A702", "A002"]
    assert story.state.records["identity"].issued == 4


def test_an_offline_ticket_joins_once() -> None:
    story = Story()
    lent(story)
    ticket = offline("A701", 2)
    assert len(merged(story, ticket, ticket)) == 2, "issued, and its slip"
    assert merged(story, ticket) == []
    again = offline("A701", 2)
    assert merged(story, c.OfflineTicket("other", "other-secret", "A701", "id-card", again.age_ms)) == []
    assert len(story.state.tickets) == 1


def test_a_number_that_was_lent_to_another_dispenser_is_not_taken_in() -> None:
    story = Story()
    lent(story)
    assert merged(story, offline("A701", 2), device="dispenser-2") == []


def test_a_visitor_with_a_number_that_nobody_lent_is_not_turned_away() -> None:
    story = Story()
    assert len(merged(story, offline("A002", 2))) == 2
    assert [story.takes().label for _ in range(2)] == ["A001", "A003"]


@pytest.mark.parametrize("label", ["B701", "A7O1", "Ä701"])
def test_labels_that_are_none_of_the_queue_are_left_out(label: str) -> None:
    story = Story()
    assert merged(story, offline(label, 2)) == []


def test_a_ticket_that_nobody_can_have_seen_is_void_and_accounted_for() -> None:
    story = Story()
    lent(story)
    merged(story, offline("A701", 2, slip="expired"))
    assert story.states() == {"A701": TicketState.VOID}


def test_a_ticket_of_yesterday_is_recorded_once_and_waits_for_nobody() -> None:
    story = Story()
    lent(story)
    story.later(24 * 3600)
    story.order(c.Tick())
    ticket = offline("A701", 23 * 60)
    assert [type(event) for event in merged(story, ticket)] == [e.LateTicketRecorded]
    assert merged(story, ticket) == []
    assert story.state.tickets == {}
    assert story.takes().label == "A001"


def test_J8_a_dead_cards_numbers_are_revoked_and_accounted_for() -> None:
    story = Story()
    lent(story)
    merged(story, offline("A701", 2), offline("A702", 1))
    decision = story.order(c.RevokeLeases("dispenser-1"))
    assert isinstance(decision, list)
    closed = {event.queue_id: event for event in decision if isinstance(event, e.LeaseClosed)}
    assert (closed["identity"].cause, closed["identity"].unaccounted) == ("revoked", 8)
    assert lent(story, "dispenser-1")["identity"] == (711, 720), "the spare gets other numbers today"
    story.later(24 * 3600)
    story.order(c.Tick())
    assert lent(story, "dispenser-2")["identity"] == (701, 710)


def test_a_lease_outlives_the_night() -> None:
    story = Story()
    lent(story)
    story.later(24 * 3600)
    story.order(c.Tick())
    assert lent(story, "dispenser-2")["identity"] == (711, 720)
    assert len(merged(story, offline("A705", 5))) == 2


def test_a_queue_without_services_lends_nothing_and_one_that_goes_takes_its_leases_along() -> None:
    story = Story(now=at("2026-06-03 10:00"))
    lent(story)
    hall = small_hall()
    without = small_hall(
        queues=hall.queues[:2], services=tuple(s for s in hall.services if s.queue_id != "collection"),
        windows=hall.windows[:2], staff=hall.staff[:2],
    )  # fmt: skip
    assert isinstance(story.order(c.Configure(without, "v2")), list)
    assert {lease.queue_id for lease in story.state.leases} == {"identity", "social"}
