"""Errors as RFC 9457 problem details with the wire's code; a plain page for people."""

import json

from aiohttp import web

from hall_protocol.messages import Refused
from hall_protocol.refusals import RefusalCode

_STATUS = {
    RefusalCode.UNKNOWN_TICKET: 404,
    RefusalCode.UNKNOWN_WINDOW: 404,
    RefusalCode.NOT_CANCELLABLE: 409,
    RefusalCode.BUSY: 503,
    RefusalCode.STORAGE_FAILED: 503,
}


def problem(status: int, code: str, detail: str) -> web.Response:
    """One problem."""
    body = {
        "type": f"urn:paihao:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
        "code": code,
    }
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json")


def refused(refusal: Refused) -> web.Response:
    """A refused order."""
    return problem(_STATUS.get(RefusalCode(refusal.code), 409), refusal.code, refusal.message)


def unknown_ticket() -> web.Response:
    """No such ticket today."""
    return problem(404, RefusalCode.UNKNOWN_TICKET, "no ticket of today has this token")
