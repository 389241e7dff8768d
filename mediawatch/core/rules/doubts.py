"""What makes a list doubtful that shows nothing newer: it went back, counts what it does not show, or dates it anew.

The account may have deleted, or the platform may show an old copy: only a person can tell. It must not judge.
"""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Look, SeenPost
from mediawatch.core.rules.rule import shows_dates

REGRESSION = timedelta(days=1)
"""A list that goes back behind what it showed before is believed only when it still does so a day later."""


def behind(evidence: Evidence, look: Look) -> bool:
    """True where the newest day a look shows is older than one its channel had shown by then: deleted, or an old copy.

    Days, not instants: some platforms show a time at first and only the date later.
    """
    if look.newest_at is None:
        return False
    newer = [post for post in evidence.posts if post.at is not None and post.at > look.newest_at]
    return any(
        post.first_seen_at <= look.at
        and post.target == look.target
        and post.at is not None
        and day_of(post.at) > day_of(look.newest_at)
        for post in newer
    )


def was_shortened(evidence: Evidence, newest: SeenPost, looks: list[Look]) -> bool:
    """True where a list that went back may be what deletion leaves: it still shows a post of before, and the platform
    counts fewer, where it counts. Another account's list, and a list that hides its newest part, are neither."""
    late = looks[-1]
    kept = any(
        post.target == late.target and post.first_seen_at <= newest.first_seen_at and late.at <= post.last_seen_at
        for post in evidence.posts
    )
    counts = [(look.at, _count(look)) for look in looks if not behind(evidence, look)]
    days = ((one.at, one.posts) for one in evidence.series if one.target == late.target)  # looks are few, days are many
    counts += [(at, count) for at, count in days if newest.first_seen_at <= at <= newest.last_seen_at]
    before = max(((at, count) for at, count in counts if count is not None), default=(None, None))[1]
    after = _count(late)
    return kept and (before is None or after is None or after < before)


def counts_more(evidence: Evidence, newest: SeenPost) -> bool:
    """True where the platform counts more posts than when it showed the newest: others hide behind an old list, or are
    for some readers only. What it counted on the first day may have lagged behind what it showed."""
    looks = (look for look in evidence.looks if look.target == newest.target and look.trusted)
    counts = [(look.at, count) for look in looks if (count := _count(look)) is not None]
    counts = [(moment, count) for moment, count in counts if moment >= newest.first_seen_at]
    first = max((count for moment, count in counts if moment < newest.first_seen_at + REGRESSION), default=None)
    return first is not None and counts[-1][1] > first


def redated(evidence: Evidence) -> bool:
    """True where a list dates what is known by now later than when it first showed it: a platform that had dated it
    wrongly, or an account that has polished it."""
    known = max((post.at for post in evidence.posts if post.at is not None), default=None)
    shown = (look.newest_at for look in evidence.looks if shows_dates(look) and look.trusted)
    return known is not None and any(at is not None and known + REGRESSION < at <= evidence.now for at in shown)


def _count(look: Look) -> int | None:
    """How many posts the platform itself counted then."""
    return look.seen.profile.posts if isinstance(look.seen, Feed) and look.seen.profile is not None else None
