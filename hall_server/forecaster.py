"""The forecasting process: it follows the journal, learns, and answers with the newest forecast.

A process of its own, so that no order ever waits behind a simulation and a hall goes on without it. It reads a line for
each question (`{"ms": …, "offset_s": …}`, the hall's time) and writes a line with a forecast. What it has learned is
a fold of the journal: the checkpoint only saves time.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import msgspec

from hall_protocol.whole_file import write_whole
from hall_server.domain.calendar import Moment
from hall_server.domain.evolve import evolve
from hall_server.domain.state import Saved, State, load, save
from hall_server.domain.tickets import Ticket
from hall_server.forecast.foresee import CrowdMemory, crowding, foresee
from hall_server.forecast.learned import Learned
from hall_server.forecast.learning import observe
from hall_server.forecast.look import Looker
from hall_server.forecast.told import Crowding, Forecast
from hall_server.journal.following import Follower

CHECKPOINT = "forecast.json"
CHECKPOINT_EVERY = 2_000
"""Events; folding so many takes less than a tenth of a second."""
MINUTE_MS = 60_000
NICE = 10
"""Whoever takes a number goes first."""


class Question(msgspec.Struct, frozen=True):
    """What the hall asks: how does it look at this moment?"""

    ms: int
    offset_s: int


class Checkpoint(msgspec.Struct, frozen=True):
    """What is known after some event, with the state that goes with it."""

    learned: Learned
    saved: Saved
    tickets: list[Ticket]
    levels: dict[str, float] = {}


class Forecaster:
    """Follows one hall's journal."""

    def __init__(self, data: Path) -> None:
        self._path = data / CHECKPOINT
        self._follower = Follower(data)
        self.learned, self.state, self._memory = self._restore()
        self._looker = Looker(self.learned)
        self._stored = self.state.seq
        self._minute_ms = 0
        self._crowds: dict[str, Crowding] = {}

    def _restore(self) -> tuple[Learned, State, CrowdMemory]:
        try:
            checkpoint = msgspec.json.decode(self._path.read_bytes(), type=Checkpoint)
        except (OSError, msgspec.MsgspecError):
            # None yet, or of another version: all is learned again from the journal.
            return Learned(), State(), CrowdMemory({})
        return checkpoint.learned, load(checkpoint.saved, checkpoint.tickets), CrowdMemory(checkpoint.levels)

    def answer(self, question: Question) -> Forecast:
        """Catch up with the journal and look ahead."""
        now = Moment(question.ms, question.offset_s)
        minute = Moment(now.ms // MINUTE_MS * MINUTE_MS, now.offset_s)
        if minute.ms > self._minute_ms:
            self._catch_up(minute)
            self._minute_ms = minute.ms
            crowds = crowding(self._looker, self.state, minute) if self.state.hall else {}
            self._crowds = self._memory.smooth(crowds)
        self._catch_up(Moment(now.ms + 1, now.offset_s))
        if self.state.seq - self._stored >= CHECKPOINT_EVERY:
            self.store()
        if self.state.hall is None:
            return Forecast(now.ms, self.state.seq)
        return msgspec.structs.replace(foresee(self._looker, self.state, now), crowds=self._crowds)

    def _catch_up(self, before: Moment) -> None:
        """Everything that was stored before a moment."""
        for event in self._follower.since(self.state.seq, before.ms):
            evolve(self.state, event)
            observe(self.learned, self.state, event, before.offset_s)

    def store(self) -> None:
        """Put the checkpoint in its place, whole."""
        saved, tickets = save(self.state)
        content = msgspec.json.encode(Checkpoint(self.learned, saved, tickets, self._memory.levels))
        write_whole(self._path, content, 0o600)
        self._stored = self.state.seq


def serve(forecaster: Forecaster, questions: TextIO, answers: TextIO) -> None:
    """Answer until there are no more questions."""
    for line in questions:
        question = msgspec.json.decode(line, type=Question)
        answers.write(msgspec.json.encode(forecaster.answer(question)).decode() + "\n")
        answers.flush()


def main() -> None:
    """Run for the hall server, which starts it as `python -m hall_server.forecaster DATA`.

    It ends with the server, also if that is killed: then there are no more questions.
    """
    with suppress(PermissionError):
        # Orders go first; where nobody may choose that, both are equal.
        os.nice(NICE)
    forecaster = Forecaster(Path(sys.argv[1]))
    try:
        serve(forecaster, sys.stdin, sys.stdout)
    finally:
        forecaster.store()


if __name__ == "__main__":
    main()
