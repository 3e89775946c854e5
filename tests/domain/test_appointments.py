"""J3: an appointment is checked in early, in time, late, and twice; whoever comes is never turned away."""

import itertools

import msgspec
import pytest

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import load, save
from hall_server.domain.tickets import Ticket, TicketClass, TicketState
from tests.story import Story, at, small_hall

MINUTE_MS = 60_000
_numbers = itertools.count(1)


def booked(story: Story, in_min: float, booking: str = "b1", service: str = "first-fund") -> int:
    slot = story.now.ms + int(in_min * MINUTE_MS)
    assert not isinstance(story.order(c.Book(booking, service, slot)), Refusal)
    return slot


def comes(story: Story, booking: str = "b1", at: str = "dispenser-1", **more: object) -> Ticket | str:
    number = next(_numbers)
    decision = story.order(c.CheckIn(f"c{number}", f"secret-{number}", booking, at, **more))  # type: ignore[arg-type]
    if isinstance(decision, Refusal):
        return decision.code
    (event,) = decision
    assert isinstance(event, e.TicketIssued | e.TicketShownAgain)
    return story.state.tickets[event.ticket_id]


@pytest.fixture
def story() -> Story:
    return Story()


def test_J3_too_early_is_told_from_when(story: Story) -> None:
    booked(story, 60)
    refused = story.order(c.CheckIn("c", "s", "b1", "dispenser-1"))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.message) == ("check_in_too_early", "check in from 2026-06-03 10:45")
    story.later(45 * 60)
    assert isinstance(comes(story), Ticket)


@pytest.mark.parametrize("minutes", [-15, 0, 10])
def test_J3_in_time_takes_the_slots_place(story: Story, minutes: int) -> None:
    slot = booked(story, 20)
    story.later((20 + minutes) * 60)
    ticket = comes(story)
    assert isinstance(ticket, Ticket)
    assert (ticket.ticket_class, ticket.key) == (TicketClass.APPOINTMENT, max(slot, story.now.ms))


def test_J3_late_becomes_a_walk_in_also_where_walk_ins_are_not_taken(story: Story) -> None:
    booked(story, 20)
    story.later(31 * 60)
    ticket = comes(story)
    assert isinstance(ticket, Ticket)
    assert (ticket.ticket_class, ticket.key, ticket.service_id) == (TicketClass.ORDINARY, story.now.ms, "first-fund")


def test_J3_an_order_that_was_given_in_time_and_arrived_late_is_in_time(story: Story) -> None:
    booked(story, 20)
    story.later(35 * 60)
    ticket = comes(story, age_ms=6 * MINUTE_MS)
    assert isinstance(ticket, Ticket)
    assert ticket.ticket_class is TicketClass.APPOINTMENT


def test_J3_a_second_scan_gives_the_same_ticket_and_both_slips_lead_to_it(story: Story) -> None:
    booked(story, 5)
    first, second = comes(story), comes(story)
    assert isinstance(first, Ticket)
    assert isinstance(second, Ticket)
    assert first.label == second.label
    assert len(story.state.tickets) == 1
    tokens = [token for token, ticket in story.state.by_token.items() if ticket == first.ticket_id]
    assert len(tokens) == 2
    again = load(*save(story.state))
    assert (again.by_token, again.arrived) == (story.state.by_token, story.state.arrived)


def test_J3_a_visitor_whose_slip_never_came_out_checks_in_again(story: Story) -> None:
    """The dispenser told the hall that nobody can have seen the number: it is void, the appointment is not."""
    booked(story, 5)
    lost = comes(story)
    assert isinstance(lost, Ticket)
    story.order(c.ReportPrint(lost.ticket_id, "dispenser-1", "expired"))
    ticket = comes(story)
    assert isinstance(ticket, Ticket)
    assert ticket.state is TicketState.WAITING
    assert (ticket.label != lost.label, ticket.ticket_class) == (True, TicketClass.APPOINTMENT)


