"""临期更新: how often an account updates just before its deadline. Information for people, never a fail."""

from __future__ import annotations

from datetime import date
from operator import sub

from mediawatch.core.calendar import days_of
from mediawatch.core.model import Evidence, Finding, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.published import published
from mediawatch.core.rules.rule import Rule, Values, a_pass, ever_seen, found, unknown, whatever


class Params(Value):
    """long: a gap of more days than this is a long one. last: the last days of the limit, counted apart."""

    long: int = 12
    last: tuple[int, ...] = (13, 14)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The gaps between the days of the known posts. With fewer than two such days there is nothing to say."""
    if not ever_seen(evidence):
        return unknown(evidence, indicator, "never_seen")
    days = sorted(map(date.toordinal, days_of([at for at, post in published(evidence) if not post.pinned])))
    gaps = list(map(sub, days[1:], days))
    long = sum([gap > params.long for gap in gaps])
    values: Values = {
        "gaps": len(gaps),
        "long": long,
        "last": sum([gap in params.last for gap in gaps]),
        "percent": round(100 * long / len(gaps)) if gaps else 0,
        "most": params.long,
    }
    return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)


RULE = Rule(
    name="last_minute",
    params=Params,
    judge=judge,
    outcomes=frozenset({Outcome.PASS, Outcome.UNKNOWN}),
    stands=a_pass,
    keeps=whatever,
    reads=frozenset({"posts"}),
)
