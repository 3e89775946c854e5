"""What the hall shows, kept current: screens at once, the larger pictures gathered for a moment.

Readers (MQTT, web) hold the newest picture of each kind and hear of each new one. Nothing is shown before it is
durable: pictures are made by the writer between its batches.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from hall_protocol import messages as m
from hall_protocol.codec import encode
from hall_protocol.topics import Topics
from hall_server.application import pictures
from hall_server.application.catalogue import catalogue
from hall_server.application.foresight import Foresight
from hall_server.application.ports import Clock, Stored
from hall_server.application.times import rfc3339
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.state import State
from hall_server.forecast.told import Forecast

GATHER_S = 0.25
"""Changes within this time share one `progress` and one `queues`."""
HEARTBEAT_S = 10.0
"""A full `progress` at least so often (the contract allows 15 s)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One retained message: its topic and its newest content."""

    topic: str
    payload: bytes
    message: m.Message | None
    """None for a topic that is emptied."""


Listener = Callable[[Picture], None]
JournalListener = Callable[[bytes], None]


class Publication:
    """Makes pictures of the state and hands new ones to listeners. Belongs to the writer's loop."""

    def __init__(self, hall: str, clock: Clock, foresight: Foresight) -> None:
        self.topics = Topics(hall)
        self.newest: dict[str, Picture] = {}
        self.listeners: list[Listener] = []
        self.journal_listeners: list[JournalListener] = []
        self._clock = clock
        self._foresight = foresight
        self._ask_refresh: Callable[[], None] = lambda: None
        self._due: asyncio.TimerHandle | None = None
        self._degraded = False

    def start(self, state: State, ask_refresh: Callable[[], None]) -> None:
        """Show the state for the first time. `ask_refresh` makes the writer call `refresh`."""
        self._ask_refresh = ask_refresh
        self._show_all(state)

    def progress(self) -> tuple[m.Progress, bytes]:
        """The newest public picture."""
        picture = self.newest[self.topics.progress]
        assert isinstance(picture.message, m.Progress)  # noqa: S101  the topic's type
        return picture.message, picture.payload

    def committed(self, state: State, events: Sequence[e.Event], stored: Sequence[Stored]) -> None:
        """Tell of durable events: screens now, the rest gathered."""
        now = self._clock.now()
        if any(isinstance(event, e.HallConfigured | e.DayEnded) for event in events):
            self._show_all(state)
        else:
            windows = {event.window for event in events if isinstance(event, _WINDOW_EVENTS)}
            for window in windows | self._emptied(state, events):
                self._show(self.topics.window(window), pictures.window_view(state, window, now))
            if any(isinstance(event, e.TicketCalled | e.TicketRecalled) for event in events):
                self._show(self.topics.board, pictures.board(state, now))
        if any(isinstance(event, _ALERT_EVENTS) for event in events):
            self._show_alerts(state, now)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(GATHER_S, self._ask_refresh)
        for record in stored:
            payload = encode_record(record, now.offset_s)
            for listener in self.journal_listeners:
                listener(payload)

    def _emptied(self, state: State, events: Sequence[e.Event]) -> set[str]:
        """Windows whose visitor's ticket was cancelled."""
        voided = (state.tickets.get(event.ticket_id) for event in events if isinstance(event, e.TicketVoided))
        return {ticket.window for ticket in voided if ticket is not None and ticket.window is not None}

    def _show_alerts(self, state: State, now: Moment) -> None:
        """Open alerts; one that is cleared leaves an empty message."""
        for alert in state.alerts.values():
            self._show(self.topics.alert(alert.alert_id), pictures.alert_view(alert, now))
        prefix = self.topics.alert("")
        for topic, picture in list(self.newest.items()):
            if topic.startswith(prefix) and picture.payload and topic.removeprefix(prefix) not in state.alerts:
                self._tell(Picture(topic, b"", None))

    def refresh(self, state: State) -> None:
        """Make the gathered pictures anew, also as a heartbeat."""
        self._state = state
        if self._due is not None:
            self._due.cancel()
        now = self._clock.now()
        self._show(self.topics.progress, pictures.progress(state, now, self._foresight, degraded=self._degraded))
        self._show(self.topics.queues, pictures.queues(state, now))
        self._due = None

    def foresee(self, forecast: Forecast) -> None:
        """There is a newer forecast: show what it says with the next pictures."""
        self._foresight.take(forecast)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(GATHER_S, self._ask_refresh)

    def storage(self, works: bool) -> None:
        """A hall that cannot store takes no orders, and says so."""
        self._degraded = not works
        self._ask_refresh()

    async def heartbeat(self) -> None:
        """Ask for a full picture now and then, whether anything happened or not."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self._ask_refresh()

    def _show_all(self, state: State) -> None:
        now = self._clock.now()
        self._show(self.topics.catalogue, catalogue(state.known.hall))
        for window in state.windows:
            self._show(self.topics.window(window), pictures.window_view(state, window, now))
        self._show(self.topics.board, pictures.board(state, now))
        self._show_alerts(state, now)
        self.refresh(state)

    def _show(self, topic: str, message: m.Message) -> None:
        self._tell(Picture(topic, encode(message), message))

    def _tell(self, picture: Picture) -> None:
        self.newest[picture.topic] = picture
        for listener in self.listeners:
            listener(picture)


_ALERT_EVENTS = e.AlertRaised | e.AlertEased | e.AlertHandled
_WINDOW_EVENTS = e.TicketEvent | e.WindowSet | e.StaffSignedIn | e.StaffSignedOut


def encode_record(stored: Stored, offset_s: int) -> bytes:
    """A stored event as the `journal` topic carries it."""
    entry = stored.entry
    return encode(
        m.JournalRecord(
            seq=entry.seq,
            at=rfc3339(entry.at, offset_s),
            name=entry.name,
            version=entry.version,
            data=msgspec.Raw(entry.data),
            hash=stored.hash.hex(),
        )
    )
