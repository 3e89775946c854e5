"""Times as they stand on the wire."""

from datetime import datetime, timedelta, timezone
from functools import lru_cache


@lru_cache(maxsize=8)
def _zone(offset_s: int) -> timezone:
    return timezone(timedelta(seconds=offset_s))


def rfc3339(ms: int, offset_s: int) -> str:
    """Unix milliseconds as RFC 3339 in whole seconds, with the hall's offset from UTC."""
    return datetime.fromtimestamp(ms // 1000, _zone(offset_s)).isoformat()
