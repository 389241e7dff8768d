"""购买粉丝的线索: more new followers in a day than an account's own history makes likely. A hint and never more.

Source: 国办秘函〔2019〕19号, new-media veto 3.2 (I5); no text names a number. A count that fell, or an account that is
not known for long enough, is never listed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from statistics import median
from typing import NamedTuple

from pydantic import Field

from mediawatch.core.calendar import FOREVER, day_of, midnight_of
from mediawatch.core.model import DayCount, Evidence, Finding, Outcome, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, a_pass_for_the_day, ever_seen, found, unknown, unless_a_fail
from mediawatch.core.rules.told import channels


class Params(Value):
    """A rise in one day is a jump where it exceeds the usual one by more than each of these limits.

    spread: so many times the median deviation of the days before. percent: of the followers before it. least: people.
    days: how many earlier rises must be known. keep: for how many days a jump is told.
    """

    spread: float = Field(default=5.0, gt=0)
    percent: float = Field(default=30.0, ge=0)
    least: int = Field(default=1000, ge=0)
    days: int = Field(default=7, ge=2)
    keep: int = Field(default=30, ge=1)


class Rise(NamedTuple):
    """From one day's count to the next known one, per day between them. most: the highest count up to the first.

    daily: how much it went up or down. new: by how much it went beyond all that was ever counted: what a platform took
    for a while, and gave back, was bought by nobody.
    """

    first: DayCount
    last: DayCount
    before: int
    most: int
    after: int

    @property
    def daily(self) -> float:
        return (self.after - self.before) / (self.last.day - self.first.day).days

    @property
    def new(self) -> float:
        return (self.after - self.most) / (self.last.day - self.first.day).days


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Each channel is held against its own history; the youngest jump of the last `keep` days is told."""
    counted = [_rises(evidence, target) for target in channels(evidence, indicator)]
    known = [one for one in evidence.series if one.followers is not None]
    if not known:
        told = ever_seen(evidence)
        return unknown(evidence, indicator, "counts_not_told" if told else "never_seen")
    values: Values = {"known": len({one.day for one in known}), "followers": known[-1].followers}
    since: date = day_of(evidence.now) - timedelta(days=params.keep)
    jumps = [
        (rise, limit)
        for rises in counted
        for place, rise in enumerate(rises)
        if rise.last.day > since and place >= params.days
        for limit in (_limit(rises[:place], rise.most, params),)
        if rise.new > limit
    ]
    if not jumps:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    rise, limit = max(jumps, key=lambda jump: (jump[0].last.day, jump[0].new))
    values |= {
        "day": rise.last.day.isoformat(),
        "before": rise.most,
        "after": rise.after,
        "rise": rise.after - rise.most,
        "limit": round(limit),
    }
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=midnight_of(rise.last.day),
        proof=((rise.first.target, rise.first.at), (rise.last.target, rise.last.at)),
    )


def _rises(evidence: Evidence, target: str) -> list[Rise]:
    told = [(one, one.followers) for one in evidence.series if one.target == target and one.followers is not None]
    most = list(accumulate((count for _, count in told), max))
    return [
        Rise(first, last, before, top, after)
        for ((first, before), (last, after)), top in zip(pairwise(told), most, strict=False)
    ]


def _limit(earlier: list[Rise], before: int, params: Params) -> float:
    """The highest rise in a day that is no jump: the usual one, and the widest of the three limits."""
    usual = median(rise.daily for rise in earlier)
    deviation = median(abs(rise.daily - usual) for rise in earlier)
    return usual + max(params.spread * deviation, params.percent * before / 100, float(params.least))


def stands(evidence: Evidence, params: Params, finding: Finding) -> datetime | None:
    """A pass for the day, which brings another count; and what a channel does not tell."""
    untold = finding.values.get("why") == "counts_not_told"
    return FOREVER if untold else a_pass_for_the_day(evidence, params, finding)


RULE = Rule(
    name="bought_fans",
    params=Params,
    judge=judge,
    stands=stands,
    keeps=unless_a_fail,
    by_counts=True,
    reads=frozenset({"series"}),
)
