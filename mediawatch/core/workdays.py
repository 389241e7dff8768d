"""Chinese working days (工作日), 调休 included: from the tables of a maintained library, and from the house's settings.

The State Council names the holidays of a year late in the year before. A year that nobody has named is refused, never
guessed: a deadline that is wrong by a day accuses somebody. Pure: the library is a table.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

from chinese_calendar import constants
from pydantic import Field

from mediawatch.core.value import Value

ONE = timedelta(days=1)
_YEARS = frozenset(day.year for day in constants.holidays)


class WorkdaysUnknown(Exception):
    """No holidays are known of a year. `str()` says which, and what to do."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"the working days of {year} are not known: its holidays are in neither the calendar of this version "
            f"(to {max(_YEARS)}) nor the settings; update mediawatch, or write them under `calendar`"
        )
        self.year = year


class Workdays:
    """A calendar of working days.

    holidays, workdays: days off and days on, whatever the weekday; they go before the library's.
    years: years of which these are all the days that differ from the week, so that they are known without the library.
    """

    def __init__(self, holidays: Iterable[date] = (), workdays: Iterable[date] = (), years: Iterable[int] = ()) -> None:
        self._holidays, self._workdays, self._years = frozenset(holidays), frozenset(workdays), frozenset(years)

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day. Raises WorkdaysUnknown."""
        if day in self._workdays or day in self._holidays:
            return day in self._workdays
        if day.year not in self._years:
            if day.year not in _YEARS:
                raise WorkdaysUnknown(day.year)
            if day in constants.workdays or day in constants.holidays:
                return day in constants.workdays
        return day.weekday() < 5

    def next_workday(self, day: date) -> date:
        """The day itself where it is a working day, otherwise the first one after it. Raises WorkdaysUnknown."""
        while not self.is_workday(day):
            day += ONE
        return day

    def add_workdays(self, day: date, days: int) -> date:
        """The last day of a term of so many working days that begins on the day after `day`. Raises WorkdaysUnknown.

        No days give `day` itself, whether it is a working day or not.
        """
        for _ in range(days):
            day = self.next_workday(day + ONE)
        return day

    def workdays_between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and with `last`; none where `last` is not after it. Raises
        WorkdaysUnknown."""
        return sum(self.is_workday(first + ONE * number) for number in range(1, (last - first).days + 1))


class Calendar(Value):
    """Working days beside those of the calendar that comes with the program: `calendar` of the settings or of a book.

    holidays, workdays: days off and days on, whatever the weekday. years: years of which these are all such days.
    """

    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    years: tuple[Annotated[int, Field(strict=True, ge=2000, le=2200)], ...] = ()

    @property
    def days(self) -> Workdays:
        return Workdays(self.holidays, self.workdays, self.years)
