"""The single writer over a real journal: durable first, the same id the same reply, and a storage that breaks."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hall_protocol.messages import Progress
from hall_server.adapters.clock import SystemClock
from hall_server.adapters.meter import PrometheusMeter
from hall_server.application.answers import REMEMBERED, Answers
from hall_server.application.catalogue import catalogue
from hall_server.application.foresight import Foresight
from hall_server.application.orders import Order
from hall_server.application.ports import Entry, StorageError, Stored
from hall_server.application.publication import Picture, Publication
from hall_server.application.writer import Writer
from hall_server.domain import commands as c
from hall_server.domain.configuration import Calendar, Session
from hall_server.domain.state import State
from hall_server.journal.store import SqliteJournal
from tests.story import small_hall

HALL = small_hall(calendar=Calendar((Session("regular", 0, 24 * 60, (0, 1, 2, 3, 4, 5, 6)),)))


class Counted(SqliteJournal):
    """A real journal that counts its commits and can lose its disk."""

    batches: list[int]
    broken = False

    def append(self, entries: Sequence[Entry]) -> list[Stored]:
        if self.broken:
            raise StorageError("cannot store events: disk full")
        self.batches.append(len(entries))
        return super().append(entries)

    def recover(self) -> State:
        if self.broken:
            raise StorageError("cannot read the journal: disk gone")
        return super().recover()


class Desk:
    """Gives orders to a writer."""

    def __init__(self, writer: Writer, publication: Publication) -> None:
        self.writer = writer
        self.publication = publication

    async def give(self, command: c.Command, command_id: str | None = None) -> dict[str, object]:
        answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.writer.submit(Order(command_id, command, answered.set_result, "secret"))
        decoded: dict[str, object] = json.loads(await asyncio.wait_for(answered, 5))
        return decoded

    async def takes(self, command_id: str) -> dict[str, object]:
        return await self.give(c.Issue(f"t-{command_id}", f"h-{command_id}", "id-card", "dispenser-1"), command_id)


@asynccontextmanager
async def a_hall(data: Path) -> AsyncIterator[tuple[Desk, Counted]]:
    journal = Counted(data)
    journal.batches = []
    clock = SystemClock("Asia/Shanghai")
    foresight = Foresight()
    publication = Publication("test", clock, foresight)
    answers = Answers(journal.answer_to, journal.known_commands())
    state = journal.recover()
    writer = Writer(journal, state, answers, clock, publication, PrometheusMeter(), "http://hall", foresight)
    running = asyncio.create_task(writer.run())
    desk = Desk(writer, publication)
    await desk.give(c.Configure(HALL, catalogue(HALL).version))
    await desk.give(c.Tick())
    await writer.see(lambda state: publication.start(state, writer.ask_refresh))
    try:
        yield desk, journal
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        journal.close()


async def test_orders_that_gather_share_one_commit(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, journal):
        journal.batches.clear()
        replies = await asyncio.gather(*(desk.takes(f"order-{n}") for n in range(200)))
        labels = [reply["result"]["label"] for reply in replies]  # type: ignore[index]
        assert labels == [f"A{n:03d}" for n in range(1, 201)]
        assert sum(journal.batches) == 200
        assert len(journal.batches) < 20


async def test_the_same_id_gets_the_same_reply_in_the_same_batch_later_and_after_a_restart(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, journal):
        first, twin = await asyncio.gather(desk.takes("once"), desk.takes("once"))
        assert first == twin == await desk.takes("once")
        for n in range(REMEMBERED + 10):
            await desk.give(c.Abandon("nobody"), f"filler-{n}")
        assert await desk.takes("once") == first
    async with a_hall(tmp_path) as (desk, journal):
        assert await desk.takes("once") == first
        assert len(await desk.writer.see(lambda state: list(state.tickets))) == 1
        assert sum(journal.batches) == 0


async def test_a_broken_disk_refuses_everything_changes_nothing_and_heals(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, journal):
        await desk.takes("before")
        journal.broken = True
        refused = await asyncio.gather(*(desk.takes(f"lost-{n}") for n in range(3)))
        assert {reply["code"] for reply in refused} == {"storage_failed"}
        assert not desk.writer.storage_works
        journal.broken = False
        # The same order again is not "already refused": it was never decided.
        again = await desk.takes("lost-0")
        assert again["ok"]
        assert again["result"]["label"] == "A002"  # type: ignore[index]
        assert len(await desk.writer.see(lambda state: list(state.tickets))) == 2, "accepted means there"
        assert journal.recover().by_label.keys() == {"A001", "A002"}, "and stored"
        assert desk.writer.storage_works


class Unheard(c.Command, frozen=True):
    """An order that no rule knows: deciding it is a bug."""


async def test_an_order_that_fails_is_refused_alarmed_and_the_next_one_served(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, journal):
        before, failed, after = await asyncio.gather(
            desk.takes("before"), desk.give(Unheard(), "odd"), desk.takes("after")
        )
        assert (before["ok"], failed["ok"], failed["code"], after["ok"]) == (True, False, "failed", True)
        assert failed["id"] == "odd"
        labels = [reply["result"]["label"] for reply in (before, after)]  # type: ignore[index]
        assert labels == ["A001", "A002"]
        alerts = await desk.writer.see(lambda state: list(state.alerts))
        assert alerts == ["failed-order"], "managers are told, once"
        assert (await desk.give(Unheard(), "odd"))["code"] == "failed", "decided anew, with the same end"
        assert journal.recover().by_label.keys() == {"A001", "A002"}


async def test_a_batch_of_nothing_but_failing_orders_is_answered(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, _journal):
        replies = await asyncio.gather(*(desk.give(Unheard(), f"odd-{n}") for n in range(40)))
        assert {reply["code"] for reply in replies} == {"failed"}
        assert (await desk.takes("then"))["ok"]


async def test_whoever_looks_and_fails_ends_nothing(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, _journal):
        with pytest.raises(ZeroDivisionError):
            await desk.writer.see(lambda _state: 1 // 0)
        desk.publication.journal_listeners.append(lambda _record: 1 // 0)  # type: ignore[arg-type]
        assert (await desk.takes("on"))["ok"]
        assert (await desk.takes("and on"))["ok"]
        assert "task-failed-publication" in await desk.writer.see(lambda state: list(state.alerts))


async def test_more_orders_than_the_queue_holds_are_told_so(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, _journal):
        replies: list[dict[str, object]] = []
        for n in range(10_050):
            desk.writer.submit(Order(f"flood-{n}", c.Abandon("x"), lambda raw: replies.append(json.loads(raw))))
        assert [reply["code"] for reply in replies] == ["busy"] * 50
        assert (await asyncio.wait_for(_drained(desk), 10))["ok"]


async def _drained(desk: Desk) -> dict[str, object]:
    await desk.writer.see(lambda _state: None)
    return await desk.takes("after the flood")


async def test_the_picture_is_renewed_though_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hall_server.application.publication.HEARTBEAT_S", 0.05)
    async with a_hall(tmp_path) as (desk, _journal):
        shown: list[Picture] = []
        publication = desk.publication
        publication.listeners.append(shown.append)
        beating = asyncio.create_task(publication.heartbeat())
        await asyncio.sleep(0.3)
        beating.cancel()
        topics = [picture.topic for picture in shown]
        assert topics.count(publication.topics.progress) >= 3
        assert publication.topics.board not in topics


async def test_changes_close_together_share_one_picture(tmp_path: Path) -> None:
    async with a_hall(tmp_path) as (desk, _journal):
        shown: list[Picture] = []
        desk.publication.listeners.append(shown.append)
        for n in range(20):
            await desk.takes(f"order-{n}")
        await asyncio.sleep(0.4)
        pictures = [picture.message for picture in shown if isinstance(picture.message, Progress)]
        assert 1 <= len(pictures) <= 3
        assert pictures[-1].totals.waiting == 20
