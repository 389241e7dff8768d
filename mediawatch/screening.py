"""Looks are written down screened: what nobody may read twice is masked first, and what is new is searched for hits.

It must never judge, and never let an unredacted number reach the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mediawatch.core.content.personal import redact
from mediawatch.core.content.screen import Screens, harmless, safe, screened
from mediawatch.core.model import Feed, Post
from mediawatch.store.looks import Kept, Looked
from mediawatch.store.store import Ledger


def record(ledger: Ledger, looked: Sequence[Looked], screens: Screens) -> list[tuple[Looked, bool]]:
    """`ledger.record_all`, and the hits of the posts that nobody has seen before. Returns the looks that count (those
    whose lease was not lost), each with whether it showed nothing new."""
    written = ledger.record_all([_masked(one, screens) for one in looked])
    counted = [(one, wrote) for one, wrote in zip(looked, written, strict=True) if wrote is not None]
    ledger.save_hits(
        [
            (one.claim.account.id, hit)
            for one, wrote in counted
            if wrote.new and not one.claim.account.canary
            for post in _to_search(one, wrote, screens)
            for hit in screened(post, one.claim.target.id, one.observation.at, screens)
        ]
    )
    return [(one, wrote.unchanged) for one, wrote in counted]


def _masked(one: Looked, screens: Screens) -> Looked:
    if one.again:  # what it repeats was masked when it was written down
        return one
    told = one.observation
    seen = told.seen and safe(told.seen, screens)
    failure = told.failure
    if failure is not None and (detail := redact(failure.detail)) != failure.detail:
        failure = failure.model_copy(update={"detail": detail})
    if seen is told.seen and failure is told.failure:
        return one
    return replace(one, observation=told.model_copy(update={"seen": seen, "failure": failure}))


def _to_search(one: Looked, wrote: Kept, screens: Screens) -> Sequence[Post]:
    """The new posts of a list, each once; none where one glance at all of them finds nothing."""
    seen = one.observation.seen
    if not isinstance(seen, Feed):
        return ()
    posts = tuple({post.key: post for post in seen.posts if post.key in wrote.new}.values())
    return () if harmless(posts, screens) else posts
