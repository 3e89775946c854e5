"""Errors as RFC 9457 problem details with the wire's code; a plain page for people."""

import json

from aiohttp import web

from hall_protocol.messages import Refused
from hall_protocol.refusals import RefusalCode
from hall_server.application.enrolment import EnrolmentError
from hall_server.web.words import REFUSED

_STATUS = {
    RefusalCode.UNKNOWN_TICKET: 404,
    RefusalCode.UNKNOWN_WINDOW: 404,
    RefusalCode.NOT_CANCELLABLE: 409,
    RefusalCode.BUSY: 503,
    RefusalCode.STORAGE_FAILED: 503,
}
_ENROLMENT_STATUS = {
    "unknown_device": 404,
    "unknown_request": 404,
    "nobody_waiting": 404,
    "not_enrolled": 404,
    "busy": 503,
}
_ENROLMENT = REFUSED | {
    "unknown_request": "the request is too old, or its code was mistyped too often: ask again",
    "busy": "too many devices are waiting",
    "not_ours": "the certificate is not of this hall",
    "revoked": "the certificate has been revoked: enrol the device anew",
    "expired": "the certificate ended too long ago: enrol the device anew",
    "bad_signature": "the request is not signed by the certificate's key",
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


def not_enrolled(error: EnrolmentError) -> web.Response:
    """An enrolment, a renewal or a manager's order about one was refused."""
    return problem(_ENROLMENT_STATUS.get(error.code, 403), error.code, _ENROLMENT[error.code])


def unknown_ticket() -> web.Response:
    """No such ticket today."""
    return problem(404, RefusalCode.UNKNOWN_TICKET, "no ticket of today has this token")
