"""Waits as the public sees them, from the hall's state."""

from hall_protocol.messages import WaitRange
from hall_server.domain.state import State
from hall_server.forecast.inter_call import CallPace, call_pace


def pace_of(state: State, queue_id: str) -> CallPace | None:
    """How fast a queue moves now; None where nobody can honestly say."""
    services = state.known.services_of[queue_id]
    if not services:
        return None
    minutes = sum(state.known.services[service].expected_minutes for service in services) / len(services)
    return call_pace(state.records[queue_id].intervals_ms, state.windows_open(queue_id), minutes)


def wait_range(pace: CallPace | None, ahead: int) -> WaitRange | None:
    """The range of a wait with so many ahead, or None."""
    if pace is None:
        return None
    found = pace.wait(ahead)
    return WaitRange(found.low_s, found.high_s)
