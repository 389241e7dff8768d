"""首页不更新: no newer date on a website's home page for two weeks.

Source: 国办秘函〔2019〕19号, website veto 3 (indicators W3, U10). A home page without dates, or one that did not open,
says nothing here; it must never be failed for that. Where newer dates may be such as we do not see, a person decides: a
page that is new to us, one that goes back behind what it showed, one that scripts fill in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.model import Evidence, Finality, Finding, Look, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.doubts import reasons
from mediawatch.core.rules.rule import Rule, Values, found, unknown

MONTH = timedelta(days=30)  # as far back as evidence holds every day of visits


class Params(Value):
    """days: the last day without a newer date that is still inside. least_dates: fewer on the page make a candidate.

    watched_throughout: so does a page that we have not watched for as long (the book's switch of that name).
    exempt_while_closing: a site that is being closed is not asked at all (see `core.rules.judge`).
    """

    days: int = 14
    least_dates: int = 5
    watched_throughout: bool = False
    exempt_while_closing: bool = False


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Day 14 itself is inside: the deadline is the midnight after it, Asia/Shanghai."""
    pages = [
        (look, look.seen)
        for look in evidence.looks
        if "home" in look.covers and isinstance(look.seen, Page) and look.seen.opened
    ]
    if not pages:
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    shown = [(page.newest_at, day_of(look.at)) for look, page in pages if page.newest_at is not None]
    shown += _by_day(evidence)
    if not shown:
        return unknown(evidence, indicator, "no_dates", {"days": params.days}, missing=())
    newest, last_shown = max(shown)
    deadline = _end(day_of(newest), params)
    values: Values = {
        "days": params.days,
        "days_silent": days_between(newest, evidence.now),
        "newest": day_of(newest).isoformat(),
        "last_day": (day_of(deadline) - timedelta(days=1)).isoformat(),
        "dates": pages[-1][1].dates,
    }
    if evidence.now < deadline:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=deadline, since=newest, deadline=deadline)
    dated = [(look, page) for look, page in pages if look.trusted and page.newest_at is not None and page.dates]
    late = [(look, page) for look, page in dated if look.at >= deadline]
    if not late:
        return unknown(evidence, indicator, "not_seen_since_deadline", values, since=deadline, deadline=deadline)
    still = [(look, page) for look, page in dated if page.newest_at and day_of(page.newest_at) == day_of(newest)]
    whole = [(look, page) for look, page in still if look.at >= deadline]
    target = (whole or late)[0][0].target
    own = [(look.target, look.at) for look, _ in (still if whole else late) if look.target == target]
    if evidence.now >= (lost := _end(day_of(late[-1][0].at), params)):  # of all that is asked about, nothing was seen
        return unknown(evidence, indicator, "not_seen_lately", values, since=lost, deadline=deadline)
    began = _began(evidence, target, (look for look, _ in dated), params)
    told: dict[str, Values] = {}
    if params.watched_throughout and own[-1][1] < _end(began, params):
        told["page_unwatched"] = {"watched_since": began.isoformat()}
    if not whole:
        told["page_back"] = {"hidden_post": day_of(newest).isoformat(), "last_shown": last_shown.isoformat()}
    if any(page.filled_in for _, page in late):
        told["page_filled"] = {}
    if (fewest := min(page.dates for _, page in late)) < params.least_dates:
        told["few_dates"] = {"fewest": fewest, "least_dates": params.least_dates}
    doubts = reasons(told, indicator, _end(began, params) if "page_unwatched" in told else None)
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


def _end(first_day: date, params: Params) -> datetime:
    """The first instant at which a page that showed that day, and nothing newer since, is too old."""
    return midnight_after(first_day + timedelta(days=params.days))


def _by_day(evidence: Evidence) -> list[tuple[datetime, date]]:
    """The newest date that the home page showed on each day of the last month. Of a page that is visited every hour the
    looks of evidence are those of a day, and what it showed before would be forgotten."""
    homes = {target.id for target in evidence.account.targets if "home" in target.covers}
    return [(one.newest_at, one.day) for one in evidence.visits if one.target in homes and one.newest_at is not None]


def _began(evidence: Evidence, target: str, dated: Iterable[Look], params: Params) -> date:
    """Since when a page was read with dates, without a pause in which all the time that is asked about fits."""
    by_day = [one.day for one in evidence.visits if one.target == target and one.newest_at is not None]
    days = sorted({*by_day, *(day_of(look.at) for look in dated if look.target == target)})
    began = before = days[0]
    if not by_day:  # nothing is known of what lies between the first look and the last ones
        return began
    before = max(began, day_of(evidence.now - MONTH))
    for day in days:
        if (day - before).days > params.days:
            began = day
        before = max(before, day)
    return began


RULE = Rule(name="home_stale", params=Params, judge=judge)
