"""Dispensers whose power, paper and link fail wherever a test wants, before a hall that decides by the real rules."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hall_protocol.codec import decode_command, decode_reply, encode, encode_command
from hall_protocol.commands import Body, CheckIn, Issue
from hall_protocol.device import NoReplyError
from hall_protocol.messages import Accepted, Refused
from hall_protocol.topics import Role, Topics
from hall_server.application.catalogue import catalogue
from hall_server.application.orders import Sender, translate
from hall_server.application.results import result_of
from hall_server.application.times import rfc3339
from hall_server.domain.refusals import Refusal
from tests.story import Story
from ticket_dispenser.desk import TicketDesk, Times
from ticket_dispenser.drivers.port import Answer
from ticket_dispenser.memory import Memory
from ticket_dispenser.offline.counter import OfflineCounter
from ticket_dispenser.offline.time import HallTime, Stamp
from ticket_dispenser.printers.port import PrintReport, Result, Trouble
from ticket_dispenser.settling import Settler
from ticket_dispenser.slips.content import SlipContent

TOPICS = Topics("test")


class PowerCutError(BaseException):
    """The board is dark from here on. Nothing may catch it."""


class Fuse:
    """Blows after so many steps; a step is anything that leaves a trace outside the program's memory."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                raise PowerCutError


class HallLine:
    """A link to a hall that is there or not; replies may be lost on the way."""

    def __init__(self, story: Story, device: str, fuse: Fuse, answers: dict[str, bytes]) -> None:
        self.story, self.device, self.fuse, self.answers = story, device, fuse, answers
        self.topics, self.session = TOPICS, self
        self.linked = asyncio.Event()
        self.linked.set()
        self.up, self.loses_replies = True, False

    def say_state(self) -> None:
        """Nobody listens."""

    async def request(
        self, body: Body, *, within_s: float, command_id: str | None = None, ordered_at: float | None = None
    ) -> Accepted | Refused:
        del within_s, ordered_at
        self.fuse.step()
        if not self.up:
            raise NoReplyError
        command_id = command_id or f"{self.device}-{len(self.answers)}"
        if command_id not in self.answers:
            self.answers[command_id] = self._decided(encode_command(command_id, body))
        self.fuse.step()
        if self.loses_replies:
            raise NoReplyError
        reply = decode_reply(self.answers[command_id])
        assert reply is not None
        return reply

    def _decided(self, payload: bytes) -> bytes:
        decoded = decode_command(payload)
        assert not isinstance(decoded, Refused), decoded
        translated = translate(Sender(self.device, Role.DISPENSER), *decoded)
        assert not isinstance(translated, Refused), translated
        command, secret = translated
        decision = self.story.order(command)
        if isinstance(decision, Refusal):
            return encode(Refused(decoded[0].id, decision.code, decision.message))
        state = self.story.state
        told = result_of(state, command, decision, secret, "http://192.0.2.10:8080", self.story.now)
        return encode(Accepted(decoded[0].id, state.seq, told))


class Paper:
    """A printer whose slips are looked at by label."""

    def __init__(self, fuse: Fuse) -> None:
        self.fuse, self.result = fuse, Result.PRINTED
        self.labels: list[str] = []
        self.failed: Trouble | None = None

    async def ready(self) -> "Paper":
        self.failed = Trouble.PAPER_OUT if self.result is Result.FAILED else None
        return self

    async def print(self, slip: bytes) -> PrintReport:
        if self.failed is not None:
            return PrintReport(Result.FAILED, self.failed)
        self.fuse.step()
        self.labels.append(slip.decode())
        self.fuse.step()
        return PrintReport(self.result)

    def close(self) -> None:
        """Nothing is open."""


class Board:
    """One dispenser: its card stays, everything else is lost when the power goes."""

    def __init__(self, folder: Path, story: Story, device: str, answers: dict[str, bytes]) -> None:
        self.folder, self.story, self.device = folder, story, device
        self.fuse = Fuse()
        self.line = HallLine(story, device, self.fuse, answers)
        self.paper = Paper(self.fuse)
        self.boots = 0
        self.dark = False
        self._on()

    def _on(self) -> None:
        self.boots += 1
        self._booted_at = self.story.now.ms
        self.memory = Memory(self.folder)
        for storage in (self.memory.spool._db.storage, self.memory.leases._file):
            self._fused(storage)
        self.hall_time = HallTime(self._stamp)
        counter = OfflineCounter(self.memory.leases, self.memory.bookings, self.hall_time)
        link: Any = self.line
        self.desk = TicketDesk(link, self.paper, self.memory, counter, self.hall_time, _label, Times(0.0, 0.1, 0.0))
        self.settler = Settler(link, self.desk, self.memory, self.hall_time)
        self.hears()

    def _stamp(self) -> Stamp:
        return Stamp(f"{self.device}-{self.boots}", self.story.now.ms - self._booted_at)

    def _fused(self, storage: Any) -> None:
        write: Callable[[Any], None] = storage.write

        def fused(data: Any) -> None:
            self.fuse.step()
            write(data)
            self.fuse.step()

        storage.write = fused

    def hears(self) -> None:
        """The hall's pictures reach the dispenser, if the hall does."""
        if self.line.up:
            self.desk.receive(TOPICS.catalogue, encode(catalogue(self.story.state.known.hall)))
            self.hall_time.hear(rfc3339(self.story.now.ms, self.story.now.offset_s))

    async def press(self, order: Issue | CheckIn) -> Answer | None:
        """What the visitor is told; None if the power went first."""
        try:
            return await self.desk.press(order)
        except PowerCutError:
            self.dark = True
            return None

    async def settle(self) -> None:
        """What the dispenser does in the background."""
        try:
            self.hears()
            await self.settler.settle_all()
        except NoReplyError:
            pass
        except PowerCutError:
            self.dark = True

    def restart(self) -> None:
        """Power is back: a new boot with the old card."""
        self.memory.close()
        self.fuse.left = None
        self.dark = False
        self._on()


def _label(content: SlipContent) -> bytes:
    return content.label.encode()
