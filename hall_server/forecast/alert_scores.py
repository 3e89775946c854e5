"""The journal's days, scored: a fold that says at each day's end how its forecast alerts did, queue by queue."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hall_server.domain import events as e
from hall_server.domain.configuration import Hall
from hall_server.domain.tickets import TicketClass
from hall_server.forecast.scoring import Score, Span, score, waits_by_minute

MINUTE_MS = 60_000
FORECAST = "forecast"


class QueueScore(NamedTuple):
    """One queue on one day; minutes count from the day's first number."""

    day: str
    queue_id: str
    began_ms: int
    score: Score


class _Day:
    """What one day has shown so far."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[str, int]] = {}
        self.waits: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.raised: dict[str, int] = {}
        self.alerts: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self.began_ms: int | None = None


def score_days(events: Iterable[e.Event]) -> Iterator[QueueScore]:
    """All days that have ended."""
    hall: Hall | None = None
    day = _Day()
    for event in events:
        match event:
            case e.HallConfigured():
                hall = event.hall
            case e.DayEnded():
                if hall is not None and day.began_ms is not None:
                    yield from _scores(hall, day, event, day.began_ms)
                day = _Day()
            case _:
                _observe(day, event)


def _observe(day: _Day, event: e.Event) -> None:
    match event:
        case e.TicketIssued(ticket_class=TicketClass.ORDINARY):
            day.taken[event.ticket_id] = event.queue_id, event.taken_at
            day.began_ms = day.began_ms or event.taken_at
        case e.TicketCalled() if event.ticket_id in day.taken:
            queue_id, taken_at = day.taken.pop(event.ticket_id)
            day.waits[queue_id].append((taken_at, event.at - taken_at))
        case e.AlertRaised(trigger="forecast") if event.queue_id is not None:
            day.raised[event.alert_id] = event.at
        case e.AlertEased() if event.alert_id in day.raised:
            queue_id = event.alert_id.removeprefix(f"{FORECAST}-")
            day.alerts[queue_id].append((day.raised.pop(event.alert_id), event.at))
        case _:
            pass


def _scores(hall: Hall, day: _Day, ended: e.DayEnded, began_ms: int) -> Iterator[QueueScore]:
    for alert_id, at in day.raised.items():
        day.alerts[alert_id.removeprefix(f"{FORECAST}-")].append((at, ended.at))
    minutes = max(1, (ended.at - began_ms) // MINUTE_MS)
    for queue in hall.queues:
        visitors = sorted(day.waits[queue.queue_id])
        alerts = [
            Span((a - began_ms) // MINUTE_MS, -((began_ms - b) // MINUTE_MS)) for a, b in day.alerts[queue.queue_id]
        ]
        if visitors or alerts:
            rows = [((taken - began_ms) / MINUTE_MS, waited / MINUTE_MS) for taken, waited in visitors]
            limit = (queue.wait_limit_s or hall.rules.alerts.wait_limit_s) / 60
            yield QueueScore(ended.day, queue.queue_id, began_ms, score(waits_by_minute(rows, minutes), limit, alerts))
