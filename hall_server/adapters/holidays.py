"""China's public holidays and make-up workdays, from the published calendars in chinesecalendar."""

from datetime import date

from chinese_calendar.constants import holidays, workdays


def last_known_year() -> int:
    """The last year whose calendar is published here; in later years only weekends are days off."""
    days: dict[date, str] = holidays
    return max(days).year


def chinese_holidays() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Holidays that fall on weekdays, and weekend days that are worked, for all published years."""
    off: dict[date, str] = holidays
    worked: dict[date, str] = workdays
    return (
        tuple(sorted(day.isoformat() for day in off if day.weekday() < 5)),
        tuple(sorted(day.isoformat() for day in worked if day.weekday() >= 5)),
    )
