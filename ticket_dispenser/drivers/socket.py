"""Buttons on a Unix socket, for programs that stand in front of the dispenser: trials, tests, the demo's visitors.

One JSON object a line, and one line comes back:

    {"service_id": "passport", "green": ["priority"]}    a press; how it ended
    {"booking_code": "7K2QDM9X"}                         a visitor with an appointment; how it ended
    {"press": 17}  {"press": 17, "hold_ms": 5000}        a button of the simulated panel; how it ended
    {"lamps": true}                                      which lamps burn, and how
    {"reprint": true}                                    the last slip again, if it may not have come out
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from hall_protocol.commands import CheckIn, Issue
from ticket_dispenser.drivers.contacts import PanelDriver
from ticket_dispenser.drivers.panel import Panel
from ticket_dispenser.drivers.port import Answer, Desk

LINE_LIMIT = 16 * 1024
TAP_MS = 60
ENDS_WITHIN_S = 15.0

_issue, _check_in = msgspec.json.Decoder(Issue), msgspec.json.Decoder(CheckIn)


class _OnPanel(msgspec.Struct):
    press: int | None = None
    hold_ms: int = TAP_MS
    lamps: bool = False
    reprint: bool = False
    booking_code: str | None = None


_on_panel = msgspec.json.Decoder(_OnPanel)


class SocketButtons:
    """Listens at a path; with a panel its buttons can be pressed and its lamps looked at."""

    def __init__(self, path: Path, panel: Panel) -> None:
        self._path, self._panel = path, panel
        self._contacts = SimulatedContacts()
        self._driver = PanelDriver(panel, self._contacts)

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
        try:
            server = await asyncio.start_unix_server(visitor, str(self._path), limit=LINE_LIMIT)
        except OSError as error:
            # Its own words, such as "AF_UNIX path too long", name no path.
            raise OSError(f"the buttons' socket {self._path} cannot be made: {error}") from error
        try:
            async with server, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._driver.run(desk), name="simulated-panel")
                await server.serve_forever()
        finally:
            self._path.unlink(missing_ok=True)

    async def _answer(self, desk: Desk, line: bytes) -> bytes:
        try:
            on_panel = _on_panel.decode(line)
            if on_panel.press is not None:
                return await self._pressed(on_panel.press, on_panel.hold_ms / 1000)
            if on_panel.reprint:
                return msgspec.json.encode((await desk.reprint())._asdict())
            if on_panel.lamps:
                now = asyncio.get_running_loop().time()
                statuses = {key.service_id: desk.status(key.service_id) for key in self._panel.keys}
                return msgspec.json.encode({str(pin): how for pin, how in self._panel.lamps(statuses, now).items()})
            order = _check_in.decode(line) if on_panel.booking_code is not None else _issue.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            return msgspec.json.encode({"kind": "refused", "code": "invalid", "message": str(error)})
        return msgspec.json.encode((await desk.press(order))._asdict())

    async def _pressed(self, pin: int, hold_s: float) -> bytes:
        """Press and let go; the answer is the press's, or `nothing` if no number was asked for."""
        key = next((key for key in self._panel.keys if key.pin == pin), None)
        if key is None:
            return msgspec.json.encode({"kind": "refused", "code": "invalid", "message": f"there is no button {pin}"})
        ended: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._driver.answered = lambda answer: None if ended.done() else ended.set_result(answer)
        self._contacts.edge(pin, True)
        await asyncio.sleep(hold_s)
        self._contacts.edge(pin, False)
        if key.is_help:
            return msgspec.json.encode({"kind": "nothing"})
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                return msgspec.json.encode((await ended)._asdict())
        except TimeoutError:
            return msgspec.json.encode({"kind": "no_answer"})


class SimulatedContacts:
    """Pins that programs press."""

    def __init__(self) -> None:
        self.edge: Callable[[int, bool], None] = lambda _pin, _down: None
        self.bright: dict[int, bool] = {}

    def begin(self, edge: Callable[[int, bool], None]) -> None:
        """Tell of every change."""
        self.edge = edge

    def light(self, lamp: int, bright: bool) -> None:
        """Remember it."""
        self.bright[lamp] = bright

    def close(self) -> None:
        """Nothing is held."""
