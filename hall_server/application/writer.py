"""The single writer: decide → append → answer → publish, for all orders that have arrived meanwhile at once.

While one batch is made durable the next one gathers; so a slow disk makes batches larger, not orders slower. State is
only looked at from outside between batches, when everything in it is durable.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Protocol, TypeVar

import msgspec
import structlog

from hall_protocol.codec import encode
from hall_protocol.messages import Accepted, Refused
from hall_protocol.refusals import RefusalCode
from hall_server.application.answers import Answers
from hall_server.application.foresight import Foresight
from hall_server.application.orders import Order
from hall_server.application.ports import Clock, Entry, Journal, StorageError, Stored
from hall_server.application.results import result_of
from hall_server.domain.appointments import as_issue
from hall_server.domain.arrivals import awaited
from hall_server.domain.calendar import Moment
from hall_server.domain.commands import CheckIn, Command, Issue
from hall_server.domain.decide import decide
from hall_server.domain.events import Event
from hall_server.domain.evolve import evolve
from hall_server.domain.issuing import class_of
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State

log = structlog.get_logger()

T = TypeVar("T")

QUEUE_LIMIT = 10_000
BATCH_LIMIT = 512
SNAPSHOT_REST_S = 0.01
QUICK_COMMIT_S = 0.002
FEW_ENTRIES = 4


class Observer(Protocol):
    """Who looks at the hall after every batch."""

    def committed(self, state: State, events: Sequence[Event], stored: Sequence[Stored]) -> None:
        """Events are durable and the state shows them."""

    def refresh(self, state: State) -> None:
        """Nothing need have changed; say again how things stand."""

    def storage(self, works: bool) -> None:
        """The journal broke or came back."""


class Meter(Protocol):
    """What is counted."""

    def decided(self, kind: str, code: str) -> None:
        """One order was decided; `code` is ok or the refusal's."""

    def stored(self, events: int, seconds: float) -> None:
        """One batch was made durable."""


_encoder = msgspec.json.Encoder()

Look = Callable[[State], None]
"""Somebody who wants to see the state when everything in it is durable. Must not change it."""


