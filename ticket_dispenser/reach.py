"""Whether the hall can be reached: the link to the broker, what the hall says of itself, and whether it answers."""

from collections.abc import Callable

from hall_protocol.messages import HallState


class Reach:
    """Asked at each press, so that nobody waits for a hall that is known to be away."""

    def __init__(self, linked: Callable[[], bool]) -> None:
        self._linked = linked
        self._online = True
        self._silent = False

    @property
    def up(self) -> bool:
        """Whether it is worth asking."""
        return self._linked() and self._online and not self._silent

    def hear(self, state: HallState) -> None:
        """The hall's own word, or its last will."""
        self._online = state.state == "online"
        if self._online:
            self._silent = False

    def answered(self, yes: bool) -> None:
        """Whether the last order got an answer in time."""
        self._silent = not yes
