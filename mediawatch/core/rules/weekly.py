"""每周更新: at least one update in each calendar week, Monday to Sunday in Shanghai.

Source: Gansu, 《甘肃省政务新媒体管理办法》, 每周更新一次; Zhangye warns every Thursday. It is judged from the newest
update: a week that was missed and made up for later is no standing fault. What may support a fail is as in `stale`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from mediawatch.core.calendar import midnight_after
from mediawatch.core.model import Evidence, Finding
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, Rule
from mediawatch.core.rules.stale import Counting, Limit, keeps, silence

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Params(Counting):
    """warn_on: the weekday on which a week without an update so far is reminded of, from its first instant.

    asked_from: the first day on which the book asks it, as the book says: no week that began before is asked.
    """

    warn_on: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "thursday"
    asked_from: date | None = None


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The deadline is the end of the week after that of the newest update, and not before that of the first week that
    is asked: its Sunday is still inside."""
    weekday = WEEKDAYS.index(params.warn_on)

    def limit(day: date) -> Limit:
        day = max(day, params.asked_from - timedelta(days=1)) if params.asked_from else day
        monday = day - timedelta(days=day.weekday()) + timedelta(days=7)
        year, week, _ = monday.isocalendar()
        warning = midnight_after(monday + timedelta(days=weekday - 1))
        values = {"week": f"{year}-W{week:02}", "monday": monday.isoformat()}
        return Limit(midnight_after(monday + timedelta(days=6)), ((weekday + 1, warning),), {**values}, {})

    return silence(evidence, indicator, params, limit, {})


RULE = Rule(name="weekly", params=Params, judge=judge, outcomes=ALL_FOUR, keeps=keeps)
