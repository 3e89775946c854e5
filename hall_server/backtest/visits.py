"""Backtest over visits: they become the hall's own events again, and each is forecast as the hall would have."""

from collections import Counter
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from math import inf

import numpy as np
from msgspec.structs import replace

from hall_server.backtest.kept_order import KeptOrder
from hall_server.backtest.rows import RowError, Told, Visit
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.configuration import Hall, Hours, Staff
from hall_server.domain.evolve import evolve
from hall_server.domain.load import tuned
from hall_server.domain.state import State
from hall_server.domain.tickets import Ticket, TicketState
from hall_server.forecast.learned import Learned
from hall_server.forecast.learning import observe
from hall_server.forecast.look import Looker
from hall_server.forecast.ranges import RUNS, ranges
from hall_server.forecast.simulate import simulate

DAY_MS = 86_400_000
FIRST_DAY_MS = 1_767_542_400_000
"""A Monday's midnight, for days that are not dates."""
OFFSET_S = 8 * 3600
TUNE_S = 300.0
IDLE_S = 180.0
"""A window that calls nobody for so long though somebody waits for it has been left."""
ROUGH = (0.4, 0.9, 1.8, 1.0)


class BacktestHall:
    """The hall of a file of visits: every window staffed, and unknown services put where they were served."""

    def __init__(self, hall: Hall, visits: list[Visit], *, from_midnight: bool) -> None:
        windows = {window.window_id for window in hall.windows}
        for visit in visits:
            if visit.window and visit.window not in windows:
                raise RowError(f"line {visit.line}: the hall has no window {visit.window!r}")
        self.hall = replace(
            hall,
            staff=tuple(Staff(_clerk(window.window_id), window.queues) for window in hall.windows),
            services=(*hall.services, *_unknown_services(hall, visits)),
        )
        sessions = hall.calendar.sessions
        opens_min = min((session.start for session in sessions), default=0)
        self.opens_s = 0.0 if from_midnight else opens_min * 60.0
        self.sessions = [Hours(session.start, session.end) for session in sessions if not session.weekdays] or [
            Hours(session.start, session.end) for session in sessions
        ]


def _clerk(window: str) -> str:
    return f"at-{window}"


def _unknown_services(hall: Hall, visits: list[Visit]) -> list:  # type: ignore[type-arg]  # services
    known = {service.service_id for service in hall.services}
    served: dict[str, Counter[str]] = {}
    for visit in visits:
        if visit.service not in known:
            served.setdefault(visit.service, Counter())[visit.window] += 1
    queues = {window.window_id: window.queues for window in hall.windows}
    found = []
    for service, windows in served.items():
        votes: Counter[str] = Counter()
        for window, times in windows.items():
            for queue in queues.get(window, ()):
                votes[queue] += times
        queue = votes.most_common(1)[0][0] if votes else hall.queues[0].queue_id
        found.append(replace(hall.services[0], service_id=service, queue_id=queue, available=True))
    return found


