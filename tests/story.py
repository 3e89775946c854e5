"""Tests tell stories: a hall at a time, orders by people, and the facts that follow."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime

from hall_server.application.catalogue import catalogue
from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.configuration import (
    Calendar,
    Category,
    Hall,
    Queue,
    Rules,
    Service,
    Session,
    Staff,
    Window,
    Zone,
)  # fmt: skip
from hall_server.domain.decide import decide
from hall_server.domain.evolve import evolve
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.domain.tickets import Ticket, TicketState

OFFSET_S = 8 * 3600


def at(text: str) -> Moment:
    """A local time in the hall, `2026-06-03 10:42`."""
    local = datetime.fromisoformat(text)
    return Moment(int((local - datetime(1970, 1, 1)).total_seconds() * 1000) - OFFSET_S * 1000, OFFSET_S)  # noqa: DTZ001


def named(text: str) -> dict[str, str]:
    return {"zh-Hans": text}


def small_hall(**changes: object) -> Hall:
    """Two intake queues, a collection queue, three windows, three staff."""
    parts: dict[str, object] = {
        "hall_id": "test",
        "name": named("测试大厅"),
        "level": "town",
        "phone": "12345",
        "zones": (Zone("A", named("一区")),),
        "queues": (
            Queue("identity", "A", named("户政"), "A"),
            Queue("social", "B", named("社保"), "A"),
            Queue("collection", "G", named("领证"), "A", function="collection"),
        ),
        "categories": (Category("all", named("全部")),),
        "services": (
            Service("id-card", "all", "identity", named("身份证"), "公安局", on_behalf_of=False),
            Service("pension", "all", "social", named("养老"), "社保中心"),
            Service("collect", "all", "collection", named("领证"), "审批局"),
            Service("first-fund", "all", "social", named("公积金首次提取"), "公积金中心", booking_required=True),
            Service(
                "vehicle", "all", "identity", named("检验"), "交警", available=False, note=named("暂仅支持在车管所办理")
            ),
            Service("endorsement", "all", "identity", named("再次签注"), "公安局", cancellable=False),
        ),
        "windows": (
            Window("1", "A", ("identity", "social")),
            Window("2", "A", ("identity", "social")),
            Window("3", "A", ("collection",)),
        ),
        "staff": (
            Staff("ann", ("identity", "social")),
            Staff("bob", ("identity",)),
            Staff("cai", ("collection",)),
        ),
        "calendar": Calendar(
            (
                Session("regular", 9 * 60, 12 * 60),
                Session("regular", 13 * 60, 17 * 60),
                Session("extended", 9 * 60, 12 * 60, (5,)),
            ),
            holidays=("2026-06-19",),
            makeup_workdays=("2026-06-20",),
            last_issue_before_end_min=15,
        ),
        "rules": Rules(),
    }
    return Hall(**(parts | changes))  # type: ignore[arg-type]


@dataclass
class Story:
    """One hall over a day. Time stands still unless told to move."""

    hall: Hall = field(default_factory=small_hall)
    now: Moment = field(default_factory=lambda: at("2026-06-03 10:00"))
    state: State = field(default_factory=State)
    events: list[e.Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.order(c.Configure(self.hall, catalogue(self.hall).version))
        self.order(c.Tick())

    def order(self, command: c.Command) -> list[e.Event] | Refusal:
        """Give an order; its events happen."""
        decision = decide(self.state, command, self.now)
        if not isinstance(decision, Refusal):
            for event in decision:
                evolve(self.state, event)
            self.events += decision
        return decision

    def later(self, seconds: float) -> "Story":
        self.now = Moment(self.now.ms + int(seconds * 1000), self.now.offset_s)
        return self

    # What people do.

    def takes(self, service: str = "id-card", **wishes: object) -> Ticket:
        """Somebody takes a number and gets it."""
        decision = self.tries_to_take(service, **wishes)
        assert isinstance(decision, list), decision
        issued = decision[0]
        assert isinstance(issued, e.TicketIssued)
        return self.state.tickets[issued.ticket_id]

    def tries_to_take(self, service: str = "id-card", **wishes: object) -> list[e.Event] | Refusal:
        number = next(self._numbers)
        return self.order(c.Issue(f"t{number}", f"token{number}", service, "dispenser-1", **wishes))  # type: ignore[arg-type]

    def signs_in(self, staff: str = "ann", window: str = "1", *, opens: bool = True) -> str:
        """Somebody sits down at a window; returns the session."""
        session = f"session-{staff}-{next(self._numbers)}"
        decision = self.order(c.SignIn(staff, window, session, f"terminal-{window}"))
        assert isinstance(decision, list), decision
        if opens:
            assert isinstance(self.order(c.SetWindow(session, "open")), list)
        return session

    def calls(self, session: str) -> Ticket:
        """The next visitor is called."""
        decision = self.order(c.CallNext(session))
        assert isinstance(decision, list), decision
        called = decision[0]
        assert isinstance(called, e.TicketCalled)
        return self.state.tickets[called.ticket_id]

    def ticket(self, label: str) -> Ticket:
        return self.state.tickets[self.state.by_label[label]]

    def states(self) -> dict[str, TicketState]:
        return {ticket.label: ticket.state for ticket in self.state.tickets.values()}


def refused(decision: list[e.Event] | Refusal) -> str:
    """The code of a refusal; fails if it was none."""
    assert isinstance(decision, Refusal), decision
    return decision.code
