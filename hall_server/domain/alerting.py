"""Decisions about alerts: raised, eased, handled by managers, escalated when nobody looks."""

from collections.abc import Callable
from typing import Any

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.alerts import STEPS, SYSTEM, Alert
from hall_server.domain.calendar import Moment, session_at
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State

Decision = list[e.Event] | Refusal

GAP_MS = 60_000
"""A shorter silence is no gap: the hall ticks every second, but stores only what changes."""
MOST_ALERTS = 500


def _raise(state: State, command: c.RaiseAlert, now: Moment) -> Decision:
    known = state.alerts.get(command.alert_id)
    if known is not None and known.eased_at is None:
        return []
    if len(state.alerts) >= MOST_ALERTS:
        return Refusal("busy", "too many alerts are open; clear some of them")
    unit, contact = responsible(state, command.queue_id)
    return [
        e.AlertRaised(
            at=now.ms, alert_id=command.alert_id, kind=command.kind, trigger=command.trigger,
            queue_id=command.queue_id, window=command.window, device=command.device, facts=command.facts,
            advice=command.advice, unit=unit, contact=contact,
        )
    ]  # fmt: skip


def responsible(state: State, queue_id: str | None) -> tuple[str | None, str | None]:
    """The unit that owns most of a queue's services, and its chief representative."""
    services = [state.known.services[service] for service in state.known.services_of.get(queue_id or "", ())]
    owners = [service.owner for service in services]
    if not owners:
        return None, None
    owner = max(dict.fromkeys(owners), key=owners.count)
    unit = next((unit for unit in state.known.hall.units if unit.name == owner), None)
    return owner, f"{unit.chief_representative} {unit.contact}" if unit else None


def _ease(state: State, command: c.EaseAlert, now: Moment) -> Decision:
    alert = state.alerts.get(command.alert_id)
    if alert is None or alert.eased_at is not None:
        return []
    eased: list[e.Event] = [e.AlertEased(at=now.ms, alert_id=alert.alert_id)]
    if alert.kind == "device" and not alert.has("cause"):
        # The trouble is its own cause: a roll of paper needs no explanation.
        eased.append(_handled(alert, "cause", SYSTEM, alert.trigger, now))
    if alert.kind == "device" or alert.has("cause"):
        eased.append(_handled(alert, "cleared", SYSTEM, "the condition has passed", now))
    return eased


def _handle(state: State, command: c.HandleAlert, now: Moment) -> Decision:
    alert = state.alerts.get(command.alert_id)
    if alert is None:
        return Refusal("unknown_alert", "there is no such open alert")
    if command.step not in STEPS:
        return Refusal("invalid", f"a step is one of {', '.join(STEPS)}")
    text = command.text.strip()
    if command.step in ("cause", "action") and not text:
        return Refusal("invalid", f"the {command.step} needs a few words")
    if command.step == "cleared" and not alert.has("cause"):
        return Refusal("wrong_state", "no alert is cleared without a cause")
    if command.step == "acknowledged" and alert.has("acknowledged"):
        return []
    steps: list[e.Event] = []
    if command.step != "acknowledged" and not alert.has("acknowledged"):
        steps.append(_handled(alert, "acknowledged", command.by, "", now))
    steps.append(_handled(alert, command.step, command.by, text, now))
    if command.step == "cause" and alert.eased_at is not None:
        steps.append(_handled(alert, "cleared", SYSTEM, "the condition has passed", now))
    return steps


def _handled(alert: Alert, step: str, by: str, text: str, now: Moment) -> e.AlertHandled:
    return e.AlertHandled(at=now.ms, alert_id=alert.alert_id, step=step, by=by, text=text)


def escalations(state: State, now: Moment) -> list[e.Event]:
    """Alerts that nobody has acknowledged for too long go to the unit's chief representative, once (R11)."""
    after_ms = state.known.hall.rules.alerts.escalate_after_s * 1000
    return [
        _handled(alert, "escalated", SYSTEM, f"{alert.unit or ''} {alert.contact or ''}".strip(), now)
        for alert in state.alerts.values()
        if alert.eased_at is None
        and now.ms - alert.raised_at >= after_ms
        and not alert.has("acknowledged")
        and not alert.has("escalated")
    ]


def _begin(state: State, command: c.Begin, now: Moment) -> Decision:
    del command
    seen = state.last_at
    if seen is None or state.hall is None or now.ms - seen < GAP_MS:
        return []
    calendar = state.known.hall.calendar
    missed = any(
        session_at(calendar, Moment(at, now.offset_s)) is not None
        for at in range(seen, now.ms, max(GAP_MS, (now.ms - seen) // 200))
    )
    return [e.GapRecorded(at=now.ms, since=seen, until=now.ms)] if missed else []


DECIDERS: dict[type[c.Command], Callable[[State, Any, Moment], Decision]] = {
    c.RaiseAlert: _raise,
    c.EaseAlert: _ease,
    c.HandleAlert: _handle,
    c.Begin: _begin,
}
