"""Posts that were deleted: shown before, and missing since in whole lists that reach back behind their date.

A list that was cut before the post's date says nothing, nor does another account's list, nor one that the platform
contradicts by its own count. It must never call a post deleted on one look alone: lists hide parts of themselves.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Look, SeenPost
from mediawatch.core.rules.rule import reaches

APART = timedelta(days=1)
"""How far apart two looks must be that agree about what is missing."""

LAG = timedelta(days=7)
"""A count of so long before a post was first seen may still be held against those after it."""


def vanished(evidence: Evidence, post: SeenPost) -> tuple[Look, ...]:
    """The first and the last look that prove a post deleted; empty where it is there, or nobody can tell."""
    if post.at is None or post.pinned or post.last_seen_at >= evidence.looks[-1].at:
        return ()
    late = _since(evidence, post)
    if not late or late[-1].at - late[0].at < APART:  # what follows leaves some of them out
        return ()
    stayed = max((other.last_seen_at for other in evidence.posts if _known_beside(other, post)), default=None)
    late = [look for look in late if stayed is not None and look.at <= stayed]
    if not late or late[-1].at - late[0].at < APART or not _counted_out(evidence, post, late):
        return ()
    if any(same(post, other) and other.last_seen_at >= late[-1].at for other in evidence.posts):
        return ()
    return (late[0], late[-1])


def _since(evidence: Evidence, post: SeenPost) -> list[Look]:
    """The looks that should have shown the post, since one last did, from old to new."""
    found: list[Look] = []
    for look in reversed(evidence.looks):
        if look.at <= post.last_seen_at:
            break
        if reaches_behind(look, post) and reaches(look) > post.last_seen_at:
            found.append(look)
    return found[::-1]


def reaches_behind(look: Look, post: SeenPost) -> bool:
    """Whether a look is a trusted one at a list of the post's channel that goes back to before the post's day."""
    if look.target != post.target or not look.trusted or not look.posts or not isinstance(look.seen, Feed):
        return False
    oldest = look.seen.oldest_at
    return post.at is not None and oldest is not None and oldest < post.at and day_of(oldest) < day_of(post.at)


def same(one: SeenPost, other: SeenPost) -> bool:
    """Whether two keys are one post: bridges and feeds give their items new keys now and then."""
    if one.at is None or other.at is None or one.key == other.key:
        return False
    return one.at == other.at or bool(one.title and one.title == other.title and day_of(one.at) == day_of(other.at))


def _known_beside(other: SeenPost, post: SeenPost) -> bool:
    """True for a post that was known while this one was shown: a look that still shows it is at the same list."""
    known = other.first_seen_at <= post.last_seen_at and other.target == post.target
    return known and other.key != post.key and not other.pinned


def _counted_out(evidence: Evidence, post: SeenPost, late: list[Look]) -> bool:
    """Whether the platform's own count went down, all that came since taken into account; true where it counts none.

    It is held against what was counted while the post was shown, or not long before: the count may have lagged behind
    the list, and what went in an earlier month is another matter.
    """
    known = counts(evidence, post.target)
    before = [(at, had) for at, had in known if at <= post.last_seen_at]
    before = [(at, had) for at, had in before if at >= post.first_seen_at - LAG] or before[-1:]
    missed = {look.at for look in late}
    after = [(at, has) for at, has in known if at in missed]
    return not before or any(
        has < had + came(evidence, post.target, begin, end) for begin, had in before for end, has in after
    )


def counts(evidence: Evidence, target: str) -> list[tuple[datetime, int]]:
    """What the platform counted of a channel's posts, from old to new: looks are few and days are many."""
    told = [
        (look.at, look.seen.profile.posts)
        for look in evidence.looks
        if look.target == target and look.trusted and isinstance(look.seen, Feed) and look.seen.profile is not None
    ]
    told += [(one.at, one.posts) for one in evidence.series if one.target == target]
    return sorted((at, count) for at, count in told if count is not None)


def came(evidence: Evidence, target: str, begin: datetime, end: datetime) -> int:
    """How many posts a channel showed first between two instants."""
    return sum(begin < post.first_seen_at <= end for post in evidence.posts if post.target == target)
