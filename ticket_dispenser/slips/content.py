"""What a slip can say: the hall's answer, or what a dispenser knows by itself. Nothing says why somebody goes first."""

from dataclasses import dataclass
from typing import Any

from hall_protocol.commands import CheckIn, Issue
from hall_protocol.messages import Catalogue, Text
from ticket_dispenser.offline.counter import OwnTicket


@dataclass(frozen=True, slots=True)
class SlipContent:
    """Everything a slip can say. `wait_min` is the range in minutes, None where unknown."""

    hall: Text
    label: str
    service: Text
    zone: str
    windows: tuple[str, ...]
    ahead: int
    wait_min: tuple[int, int] | None
    taken: str
    """Local date and time, YYYY-MM-DD HH:MM; empty where no clock is to be trusted."""
    url: str
    phone: str
    bring: Text | None = None
    language: str = "zh-Hans"
    offline: bool = False
    """Given out without the hall: there is no estimate."""
    again: bool = False
    """Printed once more on demand."""
    late: bool = False
    """Its visitor came too late for an appointment and waits like everybody else."""
    large: bool = False
    """In large type."""


def from_hall(order: Issue | CheckIn, result: dict[str, Any], catalogue: Catalogue | None) -> SlipContent:
    """What stands on the slip of a ticket that the hall has issued."""
    service_id = order.service_id if isinstance(order, Issue) else result["service_id"]
    service, wait = catalogue.service(service_id) if catalogue else None, result["est_wait_s"]
    return SlipContent(
        hall=catalogue.name if catalogue else {"zh-Hans": ""},
        label=result["label"],
        service=service.name if service else {"zh-Hans": service_id},
        zone=result["zone"],
        windows=tuple(result["windows"]),
        ahead=result["ahead"],
        wait_min=(wait["low"] // 60, max(-(-wait["high"] // 60), wait["low"] // 60 + 1)) if wait else None,
        taken=result["issued_at"][:16].replace("T", " "),
        url=result["url"],
        phone=catalogue.phone if catalogue else "",
        bring=service.guide.get("bring") if service else None,
        language=order.language,
        late=result.get("came") == "late",
    )


def from_own(order: Issue, ticket: OwnTicket, taken: str, catalogue: Catalogue | None) -> SlipContent:
    """What stands on the slip of a ticket that the dispenser has given out by itself."""
    service = catalogue.service(order.service_id) if catalogue else None
    return SlipContent(
        hall=catalogue.name if catalogue else {"zh-Hans": ""},
        label=ticket.label,
        service=service.name if service else {"zh-Hans": order.service_id},
        zone=ticket.zone,
        windows=ticket.windows,
        ahead=0,
        wait_min=None,
        taken=taken,
        url=ticket.url,
        phone=catalogue.phone if catalogue else "",
        bring=service.guide.get("bring") if service else None,
        language=order.language,
        offline=True,
    )
