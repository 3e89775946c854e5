"""Counters and gauges for Prometheus. No label holds a ticket, a person or a token."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from hall_server.application.pictures import zone_of
from hall_server.domain.state import State
from hall_server.domain.tickets import TicketState
from hall_server.forecast.told import Forecast


class PrometheusMeter:
    """What the hall counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._orders = Counter("paihao_orders", "Orders decided", ["kind", "code"], registry=self.registry)
        self._events = Counter("paihao_events", "Events stored", registry=self.registry)
        self._commits = Histogram(
            "paihao_commit_seconds",
            "Time to make a batch durable",
            buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2),
            registry=self.registry,
        )
        self._malformed = Counter("paihao_malformed_messages", "Messages that were no command", registry=self.registry)
        self._dropped = Gauge(
            "paihao_dropped_messages",
            "Messages without room or link",
            ["direction"],
            registry=self.registry,
        )
        self._waiting = Gauge("paihao_waiting", "Tickets waiting", ["queue"], registry=self.registry)
        self._tickets = Gauge("paihao_tickets", "Tickets of today by state", ["state"], registry=self.registry)
        self._windows = Gauge("paihao_windows", "Windows by status", ["status", "zone"], registry=self.registry)
        self._viewers = Gauge("paihao_stream_viewers", "Open event streams", registry=self.registry)

        lines = ["queue", "class"]
        self._told = Gauge(
            "paihao_ranges_told", "Visitors called who had been told a range, older ones fading", lines,
            registry=self.registry,
        )  # fmt: skip
        self._held = Gauge(
            "paihao_ranges_held", "Those of them who were called inside the range first told", lines,
            registry=self.registry,
        )  # fmt: skip
        self._forecast_at = Gauge(
            "paihao_forecast_timestamp_seconds", "Hall time of the newest forecast", registry=self.registry
        )

    def decided(self, kind: str, code: str) -> None:
        """One order was decided."""
        self._orders.labels(kind, code).inc()

    def stored(self, events: int, seconds: float) -> None:
        """One batch was made durable."""
        self._events.inc(events)
        self._commits.observe(seconds)

    def malformed(self) -> None:
        """A message was no command."""
        self._malformed.inc()

    def text(self, state: State, viewers: int, dropped: dict[str, int], forecast: Forecast) -> bytes:
        """Everything in Prometheus' text format. `dropped` counts messages by direction, in and out."""
        for direction, count in dropped.items():
            self._dropped.labels(direction).set(count)
        for queue_id, lines in state.lines.items():
            self._waiting.labels(queue_id).set(len(lines))
        for ticket_state in TicketState:
            self._tickets.labels(ticket_state.value).set(len(state.in_state[ticket_state]))
        self._windows.clear()
        for window in state.windows.values():
            self._windows.labels(window.status, zone_of(state, window.window_id)).inc()
        self._viewers.set(viewers)
        self._forecast_at.set(forecast.at_ms / 1000)
        for line, kept in forecast.kept.items():
            queue_id, ticket_class = line.split("/")
            self._told.labels(queue_id, ticket_class).set(kept.called)
            self._held.labels(queue_id, ticket_class).set(kept.inside)
        return generate_latest(self.registry)
