"""The OpenAPI description, made from the message types."""

from typing import Any

import msgspec

from hall_protocol import enrolment
from hall_protocol import messages as m

_TYPES = (
    *(m.Progress, m.TicketView, m.Catalogue, m.Board, m.WindowView),
    *(enrolment.Request, enrolment.Answer, enrolment.Renewal, enrolment.Renewed, enrolment.Approval),
)
_schemas, _components = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
_REF = {kind.__name__: schema for kind, schema in zip(_TYPES, _schemas, strict=True)}

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "one of the wire's refusal codes"},
    },
}


def _ok(description: str, content_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {content_type: {"schema": schema}}}


def _get(
    summary: str, schema: dict[str, Any], *, kind: str = "application/json", more: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": {"200": _ok(summary, kind, schema), **(more or {})}}}


def _parameter(name: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]


_STREAM = {"type": "string", "description": "Server-Sent Events; data is the same JSON"}
_NO_TICKET = {"404": _ok("No such ticket today", "application/problem+json", _PROBLEM)}
_CONFLICT = {"409": _ok("The ticket cannot be given up", "application/problem+json", _PROBLEM)}

_REFUSED = {"403": _ok("Refused; the code says why", "application/problem+json", _PROBLEM)}
_NOT_MANAGER = {"401": _ok("Name or password is wrong", "application/problem+json", _PROBLEM)}


def _post(
    summary: str, body: dict[str, Any] | None, done: dict[str, Any], refused: dict[str, Any], *parameters: str
) -> dict[str, Any]:
    sent = {} if body is None else {"requestBody": {"content": {"application/json": {"schema": body}}}}
    signed: dict[str, Any] = {"security": [{"manager": []}]} if refused is _NOT_MANAGER else {}
    names = [one for name in parameters for one in _parameter(name)]
    return {"parameters": names, "post": {"summary": summary, **sent, **signed, "responses": {**done, **refused}}}


_DONE = {"204": {"description": "Done"}}
_FLEET = {
    "/api/v1/enrolments": _post(
        "A device asks to belong to the hall (where it has a fleet)",
        _REF["Request"],
        {"202": _ok("It waits for its code to be typed", "application/json", _REF["Answer"])},
        _REFUSED,
    ),
    "/api/v1/enrolments/{device}/{nonce}": {
        "parameters": [*_parameter("device"), *_parameter("nonce")],
        **_get("What has become of it", _REF["Answer"]),
    },
    "/api/v1/certificates": _post(
        "A device's certificate comes to its end",
        _REF["Renewal"],
        {"200": _ok("A newer one", "application/json", _REF["Renewed"])},
        _REFUSED,
    ),
    "/api/v1/devices": {
        "get": {
            "summary": "Who waits and who is there, for managers",
            "security": [{"manager": []}],
            "responses": {"200": _ok("Devices", "application/json", {"type": "object"}), **_NOT_MANAGER},
        }
    },
    "/api/v1/devices/{device}/approval": _post("Let a device in", _REF["Approval"], _DONE, _NOT_MANAGER, "device"),
    "/api/v1/devices/{device}/revocation": _post("Send a device away", None, _DONE, _NOT_MANAGER, "device"),
    "/api/v1/devices/{device}/numbers": _post(
        "Take back the numbers lent to a dispenser",
        None,
        {"200": _ok("Done", "application/json", {"type": "object"})},
        _NOT_MANAGER,
        "device",
    ),
}

DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Paihao hall server", "version": "1"},
    "paths": {
        "/api/v1/progress": _get(
            "The public picture of the hall, hall-progress/1",
            _REF["Progress"],
            more={"304": {"description": "Unchanged"}},
        ),
        "/api/v1/progress/stream": _get("The same as events named progress", _STREAM, kind="text/event-stream"),
        "/api/v1/board/stream": _get("The latest calls as events named board", _STREAM, kind="text/event-stream"),
        "/api/v1/board/voice/stream": _get(
            "What the main display says now, as events named voice (where it speaks): a sound's address, or null",
            {"type": "string"},
            kind="text/event-stream",
        ),
        "/api/v1/board/voice/{number}.wav": {
            "parameters": _parameter("number"),
            **_get("One announcement, while it is said", {"type": "string", "format": "binary"}, kind="audio/wav"),
        },
        "/api/v1/windows/{window}/stream": {
            "parameters": _parameter("window"),
            **_get("One window's screen as events named window", _STREAM, kind="text/event-stream"),
        },
        "/api/v1/services": _get("The catalogue", _REF["Catalogue"]),
        "/api/v1/tickets/{token}": {
            "parameters": _parameter("token"),
            **_get("One ticket, by the secret on its slip", _REF["TicketView"], more=_NO_TICKET),
        },
        "/api/v1/tickets/{token}/stream": {
            "parameters": _parameter("token"),
            **_get("The same as events named ticket", _STREAM, kind="text/event-stream", more=_NO_TICKET),
        },
        "/api/v1/tickets/{token}/abandon": {
            "parameters": _parameter("token"),
            "post": {
                "summary": "Give up the place",
                "responses": {
                    "200": _ok("Given up", "application/json", {"type": "object"}),
                    **_NO_TICKET,
                    **_CONFLICT,
                },
            },
        },
        **_FLEET,
        "/healthz": _get("Whether orders can be taken and stored", {"type": "object"}),
        "/metrics": _get("Prometheus' text format", {"type": "string"}, kind="text/plain"),
    },
    "components": {
        "schemas": {**_components, "Problem": _PROBLEM},
        "securitySchemes": {"manager": {"type": "http", "scheme": "basic"}},
    },
}
