"""Digests: which are owed, to whom, over which period, and the line on top. Pure; what is in one is read by the verb.

A digest is level-triggered like an alert: asked again it is the same one, and after a pause only the last is owed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from mediawatch.core.calendar import SHANGHAI, day_of, months_after
from mediawatch.core.model import Outcome, Value
from mediawatch.core.routing import LEVELS, ROLES
from mediawatch.core.rulebook import Language, Words
from mediawatch.core.units import Unit, chain
from mediawatch.core.worktime import Working

Every = Literal["daily", "weekly", "monthly"]
LATEST = {"daily": timedelta(hours=12), "weekly": timedelta(days=3), "monthly": timedelta(days=7)}
"""How late a digest is still told; later the next one serves better."""

_SUMMARY = Words(
    zh_CN="共 {accounts} 个账号：不合格 {fail}，临近期限 {at_risk}，无法判断 {unknown}；"
    "新增告警 {opened}，恢复 {resolved}，未签收 {unacknowledged}。",
    en="{accounts} accounts: {fail} fail, {at_risk} at risk, {unknown} unknown; "
    "{opened} new alerts, {resolved} resolved, {unacknowledged} that nobody answers for.",
)


class Plan(Value):
    """One digest of the settings. to: receivers (the whole register), or roles (each unit of that role, its own part).

    on: the weekday of a weekly one (Monday is 0). working: a daily one comes on working days only, and speaks of the
    days since the last. lines: the most accounts that it lists.
    """

    name: str
    every: Every
    to: tuple[str, ...]
    at: time = time(8, 30)
    on: int = 0
    working: bool = False
    lines: int = 50


def period(plan: Plan, now: datetime, working: Working) -> tuple[datetime, datetime] | None:
    """The last period that is over by `now`, or `None` where its digest would come too late."""
    day = day_of(now)
    ends = [
        at for back in range(40) if (at := _at(day - timedelta(days=back), plan.at)) <= now and _ends(plan, at, working)
    ]
    if not ends or now - ends[0] > LATEST[plan.every]:
        return None
    to = ends[0]
    if plan.every == "monthly":
        return _at(months_after(day_of(to), -1), plan.at), to
    since = (
        ends[1] if plan.every == "daily" and len(ends) > 1 else to - timedelta(days=7 if plan.every == "weekly" else 1)
    )
    return since, to


def audience(plan: Plan, units: Mapping[str, Unit]) -> tuple[tuple[str, str], ...]:
    """Pairs of a unit (empty for the whole register) and a receiver, each once."""
    found: dict[tuple[str, str], None] = {}
    for name in plan.to:
        if name not in ROLES:
            found["", name] = None
            continue
        for unit in units.values():
            if _plays(name, unit, units):
                found |= dict.fromkeys((unit.id, receiver) for receiver in unit.receivers)
    return tuple(found)


def key(plan: Plan, unit: str, receiver: str, to: datetime) -> str:
    """The id of a digest: asked for again it is the same."""
    return f"digest:{plan.name}:{unit}:{receiver}:{to:%Y%m%dT%H%M%z}"


def summary(
    by_outcome: Mapping[Outcome, int], opened: int, resolved: int, unacknowledged: int, language: Language
) -> str:
    """The one line on top."""
    return _SUMMARY.in_(language).format(
        accounts=sum(by_outcome.values()),
        fail=by_outcome.get(Outcome.FAIL, 0),
        at_risk=by_outcome.get(Outcome.AT_RISK, 0),
        unknown=by_outcome.get(Outcome.UNKNOWN, 0),
        opened=opened,
        resolved=resolved,
        unacknowledged=unacknowledged,
    )


def _ends(plan: Plan, at: datetime, working: Working) -> bool:
    day = day_of(at)
    if plan.every == "weekly":
        return day.weekday() == plan.on
    if plan.every == "monthly":
        return day.day == 1
    return not plan.working or working.works(day)


def _plays(role: str, unit: Unit, units: Mapping[str, Unit]) -> bool:
    level = role.removeprefix("unit:")
    above = chain(units, unit.id)[1:]
    if level in LEVELS:  # the highest of its level, as in the ladder
        return unit.level == level and all(one.level != level for one in above)
    below = any(one.parent == unit.id for one in units.values())
    return below if role == "unit:office" else not below


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, SHANGHAI)