class _Day:
    """One day on a virtual clock, as far as its visits tell."""

    def __init__(self, state: State, learned: Learned, hall: BacktestHall, midnight_ms: int) -> None:
        self._state, self._learned, self._hall = state, learned, hall
        self._midnight_ms = midnight_ms
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._now_s = 0.0
        self._free_since: dict[str, float] = {}
        self.kept: KeptOrder | None = None
        self.ask: Callable[[str, Visit], None] | None = None

    @property
    def now(self) -> Moment:
        """The virtual time."""
        return Moment(self._midnight_ms + round((self._now_s + self._hall.opens_s) * 1000), OFFSET_S)

    def at(self, time_s: float, rank: int, what: Callable[[], None]) -> None:
        """Do something at a time; the lower rank first where times are equal."""
        heappush(self._agenda, (time_s, rank * 10**9 + next(self._numbers), what))

    def happens(self, event: e.Event) -> None:
        """An event of the hall."""
        evolve(self._state, event)
        observe(self._learned, self._state, event, OFFSET_S)

    def live(self, visits: list[Visit]) -> None:
        """The whole day."""
        self.happens(e.DayStarted(at=self._midnight_ms, day=self.now.day))
        for window in self._state.known.hall.windows:
            self._plan(window.window_id)
        for number, visit in enumerate(visits):
            self.at(visit.arrival_s, 2, lambda v=visit, n=number: self._arrive(f"t{n}", v))  # type: ignore[misc]  # defaults bind the loop's values
            if visit.outcome == "abandoned":
                leaves = visit.finished_s if visit.finished_s is not None else visit.called_s
                if leaves is not None:
                    self.at(leaves, 3, lambda n=number: self._leave(f"t{n}"))  # type: ignore[misc]  # the same
            elif visit.called_s is not None and visit.finished_s is not None:
                self.at(visit.called_s, 4, lambda v=visit, n=number: self._call(f"t{n}", v))  # type: ignore[misc]  # the same
                self.at(max(visit.finished_s, visit.called_s), 1, lambda v=visit, n=number: self._finish(f"t{n}", v))  # type: ignore[misc]  # the same
        last = max((v.finished_s or v.called_s or v.arrival_s for v in visits), default=0.0)
        for tick in range(int(last // 60) + 1):
            self.at(tick * 60.0, 5, self._tick)
        while self._agenda:
            self._now_s, _, what = heappop(self._agenda)
            what()
        self._now_s = (DAY_MS - 1000) / 1000 - self._hall.opens_s
        self.happens(e.DayEnded(at=self.now.ms, day=self._state.day or ""))

    # Windows

    def _plan(self, window: str) -> None:
        """Opening, breaks and closing as the hall's file has them."""
        place = self._state.known.windows[window]
        day = self.now.day
        hours = (
            [h for h in place.hours if day in h.days] or [h for h in place.hours if not h.days] or self._hall.sessions
        )
        breaks = [b for b in place.breaks if day in b.days] or [b for b in place.breaks if not b.days]
        for stretch in hours:
            self.at(stretch.start * 60 - self._hall.opens_s, 0, lambda: self._set(window, "open"))
            self.at(stretch.end * 60 - self._hall.opens_s, 0, lambda: self._set(window, "closed"))
        for stretch in breaks:
            self.at(stretch.start * 60 - self._hall.opens_s, 0, lambda: self._set(window, "paused", "break"))
            self.at(stretch.end * 60 - self._hall.opens_s, 0, lambda: self._set(window, "open"))

    def _set(self, window: str, status: str, reason: str | None = None, since: float | None = None) -> None:
        now = self._state.windows[window]
        if now.status == status or (status != "open" and now.status == "closed"):
            return
        at = self.now.ms if since is None else self.now.ms - round((self._now_s - since) * 1000)
        if now.staff_id is None:
            self.happens(
                e.StaffSignedIn(at=at, staff_id=_clerk(window), window=window, session_hash=window, device="d")
            )
        self.happens(e.WindowSet(at=at, window=window, staff_id=_clerk(window), status=status, reason=reason))
        if status == "open":
            self._free_since[window] = self._now_s

    def _tick(self) -> None:
        state = self._state
        for window in state.windows.values():
            free = self._free_since.get(window.window_id, inf)
            if window.status == "open" and window.current is None and self._now_s - free >= IDLE_S:
                oldest = min((head.place[0] for head in state.heads(window)), default=self.now.ms)
                if self.now.ms - oldest >= IDLE_S * 1000:
                    self._set(window.window_id, "paused", "absent", free)
        if self._now_s % TUNE_S == 0:
            tuning = tuned(state, state.known.hall.rules.order, self.now.ms)
            if tuning is not None:
                self.happens(
                    e.OrderTuned(at=self.now.ms, rates=tuning.rates, missed=tuning.missed, weight=tuning.weight)
                )

    # Visitors

    def _arrive(self, ticket_id: str, visit: Visit) -> None:
        service = self._state.known.services[visit.service]
        number = self._state.records[service.queue_id].issued + 1
        slot = None if visit.slot_s is None else self._midnight_ms + round((visit.slot_s + self._hall.opens_s) * 1000)
        self.happens(
            e.TicketIssued(
                at=self.now.ms, ticket_id=ticket_id, label=f"{service.queue_id}{number}", number=number,
                queue_id=service.queue_id, service_id=visit.service, ticket_class=visit.visitor_class, source="file",
                session="regular", token_hash=ticket_id, taken_at=self.now.ms, slot_at=slot,
            )
        )  # fmt: skip
        if self.ask is not None:
            self.ask(ticket_id, visit)

    def _leave(self, ticket_id: str) -> None:
        if self._state.tickets[ticket_id].state is TicketState.WAITING:
            self.happens(e.TicketAbandoned(at=self.now.ms, ticket_id=ticket_id))

    def _call(self, ticket_id: str, visit: Visit) -> None:
        window = self._state.windows[visit.window]
        if window.current is not None:
            # The file overlaps by rounding: whoever was there has gone.
            self._end(self._state.tickets[window.current], visit.window, no_show=False)
        if window.status != "open":
            self._set(visit.window, "open")
        self._free_since.pop(visit.window, None)
        if self.kept is not None:
            self.kept.observe(
                self._state, self._state.windows[visit.window], self._state.tickets[ticket_id], self.now.ms
            )
        self.happens(
            e.TicketCalled(
                at=self.now.ms, ticket_id=ticket_id, window=visit.window, staff_id=_clerk(visit.window), why=""
            )
        )
        self._forget_passed_over(self._state.tickets[ticket_id])

    def _forget_passed_over(self, called: Ticket) -> None:
        """Whoever would have been called before has left: the file does not say when."""
        line = self._state.lines[called.queue_id].by_class[called.ticket_class]
        for _, _, ticket_id in [place for place in line if place < (called.key, called.seq, "")]:
            if ticket_id in self.gone:
                self.happens(e.TicketAbandoned(at=self.now.ms, ticket_id=ticket_id))

    gone: frozenset[str] = frozenset()
    """Tickets of visitors who left without a time."""

    def _finish(self, ticket_id: str, visit: Visit) -> None:
        ticket = self._state.tickets[ticket_id]
        if ticket.state is TicketState.WAITING:
            # It lasted no time at all, so the call comes after it in the agenda.
            self._call(ticket_id, visit)
        if self._state.windows[visit.window].current == ticket_id:
            self._end(self._state.tickets[ticket_id], visit.window, no_show=visit.outcome == "no_show")

    def _end(self, ticket: Ticket, window: str, *, no_show: bool) -> None:
        facts = {"at": self.now.ms, "ticket_id": ticket.ticket_id, "window": window, "staff_id": _clerk(window)}
        self.happens(e.TicketNotShown(**facts) if no_show else e.ServiceFinished(**facts, outcome="completed"))  # type: ignore[arg-type]  # strings but for `at`
        self._free_since[window] = self._now_s


def predict(hall: BacktestHall, visits: list[Visit], train_days: int) -> Iterator[tuple[Visit, Told | None]]:
    """What each visitor after the first days would have been told on arrival; None for the days learned from.

    A day goes on being learned from once it is over. Days come in the order in which the file first names them.
    """
    state, learned, kept = State(), Learned(), KeptOrder()
    looker = Looker(learned)
    evolve(state, e.HallConfigured(at=0, hall=hall.hall, catalogue_version="backtest"))
    days: dict[str, list[Visit]] = {}
    for visit in visits:
        days.setdefault(visit.day, []).append(visit)
    for number, (name, of_day) in enumerate(days.items()):
        if number == train_days:
            explained = kept.explain(hall.hall.rules.order, state.tuning.rates)
            seen = replace(hall.hall, rules=replace(hall.hall.rules, order=explained))
            evolve(state, e.HallConfigured(at=0, hall=seen, catalogue_version="backtest"))
        ordered = sorted(of_day, key=lambda visit: visit.arrival_s)
        day = _Day(state, learned, hall, _midnight(name, number))
        day.gone = frozenset(
            f"t{place}"
            for place, v in enumerate(ordered)
            if v.outcome == "abandoned" and v.finished_s is None and v.called_s is None
        )
        told: dict[int, Told] = {}

        def ask(ticket_id: str, visit: Visit, day: _Day = day, told: dict[int, Told] = told) -> None:
            told[visit.line] = _tell(looker, state, day.now, ticket_id, visit.line)

        day.ask, day.kept = (ask, None) if number >= train_days else (None, kept)
        day.live(ordered)
        for visit in ordered:
            yield visit, told.get(visit.line)


def _tell(looker: Looker, state: State, now: Moment, ticket_id: str, seed: int) -> Told:
    outlook = looker.look(state, now, ())
    place = next(index for index, waiting in enumerate(outlook.waiting) if waiting.ticket_id == ticket_id)
    waits = simulate(outlook, RUNS, np.random.default_rng(seed)).waiting[:, place : place + 1]
    found = ranges(waits[~np.isnan(waits[:, 0])])[0] if not np.isnan(waits).all() else None
    if found is None:
        return _rough(state, now, ticket_id)
    return Told(found.low, found.middle, found.high, found.mean)


def _rough(state: State, now: Moment, ticket_id: str) -> Told:
    """Nobody is expected to call: so many services one after the other, and a wide range."""
    ticket = state.tickets[ticket_id]
    service = state.known.services[ticket.service_id]
    windows = max(1, len(state.known.windows_of[ticket.queue_id]))
    guess = (state.ahead(ticket, now.ms) + 1) * service.expected_minutes * 60 / windows
    return Told(*(guess * share for share in ROUGH))


def _midnight(name: str, number: int) -> int:
    """Local midnight of a day: its own if it is a date, so that weekdays and named days count."""
    from datetime import UTC, datetime

    try:
        date = datetime.fromisoformat(name).replace(tzinfo=UTC)
    except ValueError:
        return FIRST_DAY_MS + number * DAY_MS
    return int(date.timestamp()) * 1000 - OFFSET_S * 1000
