"""When posts count as published, for all rules that ask: worked out once for an account, not by each of them. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from mediawatch.core.model import Evidence, SeenPost

Published = tuple[tuple[datetime, SeenPost], ...]


class _Dated(NamedTuple):
    """of: all posts. posts: the dated ones, each behind the instant from which it counts. latest: the last instant that
    any of them claims."""

    of: tuple[SeenPost, ...]
    posts: Published
    latest: datetime | None


def counts_from(post: SeenPost) -> datetime:
    """When a dated post counts as published: never after we first saw it, whatever date it claims."""
    assert post.at is not None
    return min(post.at, post.first_seen_at)


def published(evidence: Evidence) -> Published:
    """The dated posts, in their order, each behind the instant from which it counts."""
    return _dated(evidence).posts


def latest_claim(evidence: Evidence) -> datetime | None:
    """The last instant that any post claims to be from."""
    return _dated(evidence).latest


def _dated(evidence: Evidence) -> _Dated:
    held: _Dated | None = evidence.__dict__.get("_published")
    if held is None or held.of is not evidence.posts:  # a copy with other posts has this, too
        # As `counts_from`: a call for each of fifty posts costs more than all else here.
        known = [
            (at if at <= post.first_seen_at else post.first_seen_at, post)
            for post in evidence.posts
            if (at := post.at) is not None
        ]
        latest = max([post.at for _, post in known if post.at is not None], default=None)
        evidence.__dict__["_published"] = held = _Dated(evidence.posts, tuple(known), latest)
    return held
