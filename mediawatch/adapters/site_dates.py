"""The dates that Chinese websites write beside their headlines, as instants in Beijing. Pure.

A small table, on purpose: a date that is not surely one is none. It must never return a day after the reading, for
pages name days to come (deadlines, terms) beside those on which something was published.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from mediawatch.core.calendar import SHANGHAI

_FULL = re.compile(
    r"(?<![\d.])(20\d\d) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})(?: ?日)?(?!\d)(?: {0,2}(\d{1,2}):(\d\d)(?::\d\d)?)?"
)
_SHORT = re.compile(r"(?:(\d\d)[-/.](\d\d)|(\d{1,2}) ?月 ?(\d{1,2}) ?日)(?: {1,2}\d{1,2}:\d\d)?")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2}) (20\d\d) ?[-/.年] ?(\d{1,2}) ?月?(?![\d/.-])")
_DAY_LAST = re.compile(r"(?<!\d)(20\d\d) ?[-/.年] ?(\d{1,2}) ?月? (\d{1,2})(?![\d:/.-])")
_IN_ADDRESS = (
    re.compile(r"/t(20\d\d)(\d\d)(\d\d)_\d"),
    re.compile(r"/(20\d\d)[-/](\d{1,2})[-/](\d{1,2})/"),
    re.compile(r"/(20\d\d)(\d\d)(\d\d)/"),
)
_BRACKETS = "[]()（）【】〔〕「」<>|· \t"
# Words beside a date that is not one of publication: today's date in a banner, a term, the footer.
_NOT_PUBLISHED = re.compile(
    "今天|今日|星期|周[一二三四五六日天]|现在|当前|截止|截至|有效期|版权|备案|浏览|访问量|[Cc]opyright|©"
)


def date_in_text(text: str, at: datetime) -> datetime | None:
    """The newest date in a short text, with its time where it has one; `None` where there is none."""
    if _NOT_PUBLISHED.search(text):
        return None
    found = [_instant(*match.groups(), at=at) for match in _FULL.finditer(text)]
    found += [_instant(match[2], match[3], match[1], at=at) for match in _DAY_FIRST.finditer(text)]
    found += [_instant(match[1], match[2], match[3], at=at) for match in _DAY_LAST.finditer(text)]
    return max((moment for moment in found if moment is not None), default=None)


def date_alone(text: str, at: datetime, beside: Collection[datetime] = ()) -> datetime | None:
    """The date that is the whole text, brackets aside. A month and a day are of the year up to the reading, or that of
    the same day in an address beside it: what has been there for years is not of this one."""
    bare = text.strip(_BRACKETS)
    full = _FULL.fullmatch(bare)
    if full is not None:
        return _instant(*full.groups(), at=at)
    short = _SHORT.fullmatch(bare)
    if short is None:
        return None
    month, day = (short[1], short[2]) if short[1] else (short[3], short[4])
    same = [one for one in beside if (one.month, one.day) == (int(month), int(day))]
    if same:
        return max(same)
    year = at.astimezone(SHANGHAI).year
    return _instant(str(year), month, day, at=at) or _instant(str(year - 1), month, day, at=at)


def date_at_end(text: str, at: datetime) -> datetime | None:
    """The whole date with which a text ends, brackets aside."""
    bare = text.strip(_BRACKETS)[-40:]
    last = next((match for match in _FULL.finditer(bare) if match.end() == len(bare)), None)
    return _instant(*last.groups(), at=at) if last is not None else None


def date_in_address(url: str, at: datetime) -> datetime | None:
    """The day that a content system writes into the address of an article (…/t20260301_12.html, …/2026/3/1/…)."""
    for form in _IN_ADDRESS:
        match = form.search(url)
        if match is not None:
            return _instant(*match.groups(), at=at)
    return None


def _instant(
    year: str, month: str, day: str, hour: str | None = None, minute: str | None = None, *, at: datetime
) -> datetime | None:
    try:
        moment = datetime.combine(date(int(year), int(month), int(day)), datetime.min.time(), SHANGHAI)
        if moment > at:
            return None
        timed = moment + timedelta(hours=int(hour), minutes=int(minute or 0)) if hour and int(hour) < 24 else moment
    except (ValueError, OverflowError):
        return None
    return min(timed, at.astimezone(SHANGHAI))
