"""Quantities as settings and commands write them: `250ms`, `20s`, `5min`, `2h`, `7d`; `8MiB`, `500KB`; `09:00`,
`22:00-07:00`, `thursday`."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from mediawatch.core.worktime import Span

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}  # milliseconds
_SIZES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_DURATION = re.compile(r"([0-9]{1,9})\s*(ms|s|min|m|h|d)")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SIZE = re.compile(r"([0-9]{1,12})\s*([KMG]I?B|B|)", re.IGNORECASE)


def duration(given: object) -> timedelta:
    """The duration that a text names; `0` needs no unit. Raises ValueError, which never repeats the text."""
    if isinstance(given, timedelta):
        return given
    if given == 0 and not isinstance(given, bool):
        return timedelta()
    parts = _DURATION.fullmatch(given.strip()) if isinstance(given, str) else None
    if parts is None:
        raise ValueError("must be a duration with its unit: 250ms, 20s, 5min, 2h or 7d")
    length = timedelta(milliseconds=int(parts[1]) * _UNITS[parts[2]])
    if length > timedelta(days=3660):
        raise ValueError("must be at most 3660d")
    return length


def longer_than_nothing(length: timedelta) -> timedelta:
    """Refuses zero: a loop that waits for nothing would never rest."""
    if length <= timedelta():
        raise ValueError("must be longer than nothing")
    return length


def size(given: object) -> int:
    """The number of bytes that a text or number names. Raises ValueError, which never repeats the text."""
    if isinstance(given, int) and not isinstance(given, bool) and given > 0:
        return given
    parts = _SIZE.fullmatch(given.strip()) if isinstance(given, str) else None
    if parts is None or int(parts[1]) == 0:
        raise ValueError("must be a size: a number of bytes, 500KB or 8MiB")
    return int(parts[1]) * _SIZES[parts[2].upper()]


def clock_time(given: object) -> time:
    """The time of day that `09:00` names. Raises ValueError, which never repeats the text."""
    if isinstance(given, time):
        return given
    parts = _CLOCK.fullmatch(given.strip()) if isinstance(given, str) else None
    if parts is None:
        raise ValueError('must be a time of day in quotes, like "09:00"')
    return time(int(parts[1]), int(parts[2]))


def day_span(given: object) -> Span:
    """The part of a day that `22:00-07:00` names. Raises ValueError, which never repeats the text."""
    if isinstance(given, Span):
        return given
    begins, dash, ends = given.partition("-") if isinstance(given, str) else ("", "", "")
    if not dash:
        raise ValueError('must be a part of the day in quotes, like "22:00-07:00"')
    return Span(begins=clock_time(begins), ends=clock_time(ends))


def weekday(given: object) -> int:
    """The number of a weekday, Monday being 0. Raises ValueError, which never repeats the text."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 7:
        return given
    name = given.strip().casefold() if isinstance(given, str) else ""
    if name not in WEEKDAYS:
        raise ValueError(f"must be one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(name)


ClockTime = Annotated[time, BeforeValidator(clock_time)]
DaySpan = Annotated[Span, BeforeValidator(day_span)]
Weekday = Annotated[int, BeforeValidator(weekday)]
Duration = Annotated[timedelta, BeforeValidator(duration)]
Interval = Annotated[timedelta, BeforeValidator(lambda given: longer_than_nothing(duration(given)))]
Size = Annotated[int, BeforeValidator(size)]
