"""From a signed generation to a board that runs with it, or to the board as it was.

verify → stage → begin the trial (durable) → swap → take effect → heard within a minute → commit, or roll back.
A power cut between any two steps leaves a standing from which `resume` goes on: forward while the trial may still prove
good, back otherwise. Network changes are their own dead man's switch: nobody confirms them but the hall's hearing the
program through the new network.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec
import structlog

from firmware_config.agent.board import Board, BoardError
from firmware_config.agent.store import Failure, Standing, Store, Trial
from firmware_config.bundle import BundleError, Opened, Part, opened
from firmware_config.changes import Effect, effects
from hall_protocol.messages.devices import Reported

log = structlog.get_logger()

HEARD_WITHIN_S = 60.0
MOST_STARTS = 2
"""A trial that power cuts have interrupted this often may be their cause."""


class Who(NamedTuple):
    """For whom a bundle must be."""

    hall: str
    device: str
    role: str


class Applier:
    """One board's configuration.

    Args:
        heard: whether the role's program says, through the broker, that it is online with a generation; waits up to so
            many seconds for it.
        first_signers: public keys believed before the first generation, from enrolment.
    """

    def __init__(
        self,
        who: Who,
        store: Store,
        board: Board,
        heard: Callable[[int, float], Awaitable[bool]],
        first_signers: tuple[str, ...],
        heard_within_s: float = HEARD_WITHIN_S,
    ) -> None:
        self._who, self._store, self._board, self._heard = who, store, board, heard
        self._first_signers, self._heard_within_s = first_signers, heard_within_s

    @property
    def signers(self) -> tuple[str, ...]:
        """Whose signatures count."""
        committed = self._store.committed()
        return committed.signers if committed else self._first_signers

    def last_report(self) -> Reported | None:
        """What became of the newest generation that this board has seen."""
        standing = self._store.standing
        failure = standing.failure
        if failure is not None and failure.generation > standing.committed:
            return Reported(failure.generation, "rolled_back", failure.reason, failure.hash)
        return Reported(standing.committed, "applied", "", standing.hash) if standing.committed else None

    async def resume(self) -> Reported | None:
        """Bring the board where its standing says that it is. To be called first, and once."""
        standing, store = self._store.standing, self._store
        trial = standing.trial
        if trial is None:
            return await self._return_to_committed(store.pointed() != standing.committed)
        if Effect.REBOOT in trial.effects and self._board.boot_id != trial.boot_id:
            return await (self._judge(trial) if self._board.trial_boot else self._roll_back(trial, "did_not_boot"))
        if trial.starts >= MOST_STARTS:
            return await self._roll_back(trial, "interrupted")
        again = msgspec.structs.replace(trial, starts=trial.starts + 1, boot_id=self._board.boot_id)
        store.stand(msgspec.structs.replace(standing, trial=again))
        return await self._try(again)

    async def _return_to_committed(self, strayed: bool) -> Reported | None:
        """Mend what a power cut, or the agent's end, has left between two steps; usually nothing."""
        changed = await asyncio.to_thread(self._put_committed)
        if Part.BOOT in changed:
            await self._board.reboot(trial=False)
            return None
        if Part.NETWORK in changed:
            await self._board.reconnect()
        if strayed or Part.UNIT in changed:
            await self._run_again()
        return self.last_report()

    async def consider(self, payload: bytes) -> Reported | None:
        """A message on `desired`: what has become of it, or None if the board starts again on its account."""
        try:
            found = opened(payload, self.signers)
            self._check(found)
        except BundleError as error:
            log.warning("configuration_rejected", generation=error.generation, reason=error.reason)
            return Reported(error.generation, "rejected", error.reason, error.hash)
        standing, last = self._store.standing, self.last_report()
        if last is not None and (last.generation, last.hash) == (found.bundle.generation, found.hash):
            return last
        takes = effects(self._store.committed(), found.bundle)
        try:
            await asyncio.to_thread(self._store.stage, found)
        except OSError as error:
            return Reported(found.bundle.generation, "rejected", f"not_stored: {error.strerror}", found.hash)
        trial = Trial(found.bundle.generation, found.hash, takes, self._board.boot_id)
        self._store.stand(msgspec.structs.replace(standing, trial=trial))
        log.info("configuration_on_trial", generation=trial.generation, effects=sorted(trial.effects))
        return await self._try(trial)

    def _check(self, found: Opened) -> None:
        """Whether a good signature is on something for us, and new.

        Raises:
            BundleError: `for_another`, `older_generation` or `number_used_twice`.
        """
        bundle, standing, failure = found.bundle, self._store.standing, self._store.standing.failure
        said = bundle.generation, found.hash
        if Who(bundle.hall, bundle.device, bundle.role) != self._who:
            raise BundleError("for_another", *said)
        known = {standing.committed: standing.hash, **({failure.generation: failure.hash} if failure else {})}
        if bundle.generation < max(known):
            raise BundleError("older_generation", *said)
        if known.get(bundle.generation, found.hash) != found.hash:
            raise BundleError("number_used_twice", *said)

    async def _try(self, trial: Trial) -> Reported | None:
        try:
            await asyncio.to_thread(self._put_on_trial, trial.generation)
            if Effect.REBOOT in trial.effects:
                await self._board.reboot(trial=True)
                return None
            if Effect.NETWORK in trial.effects:
                await self._board.reconnect()
            if Effect.RESTART in trial.effects or self._store.standing.committed == 0:
                await self._board.restart()
            else:
                # Also where nothing but the number is new: the program is to tell it.
                await self._board.reload()
        except (BoardError, OSError) as error:
            return await self._roll_back(trial, str(error))
        return await self._judge(trial)

    async def _judge(self, trial: Trial) -> Reported | None:
        if not await self._heard(trial.generation, self._heard_within_s):
            return await self._roll_back(trial, "not_heard")
        before = self._store.standing.committed
        self._store.stand(Standing(trial.generation, trial.hash))
        # What was for one boot is for all boots now; after a power cut here, `resume` does it.
        await asyncio.to_thread(self._put_committed)
        await asyncio.to_thread(self._store.prune, trial.generation, before)
        log.info("configuration_applied", generation=trial.generation)
        return self.last_report()

    async def _roll_back(self, trial: Trial, reason: str) -> Reported | None:
        failure = Failure(trial.generation, trial.hash, reason)
        self._store.stand(msgspec.structs.replace(self._store.standing, trial=None, failure=failure))
        log.error("configuration_taken_back", generation=trial.generation, reason=reason)
        await asyncio.to_thread(self._put_committed)
        try:
            if Effect.NETWORK in trial.effects:
                await self._board.reconnect()
            if Effect.REBOOT in trial.effects and self._board.trial_boot:
                await self._board.reboot(trial=False)
                return None
            await self._run_again()
        except BoardError as error:
            # The good generation is in place; whoever starts the board next finds it.
            log.error("not_started_again", reason=str(error))
        return self.last_report()

    async def _run_again(self) -> None:
        if self._store.standing.committed:
            await self._board.restart()
        else:
            await self._board.stop()

    def _put_on_trial(self, generation: int) -> None:
        self._store.point(generation)
        self._board.install(self._store.bundle(generation), trial=True)

    def _put_committed(self) -> frozenset[Part]:
        self._store.point(self._store.standing.committed)
        return self._board.install(self._store.committed(), trial=False)
