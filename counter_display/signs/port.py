"""What a sign's protocol has to say. Makers differ; each gets a file of its own beside `simple_gb2312.py`."""

from typing import Protocol


class SignProtocol(Protocol):
    """Turns text for a sign into bytes, and a sign's answer into a word."""

    def message(self, address: int, text: str, *, new: bool) -> bytes:
        """The bytes that make the sign at an address show a line; `new` if it should draw attention."""

    def accepted(self, address: int, answer: bytes) -> bool:
        """Whether these bytes say that the sign has taken the message."""
