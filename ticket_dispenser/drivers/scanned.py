"""Appointments' codes, scanned or typed."""

import re

FEWEST = 6
"""Shorter lines are choices in a menu."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{4,62}[A-Za-z0-9]")


def code_in(line: str) -> str | None:
    """The code in what a scanner has read: itself, or the end of the confirmation's address; None if neither."""
    last = line.strip().rstrip("/").rpartition("/")[2]
    return last if len(last) >= FEWEST and _CODE.fullmatch(last) else None
