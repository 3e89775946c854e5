"""How a device is, as far as it can be believed: known fields of the right type and in range, and no others."""

from typing import Annotated, Any

import msgspec

Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
"""A short code, never a sentence."""
Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 48)]


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """`health` in `device/{d}/state`. What a board does not tell is left out."""

    temperature_c: Annotated[float, msgspec.Meta(ge=-100, le=250)] | None = None
    power: Annotated[tuple[Word, ...], msgspec.Meta(max_length=8)] = ()
    memory_free_mb: Count | None = None
    disk_free_mb: Count | None = None
    disk_worn_percent: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None = None
    uptime_s: Count | None = None
    uplink: Word | None = None
    catalogue_version: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{0,64}$")] = ""
    printer: Word | None = None
    paper_low: bool = False
    unsettled: Count | None = None
    kiosk_url: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    parts: Annotated[dict[Word, Word], msgspec.Meta(max_length=16)] = msgspec.field(default_factory=dict)
    """Optional parts of the device: `ok`, or a short word for what is wrong."""


_TYPES = {field.name: field.type for field in msgspec.structs.fields(Health)}


def read_health(told: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What can be believed of a device's `health`, field by field, and the names of the known fields that cannot.

    Fields that nobody knows are left out and are not odd: a newer device may have them.
    """
    believed: dict[str, Any] = {}
    odd: list[str] = []
    for name in _TYPES.keys() & told.keys():
        if told[name] is None:
            continue
        try:
            believed[name] = msgspec.to_builtins(msgspec.convert(told[name], _TYPES[name]))
        except (msgspec.ValidationError, RecursionError):
            odd.append(name)
    return {name: believed[name] for name in told if name in believed}, tuple(sorted(odd))
