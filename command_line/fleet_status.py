"""Every device's configuration, as the broker has it."""

import asyncio
from typing import NamedTuple

from hall_protocol.codec import decode
from hall_protocol.messages.devices import Desired, DeviceState, Reported
from hall_protocol.session import BrokerAddress, MqttSession
from hall_protocol.topics import Topics
from hall_server.adapters.hall_file import LoadedHall
from hall_server.adapters.secrets_file import HALL_USER

CONNECTS_WITHIN_S = 5.0


class Row(NamedTuple):
    """One device."""

    device: str
    desired: int
    has: int
    status: str

    @property
    def lags(self) -> bool:
        """Whether it has another generation than it should have."""
        return self.desired > self.has


async def rows(loaded: LoadedHall, listens_s: float) -> list[Row]:
    """What is retained about each device.

    Raises:
        TimeoutError: the broker cannot be reached.
    """
    topics, broker = Topics(loaded.hall.hall_id), loaded.file.broker
    heard: dict[str, bytes] = {}
    password = loaded.secrets.devices.get(HALL_USER, "")
    session = MqttSession(
        BrokerAddress(broker.host, broker.port, HALL_USER, password, f"{HALL_USER}.status"),
        tuple(topics.device("+", leaf) for leaf in ("desired", "reported", "state")),
        heard.__setitem__,
        clean=True,
    )
    running = asyncio.create_task(session.run(), name="status-session")
    try:
        async with asyncio.timeout(CONNECTS_WITHIN_S):
            await session.linked.wait()
        await asyncio.sleep(listens_s)
    except TimeoutError:
        raise TimeoutError(f"no broker answers on {broker.host} port {broker.port}") from None
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return [_row(topics, heard, device.id) for device in loaded.file.devices]


def _row(topics: Topics, heard: dict[str, bytes], device: str) -> Row:
    desired = decode(heard.get(topics.desired(device), b""), Desired)
    reported = decode(heard.get(topics.reported(device), b""), Reported)
    state = decode(heard.get(topics.state(device), b""), DeviceState)
    said = f"{reported.status} {reported.reason}".strip() if reported else "-"
    presence = state.state if state else "never seen"
    return Row(
        device,
        desired.generation if desired else 0,
        state.config_generation if state else 0,
        f"{presence}, {said}" if desired else presence,
    )
