"""Posts that were deleted: shown before, and missing since in whole lists that reach back behind their date.

A list that was cut before the post's date says nothing, nor does another account's list, nor one that the platform
contradicts by its own count. It must never call a post deleted on one look alone: lists hide parts of themselves.
"""

from __future__ import annotations

from datetime import timedelta

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Evidence, Feed, Look, SeenPost
from mediawatch.core.rules.rule import reaches

APART = timedelta(days=1)
"""How far apart two looks must be that agree about what is missing."""


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
    """Whether the platform's own count went down, all that came since taken into account; true where it counts none."""
    after = [(look.at, count) for look in late if (count := _count(look, post)) is not None]
    before = [(look.at, count) for look in evidence.looks if (count := _count(look, post)) is not None]
    # looks are few and days are many: the daily count of a list that has long been looked at since
    before += [(one.at, one.posts) for one in evidence.series if one.target == post.target and one.posts is not None]
    if not before:
        return True
    for begin, had in before:
        for end, has in after:
            if begin <= post.last_seen_at:
                came = sum(begin < other.first_seen_at <= end for other in evidence.posts)
                if has < had + came:
                    return True
    return False


def _count(look: Look, post: SeenPost) -> int | None:
    told = look.seen.profile if isinstance(look.seen, Feed) and look.target == post.target else None
    return told.posts if told is not None else None
