"""When posts count as published, for all rules that ask: worked out once for an account, not by each of them. Pure."""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.model import Evidence, SeenPost

Published = tuple[tuple[datetime, SeenPost], ...]


def counts_from(post: SeenPost) -> datetime:
    """When a dated post counts as published: never after we first saw it, whatever date it claims."""
    assert post.at is not None
    return min(post.at, post.first_seen_at)


def published(evidence: Evidence) -> Published:
    """The dated posts, in their order, each behind the instant from which it counts."""
    held: tuple[tuple[SeenPost, ...], Published] | None = evidence.__dict__.get("_published")
    if held is None or held[0] is not evidence.posts:  # a copy with other posts has this, too
        known = tuple([(counts_from(post), post) for post in evidence.posts if post.at is not None])
        evidence.__dict__["_published"] = held = (evidence.posts, known)
    return held[1]
