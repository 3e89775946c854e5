"""The staff's side of the hall, without a screen: sign in, give orders, hold the newest pictures.

Nothing here believes anything to be done before the hall has said so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hall_protocol import commands as c
from hall_protocol.codec import decode
from hall_protocol.device import DeviceLink, NoReplyError
from hall_protocol.messages import Accepted, Catalogue, HallState, Queues, Refused, WindowStaffView
from hall_protocol.session import BrokerAddress
from hall_protocol.topics import Role, Topics

REPLY_WITHIN_S = 6.0


@dataclass(frozen=True, slots=True)
class NoReply:
    """The hall did not answer. Whether the order was carried out will be seen when it is heard again."""


Answer = Accepted | Refused | NoReply


class TerminalClient:
    """One terminal. `on_change` is called whenever something shown may have changed."""

    def __init__(self, address: BrokerAddress, hall: str, device: str, on_change: Callable[[], None]) -> None:
        topics = Topics(hall)
        self._topics = topics
        self._on_change = on_change
        self.link = DeviceLink(
            address,
            hall,
            device,
            Role.TERMINAL,
            reads=(topics.hall_state, topics.catalogue, topics.queues),
            on_message=self._receive,
            on_link=lambda _up: on_change(),
        )
        self.catalogue: Catalogue | None = None
        self.queues: Queues | None = None
        self.hall_online = False
        self.session: str | None = None
        self.staff_id = ""
        self.window = ""

    @property
    def linked(self) -> bool:
        """Whether orders can reach the hall now."""
        return self.link.session.linked.is_set() and self.hall_online

    @property
    def own_window(self) -> WindowStaffView | None:
        """The window as the hall sees it."""
        windows = self.queues.windows if self.queues else []
        return next((window for window in windows if window.window == self.window), None)

    def _receive(self, topic: str, payload: bytes) -> None:
        if topic == self._topics.queues:
            queues = decode(payload, Queues)
            if queues is not None and (self.queues is None or queues.seq >= self.queues.seq):
                self.queues = queues
        elif topic == self._topics.catalogue:
            self.catalogue = decode(payload, Catalogue) or self.catalogue
        elif topic == self._topics.hall_state:
            state = decode(payload, HallState)
            self.hall_online = state is not None and state.state == "online"
        self._on_change()

    async def sign_in(self, staff_id: str, pin: str, window: str) -> Answer:
        """Take a window."""
        answer = await self.give(c.SignIn(staff_id, pin, window))
        if isinstance(answer, Accepted):
            self.session, self.staff_id, self.window = answer.result["session"], staff_id, window
        return answer

    async def give(self, order: c.Body) -> Answer:
        """Give an order and wait for the hall's answer."""
        try:
            answer = await self.link.request(order, within_s=REPLY_WITHIN_S, resend_after_s=1.0)
        except NoReplyError:
            return NoReply()
        if isinstance(answer, Refused) and answer.code == "session_expired":
            self.session = None
        if isinstance(answer, Accepted) and isinstance(order, c.SignOut):
            self.session = None
        return answer
