"""更名: the platform shows another name than before, and the register does not. The uid is the account, not its name.

Source: changes are to be filed in time (R3: five working days in Hubei, two in Hedong). A name that differs from the
register's from the first look on is no change and is never accused of one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

from pydantic import Field

from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Evidence, Finding, Outcome, SeenProfile, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, Rule, Values, a_pass_and, found, unknown
from mediawatch.core.rules.told import changes, channels, profiles
from mediawatch.core.text import spelled
from mediawatch.core.workdays import Calendar, WorkdaysUnknown


class Params(Value):
    """days: how long the register may lag, the day of the change left out. workdays: the same in working days of the
    book's calendar, in place of days. keep: for how long a change is told.
    """

    days: int = Field(default=7, ge=0)
    workdays: int = Field(default=0, ge=0)
    calendar: Calendar = Calendar()
    keep: int = Field(default=60, ge=1)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """A register that carries the new name has filed the change: then it is a pass, and the history keeps it."""
    watched = channels(evidence, indicator)
    named = [one for target in watched for one in changes(evidence, target) if one.name]
    if not named:
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    before, after = _last_change(named, evidence.account.name)
    values: Values = {
        "days": params.days,
        "name": after.name,
        "before": before.name if before else "",
        "changed": day_of(after.at).isoformat() if before else "",
    }
    told = before is not None and evidence.now < midnight_after(day_of(after.at) + timedelta(days=params.keep))
    if not told or _same(after.name, evidence.account.name):
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now, since=after.at)
    try:
        deadline = midnight_after(_last_day(day_of(after.at), params))
    except WorkdaysUnknown as error:
        return unknown(evidence, indicator, "workdays_unknown", {**values, "year": error.year}, missing=())
    values["last_day"] = (day_of(deadline) - timedelta(days=1)).isoformat()
    if evidence.now < deadline:
        return found(
            evidence, indicator, Outcome.AT_RISK, values, holds_until=deadline, since=after.at, deadline=deadline
        )
    still = _last_look(evidence, after.target, after.name)
    if still is None or still < deadline:
        return unknown(evidence, indicator, "not_seen_since_deadline", values, since=deadline, deadline=deadline)
    others = [_last_look(evidence, target, evidence.account.name) for target in watched if target != after.target]
    if any(at is not None and at >= deadline for at in others):
        return unknown(evidence, indicator, "contradicted", values, missing=())
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=deadline,
        deadline=deadline,
        proof=((after.target, after.at), (after.target, still)),
    )


def _last_day(changed: date, params: Params) -> date:
    if params.workdays:
        return params.calendar.days.add_workdays(changed, params.workdays)
    return changed + timedelta(days=params.days)


def _last_change(named: list[SeenProfile], registered: str) -> tuple[SeenProfile | None, SeenProfile]:
    """The youngest change of name by any channel, old and new; without one, `None` and the youngest word.

    None is the way back to the first name that was seen, which the register never carried: it was no change, either.
    """
    youngest: tuple[SeenProfile, SeenProfile] | None = None
    for target in dict.fromkeys(one.target for one in named):
        own = [one for one in named if one.target == target]
        back = _same(own[0].name, own[-1].name) and not any(_same(one.name, registered) for one in own)
        changed = [(before, after) for before, after in pairwise(own) if not _same(before.name, after.name)]
        if changed and not back and (youngest is None or changed[-1][1].at > youngest[1].at):
            youngest = changed[-1]
    return youngest or (None, max(named, key=lambda one: one.at))


def _last_look(evidence: Evidence, target: str, name: str) -> datetime | None:
    """The last look of that channel, where it showed this name."""
    shown = [(look.at, profile.name) for look, profile in profiles(evidence, target) if profile.name]
    return shown[-1][0] if shown and _same(shown[-1][1], name) else None


def _same(one: str, other: str) -> bool:
    """Whether two spellings are one name: wide letters and brackets, small letters and blanks make no other."""
    return spelled(one) == spelled(other)


_STANDS = a_pass_and("never_seen")
RULE = Rule(
    name="renamed",
    params=Params,
    judge=judge,
    outcomes=ALL_FOUR,
    stands=_STANDS,
    keeps=_STANDS,
    reads=frozenset({"profiles", "series"}),
)
