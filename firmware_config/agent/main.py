"""The agent's composition root: one link of its own beside the program's, and the generations on this board."""

import asyncio
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from firmware_config.agent.applying import HEARD_WITHIN_S, Applier, Who
from firmware_config.agent.board import Board
from firmware_config.agent.renewals import Renewals
from firmware_config.agent.store import CURRENT, Store
from firmware_config.bundle import Part
from hall_protocol.codec import decode, encode
from hall_protocol.identity import Identity, load_identity
from hall_protocol.messages import HallState
from hall_protocol.messages.devices import DeviceState, Reported
from hall_protocol.session import BrokerAddress, MqttSession, Outgoing
from hall_protocol.topics import Topics
from hall_protocol.watchdog import keep_telling


class _Link(NamedTuple):
    """The agent's own connection, and where it leads."""

    address: tuple[str, int]
    session: MqttSession
    task: asyncio.Task[None]


class Agent:
    """One board's configuration and its link.

    Args:
        identity_folder: from enrolment; read again at every connect.
        store: the generations.
        board: what they take effect on.
        heard_within_s: how long a generation has to prove good.
    """

    def __init__(
        self, identity_folder: Path, store: Store, board: Board, heard_within_s: float = HEARD_WITHIN_S
    ) -> None:
        self._folder, self._store = identity_folder, store
        self._identity: Identity = load_identity(identity_folder)
        who = Who(self._identity.hall, self._identity.device, self._identity.role)
        self._topics = Topics(who.hall)
        self._applier = Applier(who, store, board, self._heard, self._identity.signers, heard_within_s)
        self._desired: asyncio.Queue[bytes] = asyncio.Queue(1)
        """The newest alone: generations replace each other."""
        self._program: DeviceState | None = None
        self._said = asyncio.Event()
        self._renewals = Renewals(identity_folder)
        self._tasks = asyncio.TaskGroup()
        self._link: _Link | None = None

    async def run(self) -> None:
        """Go on with what was under way, then take every new generation, until cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(keep_telling(lambda: True), name="watchdog")
            self._tasks.create_task(self._renewals.run(), name="renewals")
            await self._follow_address()
            report = await self._applier.resume()
            while True:
                session = await self._follow_address()
                if report is not None:
                    await self._report(session, report)
                report = await self._applier.consider(await self._desired.get())

    def _address(self) -> tuple[str, int]:
        """The broker of the generation in force: a hall may move, and the program with it."""
        with suppress(OSError, tomllib.TOMLDecodeError, KeyError):
            told = tomllib.loads((self._store.folder / CURRENT / Part.AGENT).read_text("utf-8"))
            return str(told["host"]), int(told["port"])
        return self._identity.host, self._identity.port

    async def _follow_address(self) -> MqttSession:
        """The link to the broker of the generation in force; another one if that has moved."""
        address, link = self._address(), self._link
        if link is not None and link.address == address:
            return link.session
        if link is not None:
            link.task.cancel()
            await asyncio.gather(link.task, return_exceptions=True)
        device = self._identity.device
        session = MqttSession(
            BrokerAddress(*address, device, "", f"{device}.agent", self._folder),
            (self._topics.desired(device), self._topics.state(device), self._topics.hall_state),
            self._receive,
            clean=True,
        )
        self._link = _Link(address, session, self._tasks.create_task(session.run(), name="agent-session"))
        return session

    def _receive(self, topic: str, payload: bytes) -> None:
        if topic == self._topics.state(self._identity.device):
            self._program = decode(payload, DeviceState)
            self._said.set()
        elif topic == self._topics.hall_state:
            hall = decode(payload, HallState)
            if hall is not None and hall.state == "online":
                self._renewals.hear(hall.at)
        elif payload:
            if self._desired.full():
                self._desired.get_nowait()
            self._desired.put_nowait(payload)

    async def _heard(self, generation: int, within_s: float) -> bool:
        """Whether the program says, through the broker, that it is online with this generation."""
        await self._follow_address()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not (
                    self._program is not None
                    and self._program.state == "online"
                    and self._program.config_generation == generation
                ):
                    self._said.clear()
                    await self._said.wait()
                return True
        return False

    async def _report(self, session: MqttSession, report: Reported) -> None:
        """Say it now if there is a link, and after every later connect: the retained word is the newest."""
        message = Outgoing(self._topics.reported(self._identity.device), encode(report), retain=True)
        session.births = lambda: [message]
        if session.linked.is_set():
            await session.publish(message)
