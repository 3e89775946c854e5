"""Topic names under the hall's root `paihao/1/{hall}`, and who may touch which."""

import re
from dataclasses import dataclass
from enum import StrEnum

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
"""Hall and device ids. Safe in topics of every broker and in file names."""


DISCOVERY = "homeassistant"
"""Where Home Assistant looks for devices by itself."""


def is_id(text: str) -> bool:
    """Whether `text` may name a hall, device, queue, window or service."""
    return ID_PATTERN.fullmatch(text) is not None


class Role(StrEnum):
    """What a device is. Its topic rights and permitted commands follow from this alone."""

    HALL = "hall"
    DISPENSER = "dispenser"
    GUIDE = "guide"
    DISPLAY = "display"
    TERMINAL = "terminal"
    GATEWAY = "gateway"
    REPLICA = "replica"
    MONITOR = "monitor"
    """Whatever watches over a building's machines, such as Home Assistant. Writes nothing."""


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of one hall."""

    hall: str

    @property
    def root(self) -> str:
        return f"paihao/1/{self.hall}"

    @property
    def hall_state(self) -> str:
        return f"{self.root}/hall/state"

    @property
    def catalogue(self) -> str:
        return f"{self.root}/catalogue"

    @property
    def progress(self) -> str:
        return f"{self.root}/progress"

    @property
    def board(self) -> str:
        return f"{self.root}/board"

    @property
    def queues(self) -> str:
        return f"{self.root}/queues"

    @property
    def journal(self) -> str:
        return f"{self.root}/journal"

    def window(self, window: str) -> str:
        return f"{self.root}/window/{window}"

    def alert(self, alert_id: str) -> str:
        return f"{self.root}/alert/{alert_id}"

    def device(self, device: str, leaf: str) -> str:
        return f"{self.root}/device/{device}/{leaf}"

    def command(self, device: str) -> str:
        return self.device(device, "command")

    def reply(self, device: str) -> str:
        return self.device(device, "reply")

    def desired(self, device: str) -> str:
        return self.device(device, "desired")

    def reported(self, device: str) -> str:
        return self.device(device, "reported")

    def state(self, device: str) -> str:
        return self.device(device, "state")

    def device_of(self, topic: str) -> str | None:
        """The device that a `device/{d}/…` topic belongs to, or None for any other topic."""
        parts = topic.removeprefix(self.root + "/").split("/")
        return parts[1] if len(parts) == 3 and parts[0] == "device" else None


@dataclass(frozen=True, slots=True)
class Rights:
    """MQTT topic filters that one device may write to and read from. Everything else is refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def rights(topics: Topics, device: str, role: Role) -> Rights:
    """The least rights with which a device of this role can do its work.

    A device writes only its own command, state and reported topics; what the hall says to it (reply, desired) it can
    read and never write. Its state is read by the agent beside its program, which waits for the program to come
    up. `queues` holds the staff's view and is for terminals and guides alone.
    """
    if role is Role.HALL:
        return Rights((f"{topics.root}/#", f"{DISCOVERY}/#"), (f"{topics.root}/#",))
    if role is Role.MONITOR:
        seen = (topics.progress, topics.hall_state, topics.alert("+"), topics.state("+"), f"{DISCOVERY}/#")
        return Rights((), seen)
    own = Rights(
        (topics.command(device), topics.state(device), topics.reported(device)),
        (topics.reply(device), topics.desired(device), topics.state(device), topics.hall_state),
    )
    public = (topics.catalogue, topics.progress, topics.board, topics.window("+"))
    extra: dict[Role, tuple[str, ...]] = {
        Role.DISPENSER: (topics.catalogue, topics.progress),
        Role.GUIDE: (*public, topics.queues, topics.alert("+")),
        Role.DISPLAY: public,
        Role.TERMINAL: (*public, topics.queues, topics.alert("+")),
        Role.GATEWAY: public,
        Role.REPLICA: (*public, topics.journal, topics.alert("+")),
    }
    if role is Role.DISPLAY:
        own = Rights((topics.state(device), topics.reported(device)), own.subscribe)
    if role is Role.REPLICA:
        own = Rights((topics.state(device),), (topics.hall_state,))
    return Rights(own.publish, own.subscribe + extra[role])
