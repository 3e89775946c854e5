"""Signed-in managers: a random cookie each, kept in memory, so a restart of the hall signs everybody out."""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

COOKIE = "paihao_manager"
LASTS_S = 12 * 3600
MOST = 64


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    name: str
    form_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """Stands in every form: a page elsewhere cannot send one in the manager's name."""
    since: float = field(default_factory=time.monotonic)


class Sessions:
    """Who is signed in. `locked` and `verify` are those of a `Pins`."""

    def __init__(self, locked: Callable[[str], bool], verify: Callable[[str, str], Awaitable[bool]]) -> None:
        self._locked, self._verify = locked, verify
        self._open: OrderedDict[str, Session] = OrderedDict()

    async def knows(self, name: str, password: str) -> bool:
        """Whether the password is right. After five wrong ones a name is locked for five minutes."""
        return not self._locked(name) and await self._verify(name, password)

    async def sign_in(self, name: str, password: str) -> str | None:
        """The new session's cookie, or None."""
        if not await self.knows(name, password):
            return None
        cookie = secrets.token_urlsafe(24)
        self._open[cookie] = Session(name)
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        return cookie

    def of(self, request: web.Request) -> Session | None:
        """Who asks, if signed in."""
        cookie = request.cookies.get(COOKIE, "")
        session = self._open.get(cookie)
        if session is not None and time.monotonic() - session.since > LASTS_S:
            del self._open[cookie]
            return None
        return session

    def sign_out(self, request: web.Request) -> None:
        """Forget the session."""
        self._open.pop(request.cookies.get(COOKIE, ""), None)


def is_own_form(session: Session, form: Mapping[str, object]) -> bool:
    """Whether a form was made by our own page."""
    key = form.get("key", "")
    return isinstance(key, str) and hmac.compare_digest(key, session.form_key)
