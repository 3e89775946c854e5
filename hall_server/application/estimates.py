"""Waits as the public sees them, from the hall's state."""

from hall_protocol.messages import WaitRange
from hall_server.domain.state import State
from hall_server.forecast.inter_call import wait_range

BASIS = "recent_calls"


def estimated_wait(state: State, queue_id: str, ahead: int, windows_open: int | None = None) -> WaitRange | None:
    """The range of a wait with so many ahead in a queue; None where no honest one can be given."""
    services = state.known.services_of[queue_id]
    if not services:
        return None
    minutes = sum(state.known.services[s].expected_minutes for s in services) / len(services)
    open_now = state.windows_open(queue_id) if windows_open is None else windows_open
    found = wait_range(ahead, state.records[queue_id].intervals_ms, open_now, minutes)
    return WaitRange(found.low_s, found.high_s) if found else None
