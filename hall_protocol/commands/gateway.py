"""Orders that citizens give through the online gateway, by the secret on their slip."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from hall_protocol.commands.base import Body
from hall_protocol.topics import Role


class Abandon(Body, frozen=True):
    """The visitor gives up the place, by the secret on the slip."""

    type = "abandon"
    roles = frozenset({Role.GATEWAY})
    example: ClassVar[dict[str, Any]] = {"token": "mF3k9wYbqT0nB7sQ1xZ5cA"}

    token: Annotated[str, Meta(min_length=16, max_length=64)]
