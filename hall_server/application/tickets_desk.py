"""What a ticket's holder may do from afar: look at it, and give the place up."""

import asyncio
import uuid

from hall_protocol.codec import decode_reply
from hall_protocol.commands import hashed
from hall_protocol.messages import Accepted, Refused, TicketView
from hall_server.application.foresight import Foresight
from hall_server.application.orders import Order
from hall_server.application.pictures import ticket_view
from hall_server.application.ports import Clock
from hall_server.application.writer import Writer
from hall_server.domain import commands as c
from hall_server.domain.state import State


class TicketsDesk:
    """Tickets by the secret on their slip."""

    def __init__(self, writer: Writer, clock: Clock, foresight: Foresight) -> None:
        self._writer = writer
        self._clock = clock
        self._foresight = foresight

    async def views(self, tokens: list[str]) -> dict[str, TicketView]:
        """The tickets of these tokens that exist today, as they durably are."""
        hashes = {token: hashed(token) for token in tokens}

        def views(state: State) -> dict[str, TicketView]:
            now = self._clock.now()
            found = {token: state.tickets.get(state.by_token.get(hash_, "")) for token, hash_ in hashes.items()}
            return {
                token: ticket_view(state, ticket, now, self._foresight)
                for token, ticket in found.items()
                if ticket is not None
            }

        return await self._writer.see(views)

    async def view(self, token: str) -> TicketView | None:
        """One ticket, or None."""
        return (await self.views([token])).get(token)

    async def abandon(self, token: str) -> Accepted | Refused:
        """Give the place up."""
        replied: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def answer(payload: bytes) -> None:
            if not replied.done():
                replied.set_result(payload)

        self._writer.submit(Order(str(uuid.uuid4()), c.Abandon(hashed(token)), answer))
        reply = decode_reply(await replied)
        assert reply is not None  # noqa: S101  the writer encodes what decode_reply reads
        return reply
