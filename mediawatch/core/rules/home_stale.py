"""首页不更新: no newer date on a website's home page for two weeks.

Source: 国办秘函〔2019〕19号, website veto 3 (indicators W3, U10). A home page without dates, or one that did not open,
says nothing here; it must never be failed for that.
"""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.model import Evidence, Finality, Finding, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.doubts import reasons
from mediawatch.core.rules.rule import Rule, Values, found, unknown


class Params(Value):
    """days: the last day without a newer date that is still inside. least_dates: fewer on the page make a candidate."""

    days: int = 14
    least_dates: int = 5


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Day 14 itself is inside: the deadline is the midnight after it, Asia/Shanghai."""
    pages = [
        (look, look.seen)
        for look in evidence.looks
        if "home" in look.covers and isinstance(look.seen, Page) and look.seen.opened
    ]
    if not pages:
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    newest = max((page.newest_at for _, page in pages if page.newest_at is not None), default=None)
    if newest is None:
        return unknown(evidence, indicator, "no_dates", {"days": params.days}, missing=())
    deadline = midnight_after(day_of(newest) + timedelta(days=params.days))
    values: Values = {
        "days": params.days,
        "days_silent": days_between(newest, evidence.now),
        "newest": day_of(newest).isoformat(),
        "last_day": (day_of(deadline) - timedelta(days=1)).isoformat(),
        "dates": pages[-1][1].dates,
    }
    if evidence.now < deadline:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=deadline, since=newest, deadline=deadline)
    late = [(look, page) for look, page in pages if look.trusted and look.at >= deadline and page.dates]
    if not late:
        return unknown(evidence, indicator, "not_seen_since_deadline", values, since=deadline, deadline=deadline)
    fewest = min(page.dates for _, page in late)
    few: Values = {"fewest": fewest, "least_dates": params.least_dates}
    doubts = reasons({"few_dates": few} if fewest < params.least_dates else {}, indicator)
    known = next(look.at for look, page in pages if page.newest_at == newest)  # since then it was watched
    own = [(look.target, look.at) for look, page in pages if look.trusted and look.at >= known and page.dates]
    own = [(target, at) for target, at in own if target == late[0][0].target]
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values | doubts,
        holds_until=evidence.now,
        since=deadline,
        deadline=deadline,
        finality=Finality.CANDIDATE if doubts else indicator.finality,
        proof=(own[0], own[-1]),
    )


RULE = Rule(name="home_stale", params=Params, judge=judge)
