"""One MQTT session for every program: connect, last will, birth, reconnect, bounded queues.

MQTT 3.1.1 over aiomqtt. Nothing durable rests on the broker: who sends an order repeats it until the reply, and the
hall publishes its retained pictures anew after every connect. The session logs changes of the link, not each retry.
"""

import asyncio
import logging
import random
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import structlog

from hall_protocol.identity import IdentityError, tls_context

log = structlog.get_logger()

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
REFUSED = 0x80
"""From here on a SUBACK's code means no."""
FAREWELL_S = 0.5
INBOX_LIMIT = 20_000
OUTBOX_LIMIT = 20_000

# paho logs each packet; the link's changes are logged here instead.
_silent = logging.getLogger("hall_protocol.paho")
_silent.disabled = True


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and who we are there."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    client_id: str = ""
    """Defaults to the username, so that a device has one session however often it starts."""
    identity: Path | None = None
    """A folder with a certificate, for mutual TLS; read at every connect, as certificates are renewed."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish."""

    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 1


class _Inbox(asyncio.Queue[aiomqtt.Message]):
    """Where aiomqtt puts messages. Bounded; what does not fit is dropped and counted.

    aiomqtt's own iterator makes two tasks for every message, so messages go from here straight to the reader, a
    batch at a time, and the iterator only waits for the link to break.
    """

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self.messages: deque[aiomqtt.Message] = deque()
        self.filled = asyncio.Event()
        self.dropped = 0

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if len(self.messages) >= INBOX_LIMIT:
            self.dropped += 1
            return
        self.messages.append(item)
        self.filled.set()


@asynccontextmanager
async def _connected(client: aiomqtt.Client) -> AsyncIterator[None]:
    """The client's own context, but a stop in the middle of connecting lets it finish and close what it has opened."""
    connecting = asyncio.create_task(client.__aenter__(), name="mqtt-connect")
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        await asyncio.wait({connecting}, timeout=FAREWELL_S)
        if connecting.done() and not connecting.cancelled() and connecting.exception() is None:
            await client.__aexit__(None, None, None)
        raise
    try:
        yield
    finally:
        await client.__aexit__(*sys.exc_info())


