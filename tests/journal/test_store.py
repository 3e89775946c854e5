"""The journal: versions that load for ever, snapshots, a chain that shows any change, copies."""

import itertools
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from hall_server.application.ports import Entry, StorageError
from hall_server.domain import commands as c
from hall_server.domain.events import KINDS, DayEnded, Event
from hall_server.journal import snapshots, tools
from hall_server.journal.store import FILE_NAME, SqliteJournal, connect, migrate
from tests.story import Story, at

FIXTURE = Path(__file__).parent.parent / "fixtures" / "journal-schema-1.sql"


def a_day() -> Story:
    """A day in which every kind of event happens."""
    story = Story()
    for service in ("id-card", "pension", "collect", "id-card", "id-card", "pension", "id-card"):
        story.later(5).takes(service, green=("priority", "accompany") if service == "collect" else ())
    story.order(c.ReportPrint("t1", "dispenser-1", "printed"))
    story.order(c.ReportPrint("t2", "dispenser-1", "failed", "paper_out"))
    ann = story.signs_in("ann", "1")
    story.calls(ann)
    story.order(c.Recall(ann))
    story.later(60).order(c.NoShow(ann))
    story.order(c.Requeue(ann, label="A001"))
    story.calls(ann)
    story.order(c.Start(ann))
    story.order(c.Hold(ann, reason="form"))
    story.order(c.Resume(ann, label="B001"))
    story.order(c.Transfer(ann, queue_id="collection", reason="collect"))
    story.order(c.Void(ann, label="A002", reason="taken twice"))
    story.order(c.Abandon("token5"))
    story.calls(ann)
    story.order(c.Finish(ann, outcome="accepted"))
    story.order(c.SetWindow(ann, "paused", "lunch"))
    story.order(c.SignOut(ann))
    return story


def entries(events: Sequence[Event], first: int = 1) -> list[Entry]:
    return [
        Entry(seq, event.at, event.name, event.version, msgspec.json.encode(event), f"c{seq}", b"{}")
        for seq, event in enumerate(events, start=first)
    ]


@pytest.fixture
def journal(tmp_path: Path) -> SqliteJournal:
    opened = SqliteJournal(tmp_path)
    opened.recover()
    opened.append(entries(a_day().events))
    return opened


def take_snapshot(journal: SqliteJournal) -> None:
    for step in snapshots.steps(journal._writing, journal.recover()):
        step()


def test_a_snapshot_cut_off_in_the_middle_is_none(journal: SqliteJournal) -> None:
    steps = list(itertools.islice(snapshots.steps(journal._writing, journal.recover()), 1))
    steps[0]()
    assert snapshots.newest(journal._reading) is None
    take_snapshot(journal)
    found = snapshots.newest(journal._reading)
    assert found is not None
    assert tools.digest(found) == tools.digest(a_day().state)
    journal.close()


def test_only_the_last_two_snapshots_are_kept(journal: SqliteJournal) -> None:
    for number in range(3):
        more = entries([DayEnded(at=number, day="x")], first=len(a_day().events) + 1 + number)
        journal.append(more)
        take_snapshot(journal)
    kept = {seq for (seq,) in journal._reading.execute("SELECT seq FROM snapshot")}
    assert kept == {len(a_day().events) + 2, len(a_day().events) + 3}
    journal.close()


def test_a_restart_is_the_same_hall(journal: SqliteJournal) -> None:
    assert tools.digest(journal.recover()) == tools.digest(a_day().state)
    journal.close()


def test_a_restart_from_a_snapshot_is_the_same_hall(journal: SqliteJournal, tmp_path: Path) -> None:
    story = a_day()
    take_snapshot(journal)
    more = len(story.events)
    story.takes()
    journal.append(entries(story.events[more:], first=more + 1))
    assert tools.digest(journal.recover()) == tools.digest(story.state)
    journal._writing.execute("UPDATE snapshot SET data = x'7b' WHERE part = 0")
    assert tools.digest(journal.recover()) == tools.digest(story.state), "an unreadable snapshot is only slower"
    journal.close()