class Writer:
    """Owns the state. Everything that changes the hall goes through `submit`."""

    def __init__(
        self,
        journal: Journal,
        state: State,
        answers: Answers,
        clock: Clock,
        observer: Observer,
        meter: Meter,
        public_url: str,
        foresight: Foresight,
    ) -> None:
        self._journal = journal
        self._state = state
        self._answers = answers
        self._clock = clock
        self._observer = observer
        self._meter = meter
        self._public_url = public_url
        self._foresight = foresight
        self._orders: asyncio.Queue[Order | Look] = asyncio.Queue(QUEUE_LIMIT)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._snapshot: asyncio.Task[None] | None = None
        self._commit_s = QUICK_COMMIT_S
        """What the last commit took; the first one goes to the thread."""
        self.storage_works = True

    def submit(self, order: Order) -> None:
        """Take an order in; answered with `busy` at once if too many wait."""
        try:
            self._orders.put_nowait(order)
        except asyncio.QueueFull:
            order.answer(encode(Refused(order.command_id or "", RefusalCode.BUSY, "too many orders are waiting")))

    async def see(self, make: Callable[[State], T]) -> T:
        """Something made of the state when everything in it is durable. `make` must not change it."""
        seen: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def look(state: State) -> None:
            if not seen.done():
                seen.set_result(make(state))

        await self._orders.put(look)
        return await seen

    def ask_refresh(self) -> None:
        """Have the observer make all pictures anew."""
        if not self._orders.full():
            self._orders.put_nowait(self._observer.refresh)

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                batch = [await self._orders.get()]
                while len(batch) < BATCH_LIMIT and not self._orders.empty():
                    batch.append(self._orders.get_nowait())
                await self._process([item for item in batch if isinstance(item, Order)])
                for item in batch:
                    if not isinstance(item, Order):
                        item(self._state)
        finally:
            if self._snapshot is not None:
                self._snapshot.cancel()
            self._thread.shutdown(wait=True)

    async def _process(self, orders: Sequence[Order]) -> None:
        if not self.storage_works and not await self._storage_is_back():
            for order in orders:
                order.answer(_storage_failed(order))
            return
        entries: list[Entry] = []
        events: list[Event] = []
        answers = [self._decide(order, entries, events) for order in orders]
        stored: list[Stored] = []
        if entries:
            began = perf_counter()
            try:
                stored = await self._append(entries)
            except StorageError as error:
                await self._storage_broke(error, orders)
                return
            self._commit_s = perf_counter() - began
            self._meter.stored(len(entries), self._commit_s)
        for order, answer in zip(orders, answers, strict=True):
            order.answer(answer)
        if events:
            self._observer.committed(self._state, events, stored)
            self._begin_snapshot()

    async def _append(self, entries: Sequence[Entry]) -> list[Stored]:
        """Make events durable: here if the disk is quick and little has gathered, else on the journal's thread.

        Going to the thread and back costs a quarter of a millisecond, as long as a quick disk takes.
        """
        storing_snapshot = self._snapshot is not None and not self._snapshot.done()
        if self._commit_s < QUICK_COMMIT_S and len(entries) <= FEW_ENTRIES and not storing_snapshot:
            return self._journal.append(entries)
        return await self._on_thread(lambda: self._journal.append(entries))

    def _begin_snapshot(self) -> None:
        if self._snapshot is None or self._snapshot.done():
            if self._snapshot is not None:
                self._snapshot.result()  # a bug in the last one must not stay unseen
            steps = self._journal.snapshot_due(self._state)
            if steps is not None:
                self._snapshot = asyncio.create_task(self._store_snapshot(steps), name="snapshot")

    async def _store_snapshot(self, steps: Iterator[Callable[[], None]]) -> None:
        """A step at a time, with orders going first in between."""
        while (step := await self._on_thread(lambda: next(steps, None))) is not None:
            await self._on_thread(step)
            await asyncio.sleep(SNAPSHOT_REST_S)

    def _decide(self, order: Order, entries: list[Entry], events: list[Event]) -> bytes:
        """Decide one order, apply its events to the state, and note what is to be stored."""
        if order.command_id is not None:
            earlier = self._answers.get(order.command_id)
            if earlier is not None:
                return earlier
        now = self._clock.now()
        state = self._state
        decision = decide(state, self._with_wait(order.command, now), now)
        kind = type(order.command).__name__
        if isinstance(decision, Refusal):
            self._meter.decided(kind, decision.code)
            answer = encode(Refused(order.command_id or "", decision.code, decision.message))
            if order.command_id is not None:
                self._answers.remember(order.command_id, answer, None)
            return answer
        first = state.seq + 1
        for event in decision:
            evolve(state, event)
        result = result_of(state, order.command, decision, order.secret, self._public_url, now)
        answer = encode(Accepted(order.command_id or "", state.seq, result))
        for index, event in enumerate(decision):
            with_order = index == 0 and order.command_id is not None
            entries.append(
                Entry(
                    first + index,
                    event.at,
                    event.name,
                    event.version,
                    _encoder.encode(event),
                    order.command_id if with_order else None,
                    answer if with_order else None,
                )
            )
        events.extend(decision)
        if order.command_id is not None:
            self._answers.remember(order.command_id, answer, first if decision else None)
        self._meter.decided(kind, "ok")
        return answer

    def _with_wait(self, command: Command, now: Moment) -> Command:
        """An order for a number says what its visitor will be told, so that it is stored with the ticket."""
        order: Issue | None = None
        match command:
            case Issue():
                order = command
            case CheckIn():
                booking = awaited(self._state, command.booking_id)
                order = as_issue(self._state, command, booking, now) if booking else None
        service = self._state.known.services.get(order.service_id) if order else None
        if order is None or service is None:
            return command
        told = self._foresight.of_next(self._state, service.queue_id, class_of(order), now)
        return command if told is None else msgspec.structs.replace(command, told_s=(told.range.low, told.range.high))

    async def _storage_broke(self, error: StorageError, orders: Sequence[Order]) -> None:
        """Nothing of the batch is stored: say so to everybody, and take the state back to what is."""
        log.error("storage_failed", reason=str(error))
        self.storage_works = False
        self._observer.storage(False)
        for order in orders:
            if order.command_id is not None:
                self._answers.forget(order.command_id)
            order.answer(_storage_failed(order))
        await self._storage_is_back()

    async def _storage_is_back(self) -> bool:
        try:
            self._state = await self._on_thread(self._journal.recover)
        except StorageError as error:
            log.error("storage_still_failing", reason=str(error))
            return False
        self.storage_works = True
        self._observer.storage(True)
        log.info("storage_recovered", seq=self._state.seq)
        return True

    async def _on_thread(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)


def _storage_failed(order: Order) -> bytes:
    sentence = "the hall cannot store anything at the moment; nothing was changed"
    return encode(Refused(order.command_id or "", RefusalCode.STORAGE_FAILED, sentence))