def _stop_if_cancelled() -> None:
    """Aiomqtt waits with `asyncio.wait_for`, which before Python 3.12 may swallow a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class MqttSession:
    """A link to the broker that comes back by itself.

    Args:
        address: broker and identity.
        subscriptions: topic filters, subscribed at QoS 1 after every connect.
        on_message: called for every message with topic and payload, in order.
        will: published by the broker when the link dies.
        births: what to publish after every connect.
        farewells: what to publish before leaving on purpose, as a clean disconnect sends no will.
        on_link: called with True after a connect and False after a loss.
        clean: forget subscriptions and queued messages at disconnect (for clients without an identity of their own).
    """

    def __init__(
        self,
        address: BrokerAddress,
        subscriptions: tuple[str, ...],
        on_message: Callable[[str, bytes], None],
        *,
        will: Outgoing | None = None,
        births: Callable[[], list[Outgoing]] = list,
        farewells: Callable[[], list[Outgoing]] = list,
        on_link: Callable[[bool], None] | None = None,
        clean: bool = False,
    ) -> None:
        self._address = address
        self._subscriptions = subscriptions
        self._on_message = on_message
        self._will = will
        self.births = births
        """May be replaced while the session runs: counts from the next connect."""
        self._farewells = farewells
        self._on_link = on_link
        self._clean = clean
        self._client: aiomqtt.Client | None = None
        self._inbox: _Inbox | None = None
        self._publishing: set[asyncio.Task[bool]] = set()
        self.linked = asyncio.Event()
        self.dropped_outgoing = 0

    @property
    def dropped_incoming(self) -> int:
        """Messages that arrived faster than they could be read, since the last connect."""
        return self._inbox.dropped if self._inbox else 0

    def publish_soon(self, message: Outgoing) -> None:
        """Send without waiting. Dropped and counted when there is no link or too much is under way."""
        if self._client is None or len(self._publishing) >= OUTBOX_LIMIT:
            self.dropped_outgoing += 1
        else:
            self._begin_publish(self._client, message)

    async def publish(self, message: Outgoing) -> bool:
        """Send and wait until the broker has it. False if the link broke first."""
        if self._client is None:
            return False
        sending = self._begin_publish(self._client, message)
        await asyncio.wait({sending})
        return not sending.cancelled() and sending.result()

    def _begin_publish(self, client: aiomqtt.Client, message: Outgoing) -> asyncio.Task[bool]:
        """Owned here, so that a broken link ends it at once instead of after a time-out."""
        task = asyncio.get_running_loop().create_task(self._publish(client, message), name="mqtt-publish")
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        return task

    async def _publish(self, client: aiomqtt.Client, message: Outgoing) -> bool:
        try:
            await client.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)
        except aiomqtt.MqttError:
            self.dropped_outgoing += 1
            return False
        return True

    async def run(self) -> None:
        """Keep the link until cancelled."""
        pause, reported = FIRST_PAUSE_S, None
        while True:
            try:
                await self._one_connection()
            except (aiomqtt.MqttError, OSError, IdentityError) as error:
                if self.linked.is_set():
                    pause, reported = FIRST_PAUSE_S, None
                reason = str(error)
                if reason != reported:
                    log.warning("link_down", broker=f"{self._address.host}:{self._address.port}", reason=reason)
                    reported = reason
            finally:
                self._unlink()
            _stop_if_cancelled()
            await asyncio.sleep(pause * random.uniform(0.7, 1.0))  # noqa: S311  spreads reconnects, keeps no secret
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def _unlink(self) -> None:
        self._client = None
        for publishing in self._publishing:
            publishing.cancel()
        if self.linked.is_set():
            self.linked.clear()
            if self._on_link:
                self._on_link(False)

    async def _one_connection(self) -> None:
        inbox = _Inbox()
        will = self._will
        client = aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._address.username,
            password=self._address.password or None,
            tls_context=tls_context(self._address.identity) if self._address.identity else None,
            identifier=self._address.client_id or self._address.username,
            clean_session=self._clean,
            keepalive=10,
            queue_type=lambda maxsize: inbox,  # type: ignore[arg-type]  # a factory serves where a class is asked
            max_inflight_messages=OUTBOX_LIMIT,
            max_queued_outgoing_messages=OUTBOX_LIMIT,
            will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=will.retain) if will else None,
            # Without it Nagle and delayed acknowledgement add 40 ms to a lonely message.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            timeout=10,
            logger=_silent,
        )
        async with _connected(client):
            client.pending_calls_threshold = OUTBOX_LIMIT
            self._inbox = inbox
            reader = asyncio.create_task(self._read(inbox), name="mqtt-read")
            try:
                await self._subscribe(client)
                self._client = client
                for message in self.births():
                    await client.publish(message.topic, message.payload, qos=message.qos, retain=message.retain)
                self.linked.set()
                log.info("link_up", broker=f"{self._address.host}:{self._address.port}")
                if self._on_link is not None:
                    self._on_link(True)
                _stop_if_cancelled()
                await self._until_broken(client, reader)
            except asyncio.CancelledError:
                await self._say_farewell(client)
                raise
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)

    async def _say_farewell(self, client: aiomqtt.Client) -> None:
        with suppress(aiomqtt.MqttError):
            for message in self._farewells():
                await client.publish(message.topic, message.payload, qos=1, retain=message.retain, timeout=FAREWELL_S)

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        if not self._subscriptions:
            return
        granted = await client.subscribe([(topic, 1) for topic in self._subscriptions])
        for topic, code in zip(self._subscriptions, granted, strict=True):
            # aiomqtt types it more loosely than paho, which always has a number in it.
            number = code if isinstance(code, int) else int(getattr(code, "value"))  # noqa: B009
            if number >= REFUSED:
                # Half a session would look alive and hear nothing.
                raise aiomqtt.MqttError(f"the broker refuses the subscription to {topic}")

    async def _until_broken(self, client: aiomqtt.Client, reader: asyncio.Task[None]) -> None:
        """Wait for the link to break (MqttError) or the reader to fail (a bug, raised as it is)."""

        async def wait_for_break() -> None:
            async for _ in client.messages:
                pass

        link = asyncio.create_task(wait_for_break(), name="mqtt-link")
        try:
            done, _ = await asyncio.wait({link, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            link.cancel()
            await asyncio.gather(link, return_exceptions=True)
        for task in done:
            task.result()

    async def _read(self, inbox: _Inbox) -> None:
        while True:
            await inbox.filled.wait()
            inbox.filled.clear()
            while inbox.messages:
                message = inbox.messages.popleft()
                self._on_message(message.topic.value, message.payload)
