"""Stored events back to domain events, by their explicit names and versions."""

from collections.abc import Callable

import msgspec

from hall_server.domain.events import KINDS, Event


class UnknownEventError(Exception):
    """The journal holds an event that this software does not know: it was written by a newer one."""


_decoders: dict[tuple[str, int], Callable[[bytes], Event]] = {
    key: msgspec.json.Decoder(kind).decode for key, kind in KINDS.items()
}


def event_of(name: str, version: int, data: bytes) -> Event:
    """The domain event of a stored row.

    Raises:
        UnknownEventError: no such name and version.
    """
    decode = _decoders.get((name, version))
    if decode is None:
        raise UnknownEventError(f"event {name} version {version} is not known to this version of the software")
    return decode(data)
