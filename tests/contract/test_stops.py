"""A program stops when it is told to, also in its first moments, when links and helpers are just coming up."""

import asyncio

import pytest

from command_line.stage import Stage
from hall_protocol.device import DeviceLink
from hall_protocol.topics import Role
from hall_server.main import run_hall

WITHIN_S = 10.0


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.2, 0.6, 1.0, 1.4])
async def test_a_hall_stops_in_its_first_moments(stage: Stage, after_s: float) -> None:
    async def a_moment() -> None:
        async with run_hall(stage.loaded):
            await asyncio.sleep(after_s)

    async with asyncio.timeout(after_s + WITHIN_S):
        await a_moment()


async def test_a_device_stops_wherever_its_link_is(stage: Stage) -> None:
    async with run_hall(stage.loaded):
        for step in range(40):
            link = DeviceLink(
                stage.address("dispenser-1"), stage.loaded.hall.hall_id, "dispenser-1", Role.DISPENSER,
                reads=(stage.topics.catalogue,),
            )  # fmt: skip
            running = asyncio.create_task(link.session.run(), name="device")
            # From before the first packet to after the last message of a start.
            await asyncio.sleep(step * 0.001)
            running.cancel()
            done, _ = await asyncio.wait({running}, timeout=WITHIN_S)
            assert done, f"it goes on after a stop {step} ms after its start"