def test_a_snapshot_that_lies_is_found(journal: SqliteJournal, tmp_path: Path) -> None:
    take_snapshot(journal)
    journal._writing.execute("UPDATE snapshot SET data = CAST(replace(data, 'A003', 'A009') AS BLOB)")
    journal.close()
    with tools.opened(tmp_path) as connection, pytest.raises(tools.JournalFaultError, match="snapshot"):
        tools.check_fold(connection)


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        ("UPDATE event SET data = CAST(replace(data, 'A003', 'A009') AS BLOB) WHERE seq = 7", "event 7"),
        ("UPDATE event SET at = at + 1 WHERE seq = 4", "event 4"),
        ("DELETE FROM event WHERE seq = 5", "event 5 is missing"),
        ("UPDATE event SET command = 'other' WHERE seq = 7", "event 7"),
    ],
)
def test_any_change_breaks_the_chain(journal: SqliteJournal, tmp_path: Path, tamper: str, message: str) -> None:
    journal._writing.execute(tamper)
    journal.close()
    with tools.opened(tmp_path) as connection, pytest.raises(tools.JournalFaultError, match=message):
        tools.check_chain(connection)


def test_a_batch_is_stored_whole_or_not_at_all(journal: SqliteJournal) -> None:
    before = tools.digest(journal.recover())
    more = entries(a_day().events[2:4], first=len(a_day().events) + 1)
    broken = [more[0], more[1]._replace(name=None)]  # type: ignore[arg-type]
    with pytest.raises(StorageError):
        journal.append(broken)
    assert tools.digest(journal.recover()) == before
    with pytest.raises(StorageError, match="does not follow"):
        journal.append(entries(a_day().events[2:4], first=99))
    journal.close()


def test_every_event_of_schema_1_still_loads_and_makes_the_same_hall(tmp_path: Path) -> None:
    """The fixture was written by the first version. It must load for ever: never regenerate it."""
    path = tmp_path / FILE_NAME
    connection = sqlite3.connect(path)
    connection.executescript(FIXTURE.read_text("utf-8"))
    names = {row[0] for row in connection.execute("SELECT DISTINCT name FROM event")}
    later = {
        "order_tuned", "appointment_booked", "alert_raised", "alert_eased", "alert_handled", "gap_recorded",
        "numbers_leased", "lease_closed", "late_ticket_recorded", "appointment_cancelled", "ticket_shown_again",
    }  # fmt: skip
    assert names == {name for name, version in KINDS if version == 1} - later
    connection.close()
    journal = SqliteJournal(tmp_path)
    state = journal.recover()
    assert {t.label: t.state.value for t in state.tickets.values()} == {"A001": "waiting"}
    assert state.day == "2026-06-04"
    journal.close()
    with tools.opened(tmp_path) as opened:
        assert tools.check_chain(opened) == state.seq
        tools.check_fold(opened)


def test_a_failed_migration_leaves_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "0001.sql").write_text("CREATE TABLE one (x);")
    (folder / "0002.sql").write_text("CREATE TABLE two (x); CREATE TABLE one (x);")
    monkeypatch.setattr("hall_server.journal.store.SCHEMAS", folder)
    connection = connect(tmp_path / "j.sqlite")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    connection.rollback()
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master")] == ["one"]
    connection.close()


def test_a_journal_of_a_newer_software_is_refused(journal: SqliteJournal, tmp_path: Path) -> None:
    journal._writing.execute("PRAGMA user_version = 99")
    journal.close()
    with pytest.raises(StorageError, match="schema 99"):
        SqliteJournal(tmp_path)


def test_an_event_of_a_newer_software_is_refused_loudly(journal: SqliteJournal) -> None:
    journal._writing.execute("UPDATE event SET version = 2 WHERE seq = 3")
    with pytest.raises(StorageError, match="version 2 is not known"):
        journal.recover()
    journal.close()


def test_backup_restore_and_look_back(journal: SqliteJournal, tmp_path: Path) -> None:
    copy, target = tmp_path / "copy.backup", tmp_path / "restored"
    tools.backup(tmp_path, copy)
    tools.restore(copy, target)
    restored = SqliteJournal(target)
    assert tools.digest(restored.recover()) == tools.digest(journal.recover())
    restored.close()
    with pytest.raises(StorageError, match="not empty"):
        tools.restore(copy, target)
    with tools.opened(target) as connection:
        then = tools.state_at(connection, at("2026-06-03 10:00").ms + 12_000)
        assert sorted(t.label for t in then.tickets.values()) == ["A001", "B001"]
        with pytest.raises(StorageError, match="begins after"):
            tools.state_at(connection, 0)
    journal.close()


def test_a_damaged_backup_is_not_restored(journal: SqliteJournal, tmp_path: Path) -> None:
    journal._writing.execute("UPDATE event SET data = CAST(replace(data, 'A003', 'A009') AS BLOB)")
    tools.backup(tmp_path, tmp_path / "bad.backup")
    with pytest.raises(tools.JournalFaultError):
        tools.restore(tmp_path / "bad.backup", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    (tmp_path / "noise").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError):
        tools.restore(tmp_path / "noise", tmp_path / "restored")
    journal.close()
