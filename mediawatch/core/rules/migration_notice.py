"""迁移公告: a notice that a website has moved must stay on its home page for at least 30 days.

Source: 国办发〔2017〕47号 and the circular on it (R8). Only what was seen on the site itself is judged; the second
notice, on the superior's portal, is looked up by a person. It must never take a closed page for a missing notice.
"""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.calendar import day_of, midnight_of
from mediawatch.core.model import Evidence, Finding, Outcome, Page, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, found, unknown


class Params(Value):
    """days: how many days a notice must stay, the first one included. At most the month of visits that is evidence."""

    days: int = 30


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """A notice that is gone before its time makes a candidate: a person looks where it went."""
    if not any(day.opened for day in evidence.visits):
        return unknown(evidence, indicator, "never_seen")
    noticed = [day for day in evidence.visits if day.noticed]
    if not noticed:
        return found(evidence, indicator, Outcome.PASS, {"kept": 0, "days": params.days}, holds_until=evidence.now)
    first, last = noticed[0].day, noticed[-1].day
    until = first + timedelta(days=params.days - 1)
    values: Values = {
        "kept": (last - first).days + 1,
        "days": params.days,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "until": until.isoformat(),
    }
    after = [day for day in evidence.visits if day.day > last]
    if last >= until or not after:
        return found(
            evidence,
            indicator,
            Outcome.PASS,
            values,
            holds_until=evidence.now,
            since=midnight_of(first),
        )
    if not any(day.opened for day in after):
        return unknown(evidence, indicator, "does_not_open", values, missing=())
    if first <= day_of(evidence.now) - timedelta(days=params.days):  # it may have stood there before what we still know
        return unknown(evidence, indicator, "too_long_ago", values, missing=())
    bare = [
        look
        for look in evidence.looks
        if "visits" in look.covers and look.trusted and isinstance(look.seen, Page) and look.seen.opened
        if not look.seen.notice and day_of(look.at) > last
    ]
    if not bare:
        return unknown(evidence, indicator, "contradicted", values, missing=())
    own = [look for look in bare if look.target == bare[0].target]
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=own[0].at,
        proof=((own[0].target, own[0].at), (own[-1].target, own[-1].at)),
    )


RULE = Rule(name="migration_notice", params=Params, judge=judge)
