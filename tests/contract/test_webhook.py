"""Alerts to a program elsewhere: signed, in order, at least once, and nothing lost while it is away."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from hall_server.adapters import webhook
from hall_server.application.ports import Entry
from hall_server.domain import events as e
from hall_server.domain.events import Event
from hall_server.journal.store import SqliteJournal

SECRET = "s3cret"


class Listener:
    """The other side: answers with what it is told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        self.url = ""
        self.news = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        async with self.news:
            self.heard.append((request.headers[webhook.SIGNATURE], await request.read()))
            self.news.notify_all()
        return web.Response(status=self.answers.pop(0) if self.answers else 204)

    def told(self) -> list[dict[str, object]]:
        return [json.loads(body) for _, body in self.heard]

    async def hears_of(self, seq: int) -> list[dict[str, object]]:
        """Everything heard, once an event has been."""
        async with asyncio.timeout(10), self.news:
            await self.news.wait_for(lambda: any(one["seq"] == seq for one in self.told()))
        return self.told()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    other = Listener()
    app = web.Application()
    app.router.add_post("/hook", other.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    other.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hook"  # type: ignore[union-attr]  # it listens
    yield other
    await runner.cleanup()


def store(journal: SqliteJournal, *events: Event) -> None:
    first = journal.recover().seq if journal._seq == 0 else journal._seq
    entries = [
        Entry(first + number, event.at, event.name, event.version, msgspec.json.encode(event), None, None)
        for number, event in enumerate(events, start=1)
    ]
    journal.append(entries)


def raised(number: int) -> e.AlertRaised:
    return e.AlertRaised(at=1000 * number, alert_id=f"count-{number}", kind="extra_window", trigger="count")


async def test_each_step_is_delivered_signed_and_in_order_and_the_cursor_survives(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "FIRST_PAUSE_S", 0.05)
    journal = SqliteJournal(tmp_path)
    store(journal, e.DayStarted(at=1, day="2026-06-03"), raised(1))
    hook = webhook.Webhook(tmp_path, "gz", listener.url, SECRET, 0)
    task = asyncio.create_task(hook.run())
    await asyncio.sleep(0.2)
    assert listener.heard == [], "what was before is not told"
    listener.answers = [500, 503]
    store(journal, raised(2), e.AlertEased(at=3000, alert_id="count-2"))
    hook.changed()
    told = await listener.hears_of(4)
    assert [one["seq"] for one in told] == [3, 3, 3, 4], "tried again until it was taken, and then the next"
    assert told[0]["name"] == "alert_raised"
    for header, body in listener.heard:
        stamp, _, digest = header.removeprefix("t=").partition(",v1=")
        assert hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest() == digest
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    store(journal, raised(5))
    again = asyncio.create_task(webhook.Webhook(tmp_path, "gz", listener.url, SECRET, 0).run())
    assert (await listener.hears_of(5))[-1]["seq"] == 5, "what happened while nobody delivered"
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    journal.close()
