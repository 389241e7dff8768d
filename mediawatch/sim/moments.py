"""Times as a world writes them: relative to the instant at which it starts. Pure; must never read a clock.

`-3y`, `36h`, `2d 12h`: so long after (or before) the start. `day 10`, `day -13 09:30`: a clock time of Asia/Shanghai
on the day so many days after the Shanghai date of the start; deadlines count in those days.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Value

_UNITS = {"y": 365 * 86400, "w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([ywdhms])")
_SPAN = re.compile(r"([+-]?)\s*((?:\d+(?:\.\d+)?\s*[ywdhms]\s*)+)")
_DAY = re.compile(r"day\s+([+-]?\d+)(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def read_span(text: Any) -> timedelta:
    """`90d`, `-1d 12h`, `0s` as a length of time; `m` is a minute, `y` is 365 days. Raises ValueError."""
    if isinstance(text, timedelta):
        return text
    match = _SPAN.fullmatch(str(text).strip())
    if match is None:
        raise ValueError(f"not a length of time such as 90d, 36h or 2d 12h: {text!r}")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PIECE.findall(match[2]))
    return timedelta(seconds=-seconds if match[1] == "-" else seconds)


Span = Annotated[timedelta, BeforeValidator(read_span)]


class Moment(Value):
    """An instant relative to the start of a world; `day` counts Shanghai dates, 0 being the date of the start."""

    day: int | None = None
    offset: Span = timedelta()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        if isinstance(given, dict | Moment):
            return given
        match = _DAY.fullmatch(str(given).strip())
        if match is None:
            return {"offset": read_span(given)}
        day, hours, minutes, seconds = match.groups(default="0")
        clock = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
        return {"day": int(day), "offset": clock}

    def at(self, starts_at: datetime) -> datetime:
        """The instant (UTC) in a world that starts then."""
        if self.day is None:
            return (starts_at + self.offset).astimezone(UTC)
        midnight = midnight_after(day_of(starts_at) + timedelta(days=self.day - 1))
        return (midnight + self.offset).astimezone(UTC)
