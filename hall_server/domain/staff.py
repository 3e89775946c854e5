"""Decisions about staff and their windows: signing in and out, opening, pausing, closing."""

from collections.abc import Callable
from typing import Any

from hall_server.domain import commands as c
from hall_server.domain import events as e
from hall_server.domain.calendar import Moment
from hall_server.domain.refusals import Refusal
from hall_server.domain.state import State
from hall_server.domain.tickets import StaffSession, WindowState

Decision = list[e.Event] | Refusal

EXPIRED = Refusal("session_expired", "please sign in again")


def session_and_window(state: State, session_hash: str) -> tuple[StaffSession, WindowState] | Refusal:
    """Who gives a staffed order, and where."""
    session = state.sessions.get(session_hash)
    if session is None:
        return EXPIRED
    return session, state.windows[session.window]


def _sign_in(state: State, command: c.SignIn, now: Moment) -> Decision:
    if state.day is None:
        return Refusal("hall_closed", "the hall's day has not begun")
    place = state.known.windows.get(command.window)
    if place is None:
        return Refusal("unknown_window", f"there is no window {command.window!r}")
    person = state.known.staff.get(command.staff_id)
    if person is None:
        return Refusal("wrong_pin", "staff id or PIN is wrong")
    if not set(place.queues) & set(person.skills):
        return Refusal("skill_missing", "no skill for any queue of this window")
    window = state.windows[command.window]
    if window.staff_id is not None and window.staff_id != command.staff_id:
        return Refusal("window_taken", "somebody else is signed in at this window")
    replaced: list[e.Event] = [
        _signed_out(session, now, "replaced")
        for session in state.sessions.values()
        if session.staff_id == command.staff_id
    ]
    return [
        *replaced,
        e.StaffSignedIn(
            at=now.ms,
            staff_id=command.staff_id,
            window=command.window,
            session_hash=command.session_hash,
            device=command.device,
        ),
    ]


def _signed_out(session: StaffSession, now: Moment, cause: str) -> e.StaffSignedOut:
    return e.StaffSignedOut(
        at=now.ms,
        staff_id=session.staff_id,
        window=session.window,
        session_hash=session.session_hash,
        cause=cause,
    )


def _sign_out(state: State, command: c.SignOut, now: Moment) -> Decision:
    found = session_and_window(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    if window.current is not None:
        label = state.tickets[window.current].label
        return Refusal("window_busy", f"{label} is still at the window")
    return [_signed_out(session, now, "signed_out")]


def _set_window(state: State, command: c.SetWindow, now: Moment) -> Decision:
    found = session_and_window(state, command.session_hash)
    if isinstance(found, Refusal):
        return found
    session, window = found
    if window.status == command.status and window.reason == command.reason:
        return []
    if command.status == "closed" and window.current is not None:
        label = state.tickets[window.current].label
        return Refusal("window_busy", f"{label} is still at the window")
    return [
        e.WindowSet(
            at=now.ms,
            window=window.window_id,
            staff_id=session.staff_id,
            status=command.status,
            reason=command.reason,
        )
    ]


DECIDERS: dict[type[c.Command], Callable[[State, Any, Moment], Decision]] = {
    c.SignIn: _sign_in,
    c.SignOut: _sign_out,
    c.SetWindow: _set_window,
}
