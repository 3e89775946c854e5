"""Alerts to a program elsewhere: a signed POST for each step of an alert's life, at least once and in order.

The outbox is the journal itself: a cursor says how far it has been delivered, and moves only when the other side has
answered 2xx. So nothing is lost while it is away, and nothing is stored twice. A repetition has the same `seq`.
"""

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from hall_protocol.whole_file import write_whole
from hall_server.application.times import rfc3339
from hall_server.journal.following import Follower, Record

log = structlog.get_logger()

CURSOR = "webhook.json"
SIGNATURE = "Paihao-Signature"
TIMEOUT_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
LOOK_EVERY_S = 5.0
EVENTS = ("alert_raised", "alert_eased", "alert_handled")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`t=…,v1=…`: an HMAC-SHA256 over the time of sending, a dot and the body. Old times are to be refused."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Webhook:
    """Delivers until cancelled."""

    def __init__(self, data: Path, hall: str, url: str, secret: str, offset_s: int) -> None:
        self._path = data / CURSOR
        self._data, self._hall, self._url, self._secret, self._offset_s = data, hall, url, secret, offset_s
        self._news = asyncio.Event()

    def changed(self) -> None:
        """Something has happened in the hall."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled. Whoever begins to listen is not told of what was before."""
        follower = Follower(self._data)
        try:
            cursor = self._read_cursor()
            if cursor is None:
                cursor = follower.newest()
                self._write_cursor(cursor)
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session:
                while True:
                    self._news.clear()
                    for record in follower.records(cursor, EVENTS):
                        await self._deliver(session, record)
                        cursor = record.seq
                        self._write_cursor(cursor)
                    await self._rest()
        finally:
            follower.close()

    async def _rest(self) -> None:
        await asyncio.sleep(FIRST_PAUSE_S)
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._news.wait()
        except TimeoutError:
            return

    async def _deliver(self, session: aiohttp.ClientSession, record: Record) -> None:
        """Try until it is taken."""
        content: dict[str, Any] = json.loads(record.data)
        at = rfc3339(record.at, self._offset_s)
        body = json.dumps(
            {"hall_id": self._hall, "seq": record.seq, "name": record.name, "at": at, "data": content},
            ensure_ascii=False,
        ).encode()
        pause = FIRST_PAUSE_S
        while True:
            headers = {SIGNATURE: signature(self._secret, int(time.time()), body), "Content-Type": "application/json"}
            try:
                async with session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                    if 200 <= answer.status < 300:
                        return
                    reason = f"it answered {answer.status}"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                reason = str(error) or type(error).__name__
            log.warning("webhook_failed", seq=record.seq, reason=reason[:200], again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _read_cursor(self) -> int | None:
        try:
            return int(json.loads(self._path.read_text())["seq"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write_cursor(self, seq: int) -> None:
        write_whole(self._path, json.dumps({"seq": seq}).encode(), 0o600)
