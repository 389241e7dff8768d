"""The forms in which Weibo's mobile site writes a time, read against the instant of the answer. Pure.

All are Beijing time. A form that is not in the table is not guessed: the answer is `None`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CLOCK = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_NUMBERS = {name: f"{number:02}" for number, name in enumerate(_MONTHS, 1)}
_USUAL = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([0-9]{2}) ((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]) \+0800 ([0-9]{4})"
)  # what nearly all dates are; read as the first of `_FORMS` reads it
_YEARS_BACK = 8  # the furthest step between two leap days

Read = Callable[[re.Match[str], datetime], datetime]


def read_date(text: str, at: datetime) -> datetime | None:
    """The instant that `text` names, in +08:00, or `None` where the form or the date is not known.

    `at` is the instant of the answer (aware): relative forms are counted back from it. A form without a year means
    the latest such day that is not after `at`; a form without a clock time means the start of that day.
    """
    text = text.strip()[:64]
    if (usual := _USUAL.fullmatch(text)) is not None:
        month, day, clock, year = usual.groups()
        try:
            return datetime.fromisoformat(f"{year}-{_NUMBERS[month]}-{day}T{clock}+08:00").replace(tzinfo=BEIJING)
        except (ValueError, KeyError):
            return None
    at = at.astimezone(BEIJING)
    for pattern, read in _FORMS:
        match = pattern.fullmatch(text)
        if match is not None:
            try:
                return read(match, at)
            except (ValueError, OverflowError):
                return None
    return None


def _back(**unit: int) -> Read:
    step = timedelta(**unit)
    return lambda match, at: at - int(match["n"]) * step


def _day(days_back: int) -> Read:
    return lambda match, at: _clock(match, at - timedelta(days=days_back))


def _clock(match: re.Match[str], day: datetime) -> datetime:
    """The clock time of the match on that day; midnight where it names none."""
    found = match.groupdict()
    hour, minute, second = (int(found.get(part) or 0) for part in ("hour", "minute", "second"))
    return day.replace(hour=hour, minute=minute, second=min(second, 59), microsecond=0)


def _full(match: re.Match[str], at: datetime) -> datetime:
    return _clock(match, datetime(int(match["year"]), int(match["month"]), int(match["day"]), tzinfo=BEIJING))


def _without_year(match: re.Match[str], at: datetime) -> datetime:
    """A page saved in December still shows `12-30` in January, and 29 February is not in every year."""
    month, day = int(match["month"]), int(match["day"])
    for year in range(at.year, max(at.year - _YEARS_BACK, 1) - 1, -1):
        try:
            moment = _clock(match, datetime(year, month, day, tzinfo=BEIJING))
        except ValueError:
            continue
        if moment.date() <= at.date():
            return moment
    raise ValueError(match.string)


def _english(match: re.Match[str], at: datetime) -> datetime:
    offset = timedelta(hours=int(match["zh"]), minutes=int(match["zm"]))
    zone = timezone(-offset if match["sign"] == "-" else offset)
    day = datetime(int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"]), tzinfo=zone)
    return _clock(match, day).astimezone(BEIJING)


_FORMS: tuple[tuple[re.Pattern[str], Read], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (
            r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>[0-9]{1,2}) "
            + _CLOCK
            + r" (?P<sign>[+-])(?P<zh>[0-9]{2})(?P<zm>[0-9]{2}) (?P<year>[0-9]{4})",
            _english,
        ),
        (r"刚刚", lambda match, at: at),
        (r"(?P<n>[0-9]{1,6}) ?秒(?:钟)?前", _back(seconds=1)),
        (r"(?P<n>[0-9]{1,6}) ?分(?:钟)?前", _back(minutes=1)),
        (r"(?P<n>[0-9]{1,5}) ?(?:个)?小时前", _back(hours=1)),
        (r"(?P<n>[0-9]{1,4}) ?天前", _back(days=1)),
        (r"今天(?: ?" + _CLOCK + r")?", _day(0)),
        (r"昨天(?: ?" + _CLOCK + r")?", _day(1)),
        (r"前天(?: ?" + _CLOCK + r")?", _day(2)),
        (r"(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?: " + _CLOCK + r")?", _without_year),
        (r"(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日(?: ?" + _CLOCK + r")?", _without_year),
        (r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?: " + _CLOCK + r")?", _full),
        (r"(?P<year>[0-9]{4})年(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})日(?: ?" + _CLOCK + r")?", _full),
    )
)
