"""What the hall has still to be told: slips' ends, late orders, tickets given out without it. Asks for numbers too."""

import asyncio
from contextlib import suppress

import msgspec
import structlog

from hall_protocol.commands import Body, CheckIn, Issue, Lease, MergeOffline, Printed, PrintFailed
from hall_protocol.device import DeviceLink, NoReplyError
from hall_protocol.messages import Accepted, Refused
from ticket_dispenser.desk import TicketDesk
from ticket_dispenser.memory import Memory
from ticket_dispenser.offline.counter import to_merge
from ticket_dispenser.offline.time import HallTime
from ticket_dispenser.spool import Pending

log = structlog.get_logger()

SETTLE_WITHIN_S = 30.0
SETTLE_PAUSE_S = 2.0
LEASE_EVERY_S = 600.0
MERGE_AT_ONCE = 100


class Settler:
    """Works in the background, and begins again wherever it was cut off."""

    def __init__(self, link: DeviceLink, desk: TicketDesk, memory: Memory, hall_time: HallTime) -> None:
        self._link, self._desk, self._memory, self._hall_time = link, desk, memory, hall_time
        self._lease_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._desk.unsettled.clear()
            try:
                await self.settle_all()
            except NoReplyError:
                self._come_back()
            except OSError as error:
                # The card is full or broken: whatever has been told is told again, which changes nothing.
                log.error("card_cannot_be_written", reason=str(error))
                self._come_back()
            # Not `wait_for`: before Python 3.12 it may swallow a cancellation that comes with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(LEASE_EVERY_S):
                    await self._desk.unsettled.wait()

    def _come_back(self) -> None:
        asyncio.get_running_loop().call_later(SETTLE_PAUSE_S, self._desk.unsettled.set)

    def lease_soon(self) -> None:
        """Talk about numbers and appointments with the hall at the next occasion, not only when it is due."""
        self._lease_at = 0.0
        self._desk.unsettled.set()

    async def settle_all(self) -> None:
        """Tell the hall everything that it has not been told.

        Raises:
            NoReplyError: it cannot be told now.
            OSError: it has been told, but the card cannot be written.
        """
        waiting = [pending for pending in self._memory.spool.all() if pending.command_id not in self._desk.in_hand]
        for pending in waiting:
            if pending.own is None:
                await self._settle(pending)
        await self._merge([pending for pending in waiting if pending.own is not None])
        # A lease may only be talked about when everything given out from it is in the hall.
        now = asyncio.get_running_loop().time()
        if now >= self._lease_at and not any(pending.own for pending in self._memory.spool.all()):
            await self._lease()
            self._lease_at = now + LEASE_EVERY_S

    async def _settle(self, pending: Pending) -> None:
        """Tell the hall what became of an order's slip, and forget the order.

        After a power cut the same id gets the same reply, and with it the ticket.
        """
        ticket_id = pending.ticket_id
        if ticket_id is None:
            order = msgspec.convert(pending.order, CheckIn if "booking_code" in pending.order else Issue)
            reply = await self._ask(order, command_id=pending.command_id)
            ticket_id = reply.result["ticket_id"] if isinstance(reply, Accepted) else None
        if ticket_id is not None:
            outcome = pending.outcome
            body: Body = Printed(ticket_id) if outcome == "printed" else PrintFailed(ticket_id, outcome)
            answer = await self._ask(body, command_id=f"{pending.command_id}-p")
            if isinstance(answer, Refused):
                log.warning("slip_report_refused", code=answer.code)
        self._memory.spool.settle(pending.command_id)

    async def _merge(self, own: list[Pending]) -> None:
        """Tickets given out without the hall, oldest first. What it cannot take in is logged, for somebody to look."""
        while own:
            batch, own = own[:MERGE_AT_ONCE], own[MERGE_AT_ONCE:]
            reply = await self._ask(MergeOffline(to_merge(batch, self._hall_time)))
            if isinstance(reply, Refused):
                log.error("merge_refused", code=reply.code, reason=reply.message, tickets=len(batch))
                raise NoReplyError(reply.code)
            for ticket in reply.result["refused"]:
                log.error("offline_ticket_refused", label=ticket["label"], code=ticket["code"])
            self._memory.spool.settle(*(pending.command_id for pending in batch))
            self._lease_at = 0.0
            log.info("merged", tickets=len(reply.result["merged"]), late=len(reply.result["late"]))

    async def _lease(self) -> None:
        reply = await self._ask(Lease(self._memory.leases.held()))
        if isinstance(reply, Accepted):
            self._memory.leases.replace(reply.result["leases"], reply.result["ticket_url"])
            self._memory.bookings.replace(reply.result.get("bookings", []))
        else:
            log.warning("lease_refused", code=reply.code, reason=reply.message)

    async def _ask(self, body: Body, *, command_id: str | None = None) -> Accepted | Refused:
        reply = await self._link.request(body, within_s=SETTLE_WITHIN_S, command_id=command_id)
        self._desk.reach.answered(True)
        return reply
