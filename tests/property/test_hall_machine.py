"""A hall under any sequence of orders: the invariants of requirements.md, 1 to 9, hold after each."""

import itertools
import json
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hall_protocol.codec import encode
from hall_server.application.pictures import board, progress, window_view
from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.evolve import evolve
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.domain.tickets import AT_WINDOW, Ticket, TicketState
from hall_server.journal.tools import digest
from tests.examples import examples
from tests.story import Story, at, small_hall

STAFF = {"ann": ("1", "2"), "bob": ("1", "2"), "cai": ("3",)}
BOOKINGS = ["b1", "b2", "b3"]
LABELS = [f"{prefix}{number:03d}" for prefix in "ABG" for number in range(1, 9)]


def overtaking_is_bounded(state: State, called: Ticket, other: Ticket, now_ms: int) -> bool:
    """Whoever is passed over came no earlier, or had waited too short for the faster class, or that one is past its
    limit."""
    order = small_hall().rules.order
    waited, others = now_ms - called.key, now_ms - other.key
    if other.key >= called.key or waited >= order.limit_s.of(called.ticket_class) * 1000:
        return True
    if others >= order.limit_s.of(other.ticket_class) * 1000:
        return False
    slower, faster = state.tuning.rates[other.ticket_class], state.tuning.rates[called.ticket_class]
    return called.key - other.key <= others * (1 - slower / faster) + 1


