"""When people may be told: working hours of Chinese working days, and quiet hours. All times are Shanghai's. Pure.

A year whose holidays nobody has named is not waited for: whoever would be told on a working day is told at once, and
the message says so. A deadline of a case is never reckoned here; for those a year like that is refused (`workdays`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from pydantic import model_validator

from mediawatch.core.calendar import SHANGHAI, day_of
from mediawatch.core.model import Value
from mediawatch.core.workdays import Workdays, WorkdaysUnknown

ONE = timedelta(days=1)
_FURTHEST = 400  # days that are searched for a working day


class Span(Value):
    """A part of every day, `begins` inside and `ends` not; over midnight where it ends before it begins."""

    begins: time
    ends: time

    @model_validator(mode="after")
    def _not_empty(self) -> Span:
        if self.begins == self.ends:
            raise ValueError("begins and ends at the same time")
        return self

    def holds(self, moment: datetime) -> bool:
        """Whether the instant lies in it."""
        clock = moment.astimezone(SHANGHAI).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def end_after(self, moment: datetime) -> datetime:
        """The first end after the instant."""
        return next_time(moment, self.ends)


OFFICE_HOURS = Span(begins=time(9), ends=time(17))


@dataclass(frozen=True)
class Working:
    """The hours of a working day, and which days work."""

    hours: Span = OFFICE_HOURS
    days: Workdays = field(default_factory=Workdays)

    def works(self, day: date) -> bool:
        """Whether offices work on that day; a day of a year that nobody knows counts as one."""
        try:
            return self.days.is_workday(day)
        except WorkdaysUnknown:
            return True

    def known(self, moment: datetime) -> bool:
        """Whether the working days of that year are known."""
        try:
            self.days.is_workday(day_of(moment))
        except WorkdaysUnknown:
            return False
        return True

    def next_open(self, moment: datetime) -> datetime:
        """The instant itself where offices work then, otherwise when they next open."""
        if not self.known(moment):
            return moment
        for ahead in range(_FURTHEST):
            day = day_of(moment) + ONE * ahead
            if not self.works(day):
                continue
            opens, closes = _at(day, self.hours.begins), _at(day, self.hours.ends)
            if moment < closes:
                return max(moment, opens)
        return moment

    def after(self, moment: datetime, worked: timedelta) -> datetime:
        """The instant at which offices have worked so long since `moment`."""
        left = worked
        while True:
            moment = self.next_open(moment)
            closes = _at(day_of(moment), self.hours.ends)
            if not self.known(moment) or moment + left <= closes:
                return moment + left
            left -= closes - moment
            moment = closes


class Hours(Value):
    """When one receiver is told. quiet: not then. working: only in working hours. always: levels that do not wait."""

    quiet: Span | None = None
    working: bool = False
    always: frozenset[str] = frozenset()

    def free(self, moment: datetime, level: str, working: Working) -> datetime:
        """The instant itself where the receiver may be told of that level then, otherwise the first one after it."""
        if level in self.always:
            return moment
        for _ in range(_FURTHEST):
            open_ = working.next_open(moment) if self.working else moment
            if self.quiet is None or not self.quiet.holds(open_):
                return open_
            moment = self.quiet.end_after(open_)
        return moment  # its quiet hours cover all working hours: told rather than never


def next_time(moment: datetime, clock: time) -> datetime:
    """The first instant after `moment` at which clocks in Shanghai show that time."""
    at = _at(day_of(moment), clock)
    return at if at > moment else _at(day_of(moment) + ONE, clock)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)
