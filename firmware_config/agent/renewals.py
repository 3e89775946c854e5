"""Renews the certificate in the last third of its life, by the hall's clock: the board's own is not believed."""

import asyncio
from datetime import datetime
from pathlib import Path

import structlog

from hall_protocol.identity import IdentityError, load_identity

log = structlog.get_logger()

TRIES_EVERY_S = 3600.0


class Renewals:
    """Hears the hall's time; asks for a newer certificate when it is due."""

    def __init__(self, identity_folder: Path) -> None:
        self._folder = identity_folder
        self._due = asyncio.Event()

    def hear(self, hall_time: str) -> None:
        """The hall says what time it is, in RFC 3339."""
        try:
            now_s = datetime.fromisoformat(hall_time).timestamp()
            identity = load_identity(self._folder)
        except (ValueError, IdentityError):
            # No time, or an identity that is just being made anew: the hall says it again.
            return
        if identity.renewal_due(now_s):
            self._due.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._due.wait()
            # Only here: the library is large, and needed once a year.
            from firmware_config.enrolling import EnrollingError, renew

            try:
                identity = await asyncio.to_thread(renew, self._folder)
                log.info("certificate_renewed", expires_s=identity.expires_s)
            except (EnrollingError, OSError) as error:
                log.error("certificate_not_renewed", reason=str(error))
                await asyncio.sleep(TRIES_EVERY_S)
            self._due.clear()
