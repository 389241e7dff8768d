"""伪造发稿日期: a post claims a date at which whole lists of its channel, read since, did not show it.

A candidate, never more: a post that waited for approval looks the same. It must never take a list that was cut behind
the claimed date, an item that only got a new key, or one that the platform had counted before, for a proof. What is not
excluded is told of as of the last look that read a list; what is proven, no longer than as of the present.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter, eq

from mediawatch.core.calendar import FOREVER, day_of
from mediawatch.core.copies import how_many
from mediawatch.core.model import Evidence, Feed, Finding, Look, Outcome, SeenPost, Value
from mediawatch.core.rulebook import Indicator
from mediawatch.core.rules.published import counts_from
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
from mediawatch.core.rules.vanished import came, counts, reaches_behind, same

SLACK = timedelta(days=1)
"""How late a platform may show a post without anybody wondering."""


class Params(Value):
    """days: a post first seen more than so many days after its claimed date is looked into.

    looks: how many looks in between must have reached over that date, and shown younger posts, without showing it.
    within: how many days a post is told of after it was first seen.
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
    instants = [look.at for look in evidence.looks]
    suspects = [(post, _not_there(evidence, instants, post)) for post in _came_late(evidence, params)]
    suspects = [(post, looks) for post, looks in suspects if not looks or _counted_in(evidence, post, looks)]
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
        (post, beside)
        for post, beside in _by_last_look(evidence.posts)
        if post.at is not None and post.first_seen_at >= since and post.first_seen_at - post.at > explained
    ]
    twice = _twice(evidence.posts) if late else ()
    return [
        post
        for post, beside in late
        if _stood_before(beside, post)
        and not (
            (post.at in twice or post.title in twice)
            and any(one.first_seen_at < post.first_seen_at and same(post, one) for one in evidence.posts)
        )
    ]


def _by_last_look(posts: Sequence[SeenPost]) -> list[tuple[SeenPost, list[SeenPost]]]:
    """Each post, and beside it the two oldest that are not pinned of those which the look that showed it last showed
    last: one of them may be the post itself."""
    looks: dict[tuple[str, datetime], list[SeenPost]] = {}
    found: list[tuple[SeenPost, list[SeenPost]]] = []
    shown, target = None, ""
    for post in posts:
        if post.last_seen_at != shown or post.target != target:  # seldom, and to hash an instant is dear
            shown, target = post.last_seen_at, post.target
            beside = looks.setdefault((target, shown), [])
        if not post.pinned:
            beside.append(post)
        found.append((post, beside))
    for beside in looks.values():
        beside.sort(key=attrgetter("first_seen_at"))
        del beside[2:]
    return found


def _twice(posts: Sequence[SeenPost]) -> set[datetime | str]:
    """The instants and titles that more than one post has: nearly always none."""
    instants = sorted([post.at for post in posts if post.at is not None])
    titles = [post.title for post in posts if post.title]
    if len(set(titles)) == len(titles) and not any(map(eq, instants, instants[1:])):  # to hash an instant is dear
        return set()
    return {name for name, times in Counter[datetime | str]([*instants, *titles]).items() if times > 1}


def _not_there(evidence: Evidence, instants: list[datetime], post: SeenPost) -> list[Look]:
    """The looks that should have shown the post and did not, from old to new. instants: of all looks."""
    assert post.at is not None
    due = post.at + SLACK
    between = evidence.looks[bisect_left(instants, due) : bisect_left(instants, post.first_seen_at)]
    looks = [look for look in between if reaches(look) >= due and reaches_behind(look, post)]
    fresh = _fresh_from(evidence.posts, post) if looks else None
    return [look for look in looks if _synced(look) or (fresh is not None and look.at >= fresh)]


def _synced(look: Look) -> bool:
    """Whether a bridge says itself when it last read the platform."""
    return isinstance(look.seen, Feed) and look.seen.synced_at is not None


def _fresh_from(posts: Sequence[SeenPost], post: SeenPost) -> datetime | None:
    """From when on its list showed a younger post, and still did when it showed this one. What showed none may have
    been an old copy or another account's list, which any platform and bridge gives out for days."""
    assert post.at is not None
    younger = (
        one.first_seen_at
        for one in posts
        if one.target == post.target
        and one.at is not None
        and counts_from(one) > post.at
        and one.first_seen_at < post.first_seen_at <= one.last_seen_at
    )
    return min(younger, default=None)


def _counted_in(evidence: Evidence, post: SeenPost, looks: Sequence[Look]) -> bool:
    """Whether the platform's own count went up with what came; true where it counts none. What it had counted while
    lists did not show it was hidden from us, and is there since."""
    known = counts(evidence, post.target)
    before = [(at, had) for at, had in known if looks[0].at <= at < post.first_seen_at]
    after = [(at, has) for at, has in known if at >= post.first_seen_at]
    if not before or not after:
        return True
    begin, had = before[-1]
    return any(has - had >= came(evidence, post.target, begin, end) for end, has in after)


def _stood_before(beside: Sequence[SeenPost], post: SeenPost) -> bool:
    """Whether a post was known before that the very look that last showed this one showed last, too: then it is the
    account's own list, not another's that a bridge gave us for a while."""
    assert post.at is not None
    for other in beside:  # the oldest first
        if other.key != post.key:
            return other.first_seen_at <= post.at + SLACK
    return False


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
    reads=frozenset({"posts", "series"}),
)
