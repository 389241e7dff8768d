"""突击更新: many posts within a day or two after a long silence, as before an inspection. A candidate, never more.

Silence is only what a list proves that reaches back over it; a rush of news has the same look, so that a person reads.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from operator import lt

from pydantic import Field

from mediawatch.core.calendar import day_of, midnight_after, midnight_of
from mediawatch.core.copies import once
from mediawatch.core.model import Evidence, Feed, Finding, Look, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.published import counts_from, published
from mediawatch.core.rules.rule import Rule, Values, a_pass, ever_seen, found, not_excluded, unknown, unless_a_fail


class Params(Value):
    """gap: more days than these without a post come before it. least: how many posts, put out one after the other
    within `days` days, make it.

    within: for how many days after its last day it is told of. inspections: the days of inspections, where the book
    names any; then only what ends on one of the `before` days ahead of one, or on the day itself, counts.
    """

    gap: int = Field(default=14, ge=1)
    least: int = Field(default=5, ge=2)
    days: int = Field(default=2, ge=1)
    within: int = Field(default=30, ge=1)
    inspections: tuple[date, ...] = ()
    before: int = Field(default=7, ge=0)


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """The youngest such rush counts; one whose silence before it no list reaches over is `unknown`."""
    if not ever_seen(evidence):
        return unknown(evidence, indicator, "never_seen", {"gap": params.gap})
    told = [one for one in reversed(published(evidence)) if not one[1].pinned]
    times = [at for at, _ in told]
    if not all(map(lt, times, times[1:])):  # seldom: evidence is nearly in this order
        told.sort(key=_order)
        times = [at for at, _ in told]
    dated = [post for _, post in told]
    silence = timedelta(days=params.gap)
    unproven: tuple[Values, SeenPost] | None = None
    for index in range(len(dated) - params.least, 0, -1):
        if times[index] - times[index - 1] <= silence:
            continue  # instants first: they are cheaper than days, and most posts end here
        before, first = dated[index - 1], dated[index]
        if (_day(first) - _day(before)).days <= params.gap:
            continue
        rush = [post for post in dated[index:] if (_day(post) - _day(first)).days < params.days]
        items = once(rush)
        if _times(items) < params.least or not _counts(rush[-1], evidence.now, params):
            continue
        values: Values = {
            "gap": (_day(first) - _day(before)).days,
            "posts": len(items),
            "before": _day(before).isoformat(),
            "first": _day(first).isoformat(),
            "last": _day(rush[-1]).isoformat(),
        }
        proof, missing = _proof(evidence, indicator, before, rush[-1])
        if not missing:
            since = midnight_of(_day(rush[-1]))
            since = min(evidence.now, max(since, rush[-1].first_seen_at))
            return found(evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, since=since, proof=proof)
        unproven = unproven or (values, rush[-1])
    if unproven is not None:
        until = midnight_after(_day(unproven[1]) + timedelta(days=params.within))
        return not_excluded(evidence, indicator, "gap", unproven[0], until=until)
    return found(evidence, indicator, Outcome.PASS, {"gap": params.gap}, holds_until=evidence.now)


def _times(items: list[tuple[SeenPost, ...]]) -> int:
    """How many times something was put out: all that one mass-send holds has one instant. A channel that tells days and
    no hours says nothing of instants."""
    dated = [of[0].at for of in items if of[0].at is not None]
    timed = [at for at in dated if at != midnight_of(day_of(at))]
    return len(set(timed)) + len(dated) - len(timed)


def _counts(newest: SeenPost, now: datetime, params: Params) -> bool:
    """Whether a rush that ends with this post is young enough to be told of, and ahead of an inspection."""
    last = _day(newest)
    if (day_of(now) - last).days > params.within:
        return False
    return not params.inspections or any(0 <= (day - last).days <= params.before for day in params.inspections)


def _proof(
    evidence: Evidence, indicator: Indicator, before: SeenPost, last: SeenPost
) -> tuple[tuple[tuple[str, datetime], ...], tuple[str, ...]]:
    """For each kind that is needed, the looks at a list that reaches over the silence; and the kinds that have none."""
    proof: list[tuple[str, datetime]] = []
    missing: list[str] = []
    for kind in indicator.needs_for(evidence.account.kind) or ("posts",):
        looks = [look for look in evidence.looks if kind in look.covers and _reaches_over(look, before, last)]
        if not looks:
            missing.append(kind)
            continue
        own = [look for look in looks if look.target == looks[0].target]
        proof += [(look.target, look.at) for look in (own[0], own[-1])]
    return tuple(dict.fromkeys(sorted(proof, key=lambda item: (item[1], item[0])))), tuple(missing)


def _reaches_over(look: Look, before: SeenPost, last: SeenPost) -> bool:
    if not look.trusted or not isinstance(look.seen, Feed) or look.seen.oldest_at is None:
        return False
    return look.at >= last.first_seen_at and day_of(look.seen.oldest_at) <= _day(before)


def _day(post: SeenPost) -> date:
    return day_of(counts_from(post))


def _order(one: tuple[datetime, SeenPost]) -> tuple[datetime, str]:
    return one[0], one[1].key


RULE = Rule(
    name="burst",
    params=Params,
    judge=judge,
    stands=a_pass,
    keeps=unless_a_fail,
    reads=frozenset({"posts"}),
)
