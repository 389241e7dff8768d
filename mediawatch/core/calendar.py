"""Days as the standard counts them: calendar days of Asia/Shanghai, whatever zone the machine is in. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""`holds_until` of what no later event can undo."""

_EIGHT_HOURS = timedelta(hours=8)
_SINCE_1992 = timezone(_EIGHT_HOURS)  # its whole rule since the last summer time, that of 1991


def day_of(moment: datetime) -> date:
    """The Shanghai date of an instant."""
    # To remember an instant costs more than to work it out, but for one of another zone.
    in_utc = moment.tzinfo is UTC and moment.year > 1991
    return (moment + _EIGHT_HOURS).date() if in_utc else _day_elsewhere(moment)


@lru_cache(maxsize=4096)
def _day_elsewhere(moment: datetime) -> date:
    return moment.astimezone(_SINCE_1992 if moment.year > 1991 else SHANGHAI).date()


def hour_of(moment: datetime) -> int:
    """The hour that Shanghai's clocks show at an instant."""
    return moment.astimezone(_SINCE_1992 if moment.year > 1991 else SHANGHAI).hour


def days_of(moments: Iterable[datetime]) -> set[date]:
    """The Shanghai dates of instants that differ: remembering each costs more than working it out."""
    return {
        (moment + _EIGHT_HOURS).date() if moment.tzinfo is UTC and moment.year > 1991 else day_of(moment)
        for moment in moments
    }


def midnight_of(day: date) -> datetime:
    """The first instant of that Shanghai date. Raises OverflowError for the first date there is, which began before it
    in UTC."""
    return midnight_after(day - timedelta(days=1))


@lru_cache(maxsize=4096)
def midnight_after(day: date) -> datetime:
    """The first instant that no longer belongs to that Shanghai date."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI)


def begin_of(days: int, before: datetime) -> datetime:
    """The first instant of the Shanghai day that lies so many days before that of an instant; in UTC, so that many can
    be held against it."""
    return _begin(max(day_of(before).toordinal() - days, 2))


@lru_cache(maxsize=1024)
def _begin(ordinal: int) -> datetime:
    return midnight_after(date.fromordinal(ordinal - 1)).astimezone(UTC)


def told_at(moment: datetime) -> str:
    """An instant in a message: Shanghai time to the minute, with its zone."""
    return moment.astimezone(SHANGHAI).isoformat(sep=" ", timespec="minutes")


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last day where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_between(earlier: datetime, later: datetime) -> int:
    """Shanghai calendar days from one instant to another (monitoring day minus day of the post)."""
    return (day_of(later) - day_of(earlier)).days
