"""A device's side of the wire: its state with last will, and orders that are repeated until answered."""

import asyncio
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from hall_protocol.codec import decode_reply, encode, encode_command
from hall_protocol.commands import Body
from hall_protocol.messages import Accepted, Presence, Refused
from hall_protocol.messages.devices import DeviceState
from hall_protocol.session import BrokerAddress, MqttSession, Outgoing
from hall_protocol.topics import Role, Topics

RESEND_AFTER_S = 2.0
HEARTBEAT_S = 30.0
PROTOCOL_VERSION = "1"


class NoReplyError(Exception):
    """The hall did not answer in time. Whether it has the order is not known; the same id may be sent again."""


class DeviceLink:
    """What every device and staff program holds: one session, its own topics, and requests by command id.

    Args:
        address: broker and identity.
        hall: hall id.
        device: device id, which is also the broker's username.
        role: what the device is.
        reads: topics besides its own that it subscribes to.
        on_message: called for every message on them.
        on_late_reply: called for a reply that nobody waits for any more.
        generation: of the configuration that the program runs with; may change while it runs.
        health: how the device is, for `device/{d}/state`; asked at every connect and every half minute.
        clean: no session kept at the broker.
    """

    def __init__(
        self,
        address: BrokerAddress,
        hall: str,
        device: str,
        role: Role,
        *,
        reads: tuple[str, ...] = (),
        on_message: Callable[[str, bytes], None] = lambda _topic, _payload: None,
        on_link: Callable[[bool], None] | None = None,
        on_late_reply: Callable[[Accepted | Refused], None] = lambda _reply: None,
        version: str = PROTOCOL_VERSION,
        generation: int = 0,
        health: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.generation = generation
        self.topics = Topics(hall)
        self.device = device
        self._reply_topic = self.topics.reply(device)
        self._waiting: dict[str, asyncio.Future[Accepted | Refused]] = {}
        self._on_message = on_message
        self._on_late_reply = on_late_reply
        boot_id = uuid.uuid4().hex

        def state(value: Presence, how: dict[str, Any]) -> Outgoing:
            # For people who look; nothing is ordered by a device's clock.
            at = datetime.now().astimezone().isoformat(timespec="seconds")
            told = DeviceState(value, role, boot_id, version, self.generation, how, at)
            return Outgoing(self.topics.state(device), encode(told), retain=True)

        self._state: Callable[[], Outgoing] = lambda: state("online", health())
        farewell = state("offline", {})
        own = (self._reply_topic,) if role is not Role.DISPLAY else ()
        self.session = MqttSession(
            address,
            own + reads,
            self._receive,
            will=farewell,
            births=lambda: [self._state()],
            farewells=lambda: [farewell],
            on_link=on_link,
        )

    async def run(self) -> None:
        """Keep the link, and say every half minute how the device is, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.session.run(), name="mqtt-session")
            tasks.create_task(self._heartbeat(), name="heartbeat")

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self.say_state()

    def say_state(self) -> None:
        """Say how the device is, now: something about it has changed."""
        if self.session.linked.is_set():
            self.session.publish_soon(self._state())

    def _receive(self, topic: str, payload: bytes) -> None:
        if topic != self._reply_topic:
            self._on_message(topic, payload)
            return
        reply = decode_reply(payload)
        if reply is None:
            return
        waiting = self._waiting.pop(reply.id, None)
        if waiting is None:
            self._on_late_reply(reply)
        elif not waiting.done():
            waiting.set_result(reply)

    async def request(
        self,
        body: Body,
        *,
        within_s: float,
        command_id: str | None = None,
        ordered_at: float | None = None,
        resend_after_s: float = RESEND_AFTER_S,
    ) -> Accepted | Refused:
        """Give an order and wait for the hall's reply, repeating it with the same id.

        Args:
            body: the order.
            within_s: how long to wait in all.
            command_id: the id; a new one if None.
            ordered_at: monotonic time at which the order was given; now if None.
            resend_after_s: pause before each repetition.

        Raises:
            NoReplyError: no reply in time.
        """
        command_id = command_id or str(uuid.uuid4())
        ordered_at = time.monotonic() if ordered_at is None else ordered_at
        deadline = time.monotonic() + within_s
        reply: asyncio.Future[Accepted | Refused] = asyncio.get_running_loop().create_future()
        self._waiting[command_id] = reply
        topic = self.topics.command(self.device)
        try:
            while (left := deadline - time.monotonic()) > 0:
                age_ms = max(0, int((time.monotonic() - ordered_at) * 1000))
                self.session.publish_soon(Outgoing(topic, encode_command(command_id, body, age_ms)))
                linked = self.session.linked.is_set()
                await asyncio.wait((reply,), timeout=min(left, resend_after_s if linked else 0.1))
                if reply.done():
                    return reply.result()
        finally:
            self._waiting.pop(command_id, None)
        raise NoReplyError(command_id)
