"""From the hall's state and what has been learned to the outlook that a forecast starts from."""

from math import exp, log, sqrt
from typing import NamedTuple

from hall_server.domain.calendar import Moment, sessions_on
from hall_server.domain.configuration import Hours
from hall_server.domain.state import State
from hall_server.domain.tickets import URGENCY, Ticket, TicketClass, TicketState, WindowState
from hall_server.forecast.arrivals import Arrivals
from hall_server.forecast.learned import (
    HALF_HOURS,
    HOUR_VARIANCE,
    WINDOW_VARIANCE,
    Effect,
    Learned,
    Share,
    line_of,
    shrunk_variance,
)
from hall_server.forecast.outlook import Expected, Line, Outlook, Probe, Waiting, WindowOutlook
from hall_server.forecast.service_times import Times
from hall_server.forecast.window_plan import WindowPlan

NO_SHOW_S, ABSENCE_S = 60.0, 900.0
LEARN_AGAIN_AFTER = 25
"""Distributions are made anew after so many more services."""
USUAL_GAP = 0.25
"""By so much the logarithm of a mean lies above the mean of logarithms, at the usual spread of services."""
PACE_WEIGHT = 10.0
"""What is configured counts as so many services, over the whole hall."""
PATIENT_S = 50 * 3600.0
"""Before anybody has been seen to leave, waiting so long without leaving counts as seen."""
PRESENT_S = 60 * 3600.0
"""The same for windows and staff."""
LATE_S = 3600.0
"""An appointment later than this is not expected any more."""

Index = dict[tuple[str, TicketClass], int]


class Clock(NamedTuple):
    """Unix milliseconds as seconds of the local day."""

    midnight_ms: int
    now: float

    def seconds(self, ms: int) -> float:
        """Seconds since local midnight of today; may be negative."""
        return (ms - self.midnight_ms) / 1000


def clock_of(now: Moment) -> Clock:
    """The local day that a moment lies in."""
    into_ms = (now.ms + now.offset_s * 1000) % 86_400_000
    return Clock(now.ms - into_ms, into_ms / 1000)


