"""Staff PINs: argon2 hashes, checked off the event loop, and a limit on wrong ones."""

import asyncio
import time
from collections import defaultdict, deque

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

WRONG_ALLOWED = 5
WITHIN_S = 300.0

# OWASP's second argon2id profile: 19 MiB, so that a check fits beside everything else on a small board.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_pin(pin: str) -> str:
    """The hash that a hall's configuration holds."""
    return _hasher.hash(pin)


class Pins:
    """Verifies PINs of the configured staff."""

    def __init__(self, hashes: dict[str, str]) -> None:
        self._hashes = hashes
        self._wrong: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=WRONG_ALLOWED))
        self._checking = asyncio.Semaphore(2)
        self._nobody = hash_pin("nobody has this PIN")

    def locked(self, staff_id: str) -> bool:
        """Whether too many wrong PINs were tried lately."""
        wrong = self._wrong.get(staff_id)
        return wrong is not None and len(wrong) == WRONG_ALLOWED and time.monotonic() - wrong[0] < WITHIN_S

    async def verify(self, staff_id: str, pin: str) -> bool:
        """Whether the PIN is right. Takes as long for an unknown member of staff."""
        known = self._hashes.get(staff_id)
        async with self._checking:
            right = await asyncio.to_thread(_matches, known or self._nobody, pin) and known is not None
        if right:
            self._wrong.pop(staff_id, None)
        elif known is not None:
            self._wrong[staff_id].append(time.monotonic())
        return right


def _matches(hashed: str, pin: str) -> bool:
    try:
        return _hasher.verify(hashed, pin)
    except (VerificationError, InvalidHashError):
        return False