class HallMachine(RuleBasedStateMachine):
    """Visitors and staff in any order, sensible or not."""

    @initialize()
    def opens(self) -> None:
        self.story = Story(now=at("2026-06-03 09:30"))
        self.sessions = ["no-such-session"]
        self.numbers = itertools.count(1)
        self.overtaken_late: list[str] = []
        self.labels_of_day: set[str] = set()

    def give(self, command: c.Command) -> None:
        before, seq = digest(self.story.state), self.story.state.seq
        decision = self.story.order(command)
        if isinstance(decision, Refusal):
            assert (digest(self.story.state), self.story.state.seq) == (before, seq), "a refusal changed something"
        else:
            for event in decision:
                if isinstance(event, e.DayEnded):
                    self.labels_of_day.clear()
                if isinstance(event, e.TicketIssued):
                    assert event.label not in self.labels_of_day, "a label twice in a day"
                    self.labels_of_day.add(event.label)

    @rule(
        service=st.sampled_from(["id-card", "pension", "collect", "endorsement", "nothing"]),
        green=st.sampled_from([(), (), ("priority",), ("accompany",), ("priority", "assisted")]),
        age_ms=st.integers(0, 5000),
    )
    def takes(self, service: str, green: tuple[str, ...], age_ms: int) -> None:
        number = next(self.numbers)
        self.give(c.Issue(f"t{number}", f"token{number}", service, "dispenser-1", age_ms, green))

    @rule(staff=st.sampled_from(sorted(STAFF)), place=st.integers(0, 1))
    def signs_in(self, staff: str, place: int) -> None:
        windows = STAFF[staff]
        session = f"s{next(self.numbers)}"
        self.give(c.SignIn(staff, windows[place % len(windows)], session, "terminal"))
        self.sessions.append(session)
        self.give(c.SetWindow(session, "open"))

    @rule(data=st.data(), status=st.sampled_from(["open", "paused", "closed"]))
    def sets_window(self, data: st.DataObject, status: str) -> None:
        self.give(c.SetWindow(data.draw(st.sampled_from(self.sessions)), status))

    @rule(data=st.data())
    def calls_next(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(self.sessions[-4:]))
        waiting = {t.ticket_id: t for t in self.story.state.tickets_in(TicketState.WAITING)}
        before = len(self.story.events)
        self.give(c.CallNext(session))
        for event in self.story.events[before:]:
            if isinstance(event, e.TicketCalled):
                called = waiting.pop(event.ticket_id)
                for other in waiting.values():
                    if other.queue_id == called.queue_id:
                        # 4: nobody of the same class is passed over. 5: overtaking is bounded.
                        if other.ticket_class == called.ticket_class:
                            assert (other.key, other.seq) > (called.key, called.seq)
                        assert overtaking_is_bounded(self.story.state, called, other, event.at)

    @rule(
        data=st.data(),
        order=st.sampled_from(
            [c.Recall, c.Start, c.Finish, c.NoShow, c.Hold, c.Resume, c.Requeue, c.Void, c.CallSpecific]
        ),
        label=st.one_of(st.none(), st.sampled_from(LABELS)),
    )
    def works(self, data: st.DataObject, order: type[c.OnTicket], label: str | None) -> None:
        self.give(order(data.draw(st.sampled_from(self.sessions[-4:])), label=label))

    @rule(data=st.data(), queue=st.sampled_from(["identity", "social", "collection", "nowhere"]))
    def transfers(self, data: st.DataObject, queue: str) -> None:
        self.give(c.Transfer(data.draw(st.sampled_from(self.sessions[-4:])), queue_id=queue))

    @rule(data=st.data())
    def signs_out(self, data: st.DataObject) -> None:
        self.give(c.SignOut(data.draw(st.sampled_from(self.sessions[-4:]))))

    @rule(number=st.integers(1, 20))
    def gives_up(self, number: int) -> None:
        self.give(c.Abandon(f"token{number}"))

    @rule(
        booking=st.sampled_from(BOOKINGS),
        in_min=st.integers(-5, 120),
        service=st.sampled_from(["pension", "first-fund"]),
    )
    def books(self, booking: str, in_min: int, service: str) -> None:
        self.give(c.Book(booking, service, self.story.now.ms + in_min * 60_000))

    @rule(booking=st.sampled_from(BOOKINGS))
    def does_not_come(self, booking: str) -> None:
        self.give(c.CancelBooking(booking))

    @rule(booking=st.sampled_from(BOOKINGS), green=st.sampled_from([(), ("priority",)]))
    def checks_in(self, booking: str, green: tuple[str, ...]) -> None:
        number = next(self.numbers)
        self.give(c.CheckIn(f"t{number}", f"token{number}", booking, "dispenser-1", green=green))

    @invariant()
    def nobody_has_two_tickets_for_one_appointment(self) -> None:
        state = self.story.state
        assert not state.bookings.keys() & state.arrived.keys()
        held = [one.ticket_id for one in state.arrived.values()]
        assert len(held) == len(set(held))
        assert all(ticket_id in state.tickets for ticket_id in held)

    @rule(number=st.integers(1, 20), outcome=st.sampled_from(["printed", "failed", "uncertain", "expired"]))
    def slip(self, number: int, outcome: str) -> None:
        self.give(c.ReportPrint(f"t{number}", "dispenser-1", outcome))

    @rule(seconds=st.integers(1, 900))
    def time_passes(self, seconds: int) -> None:
        self.story.later(seconds)
        self.give(c.Tick())

    @precondition(lambda self: len(self.story.events) > 15)
    @rule(alert=st.sampled_from(["count-identity", "time-social"]), on=st.booleans())
    def warns(self, alert: str, on: bool) -> None:
        trigger, _, queue = alert.partition("-")
        self.give(c.RaiseAlert(alert, "extra_window", trigger, queue) if on else c.EaseAlert(alert))

    @rule(
        alert=st.sampled_from(["count-identity", "time-social"]),
        step=st.sampled_from(["acknowledged", "cause", "action", "cleared", "forgotten"]),
        text=st.sampled_from(["", "a reason"]),
    )
    def handles_alert(self, alert: str, step: str, text: str) -> None:
        self.give(c.HandleAlert(alert, step, "manager", text))

    @rule()
    def night_falls(self) -> None:
        self.story.later(24 * 3600)
        self.give(c.Tick())

    @invariant()
    def issued_is_the_sum_over_states(self) -> None:
        if hasattr(self, "story"):
            state = self.story.state
            issued = sum(record.issued for record in state.records.values())
            assert issued == len(state.tickets) == sum(map(len, state.in_state.values()))
            assert sum(map(len, state.lines.values())) == len(state.in_state[TicketState.WAITING])

    @invariant()
    def a_ticket_is_at_one_window_at_most(self) -> None:
        if hasattr(self, "story"):
            state = self.story.state
            current = [w.current for w in state.windows.values() if w.current is not None]
            assert len(current) == len(set(current))
            at_windows = {t.ticket_id for s in AT_WINDOW for t in state.tickets_in(s)}
            assert at_windows == set(current)

    @invariant()
    def no_alert_is_cleared_without_a_cause(self) -> None:
        """R10, over everything that has happened."""
        if not hasattr(self, "story"):
            return
        caused: set[str] = set()
        for event in self.story.events:
            if isinstance(event, e.AlertHandled):
                if event.step == "cause":
                    caused.add(event.alert_id)
                elif event.step == "cleared":
                    assert event.alert_id in caused
                    caused.remove(event.alert_id)

    @invariant()
    def labels_are_unique(self) -> None:
        if hasattr(self, "story"):
            labels = [ticket.label for ticket in self.story.state.tickets.values()]
            assert len(labels) == len(set(labels))

    @invariant()
    def nothing_published_tells_anybody_apart(self) -> None:
        if hasattr(self, "story"):
            state, now = self.story.state, self.story.now
            shown = [progress(state, now), board(state, now), *(window_view(state, w, now) for w in state.windows)]
            text = b"".join(map(encode, shown)).decode()
            for word in ("green", "priority", "accompany", "assisted", "token", "ordinary", "staff"):
                assert word not in text

    def teardown(self) -> None:
        """6 and 7: a fold of what is stored is the state, whatever happened, and always the same."""
        if not hasattr(self, "story"):
            return
        stored = [(type(event), msgspec.json.encode(event)) for event in self.story.events]
        folded = State()
        for kind, data in stored:
            evolve(folded, msgspec.json.decode(data, type=kind))
        assert digest(folded) == digest(self.story.state)
        live: Any = json.loads(encode(progress(self.story.state, self.story.now)))
        again: Any = json.loads(encode(progress(folded, self.story.now)))
        assert live == again


HallMachine.TestCase.settings = settings(max_examples=examples(250, 5000), stateful_step_count=40, deadline=None)
TestHall = HallMachine.TestCase
