"""The OpenAPI description, made from the message types."""

from typing import Any

import msgspec

from hall_protocol import messages as m

_TYPES = (m.Progress, m.TicketView, m.Catalogue, m.Board, m.WindowView)
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
        "/healthz": _get("Whether orders can be taken and stored", {"type": "object"}),
        "/metrics": _get("Prometheus' text format", {"type": "string"}, kind="text/plain"),
    },
    "components": {"schemas": {**_components, "Problem": _PROBLEM}},
}
