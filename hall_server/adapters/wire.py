"""The hall on MQTT: orders in, replies and pictures out."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import chain, repeat

import structlog

from hall_protocol import commands as wire
from hall_protocol.codec import MAX_COMMAND_BYTES, decode, decode_command, encode
from hall_protocol.messages import HallState, Presence, Refused
from hall_protocol.messages.devices import DeviceState, Reported
from hall_protocol.refusals import RefusalCode
from hall_protocol.session import BrokerAddress, MqttSession, Outgoing
from hall_protocol.topics import Topics
from hall_server.adapters.desired import DesiredConfigurations
from hall_server.adapters.meter import PrometheusMeter
from hall_server.adapters.pins import Pins
from hall_server.application.devices import DeviceBook
from hall_server.application.orders import Order, Sender, translate
from hall_server.application.publication import Picture, Publication
from hall_server.application.writer import Writer

log = structlog.get_logger()

REPUBLISH_SOON_S = (0.5, 2.0, 10.0)
REPUBLISH_S = 120.0
SIGN_INS_AT_ONCE = 32


class HallWire:
    """Connects the writer and the publication with the broker."""

    def __init__(
        self,
        address: BrokerAddress,
        topics: Topics,
        senders: Mapping[str, Sender],
        writer: Writer,
        publication: Publication,
        pins: Pins,
        meter: PrometheusMeter,
        hall_state: Callable[[Presence], HallState],
        devices: DeviceBook,
        desired: DesiredConfigurations,
    ) -> None:
        self._topics = topics
        self._senders = senders
        self._writer = writer
        self._publication = publication
        self._pins = pins
        self._meter = meter
        self._hall_state = hall_state
        self._devices, self._desired = devices, desired
        self.standing: tuple[Outgoing, ...] = ()
        """Retained messages that stay as they are while the hall runs."""
        self._signing_in: set[asyncio.Task[None]] = set()
        self._relinked = asyncio.Event()
        self.session = MqttSession(
            address,
            (topics.command("+"), topics.state("+"), topics.reported("+")),
            self._receive,
            will=Outgoing(topics.hall_state, encode(hall_state("offline")), retain=True),
            births=self._births,
            on_link=self._linked,
            farewells=lambda: [Outgoing(topics.hall_state, encode(hall_state("offline")), retain=True)],
        )
        publication.listeners.append(self._show)
        publication.journal_listeners.append(
            lambda payload: self.session.publish_soon(Outgoing(topics.journal, payload))
        )

    def _births(self) -> list[Outgoing]:
        state = Outgoing(self._topics.hall_state, encode(self._hall_state("online")), retain=True)
        pictures = (Outgoing(p.topic, p.payload, retain=True) for p in self._publication.newest.values())
        return [state, *self.standing, *pictures, *map(self._configuration, self._desired.payloads)]

    def _configuration(self, device: str) -> Outgoing:
        return Outgoing(self._topics.desired(device), self._desired.payloads[device], retain=True)

    async def configure(self) -> None:
        """Hand on each configuration that an operator publishes, until cancelled."""
        await self._desired.watch(lambda device: self.session.publish_soon(self._configuration(device)))

    def _show(self, picture: Picture) -> None:
        if self.session.linked.is_set():
            self.session.publish_soon(Outgoing(picture.topic, picture.payload, retain=True))

    async def republish(self) -> None:
        """Say everything again soon after every connect, and now and then.

        A broker may lose what it retained, and who subscribes in the very moment of a publish may get neither the
        old message nor the new one (seen with NATS server when a whole hall starts at once).
        """
        while True:
            await self._relinked.wait()
            self._relinked.clear()
            for pause in chain(REPUBLISH_SOON_S, repeat(REPUBLISH_S)):
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._relinked.wait()
                    break
                for message in self._births():
                    await self.session.publish(message)

    def _linked(self, up: bool) -> None:
        if up:
            self._relinked.set()

    def _receive(self, topic: str, payload: bytes) -> None:
        """One message from a device. Whatever is wrong with it ends with it."""
        try:
            self._take(topic, payload)
        except Exception as error:  # noqa: BLE001  one message never ends the hall (decision 21)
            self._writer.alarm("message", error, topic=topic, bytes=len(payload))

    def _take(self, topic: str, payload: bytes) -> None:
        device = self._topics.device_of(topic)
        sender = self._senders.get(device or "")
        if device is None or sender is None:
            self._meter.malformed()
            log.warning("unknown_device", topic=topic)
            return
        if self._devices.blocked(device):
            # The broker has been told; what is under way from there counts no more.
            log.warning("revoked_device", topic=topic)
            return
        if topic == self._topics.state(device):
            self._hear_device(sender, payload)
            return
        if topic == self._topics.reported(device):
            reported = decode(payload, Reported) if len(payload) <= MAX_COMMAND_BYTES else None
            if reported is not None:
                self._devices.hear_reported(device, reported)
            return
        decoded = decode_command(payload)
        if isinstance(decoded, Refused):
            self._meter.malformed()
            log.warning("refused_message", device=device, code=decoded.code, reason=decoded.message[:200])
            self._reply(device, encode(decoded))
            return
        envelope, body = decoded
        if isinstance(body, wire.SignIn):
            self._begin_sign_in(sender, envelope, body)
        else:
            self._submit(sender, envelope, body)

    def _hear_device(self, sender: Sender, payload: bytes) -> None:
        state = decode(payload, DeviceState) if len(payload) <= MAX_COMMAND_BYTES else None
        before = self._devices.working_dispensers()
        if state is None or state.role != sender.role:
            self._meter.malformed()
            log.warning("odd_state", device=sender.device, bytes=len(payload))
            self._devices.hear_unreadable(sender.device)
        else:
            self._devices.hear(sender.device, state)
        if self._devices.working_dispensers() != before:
            told = encode(self._hall_state("online"))
            self.session.publish_soon(Outgoing(self._topics.hall_state, told, retain=True))

    def _submit(self, sender: Sender, envelope: wire.Envelope, body: wire.Body) -> None:
        translated = translate(sender, envelope, body)
        if isinstance(translated, Refused):
            self._reply(sender.device, encode(translated))
            return
        command, secret = translated
        topic = self._topics.reply(sender.device)

        def answer(payload: bytes) -> None:
            self.session.publish_soon(Outgoing(topic, payload))

        self._writer.submit(Order(envelope.id, command, answer, secret))

    def _begin_sign_in(self, sender: Sender, envelope: wire.Envelope, body: wire.SignIn) -> None:
        """Checking a PIN takes a while on purpose, so it happens beside the orders."""
        if len(self._signing_in) >= SIGN_INS_AT_ONCE:
            self._reply(sender.device, encode(Refused(envelope.id, RefusalCode.BUSY, "too many sign-ins at once")))
            return
        task = asyncio.create_task(self._sign_in(sender, envelope, body), name="sign-in")
        self._signing_in.add(task)
        task.add_done_callback(self._signing_in.discard)

    async def _sign_in(self, sender: Sender, envelope: wire.Envelope, body: wire.SignIn) -> None:
        refused: Refused | None = None
        if self._pins.locked(body.staff_id):
            sentence = "too many wrong PINs; try again in five minutes"
            refused = Refused(envelope.id, RefusalCode.TOO_MANY_ATTEMPTS, sentence)
        elif not await self._pins.verify(body.staff_id, body.pin):
            log.warning("wrong_pin", device=sender.device, staff_id=body.staff_id[:32])
            refused = Refused(envelope.id, RefusalCode.WRONG_PIN, "staff id or PIN is wrong")
        if refused is None:
            self._submit(sender, envelope, body)
        else:
            self._reply(sender.device, encode(refused))

    def _reply(self, device: str, payload: bytes) -> None:
        self.session.publish_soon(Outgoing(self._topics.reply(device), payload))
