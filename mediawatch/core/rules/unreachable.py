"""站点无法访问: too many visits to a website did not open within 15 seconds, in a week of visits spread over each day.

Source: 国办秘函〔2019〕19号, website veto 2 (indicators W2, A1, A2). It must never count a visit that we could not
make, nor judge a week that was not watched on every one of its days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mediawatch.core.calendar import day_of, midnight_of
from mediawatch.core.model import DayVisits, Evidence, Finding, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import ALL_FOUR, Rule, Values, found, unknown


class Params(Value):
    """days: whole Shanghai days before today. visits: spaced visits that each of them needs.

    fail_percent: the share of failed visits that fails the site; warn_percent: the share that is told beforehand.
    Both are inside: five in a hundred is a failure at 5.
    """

    days: int = 7
    visits: int = 20
    fail_percent: float = 5.0
    warn_percent: float = 3.0


@dataclass(frozen=True)
class Week:
    """The visits of one address in so many days."""

    target: str
    spaced: int
    failed: int
    lacking: int  # visits that its days have too few

    @property
    def percent(self) -> float:
        return 100 * self.failed / self.spaced if self.spaced else 0.0


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """One address of several that does not open is enough; the days before today decide, today's visits only warn."""
    today = day_of(evidence.now)
    targets = sorted({visits.target for visits in evidence.visits})
    if not targets:
        return unknown(evidence, indicator, "never_seen", {"need": params.days * params.visits})
    weeks = [_week(evidence.visits, target, today, params) for target in targets]
    whole = [week for week in weeks if not week.lacking]
    worst = max(whole or weeks, key=lambda week: (week.percent, week.target))
    values: Values = {
        "days": params.days,
        "visits": worst.spaced,
        "failed": worst.failed,
        "percent": round(worst.percent, 1),
        "need": params.days * params.visits,
        "missing": max(week.lacking for week in weeks),
        "notice_days": sum(visits.noticed > 0 for visits in evidence.visits if visits.target == worst.target),
    }
    if whole and worst.percent >= params.fail_percent:
        return found(
            evidence,
            indicator,
            Outcome.FAIL,
            values,
            holds_until=evidence.now,
            since=midnight_of(today),
            proof=_proof(evidence.visits, worst.target, _days(today, params)),
        )
    if len(whole) < len(weeks):
        return unknown(evidence, indicator, "too_few_visits", values, missing=())
    lately = [_week(evidence.visits, target, today + timedelta(days=1), params) for target in targets]
    warned = max((*weeks, *lately), key=lambda week: (week.percent, week.target))
    if warned.percent >= params.warn_percent:
        values |= {"visits": warned.spaced, "failed": warned.failed, "percent": round(warned.percent, 1)}
        return found(evidence, indicator, Outcome.AT_RISK, values, holds_until=evidence.now)
    return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)


def _days(before: date, params: Params) -> frozenset[date]:
    return frozenset(before - timedelta(days=back) for back in range(1, params.days + 1))


def _week(visits: Iterable[DayVisits], target: str, before: date, params: Params) -> Week:
    """The `days` days before that one."""
    days = _days(before, params)
    found_ = {one.day: one for one in visits if one.target == target and one.day in days}
    return Week(
        target=target,
        spaced=sum(one.spaced for one in found_.values()),
        failed=sum(one.failed for one in found_.values()),
        lacking=sum(max(0, params.visits - (found_[day].spaced if day in found_ else 0)) for day in days),
    )


def _proof(visits: Iterable[DayVisits], target: str, days: frozenset[date]) -> tuple[tuple[str, datetime], ...]:
    """The first and the last visit of the week that did not open."""
    failed = [one for one in visits if one.target == target and one.day in days and one.failed]
    ends = (failed[0].first_failed_at, failed[-1].last_failed_at) if failed else ()
    return tuple((target, at) for at in ends if at is not None)


RULE = Rule(name="unreachable", params=Params, judge=judge, outcomes=ALL_FOUR)
