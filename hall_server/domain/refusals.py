"""A refused command: a value with a stable code. Nothing has changed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command was refused. `code` is one of the wire's closed list; `message` is for people."""

    code: str
    message: str
