"""How the hall learns: each event that tells something about times, arrivals or habits changes what is known."""

from collections.abc import Callable
from math import exp, log, sqrt
from typing import Any

from hall_server.domain import events as e
from hall_server.domain.state import State
from hall_server.domain.tickets import Ticket
from hall_server.forecast.learned import (
    DAY_MS,
    HALF_HOURS,
    NO_SHOW,
    SHOW_UP,
    Effect,
    Learned,
    Share,
    Stay,
    Today,
    half_hour,
    line_of,
    walk_ins,
    weekday_of,
)
from hall_server.forecast.service_times import Times

FADE = 0.985
"""What a day weighs the day after: half after seven weeks."""
LONGEST_TURNAROUND_S = 300.0
"""A longer pause before the next call is an absence, not a habit."""
SHORTEST_ABSENCE_S = 60.0
EARLY_BREAK_MIN = 10
UNUSUAL = 3.0
"""A service further from the usual than so many standard deviations tells no more of its window."""
FEWEST_SEEN = 5
"""Services of a kind before single ones are compared with it."""
FEWEST_OF_DAY = 8
"""Services of a window before its day tells how far days differ."""


def observe(learned: Learned, state: State, event: e.Event, offset_s: int) -> None:
    """Learn from an event that has just happened to the state."""
    learned.seq = state.seq
    lesson = _LESSONS.get(type(event))
    if lesson is not None:
        lesson(learned, state, event, offset_s)


def _came(learned: Learned, state: State, event: e.TicketIssued, offset_s: int) -> None:
    del state
    line = line_of(event.queue_id, event.ticket_class)
    mix = learned.mix.setdefault(line, {})
    mix[event.service_id] = mix.get(event.service_id, 0.0) + 1
    if event.booking_id is not None:
        # Who comes too late for the slot came all the same, but not as an appointment: the next look counts as usual.
        learned.booked.pop(event.booking_id, None)
    if event.booking_id is not None and event.slot_at is not None:
        learned.show_up.add(True)
        learned.early.add((event.taken_at - event.slot_at) / 1000)
        return
    counts = learned.today.came.setdefault(line, [0] * HALF_HOURS)
    counts[half_hour(event.taken_at, offset_s)] += 1
    if learned.today.first_ms is None:
        learned.today.first_ms = event.taken_at


def _called(learned: Learned, state: State, event: e.TicketCalled, offset_s: int) -> None:
    del offset_s
    ticket, today = state.tickets[event.ticket_id], learned.today
    today.stays[event.window] = Stay(event.ticket_id, event.at)
    learned.waited_s += max(0, event.at - ticket.key) / 1000
    if ticket.told_s is not None and ticket.requeues == 0:
        low, high = as_shown(ticket.told_s)
        kept = learned.kept.setdefault(line_of(ticket.queue_id, ticket.ticket_class), Share(0.0, 0.0))
        kept.add(low <= (event.at - ticket.taken_at) / 1000 <= high)
    freed = today.freed.pop(event.window, None)
    if (
        freed is not None
        and ticket.taken_at <= freed
        and (pause_s := (event.at - freed) / 1000) <= LONGEST_TURNAROUND_S
    ):
        learned.turnaround.add(pause_s)


def _resumed(learned: Learned, state: State, event: e.TicketResumed, offset_s: int) -> None:
    del state, offset_s
    learned.today.stays[event.window] = Stay(event.ticket_id, event.at)
    learned.today.freed.pop(event.window, None)


def _leaves(learned: Learned, event: e.TicketEvent) -> Stay | None:
    """A visitor goes from a window: since when they were there, if that is known."""
    stay = learned.today.stays.pop(event.window, None)
    learned.today.freed[event.window] = event.at
    return stay if stay is not None and stay.ticket_id == event.ticket_id else None


def _put_aside(learned: Learned, state: State, event: e.TicketHeld | e.TicketTransferred, offset_s: int) -> None:
    del state, offset_s
    _leaves(learned, event)


