"""Buttons on a Unix socket, for programs that stand in front of the dispenser: trials, tests, the demo's visitors.

One JSON object a line: `{"service_id": …, "green": […], …}` is a press; the answer comes back as one line.
"""

import asyncio
from pathlib import Path

import msgspec

from hall_protocol.commands import Issue
from ticket_dispenser.drivers.port import Desk

LINE_LIMIT = 16 * 1024

_issue = msgspec.json.Decoder(Issue)


class SocketButtons:
    """Listens at a path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def run(self, desk: Desk) -> None:
        """Serve until cancelled."""

        async def visitor(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while line := await reader.readline():
                    writer.write(await self._answer(desk, line) + b"\n")
                    await writer.drain()
            except (ConnectionError, ValueError):
                pass
            finally:
                writer.close()

        self._path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(visitor, str(self._path), limit=LINE_LIMIT)
        try:
            async with server:
                await server.serve_forever()
        finally:
            self._path.unlink(missing_ok=True)

    async def _answer(self, desk: Desk, line: bytes) -> bytes:
        try:
            order = _issue.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return msgspec.json.encode({"kind": "refused", "code": "invalid", "message": str(error)})
        return msgspec.json.encode((await desk.press(order))._asdict())
