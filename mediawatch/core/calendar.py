"""Days as the standard counts them: calendar days of Asia/Shanghai, whatever zone the machine is in. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The Shanghai date of an instant."""
    return moment.astimezone(SHANGHAI).date()


def midnight_after(day: date) -> datetime:
    """The first instant that no longer belongs to that Shanghai date."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI)


def days_between(earlier: datetime, later: datetime) -> int:
    """Shanghai calendar days from one instant to another (monitoring day minus day of the post)."""
    return (day_of(later) - day_of(earlier)).days
