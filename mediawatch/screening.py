"""Looks are written down screened: what nobody may read twice is masked first, and what is new is searched for hits.

It must never judge, and never let an unredacted number reach the store.
"""

from __future__ import annotations

from mediawatch.core.content.screen import Screens, kept, screened
from mediawatch.core.model import Feed, Observation
from mediawatch.core.wire import Validator
from mediawatch.store.claim import Claim
from mediawatch.store.store import Ledger


def record(
    ledger: Ledger, claim: Claim, observation: Observation, validators: tuple[Validator, ...], screens: Screens
) -> bool:
    """`ledger.record`, and the hits of the posts that nobody has seen before. False where the lease was lost."""
    feed = observation.seen
    if not isinstance(feed, Feed):
        return ledger.record(claim, observation, validators)
    new = ledger.new_posts(claim.account.id, [post.key for post in feed.posts])
    safe = feed.model_copy(update={"posts": tuple(map(kept, feed.posts))})
    if not ledger.record(claim, observation.model_copy(update={"seen": safe}), validators):
        return False
    if not claim.account.canary:
        fresh = {post.key: post for post in feed.posts if post.key in new}.values()
        found = [hit for post in fresh for hit in screened(post, claim.target.id, observation.at, screens)]
        ledger.save_hits(claim.account.id, found)
    return True
