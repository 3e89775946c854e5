"""A copy that is kept up: whatever dies, it can be restored, and holds what the journal held half a second before."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from hall_server.application.ports import StorageError
from hall_server.journal import tools
from hall_server.journal.living_copy import LivingCopy
from hall_server.journal.store import FILE_NAME, SqliteJournal, connect
from tests.journal.test_store import a_day, entries

EVENTS = a_day().events


@pytest.fixture
def journal(tmp_path: Path) -> SqliteJournal:
    opened = SqliteJournal(tmp_path / "hall")
    opened.recover()
    opened.append(entries(EVENTS[:5]))
    return opened


def restored(copy: Path, data: Path) -> str:
    """The state that a hall on the copy begins with."""
    tools.restore(copy, data)
    again = SqliteJournal(data)
    state = tools.digest(again.recover())
    again.close()
    return state


def test_a_copy_is_begun_kept_up_and_gone_on_with(journal: SqliteJournal, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    copy = LivingCopy(tmp_path / "hall", target)
    assert copy.keep_up() == 0
    journal.append(entries(EVENTS[5:9], 6))
    assert copy.keep_up() == 4
    copy.close()
    journal.append(entries(EVENTS[9:], 10))
    copy = LivingCopy(tmp_path / "hall", target)
    assert copy.keep_up() == len(EVENTS) - 9
    assert copy.keep_up() == 0
    assert restored(target, tmp_path / "second") == tools.digest(a_day().state)
    second = SqliteJournal(tmp_path / "second")
    assert second.answer_to(7, "c7") == b"{}", "a repeated order gets its old answer there too"


def test_a_copy_of_another_journal_is_left_alone(journal: SqliteJournal, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    LivingCopy(tmp_path / "hall", target).close()
    other = SqliteJournal(tmp_path / "other")
    other.recover()
    other.append(entries(EVENTS[1:9]))
    for data in ("other", "empty"):
        SqliteJournal(tmp_path / data)
        with pytest.raises(tools.JournalFaultError, match="holds other events"):
            LivingCopy(tmp_path / data, target)
    journal.append(entries(EVENTS[5:], 6))
    assert LivingCopy(tmp_path / "hall", target).keep_up() == len(EVENTS) - 5


def test_a_broken_journal_does_not_spoil_the_copy(journal: SqliteJournal, tmp_path: Path) -> None:
    copy = LivingCopy(tmp_path / "hall", tmp_path / "copy")
    journal.append(entries(EVENTS[5:], 6))
    connect(tmp_path / "hall" / FILE_NAME).execute("UPDATE event SET at = at + 1 WHERE seq = 7")
    with pytest.raises(tools.JournalFaultError, match="event 7"):
        copy.keep_up()
    copy.close()
    with tools.opened(tmp_path / "copy") as kept:
        assert tools.check_chain(kept) == 5


def test_a_medium_that_cannot_be_written_is_one_sentence(journal: SqliteJournal, tmp_path: Path) -> None:
    del journal
    with pytest.raises(StorageError, match="cannot write"):
        LivingCopy(tmp_path / "hall", tmp_path / "nowhere" / "copy")


async def test_J8_whatever_kills_the_follower_its_copy_can_be_restored(journal: SqliteJournal, tmp_path: Path) -> None:
    target, begun = tmp_path / "copy", len(EVENTS)
    journal.append(entries(EVENTS[5:], 6))
    words = (sys.executable, "-m", "tests.journal.busy_follower", str(tmp_path / "hall"), str(target))
    for turn in range(8):
        follower = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        assert follower.stdout is not None
        await follower.stdout.readline()
        for number in range(20):
            journal.append(entries(EVENTS[:1], begun + 20 * turn + number + 1))
            await asyncio.sleep(0.002)
        os.kill(follower.pid, signal.SIGKILL)
        await follower.wait()
        data = tmp_path / f"restored-{turn}"
        tools.restore(target, data)
        with tools.opened(data) as kept:
            assert tools.check_chain(kept) >= begun + 20 * turn


CUT_OFF = """
import os, sqlite3, sys
copy = sqlite3.connect(sys.argv[1], isolation_level=None)
copy.execute("PRAGMA cache_size=1")
copy.execute("BEGIN IMMEDIATE")
for seq in range(100, 400):
    copy.execute("INSERT INTO event VALUES (?,0,'x',1,NULL,?,x'00')", (seq, bytes(2000)))
os._exit(0)
"""


async def test_a_copy_cut_off_in_mid_write_is_what_it_was_before(journal: SqliteJournal, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    journal.append(entries(EVENTS[5:], 6))
    LivingCopy(tmp_path / "hall", target).close()
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", CUT_OFF, str(target))
    await writer.wait()
    assert target.with_name("copy-journal").exists(), "the write was not cut off"
    assert restored(target, tmp_path / "second") == tools.digest(a_day().state)
