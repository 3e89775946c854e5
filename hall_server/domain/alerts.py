"""An alert's life: raised → acknowledged → cause → action → cleared, each step stamped and attributed (R10)."""

from typing import Any, Literal

import msgspec

Step = Literal["acknowledged", "cause", "action", "cleared"]
STEPS: tuple[Step, ...] = ("acknowledged", "cause", "action", "cleared")
SYSTEM = "system"


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """Who did what, and when (Unix ms)."""

    at: int
    what: str
    by: str
    text: str = ""


class Alert(msgspec.Struct, frozen=True):
    """A warning with its life so far."""

    alert_id: str
    kind: str
    """extra_window, staffing or anomaly."""
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
