"""An alert's life: raised → acknowledged → cause → action → cleared, each step stamped and attributed (R10)."""

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from hall_server.domain import events as e

Step = Literal["acknowledged", "cause", "action", "cleared"]
STEPS: tuple[Step, ...] = ("acknowledged", "cause", "action", "cleared")
SYSTEM = "system"
LONGEST_LIFE = 200
"""Steps that are kept of an alert that comes back again and again; the journal has all."""


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """Who did what, and when (Unix ms)."""

    at: int
    what: str
    by: str
    text: str = ""


class Alert(msgspec.Struct, frozen=True):
    """A warning with its life so far."""

    alert_id: str
    kind: e.AlertKind
    trigger: str
    """What set it off: count, time, forecast, or the anomaly's name."""
    queue_id: str | None
    window: str | None
    device: str | None
    raised_at: int
    facts: dict[str, Any] = {}
    """What was measured: value, limit, probability, wait …"""
    advice: dict[str, Any] | None = None
    unit: str | None = None
    """The unit that owns the queue's services (R11)."""
    contact: str | None = None
    life: tuple[Stamp, ...] = ()
    reopened: int = 0
    eased_at: int | None = None
    """Since when there is no cause for alarm any more."""

    def has(self, step: str) -> bool:
        """Whether a step has been taken since the alert was raised or reopened last."""
        for stamp in reversed(self.life):
            if stamp.what == step:
                return True
            if stamp.what == "reopened" and step in ("acknowledged", "escalated"):
                return False
        return False


def raised(known: Alert | None, event: e.AlertRaised) -> Alert:
    """A new alert, or one that comes back before it was cleared."""
    begun = Stamp(event.at, "raised" if known is None else "reopened", SYSTEM)
    return Alert(
        alert_id=event.alert_id,
        kind=event.kind,
        trigger=event.trigger,
        queue_id=event.queue_id,
        window=event.window,
        device=event.device,
        raised_at=event.at,
        facts=event.facts,
        advice=event.advice,
        unit=event.unit,
        contact=event.contact,
        life=(*(known.life if known else ()), begun)[-LONGEST_LIFE:],
        reopened=known.reopened + 1 if known else 0,
    )


def eased(alert: Alert, event: e.AlertEased) -> Alert:
    """There is no cause for alarm any more."""
    return replace(alert, eased_at=event.at, life=(*alert.life, Stamp(event.at, "eased", SYSTEM)))


def handled(alert: Alert, event: e.AlertHandled) -> Alert:
    """Somebody took a step."""
    return replace(alert, life=(*alert.life, Stamp(event.at, event.step, event.by, event.text)))
