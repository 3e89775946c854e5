"""Server-Sent Events: each picture encoded once and written by one loop to all who look at it.

A viewer whose connection is still full gets only the newest picture once it has room; nobody makes others wait.
"""

import asyncio
from collections import defaultdict

from aiohttp import web

VIEWERS_LIMIT = 20_000
RETRY_S = 0.5


class Viewer:
    """One open stream."""

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._request = request
        self._response = response
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.shown: bytes | None = None

    def close(self) -> None:
        """Let the handler return."""
        if not self.closed.done():
            self.closed.set_result(None)

    async def show(self, event: bytes) -> bool:
        """Write an event if there is room. False if the viewer is too slow for it now."""
        transport = self._request.transport
        if transport is None:
            self.close()
            return True
        if transport.get_write_buffer_size() > 0:
            return False
        try:
            await self._response.write(event)
        except (ConnectionError, RuntimeError):
            self.close()
        self.shown = event
        return True


class Streams:
    """All open streams by what they show."""

    def __init__(self) -> None:
        self._viewers: defaultdict[str, set[Viewer]] = defaultdict(set)
        self._newest: dict[str, bytes] = {}
        self._changed: set[str] = set()
        self._wake = asyncio.Event()

    @property
    def count(self) -> int:
        """Open streams."""
        return sum(map(len, self._viewers.values()))

    def watched(self, prefix: str) -> list[str]:
        """The channels with this prefix that somebody looks at, without the prefix."""
        return [
            key.removeprefix(prefix) for key, viewers in self._viewers.items() if viewers and key.startswith(prefix)
        ]

    def offer(self, channel: str, event: str, payload: bytes) -> None:
        """There is something new to show. The same content again is not sent again."""
        encoded = b"event: " + event.encode() + b"\ndata: " + payload + b"\n\n"
        if self._newest.get(channel) != encoded:
            self._newest[channel] = encoded
            self._changed.add(channel)
            self._wake.set()

    async def run(self) -> None:
        """Write what is new, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            channels, self._changed = self._changed, set()
            late = {channel for channel in channels if not await self._write(channel)}
            if late:
                self._changed |= late
                asyncio.get_running_loop().call_later(RETRY_S, self._wake.set)

    async def _write(self, channel: str) -> bool:
        newest = self._newest.get(channel)
        if newest is None:
            return True
        all_shown = True
        for viewer in list(self._viewers.get(channel, ())):
            if viewer.shown is not newest and not await viewer.show(newest):
                all_shown = False
        return all_shown

    async def serve(self, request: web.Request, channel: str, *, lasting: bool = True) -> web.StreamResponse:
        """Hold one viewer's stream open. A channel that is not lasting is forgotten with its last viewer."""
        if self.count >= VIEWERS_LIMIT:
            raise web.HTTPServiceUnavailable(text="too many viewers")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        viewer = Viewer(request, response)
        self._viewers[channel].add(viewer)
        try:
            await response.write(b"retry: 2000\n\n")
            # Whatever is newest now, then everything after it: no gap between the two.
            newest = self._newest.get(channel)
            if newest is not None:
                await response.write(newest)
                viewer.shown = newest
            await viewer.closed
        except (ConnectionError, RuntimeError):
            viewer.close()
        finally:
            self._viewers[channel].discard(viewer)
            if not self._viewers[channel]:
                del self._viewers[channel]
                if not lasting:
                    self._newest.pop(channel, None)
        return response

    def close(self) -> None:
        """End all streams, so that a stop does not wait for them."""
        for viewers in self._viewers.values():
            for viewer in viewers:
                viewer.close()
