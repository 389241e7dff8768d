"""伪造发稿日期: a post claims a date at which whole lists of its channel, read since, did not show it.

A candidate, never more: a post that waited for approval looks the same. It must never take a list that was cut behind
the claimed date, or an item that only got a new key, for a proof. What is not excluded is told of as of the last look
that read a list; what is proven, no longer than as of the present.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from mediawatch.core.calendar import FOREVER, day_of
from mediawatch.core.copies import how_many
from mediawatch.core.model import Evidence, Finding, Look, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.rule import (
    Rule,
    Values,
    ever_seen,
    found,
    last_list,
    not_excluded,
    reaches,
    unknown,
    unless_a_fail,
)
from mediawatch.core.rules.vanished import reaches_behind, same

SLACK = timedelta(days=1)
"""How late a platform may show a post without anybody wondering."""


class Params(Value):
    """days: a post first seen more than so many days after its claimed date is looked into.

    looks: how many looks in between must have reached over that date without showing it. within: how many days a post
    is told of after it was first seen.
    """

    days: int = 2
    looks: int = 2
    within: int = 30


def judge(evidence: Evidence, indicator: Indicator, params: Params) -> Finding:
    """Fails on posts that came later than they claim, where looks in between show it; passes where none came later.

    Where too few looks lie in between, the post may have waited for the next one: that excludes nothing.
    """
    if not ever_seen(evidence):
        return unknown(evidence, indicator, "never_seen", {"days": params.days})
    suspects = [(post, _not_there(evidence, post)) for post in _came_late(evidence, params)]
    since = evidence.now - timedelta(days=params.within)
    late = [one for one in suspects if len(one[1]) >= params.looks and one[0].first_seen_at >= since]
    suspects = late or [one for one in suspects if len(one[1]) < params.looks]
    if not suspects:
        return found(evidence, indicator, Outcome.PASS, {"days": params.days}, holds_until=evidence.now)
    post, looks = max(suspects, key=lambda one: (one[0].first_seen_at, one[0].key))
    assert post.at is not None
    values: Values = {
        "days": params.days,
        "posts": how_many([one for one, _ in suspects]),
        "claimed": day_of(post.at).isoformat(),
        "first": day_of(post.first_seen_at).isoformat(),
        "looks": len(looks),
    }
    if not late:
        until = post.first_seen_at + timedelta(days=params.within)
        return not_excluded(evidence, indicator, "too_few_looks_between", values, until=until)
    times = (looks[0].at, looks[-1].at, post.first_seen_at)
    return found(
        evidence,
        indicator,
        Outcome.FAIL,
        values,
        holds_until=evidence.now,
        since=min(one.first_seen_at for one, _ in late),
        proof=tuple((post.target, moment) for moment in dict.fromkeys(times)),
    )


def _came_late(evidence: Evidence, params: Params) -> list[SeenPost]:
    """The posts of the account's own list that were first shown later than their dates explain."""
    explained, since = timedelta(days=params.days), last_list(evidence) - timedelta(days=params.within)
    late = [
        post
        for post in evidence.posts
        if post.at is not None and post.first_seen_at >= since and post.first_seen_at - post.at > explained
    ]
    if not late:
        return []
    # The two oldest of those whom one and the same look showed last: one of them may be the post itself.
    beside: dict[tuple[str, datetime], list[SeenPost]] = {(post.target, post.last_seen_at): [] for post in late}
    for post in evidence.posts:
        of = beside.get((post.target, post.last_seen_at))
        if of is not None and not post.pinned:
            of.append(post)
    twice = _twice(evidence.posts)
    oldest = {look: sorted(of, key=attrgetter("first_seen_at"))[:2] for look, of in beside.items()}
    return [
        post
        for post in late
        if any(_stood_before(one, post) for one in oldest[post.target, post.last_seen_at])
        and not (
            (post.at in twice or post.title in twice)
            and any(one.first_seen_at < post.first_seen_at and same(post, one) for one in evidence.posts)
        )
    ]


def _twice(posts: Sequence[SeenPost]) -> set[datetime | str]:
    """The instants and titles that more than one post has: nearly always none."""
    names: list[datetime | str] = [post.at for post in posts if post.at is not None]
    names += [post.title for post in posts if post.title]
    return set() if len(set(names)) == len(names) else {name for name, times in Counter(names).items() if times > 1}


def _not_there(evidence: Evidence, post: SeenPost) -> list[Look]:
    """The looks that should have shown the post and did not, from old to new."""
    assert post.at is not None
    due = post.at + SLACK
    return [
        look
        for look in evidence.looks
        if due <= look.at < post.first_seen_at and reaches(look) >= due and reaches_behind(look, post)
    ]


def _stood_before(other: SeenPost, post: SeenPost) -> bool:
    """True for a post that was known before. Where the very look that last showed this one showed it last, too, it is
    the account's own list, not another's that a bridge gave us for a while."""
    assert post.at is not None
    return other.first_seen_at <= post.at + SLACK and other.key != post.key


def stands(evidence: Evidence, params: Params, finding: Finding) -> datetime | None:
    """A pass; and where no look lies in between, what is not excluded, until the first such post is told of no more."""
    if finding.outcome is Outcome.UNKNOWN and finding.values.get("looks") == 0:
        return min(post.first_seen_at for post in _came_late(evidence, params)) + timedelta(days=params.within)
    return FOREVER if finding.outcome is Outcome.PASS else None


RULE = Rule(
    name="backdated",
    params=Params,
    judge=judge,
    stands=stands,
    keeps=unless_a_fail,
    reads=frozenset({"posts"}),
)
