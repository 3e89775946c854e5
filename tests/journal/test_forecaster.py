"""The forecasting process: it follows the journal, and what it knows is a fold of it."""

from io import StringIO
from pathlib import Path

import msgspec
import pytest

from hall_server.application.ports import Entry
from hall_server.domain.calendar import Moment
from hall_server.domain.events import Event
from hall_server.forecast.told import Forecast
from hall_server.forecaster import CHECKPOINT, Forecaster, Question, serve
from hall_server.journal.store import SqliteJournal
from hall_server.journal.tools import digest
from simulators.days.draw import draw_day
from simulators.days.run import OFFSET_S, DayInHall
from simulators.days.scenario import hall_of, load_scenario


class StoredDay:
    """Simulated days in a journal, a part of them at first."""

    def __init__(self, folder: Path) -> None:
        scenario = load_scenario("S1")
        day = DayInHall(scenario, hall_of(scenario), draw_day(scenario, 4, 3))
        self.events: list[Event] = []
        day.listeners.append(lambda _state, events, _now: self.events.extend(events))
        day.run()
        self.folder = folder
        self._journal = SqliteJournal(folder)
        self._journal.recover()
        self._stored = 0

    def store(self, share: float) -> Moment:
        """The day up to a share of its events."""
        until = int(len(self.events) * share)
        new = self.events[self._stored : until]
        self._journal.append(
            [
                Entry(self._stored + n, event.at, event.name, event.version, msgspec.json.encode(event), None, None)
                for n, event in enumerate(new, start=1)
            ]
        )
        self._stored = until
        return Moment(new[-1].at, OFFSET_S)


@pytest.fixture
def day(tmp_path: Path) -> StoredDay:
    return StoredDay(tmp_path)


def asks(forecaster: Forecaster, now: Moment) -> Forecast:
    return forecaster.answer(Question(now.ms, now.offset_s))


def test_it_answers_for_everybody_who_waits(day: StoredDay) -> None:
    forecaster = Forecaster(day.folder)
    assert asks(forecaster, Moment(0, OFFSET_S)).tickets == {}, "nothing has happened yet"
    forecast = asks(forecaster, day.store(0.6))
    waiting = [t.ticket_id for t in forecaster.state.tickets_in("waiting")]  # type: ignore[arg-type]  # a StrEnum
    assert set(forecast.tickets) == set(waiting)
    assert waiting
    assert all(0 <= wait.low <= wait.mean <= wait.high * 1.5 + 60 for wait in forecast.tickets.values())
    assert "q1/ordinary" in forecast.lines
    assert forecast.crowds["q1"].over


def test_a_restart_knows_the_same_from_its_checkpoint_and_from_the_journal(day: StoredDay) -> None:
    first = Forecaster(day.folder)
    asks(first, day.store(0.4))
    first.store()
    later = day.store(0.7)
    told = asks(first, later)
    restarted = Forecaster(day.folder)
    assert restarted.state.seq > 0
    assert asks(restarted, later) == told
    (day.folder / CHECKPOINT).write_text("{not a checkpoint")
    anew = Forecaster(day.folder)
    assert anew.state.seq == 0
    again = asks(anew, later)
    assert msgspec.structs.replace(again, crowds={}) == msgspec.structs.replace(told, crowds={})
    assert again.crowds["q1"].over == told.crowds["q1"].over
    assert anew.learned == first.learned
    assert digest(anew.state) == digest(first.state)


def test_it_reads_no_further_than_the_moment_it_is_asked_about(day: StoredDay) -> None:
    early = day.store(0.3)
    day.store(0.8)
    forecaster = Forecaster(day.folder)
    asks(forecaster, early)
    assert forecaster.state.last_at == early.ms


def test_it_speaks_a_line_a_forecast_and_ends_with_its_questions(day: StoredDay) -> None:
    now = day.store(0.5)
    answers = StringIO()
    question = msgspec.json.encode(Question(now.ms, now.offset_s)).decode()
    serve(Forecaster(day.folder), StringIO(f"{question}\n{question}\n"), answers)
    lines = answers.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert msgspec.json.decode(lines[0], type=Forecast).at_ms == now.ms
