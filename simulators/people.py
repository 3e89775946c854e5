"""Everybody in the demo's hall, in one program: visitors at the dispenser, staff at their windows."""

import asyncio
import random
from pathlib import Path

import msgspec

from hall_protocol.device import DeviceLink
from hall_protocol.session import BrokerAddress
from hall_protocol.topics import Role
from simulators.staff import StaffMember
from simulators.visitors import Visitors
from window_terminal.client import TerminalClient


class Seat(msgspec.Struct, frozen=True):
    """A member of staff at a window with a terminal."""

    terminal: str
    staff_id: str
    pin: str
    window: str


class PeopleFile(msgspec.Struct, frozen=True):
    """Who is there. Written by the demo."""

    hall: str
    host: str
    port: int
    passwords: dict[str, str]
    seats: list[Seat]
    services: list[str]
    buttons: str
    gateway: str
    seed: int
    speed: float


async def run_people(file: PeopleFile) -> None:
    """Run until cancelled."""

    def address(device: str) -> BrokerAddress:
        return BrokerAddress(file.host, file.port, device, file.passwords[device])

    gateway = DeviceLink(address(file.gateway), file.hall, file.gateway, Role.GATEWAY)
    visitors = Visitors(file.seed, file.speed, Path(file.buttons), file.services, gateway)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(gateway.session.run(), name="gateway-session")
        for number, seat in enumerate(file.seats, start=1):
            client = TerminalClient(address(seat.terminal), file.hall, seat.terminal, lambda: None)
            chance = random.Random(file.seed * 1000 + number)
            person = StaffMember(client, seat.staff_id, seat.pin, seat.window, chance, file.speed, visitors.shows_up)
            tasks.create_task(client.link.session.run(), name=f"session-{seat.terminal}")
            tasks.create_task(person.run(), name=f"staff-{seat.staff_id}")
        tasks.create_task(visitors.run(), name="visitors")
