"""When posts count as published, for all rules that ask: worked out once for an account, not by each of them. Pure."""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.model import Evidence, SeenPost

Published = tuple[tuple[datetime, SeenPost], ...]
_NOBODY: tuple[tuple[SeenPost, ...], Published] = ((), ())
_LAST = [_NOBODY]


def counts_from(post: SeenPost) -> datetime:
    """When a dated post counts as published: never after we first saw it, whatever date it claims."""
    assert post.at is not None
    return min(post.at, post.first_seen_at)


def published(evidence: Evidence) -> Published:
    """The dated posts, in their order, each behind the instant from which it counts."""
    posts, known = _LAST[0]  # one assignment, one look: another thread finds all of it or none
    if posts is not evidence.posts:
        posts = evidence.posts
        known = tuple([(counts_from(post), post) for post in posts if post.at is not None])
        _LAST[0] = (posts, known)
    return known


def let_go() -> None:
    """The account is judged: nothing of it is held any more."""
    _LAST[0] = _NOBODY