def _served(learned: Learned, state: State, event: e.ServiceFinished, offset_s: int) -> None:
    ticket, stay = state.tickets[event.ticket_id], _leaves(learned, event)
    _no_shows(learned, ticket).add(False)
    if stay is None:
        return
    times = learned.services.setdefault(ticket.service_id, Times())
    factor = learned.group_factor(ticket.group_size)
    seconds = max(1.0, (event.at - stay.since) / 1000)
    if times.weight >= FEWEST_SEEN:
        usual = times.logs / times.weight
        if ticket.group_size > 1:
            learned.group_extra.add(min(2.0, max(0.0, seconds / exp(usual) - 1) / (ticket.group_size - 1)))
        limit = UNUSUAL * sqrt(learned.noise)
        difference = min(limit, max(-limit, log(seconds / factor) - usual))
        learned.residual.add(difference**2)
        learned.today.windows.setdefault(event.window, Effect()).add(difference)
        learned.hours.setdefault(half_hour(stay.since, offset_s) // 2, Effect()).add(difference)
    times.add(seconds / factor)


def _no_shows(learned: Learned, ticket: Ticket) -> Share:
    return learned.no_shows.setdefault(ticket.ticket_class, Share(NO_SHOW.hits, NO_SHOW.weight))


def _not_shown(learned: Learned, state: State, event: e.TicketNotShown, offset_s: int) -> None:
    del offset_s
    _no_shows(learned, state.tickets[event.ticket_id]).add(True)
    stay = _leaves(learned, event)
    if stay is not None:
        learned.no_show_times.add((event.at - stay.since) / 1000)


def _gave_up(learned: Learned, state: State, event: e.TicketAbandoned, offset_s: int) -> None:
    del offset_s
    learned.left_waiting += 1
    learned.waited_s += max(0, event.at - state.tickets[event.ticket_id].key) / 1000


def _booked(learned: Learned, state: State, event: e.AppointmentBooked, offset_s: int) -> None:
    del state, offset_s
    learned.booked[event.booking_id] = event.slot_at


def _not_coming(learned: Learned, state: State, event: e.AppointmentCancelled, offset_s: int) -> None:
    del state, offset_s
    learned.booked.pop(event.booking_id, None)


def _signed_out(learned: Learned, state: State, event: e.StaffSignedOut, offset_s: int) -> None:
    del state, offset_s
    _closed(learned, event.window, event.at)


def _window_set(learned: Learned, state: State, event: e.WindowSet, offset_s: int) -> None:
    if event.status == "open":
        left = learned.today.left.pop(event.window, None)
        if left is not None and (away := (event.at - left) / 1000) >= SHORTEST_ABSENCE_S:
            learned.absences.add(away)
            learned.absent += 1
        learned.today.opened.setdefault(event.window, event.at)
        learned.today.freed.pop(event.window, None)
        return
    _closed(learned, event.window, event.at)
    if event.status == "paused" and not _planned(state, event, offset_s):
        learned.today.left[event.window] = event.at


def _closed(learned: Learned, window: str, at: int) -> None:
    opened = learned.today.opened.pop(window, None)
    if opened is not None:
        learned.open_s += (at - opened) / 1000
    learned.today.left.pop(window, None)


def _end_day(learned: Learned, state: State, event: e.DayEnded, offset_s: int) -> None:
    del state
    today, learned.today = learned.today, Today()
    for window in list(today.opened):
        learned.open_s += (event.at - today.opened[window]) / 1000
    for booking in [booking for booking, slot in learned.booked.items() if slot <= event.at]:
        del learned.booked[booking]
        learned.show_up.add(False)
    total = sum(map(sum, walk_ins(today.came)))
    _fade(learned)
    if total:
        _learn_arrivals(learned, today, total, offset_s)
    _learn_windows(learned, today)


def _learn_arrivals(learned: Learned, today: Today, total: int, offset_s: int) -> None:
    learned.days += 1
    for line, counts in today.came.items():
        known = learned.profile.setdefault(line, [0.0] * HALF_HOURS)
        learned.profile[line] = [old + new for old, new in zip(known, counts, strict=True)]
    weekday = weekday_of(today.first_ms or 0, offset_s)
    if learned.day_totals.weight >= 1:
        learned.weekdays.setdefault(weekday, Effect()).add(log(total / learned.day_totals.mean))
    learned.day_totals.add(total)


def _learn_windows(learned: Learned, today: Today) -> None:
    noise = learned.noise
    for window, effect in today.windows.items():
        usual = learned.windows.setdefault(window, Effect())
        if effect.weight >= FEWEST_OF_DAY:
            mean = effect.total / effect.weight - usual.total / max(usual.weight, 1.0)
            learned.window_days.add(mean**2 - noise / effect.weight)
        usual.weight += effect.weight
        usual.total += effect.total


def _fade(learned: Learned) -> None:
    for times in (*learned.services.values(), learned.no_show_times, learned.absences):
        times.fade(FADE)
    for effect in (*learned.windows.values(), *learned.hours.values(), *learned.weekdays.values(), learned.turnaround):
        effect.fade(FADE)
    for share in learned.kept.values():
        share.fade(FADE, Share(0.0, 0.0))
    for share in learned.no_shows.values():
        share.fade(FADE, NO_SHOW)
    learned.show_up.fade(FADE, SHOW_UP)
    learned.days *= FADE
    for line, counts in learned.profile.items():
        learned.profile[line] = [count * FADE for count in counts]
    learned.mix = {line: {of: n * FADE for of, n in mix.items()} for line, mix in learned.mix.items()}
    learned.left_waiting, learned.waited_s = learned.left_waiting * FADE, learned.waited_s * FADE
    learned.absent, learned.open_s = learned.absent * FADE, learned.open_s * FADE


def as_shown(told_s: tuple[int, int]) -> tuple[int, int]:
    """A range as people read it: whole minutes, rounded outwards, and at least one minute wide. In seconds."""
    low = told_s[0] // 60
    return low * 60, max(-(-told_s[1] // 60), low + 1) * 60


def _planned(state: State, event: e.WindowSet, offset_s: int) -> bool:
    """Whether a pause begins at about the time of a break that the window has every day."""
    minute = (event.at + offset_s * 1000) % DAY_MS / 60_000
    window = state.known.windows.get(event.window)
    return window is not None and any(b.start - EARLY_BREAK_MIN <= minute < b.end for b in window.breaks)


_LESSONS: dict[type[e.Event], Callable[[Learned, State, Any, int], None]] = {
    e.TicketIssued: _came,
    e.AppointmentBooked: _booked,
    e.AppointmentCancelled: _not_coming,
    e.TicketCalled: _called,
    e.TicketResumed: _resumed,
    e.ServiceFinished: _served,
    e.TicketTransferred: _put_aside,
    e.TicketHeld: _put_aside,
    e.TicketNotShown: _not_shown,
    e.TicketAbandoned: _gave_up,
    e.WindowSet: _window_set,
    e.StaffSignedOut: _signed_out,
    e.DayEnded: _end_day,
}