def test_J3_a_dispenser_that_gave_up_waiting_does_not_void_what_another_has_shown(story: Story) -> None:
    booked(story, 5)
    ticket = comes(story)
    assert isinstance(ticket, Ticket)
    comes(story)
    story.order(c.ReportPrint(ticket.ticket_id, "dispenser-1", "expired"))
    assert story.state.tickets[ticket.ticket_id].state is TicketState.WAITING


def test_J3_a_ticket_that_no_dispenser_could_hand_over_is_nobodys(story: Story) -> None:
    booked(story, 5)
    ticket = comes(story)
    assert isinstance(ticket, Ticket)
    comes(story, at="dispenser-2")
    for dispenser in ("dispenser-1", "dispenser-1"):
        story.order(c.ReportPrint(ticket.ticket_id, dispenser, "expired"))
    assert story.state.tickets[ticket.ticket_id].state is TicketState.WAITING, "dispenser-2's slip is in a hand"
    story.order(c.ReportPrint(ticket.ticket_id, "dispenser-2", "expired"))
    assert story.state.tickets[ticket.ticket_id].state is TicketState.VOID
    assert isinstance(comes(story), Ticket), "and the appointment is open again"


def test_J3_nobody_with_an_appointment_is_turned_away_because_numbers_have_run_out() -> None:
    hall = small_hall()
    queues = tuple(msgspec.structs.replace(queue, daily_limit=0) for queue in hall.queues)
    story = Story(msgspec.structs.replace(hall, queues=queues), at("2026-06-03 16:40"))
    booked(story, 10, service="pension")
    story.later(600)
    assert isinstance(story.tries_to_take("pension"), Refusal)
    assert isinstance(comes(story), Ticket)


def test_an_appointment_counts_from_its_time(story: Story) -> None:
    slot = booked(story, 10)
    appointed = comes(story)
    walk_in = story.later(60).takes()
    ann = story.signs_in()
    assert isinstance(appointed, Ticket)
    assert (appointed.key, appointed.taken_at) == (slot, story.now.ms - 60_000)
    assert story.later(60).calls(ann).label == walk_in.label, "who has a later appointment does not go first"
    story.order(c.Start(ann))
    story.order(c.Finish(ann))
    assert story.calls(ann).label == appointed.label, "but nobody is kept waiting for a clock while a window is free"


def test_the_green_channel_goes_along_with_an_appointment(story: Story) -> None:
    booked(story, 5)
    ticket = comes(story, green=("priority",))
    assert isinstance(ticket, Ticket)
    assert ticket.ticket_class is TicketClass.GREEN


def test_without_an_appointment_nobody_checks_in(story: Story) -> None:
    assert comes(story, "no-such") == "unknown_booking"
    booked(story, 5)
    assert not isinstance(story.order(c.CancelBooking("b1")), Refusal)
    assert comes(story) == "unknown_booking"
    cancelled = story.order(c.CancelBooking("b1"))
    assert isinstance(cancelled, Refusal)
    assert cancelled.code == "unknown_booking"


def test_who_has_come_cannot_cancel(story: Story) -> None:
    booked(story, 5)
    comes(story)
    refused = story.order(c.CancelBooking("b1"))
    assert isinstance(refused, Refusal)
    assert refused.code == "not_cancellable"


@pytest.mark.parametrize("minutes", [-1, 180, 14 * 60])
def test_a_time_that_is_over_or_outside_the_hours_cannot_be_booked(story: Story, minutes: int) -> None:
    refused = story.order(
        c.Book("b1", "pension", story.now.ms + minutes * MINUTE_MS - (60 * MINUTE_MS if minutes == 180 else 0))
    )
    assert isinstance(refused, Refusal)
    assert refused.code == "slot_unavailable"


def test_booking_twice_is_booking_once_and_the_night_forgets_who_came(story: Story) -> None:
    slot = booked(story, 5)
    assert story.order(c.Book("b1", "first-fund", slot)) == []
    comes(story)
    story.later(24 * 3600).order(c.Tick())
    assert (story.state.bookings, story.state.arrived, story.state.more_tokens) == ({}, {}, {})
