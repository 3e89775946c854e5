"""The single writer: decide → append → answer → publish, for all orders that have arrived meanwhile at once.

While one batch is made durable the next one gathers; so a slow disk makes batches larger, not orders slower. State is
only looked at from outside between batches, when everything in it is durable.

A bug in deciding one order refuses that order with `failed`: the state is read back from the journal, an alert is
raised, and the next order is served.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol, TypeVar

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
from hall_server.domain.commands import CheckIn, Command, Issue, RaiseAlert
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


@dataclass(slots=True)
class _Batch:
    """What has been decided together and is not durable yet."""

    answered: list[tuple[Order, bytes]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


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
            if seen.done():
                return
            try:
                seen.set_result(make(state))
            except Exception as error:  # noqa: BLE001  it is raised where it was asked for
                seen.set_exception(error)

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
                        self._guarded("view", item, self._state)
        finally:
            if self._snapshot is not None:
                self._snapshot.cancel()
            self._thread.shutdown(wait=True)

    def alarm(self, trigger: str, error: Exception, **facts: Any) -> None:
        """Log a fault of the program's own, and raise an alert for managers: `failed` or `task_failed`.

        Args:
            trigger: what failed: `order`, `message`, `view` or a task's name.
            error: the exception, logged with its traceback.
            facts: logged with it; never a secret.
        """
        log.error("program_fault", part=trigger, exc_info=error, **facts)
        name = "failed" if trigger in ("order", "message") else "task_failed"
        alert = RaiseAlert(
            alert_id=f"{name}-{trigger}".replace("_", "-"), kind="anomaly", trigger=name, facts={"task": trigger}
        )
        self.submit(Order(None, alert, lambda _answer: None))

    async def _process(self, orders: Sequence[Order]) -> None:
        """Decide all orders, store what follows, answer. After an order that fails the rest goes on by itself."""
        if not self.storage_works and not await self._storage_is_back():
            self._refuse_all(orders)
            return
        waiting = deque(orders)
        while waiting:
            batch, failed = _Batch(), None
            while waiting and failed is None:
                order = waiting.popleft()
                try:
                    batch.answered.append((order, self._decide(order, batch)))
                except Exception as error:  # noqa: BLE001  one order never ends the hall (decision 21)
                    failed = order, error
            stored = await self._store(batch)
            if failed is not None:
                await self._order_failed(*failed)
            if stored is not None:
                self._show(batch, stored)
            if not self.storage_works:
                waiting = self._refuse_all(waiting)

    def _refuse_all(self, orders: Iterable[Order]) -> deque[Order]:
        for order in orders:
            self._answer(order, _storage_failed(order))
        return deque()

    async def _order_failed(self, order: Order, error: Exception) -> None:
        """Refuse the order, and forget what it has done to the state: read it back from the journal."""
        self._answer(order, _failed(order))
        if type(order.command) is RaiseAlert:
            log.error("program_fault", part="alert", exc_info=error)
        else:
            self.alarm("order", error, order=type(order.command).__name__, command=order.command_id)
        if self.storage_works:
            await self._storage_is_back()

    async def _store(self, batch: _Batch) -> list[Stored] | None:
        """Make a batch durable and answer it; None if that failed, and everybody has been told."""
        stored: list[Stored] = []
        if batch.entries:
            began = perf_counter()
            try:
                stored = await self._append(batch.entries)
            except StorageError as error:
                await self._storage_broke(error, [order for order, _ in batch.answered])
                return None
            self._commit_s = perf_counter() - began
            self._meter.stored(len(batch.entries), self._commit_s)
        for order, answer in batch.answered:
            self._answer(order, answer)
        return stored

    def _show(self, batch: _Batch, stored: Sequence[Stored]) -> None:
        if batch.events:
            self._guarded(
                "publication", lambda state: self._observer.committed(state, batch.events, stored), self._state
            )
            self._begin_snapshot()

    def _guarded(self, part: str, look: Look, state: State) -> None:
        """Who looks at the hall and fails ends with it; the hall goes on."""
        try:
            look(state)
        except Exception as error:  # noqa: BLE001  see above
            self.alarm(part, error)

    def _answer(self, order: Order, answer: bytes) -> None:
        self._guarded("answer", lambda _state: order.answer(answer), self._state)

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
                self._guarded("snapshot", lambda _state: self._snapshot_result(), self._state)
            steps = self._journal.snapshot_due(self._state)
            if steps is not None:
                self._snapshot = asyncio.create_task(self._store_snapshot(steps), name="snapshot")

    def _snapshot_result(self) -> None:
        """A bug in the last one must not stay unseen."""
        if self._snapshot is not None and not self._snapshot.cancelled():
            self._snapshot.result()

    async def _store_snapshot(self, steps: Iterator[Callable[[], None]]) -> None:
        """A step at a time, with orders going first in between."""
        while (step := await self._on_thread(lambda: next(steps, None))) is not None:
            await self._on_thread(step)
            await asyncio.sleep(SNAPSHOT_REST_S)

    def _decide(self, order: Order, batch: _Batch) -> bytes:
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
        entries = [
            Entry(seq, event.at, event.name, event.version, _encoder.encode(event), None, None)
            for seq, event in enumerate(decision, start=first)
        ]
        if entries and order.command_id is not None:
            entries[0] = entries[0]._replace(command=order.command_id, answer=answer)
        batch.entries.extend(entries)
        batch.events.extend(decision)
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
            self._answer(order, _storage_failed(order))
        await self._storage_is_back()

    async def _storage_is_back(self) -> bool:
        try:
            self._state = await self._on_thread(self._journal.recover)
        except StorageError as error:
            log.error("storage_still_failing", reason=str(error))
            self.storage_works = False
            return False
        if not self.storage_works:
            self.storage_works = True
            self._observer.storage(True)
            log.info("storage_recovered", seq=self._state.seq)
        return True

    async def _on_thread(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)


def _storage_failed(order: Order) -> bytes:
    sentence = "the hall cannot store anything at the moment; nothing was changed"
    return encode(Refused(order.command_id or "", RefusalCode.STORAGE_FAILED, sentence))


def _failed(order: Order) -> bytes:
    sentence = "a fault of the hall server's own: nothing was changed, and the hall's managers have been alerted"
    return encode(Refused(order.command_id or "", RefusalCode.FAILED, sentence))
