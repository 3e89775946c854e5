"""How soon a hall answers after a start, with a long life behind it."""

import asyncio
import gc
import itertools
import sys
import tempfile
import time
import uuid
from pathlib import Path

import click
import msgspec

from benchmarks.figures import Report
from command_line.stage import Programs, Stage, answers, broker, lay_out, programs
from hall_protocol.commands import Issue
from hall_protocol.device import DeviceLink
from hall_protocol.topics import Role
from hall_server.application.catalogue import catalogue
from hall_server.application.ports import Entry
from hall_server.domain import commands as c
from hall_server.domain.calendar import Moment
from hall_server.domain.decide import decide
from hall_server.domain.evolve import evolve
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.journal.store import SqliteJournal

TICKETS_A_DAY = 5000
DAY_MS = 86_400_000
BATCH = 2000


class Life:
    """Days of a busy hall, by the domain's own rules, stored as the server stores them."""

    def __init__(self, stage: Stage, journal: SqliteJournal) -> None:
        self._hall = stage.loaded.hall
        self._journal = journal
        self._state: State = journal.recover()
        self._entries: list[Entry] = []
        now = int(time.time() * 1000)
        self._now = Moment(now - now % DAY_MS - 400 * DAY_MS, 8 * 3600)
        self._give(c.Configure(self._hall, catalogue(self._hall).version))

    @property
    def events(self) -> int:
        """So far."""
        return self._state.seq

    def _give(self, command: c.Command) -> None:
        decision = decide(self._state, command, self._now)
        if isinstance(decision, Refusal):
            raise RuntimeError(f"{command}: {decision}")
        for index, event in enumerate(decision):
            evolve(self._state, event)
            command_id = str(uuid.uuid4()) if index == 0 else None
            data = msgspec.json.encode(event)
            entry = Entry(self._state.seq, event.at, event.name, event.version, data, command_id, b"x" * 300)
            self._entries.append(entry if command_id else entry._replace(answer=None))
        if len(self._entries) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Store what has gathered."""
        if self._entries:
            self._journal.append(self._entries)
            self._entries = []
            for step in self._journal.snapshot_due(self._state) or ():
                step()

    def day(self) -> None:
        """Five thousand visitors come and are served."""
        self._now = Moment(self._now.ms - self._now.ms % DAY_MS + DAY_MS, self._now.offset_s)
        self._give(c.Tick())
        self._give(c.SignIn("s04", "4", "session", "terminal-4"))
        self._give(c.SetWindow("session", "open"))
        for number in itertools.count(1):
            self._now = Moment(self._now.ms + 5000, self._now.offset_s)
            ticket_id = uuid.uuid4().hex
            self._give(c.Issue(ticket_id, ticket_id, "id-card-renewal", "dispenser-1"))
            self._give(c.ReportPrint(ticket_id, "dispenser-1", "printed"))
            self._give(c.CallNext("session"))
            self._give(c.Start("session"))
            self._give(c.Finish("session"))
            if number == TICKETS_A_DAY:
                return


async def run(events: int) -> Report:
    """The figures."""
    report = Report("recovery")
    with tempfile.TemporaryDirectory(prefix="paihao-bench-") as name:
        folder = Path(name)
        stage = lay_out(folder)
        async with broker(stage), programs(folder) as started:
            bare = await _first_answer(stage, started)
            size = await asyncio.to_thread(_live, stage, events)
            times = [await _first_answer(stage, started) for _ in range(3)]
        whole, journal_only = sorted(times)[1], _journal_seconds(stage)
    report.add(f"events in the journal ({size / 1e6:.0f} MB)", events, "events")
    report.add("start of the program to the first number given out", whole, "s", floor=bare, aim="<= 1 s")
    report.add("of which reading the journal", journal_only, "s")
    return report


async def _first_answer(stage: Stage, started: Programs) -> float:
    """From starting `paihao hall` to its reply to an order that a dispenser repeats every 20 ms."""
    link = DeviceLink(stage.address("dispenser-1"), stage.loaded.hall.hall_id, "dispenser-1", Role.DISPENSER)
    session = asyncio.create_task(link.session.run())
    await link.session.linked.wait()
    began = time.perf_counter()
    hall = await started.start("hall", "hall", "--config", str(stage.hall_toml))
    await link.request(Issue("passport"), within_s=60, resend_after_s=0.02)
    seconds = time.perf_counter() - began
    await answers(f"http://127.0.0.1:{stage.loaded.file.server.http_port}/healthz", watched=[hall])
    await started.stop(hall)
    session.cancel()
    await asyncio.gather(session, return_exceptions=True)
    return seconds


def _live(stage: Stage, events: int) -> int:
    """Fill the journal; its size in bytes."""
    for file in stage.loaded.data.glob("journal.sqlite*"):
        file.unlink()
    journal = SqliteJournal(stage.loaded.data)
    # Only the making is quick and careless; the measured start reads it as ever.
    journal._writing.execute("PRAGMA synchronous=OFF")  # noqa: SLF001
    gc.disable()
    life = Life(stage, journal)
    with click.progressbar(length=events, label="living", file=sys.stderr) as bar:
        while life.events < events:
            before = life.events
            life.day()
            bar.update(life.events - before)
    life.flush()
    gc.enable()
    journal.close()
    return (stage.loaded.data / "journal.sqlite").stat().st_size


def _journal_seconds(stage: Stage) -> float:
    began = time.perf_counter()
    journal = SqliteJournal(stage.loaded.data)
    journal.recover()
    journal.known_commands()
    seconds = time.perf_counter() - began
    journal.close()
    return seconds
