"""A panel at work: contacts from real pins or a simulated panel, presses to the desk, lamps as the desk says."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from hall_protocol.commands import Issue
from ticket_dispenser.drivers.panel import Panel, Reprint
from ticket_dispenser.drivers.port import Answer, Desk

log = structlog.get_logger()

LAMPS_EVERY_S = 0.1
PRESSES_LIMIT = 16


class Contacts(Protocol):
    """Pins, real or not."""

    def begin(self, edge: Callable[[int, bool], None]) -> None:
        """From now on tell of every change: pin, and whether it is pressed. Called in the event loop's thread."""

    def light(self, lamp: int, bright: bool) -> None:
        """Switch a lamp."""

    def close(self) -> None:
        """Leave the pins as they were."""


class PanelDriver:
    """Buttons and lamps, until cancelled."""

    def __init__(self, panel: Panel, contacts: Contacts) -> None:
        self._panel, self._contacts = panel, contacts
        self._presses: asyncio.Queue[Issue | Reprint] = asyncio.Queue(PRESSES_LIMIT)
        self._bright: dict[int, bool] = {}
        self.answered: Callable[[Answer], None] = lambda _answer: None
        """Hears how each press ended."""

    async def run(self, desk: Desk) -> None:
        """Serve visitors."""
        self._contacts.begin(self._edge)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._take_presses(desk), name="panel-presses")
                tasks.create_task(self._burn_lamps(desk), name="panel-lamps")
        finally:
            self._contacts.close()

    def _edge(self, pin: int, down: bool) -> None:
        loop = asyncio.get_running_loop()
        self._panel.edge(pin, down, loop.time())
        loop.call_later(self._panel.debounce_s + 0.001, self._settle)

    def _settle(self) -> None:
        for order in self._panel.settle(asyncio.get_running_loop().time()):
            if self._presses.full():
                log.warning("too_many_presses")
            else:
                self._presses.put_nowait(order)

    async def _take_presses(self, desk: Desk) -> None:
        while True:
            order = await self._presses.get()
            answer = await (desk.reprint() if isinstance(order, Reprint) else desk.press(order))
            log.info("pressed", kind=answer.kind, label=answer.label, code=answer.code)
            self.answered(answer)

    async def _burn_lamps(self, desk: Desk) -> None:
        services = {key.service_id for key in self._panel.keys if not key.is_help}
        while True:
            now = asyncio.get_running_loop().time()
            statuses = {service: desk.status(service) for service in services}
            for lamp, how in self._panel.lamps(statuses, now).items():
                bright = how.burns(now)
                if self._bright.get(lamp) != bright:
                    self._bright[lamp] = bright
                    self._contacts.light(lamp, bright)
            await asyncio.sleep(LAMPS_EVERY_S)
