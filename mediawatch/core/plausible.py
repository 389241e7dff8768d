"""What an answer cannot truly say: that a post was published after we asked. Pure; it must not guess another date."""

from __future__ import annotations

from datetime import datetime, timedelta

from mediawatch.core.model import Feed, Reason, Seen
from mediawatch.core.wire import Failed

AHEAD = timedelta(days=1)  # more than any clock that is taken for right, and any zone that is taken for another


def plausible(seen: Seen, at: datetime) -> Seen:
    """What was seen at `at`, without dates that lie ahead of it: such a post may be the newest or the oldest, so that
    its list proves no silence. Raises `Failed(unreadable)` where no other dates are left: then nothing was seen.
    """
    if not isinstance(seen, Feed) or (newest := seen.newest) is None or newest.at is None or newest.at <= at + AHEAD:
        return seen
    posts = tuple(
        post.model_copy(update={"at": None}) if post.at is not None and post.at > at + AHEAD else post
        for post in seen.posts
    )
    if all(post.at is None for post in posts):
        raise Failed(Reason.UNREADABLE, f"implausible time: a post of {newest.at:%Y-%m-%d}")
    return seen.model_copy(update={"posts": posts, "complete": False})
