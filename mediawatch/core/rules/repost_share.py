"""只转发不原创: the share of reposts among what was seen lately. A hint for people; the mix is judged by them."""

from __future__ import annotations

from datetime import datetime, timedelta

from mediawatch.core.calendar import FOREVER, begin_of, day_of, midnight_after
from mediawatch.core.copies import once
from mediawatch.core.model import Evidence, Finding, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import Rule, Values, a_pass, ever_seen, found, last_list, unknown


class Params(Value):
    """days: how far back posts count. least: fewer posts than this say nothing. percent: this share itself is told."""

    days: int = 30
    least: int = 10
    percent: int = 95


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Counts the posts whose channel tells reposts from others; others are taken for the account's own.

    A post that two channels show is one, and a repost only where all of them say so. The days end with the last look
    that read a list; it fails no longer than the share is that of the days that end with the present, too.
    """
    if not ever_seen(evidence):
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    too_many, values = _share(evidence, params, last_list(evidence))
    if too_many:
        too_many, values = _share(evidence, params, evidence.now)
    if not too_many:
        return found(evidence, indicator, Outcome.PASS, values, holds_until=evidence.now)
    trusted = [look for look in evidence.looks if look.seen is not None and look.trusted]
    if not trusted:
        return unknown(evidence, indicator, "in_incident", values, missing=())
    last = trusted[-1]
    mine = [look.at for look in trusted if look.target == last.target]
    proof = tuple((last.target, moment) for moment in dict.fromkeys((mine[0], last.at)))
    return found(evidence, indicator, Outcome.FAIL, values, holds_until=evidence.now, proof=proof)


def _share(evidence: Evidence, params: Params, until: datetime) -> tuple[bool, Values]:
    """Whether too many posts of the days that end with `until` are reposts, and what is counted of them."""
    recent = _recent(evidence, params, until)
    if len({post.target for post in recent}) < 2:  # one channel shows no copies
        posts, reposts = len(recent), sum([post.repost for post in recent])
    else:
        copies = once(recent)
        posts, reposts = len(copies), sum(all(post.repost for post in of) for of in copies)
    values: Values = {
        "days": params.days,
        "posts": posts,
        "reposts": reposts,
        "percent": round(100 * reposts / posts) if posts else 0,
    }
    return posts >= params.least and 100 * reposts >= params.percent * posts, values


def _recent(evidence: Evidence, params: Params, until: datetime) -> list[SeenPost]:
    first = begin_of(params.days, until)
    return [post for post in evidence.posts if post.at is not None and post.at >= first and post.first_seen_at >= first]


def stands(evidence: Evidence, params: Params, finding: Finding) -> datetime | None:
    """A pass, until the first of the posts that count is too old."""
    if finding.outcome is not Outcome.PASS:
        return None
    recent = _recent(evidence, params, last_list(evidence))
    counted = [min(post.at, post.first_seen_at) for post in recent if post.at is not None]
    return midnight_after(day_of(min(counted)) + timedelta(days=params.days)) if counted else FOREVER


RULE = Rule(
    name="repost_share",
    params=Params,
    judge=judge,
    stands=stands,
    keeps=a_pass,
    reads=frozenset({"posts"}),
)