class Looker:
    """Turns states into outlooks."""

    def __init__(self, learned: Learned) -> None:
        self.learned = learned
        self._tables: list[list[float]] = []
        self._names: dict[str, int] = {}
        self._made_at = 0.0

    def look(self, state: State, now: Moment, probes: tuple[float, ...] = (0.0,)) -> Outlook:
        """The hall now. `probes` are how many seconds from now somebody might take a number, asked for each queue."""
        learned, clock, arrivals = self.learned, clock_of(now), Arrivals(self.learned, now)
        self._learn_distributions(state)
        index: Index = {
            (q, of): i for i, (q, of) in enumerate((q, of) for q in state.known.queues for of in TicketClass)
        }
        shape, rate = arrivals.busier()
        return Outlook(
            now=clock.now,
            lines=self._lines(state, index, arrivals),
            windows=self._windows(state, now, index, clock),
            waiting=self._waiting(state, index, clock),
            expected=self._expected(state, index, clock),
            probes=[
                Probe(index[queue_id, TicketClass.ORDINARY], clock.now + later)
                for queue_id in state.known.queues
                for later in probes
            ],
            tables=self._tables,
            day_shape=shape,
            day_rate=rate,
            last_arrival=_last_arrival(state, now),
            show_up=learned.show_up.value,
            early_mean=learned.early.mean,
            early_spread=max(60.0, sqrt(learned.early.variance)),
            leaves_per_s=learned.left_waiting / (learned.waited_s + PATIENT_S),
            turnaround=learned.turnaround.total / (learned.turnaround.weight + 3),
            absences_per_s=learned.absent / (learned.open_s + PRESENT_S),
            absence_table=self._names["absence"],
            hour_factors=[self._hour(hour) for hour in range(24)],
            preference_s=float(state.known.hall.rules.order.preference_s),
        )

    # Distributions

    def _learn_distributions(self, state: State) -> None:
        """Quantile tables by name: the services, an absence, and last a no-show."""
        learned, services = self.learned, state.known.services
        seen = sum(times.weight for times in learned.services.values())
        if abs(seen - self._made_at) < LEARN_AGAIN_AFTER and all(service in self._names for service in services):
            return
        pace = self._pace(state)
        tables = {
            service_id: learned.services.get(service_id, Times()).quantiles(service.expected_minutes * 60 * pace)
            for service_id, service in services.items()
        }
        tables["absence"] = learned.absences.quantiles(ABSENCE_S)
        tables["no_show"] = learned.no_show_times.quantiles(NO_SHOW_S, 0.2)
        self._tables, self._made_at = list(tables.values()), seen
        self._names = {name: number for number, name in enumerate(tables)}

    def _pace(self, state: State) -> float:
        """How much longer services take here than configured, over all that were seen."""
        known = state.known.services
        differences = [
            (times.weight, times.logs / times.weight + USUAL_GAP - log(known[service_id].expected_minutes * 60))
            for service_id, times in self.learned.services.items()
            if service_id in known and times.weight >= 1
        ]
        return exp(
            sum(n * difference for n, difference in differences) / (sum(n for n, _ in differences) + PACE_WEIGHT)
        )

    # Lines

    def _lines(self, state: State, index: Index, arrivals: Arrivals) -> list[Line]:
        rules = state.known.hall.rules.order
        by_booking = bool(state.bookings) or bool(self.learned.booked)
        return [
            Line(
                queue_id=queue_id,
                ticket_class=of.value,
                urgency=URGENCY[of],
                rate=rules.rates.of(of) if rules.rates else state.tuning.rates[of],
                limit_s=float(rules.limit_s.of(of)),
                no_show=self._no_show(of),
                mix=self._mix(state, queue_id, of),
                rates=[0.0] * HALF_HOURS
                if of is TicketClass.APPOINTMENT and by_booking
                else arrivals.rates(line_of(queue_id, of)),
                steady=of is TicketClass.APPOINTMENT,
            )
            for queue_id, of in index
        ]

    def _mix(self, state: State, queue_id: str, of: TicketClass) -> list[tuple[int, float]]:
        seen = self.learned.mix.get(line_of(queue_id, of), {})
        weights = {service: seen.get(service, 0.0) + 0.5 for service in state.known.services_of[queue_id]}
        return [(self._names[service], weight / sum(weights.values())) for service, weight in weights.items()]

    def _no_show(self, of: TicketClass) -> float:
        shares = self.learned.no_shows
        hits, weight = sum(share.hits for share in shares.values()), sum(share.weight for share in shares.values())
        own = shares.get(of, Share(0.0, 0.0))
        return (own.hits + 30 * (hits + 1) / (weight + 20)) / (own.weight + 30)

    # Visitors

    def _waiting(self, state: State, index: Index, clock: Clock) -> list[Waiting]:
        return [
            Waiting(
                ticket.ticket_id,
                index[ticket.queue_id, ticket.ticket_class],
                clock.seconds(ticket.key),
                clock.seconds(ticket.taken_at),
                [self._work(ticket)],
                self.learned.group_factor(ticket.group_size),
            )
            for ticket in state.tickets_in(TicketState.WAITING)
        ]

    def _work(self, ticket: Ticket) -> int:
        return self._names.get(ticket.service_id, 0)

    def _expected(self, state: State, index: Index, clock: Clock) -> list[Expected]:
        found = []
        for booking in state.bookings.values():
            service, slot = state.known.services.get(booking.service_id), clock.seconds(booking.slot_at)
            if service is not None and clock.now - LATE_S < slot < 86_400:
                line = index[service.queue_id, TicketClass.APPOINTMENT]
                found.append(Expected(slot, line, self._names[booking.service_id]))
        return found

    # Windows

    def _windows(self, state: State, now: Moment, index: Index, clock: Clock) -> list[WindowOutlook]:
        variance = max(0.02**2, shrunk_variance(self.learned.window_days, WINDOW_VARIANCE))
        sessions = [Hours(session.start, session.end) for session in sessions_on(state.known.hall.calendar, now.local)]
        found = []
        for window_id, place in state.known.windows.items():
            window, plan = state.windows[window_id], WindowPlan(place, sessions, now.day)
            there = self._there(state, window, plan, clock)
            if there is None:
                continue
            person = state.known.staff.get(window.staff_id or "")
            queues = [queue for queue in place.queues if person is None or queue in person.skills]
            speed, doubt = self._speed(window_id, variance)
            found.append(
                WindowOutlook(
                    window_id,
                    lines=[index[queue, of] for queue in queues for of in TicketClass],
                    prefers=[index[queue, of] for queue in queues if queue == place.prefers for of in TicketClass],
                    free_at=there.free_at,
                    serving=there.serving,
                    elapsed=there.elapsed,
                    factor=there.factor,
                    absent=there.absent,
                    speed=speed,
                    speed_spread=doubt,
                    blocks=plan.blocks(clock.now),
                )
            )
        return found

    def _there(self, state: State, window: WindowState, plan: WindowPlan, clock: Clock) -> "_There | None":
        """What keeps a window from calling now; None if it will not call any more today."""
        if window.current is not None:
            ticket, stay = state.tickets[window.current], self.learned.today.stays.get(window.window_id)
            since = clock.seconds(stay.since if stay else window.since)
            factor = self.learned.group_factor(ticket.group_size)
            return _There(clock.now, self._work(ticket), max(0.0, clock.now - since), factor)
        if window.status == "open":
            return _There(clock.now)
        back = plan.back_from_break(clock.now)
        if window.status == "paused" and back is None:
            elapsed = max(0.0, clock.now - clock.seconds(window.since))
            return _There(clock.now, self._names["absence"], elapsed, absent=True)
        opens = plan.opens(clock.now) if back is None else back
        return None if opens is None else _There(opens)

    def _speed(self, window_id: str, variance: float) -> tuple[float, float]:
        """How slow a window is today, in logarithms, and the doubt: what it usually is, and what today has shown."""
        noise = self.learned.noise
        usual = self.learned.windows.get(window_id, Effect())
        prior = usual.total / (usual.weight + noise / WINDOW_VARIANCE)
        today = self.learned.today.windows.get(window_id, Effect())
        weight = 1 / variance + today.weight / noise
        return (prior / variance + today.total / noise) / weight, sqrt(1 / weight)

    def _hour(self, hour: int) -> float:
        effect = self.learned.hours.get(hour, Effect())
        noise = self.learned.noise
        return exp(effect.total / (effect.weight + noise / HOUR_VARIANCE))


class _There(NamedTuple):
    """A window as the forecast starts with it."""

    free_at: float
    serving: int = -1
    elapsed: float = 0.0
    factor: float = 1.0
    absent: bool = False


def _last_arrival(state: State, now: Moment) -> float:
    """Until when numbers are given out today."""
    calendar = state.known.hall.calendar
    ends = [session.end for session in sessions_on(calendar, now.local)]
    return max(ends) * 60.0 - calendar.last_issue_before_end_min * 60.0 if ends else 86_400.0
