"""Opening hours: which session runs at a local time, and which business day it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hall_server.domain.configuration import Calendar, Session


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as the hall sees it.

    `ms` is Unix time in milliseconds and orders everything; `offset_s` is the local offset from UTC, from which the
    business day and the running session follow.
    """

    ms: int
    offset_s: int

    @property
    def local(self) -> datetime:
        """Naive local time."""
        return (datetime.fromtimestamp(self.ms / 1000, UTC) + timedelta(seconds=self.offset_s)).replace(tzinfo=None)

    @property
    def day(self) -> str:
        """The business day: the local date, YYYY-MM-DD."""
        return self.local.date().isoformat()


def is_workday(calendar: Calendar, local: datetime) -> bool:
    """Whether regular sessions run on this local date."""
    date = local.date().isoformat()
    if date in calendar.makeup_workdays:
        return True
    return local.weekday() < 5 and date not in calendar.holidays


def sessions_on(calendar: Calendar, local: datetime) -> list[Session]:
    """The sessions of a local date, in order of their start.

    A session without weekdays runs on workdays; one with weekdays runs on those, but never on a holiday.
    """
    workday = is_workday(calendar, local)
    holiday = local.date().isoformat() in calendar.holidays
    return sorted(
        (s for s in calendar.sessions if (local.weekday() in s.weekdays and not holiday if s.weekdays else workday)),
        key=lambda session: session.start,
    )


def session_at(calendar: Calendar, moment: Moment) -> Session | None:
    """The session that runs now, or None outside all of them."""
    local = moment.local
    minute = local.hour * 60 + local.minute
    return next((s for s in sessions_on(calendar, local) if s.start <= minute < s.end), None)


def issuing_session(calendar: Calendar, moment: Moment) -> Session | None:
    """The session in which a ticket may be taken now: as `session_at`, less the last minutes of the day's end."""
    session = session_at(calendar, moment)
    if session is None:
        return None
    local = moment.local
    is_last = session == sessions_on(calendar, local)[-1]
    minute = local.hour * 60 + local.minute
    if is_last and minute >= session.end - calendar.last_issue_before_end_min:
        return None
    return session
