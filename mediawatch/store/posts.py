"""Posts are written down, those of many looks at once: what is new, what is shown again, what is shown otherwise.

A list that shows what it showed the time before costs one statement, without reading a post. It must not judge.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, insert, select, update

from mediawatch.core.model import Observation, Post
from mediawatch.store import batches
from mediawatch.store.claim import Claim, LastLook
from mediawatch.store.columns import pairs_among
from mediawatch.store.tables import POST, POST_WAS, storable
from mediawatch.store.upserts import Upserts

_SAME = ("target", "title", "url", "pinned", "repost", "original", "digest")
_WAS = ("target", "title", "url", "pinned", "repost", "original", "at", "last_seen_at")
_OF_KNOWN = ("account", "key", "at", "first_seen_at", "last_seen_at", *_SAME)
_KNOWN = select(*(POST.c[name] for name in _OF_KNOWN)).where(pairs_among(POST.c.account, POST.c.key, "pairs"))
_SEEN_AGAIN = (
    update(POST)
    .where(POST.c.account == bindparam("of"), POST.c.key == bindparam("one"))
    .values(last_seen_at=bindparam("seen_at"))
)
_BECAME = insert(POST_WAS)
_LETTERS = 16
_BESIDE = 10  # posts that other lists may have shown among those of one list
_ALL = 2**31 - 1
_OTHER = POST.alias()
_SHOWN_AGAIN = (
    update(POST)
    .where(
        POST.c.id.in_(
            select(_OTHER.c.id)
            .where(_OTHER.c.account == bindparam("of"))
            .order_by(_OTHER.c.order_at.desc())
            .limit(bindparam("most", type_=Integer))
        ),
        POST.c.target == bindparam("by"),
        POST.c.last_seen_at >= bindparam("before", type_=POST.c.last_seen_at.type),
        POST.c.last_seen_at < bindparam("seen_at", type_=POST.c.last_seen_at.type),
    )
    .values(last_seen_at=bindparam("seen_at", type_=POST.c.last_seen_at.type))
)


def fingerprints(posts: Sequence[Post]) -> list[str]:
    """For each post sixteen letters of all that is written down of it: equal only where it shows the same."""
    told = (
        (one.key, one.at and one.at.isoformat(), one.title, one.url, one.pinned, one.repost, one.original, one.digest)
        for one in posts
    )
    hashes = (hashlib.blake2b(repr(one).encode("utf-8", "surrogatepass"), digest_size=12).digest() for one in told)
    return [b2a_base64(one, newline=False).decode() for one in hashes]


def apart(shown: str) -> frozenset[str]:
    """The fingerprints that were written down one behind the other."""
    return frozenset(shown[start : start + _LETTERS] for start in range(0, len(shown), _LETTERS))


def show_again(connection: Connection, repeated: Iterable[tuple[Claim, Observation, LastLook]]) -> None:
    """What a look showed that is now repeated: its posts are those of the target that were seen by it or later."""
    shown = [(claim, observation, last) for claim, observation, last in repeated if last.posts]
    values = [
        {
            "of": claim.account.id,
            "by": claim.target.id,
            "before": last.at,
            "seen_at": observation.at,
            "most": last.posts + _BESIDE,
        }
        for claim, observation, last in shown
    ]
    if values and batches.run(connection, _SHOWN_AGAIN, values) != sum(last.posts for _, _, last in shown):
        # Some list shows a post older than the account's newest ones: a pin. Then all of its posts are gone through.
        batches.run(connection, _SHOWN_AGAIN, [{**one, "most": _ALL} for one in values])


@dataclass(frozen=True)
class Shown:
    """The posts of one list, each with its fingerprint. still: those of the list before it that nobody else may have
    shown otherwise since."""

    claim: Claim
    at: datetime
    posts: Sequence[Post]
    prints: Sequence[str]
    still: frozenset[str]


def save(connection: Connection, upsert: Upserts, looks: Sequence[Shown]) -> list[frozenset[str]]:
    """A post that is shown again as it was known costs one small update. Returns for each look what was new.

    What a post was is kept where a look shows it otherwise.
    """
    again: list[dict[str, Any]] = []
    read: list[dict[str, Post]] = []  # those that have to be held against what is known of them
    for one in looks:
        told: dict[str, Post] = {}
        for post, print_ in zip(one.posts, one.prints, strict=True):
            if print_ in one.still:
                again.append({"of": one.claim.account.id, "one": storable(post.key), "seen_at": one.at})
            else:
                told[storable(post.key)] = post
        read.append(told)
    pairs = {(one.claim.account.id, key) for one, told in zip(looks, read, strict=True) for key in told}
    found = batches.read(connection, _KNOWN, {"pairs": sorted(pairs)})
    known = {(row[0], row[1]): dict(zip(_OF_KNOWN, row, strict=True)) for row in found}
    other: list[dict[str, Any]] = []
    new: list[frozenset[str]] = []
    met = set(known)
    stood = dict(known)
    was: list[dict[str, Any]] = []
    for one, posts in zip(looks, read, strict=True):
        account, at = one.claim.account.id, one.at
        new.append(frozenset(post.key for key, post in posts.items() if (account, key) not in met))
        met |= {(account, key) for key in posts}
        for key, post in posts.items():
            row = known.get((account, key))
            values = _post_values(one.claim, post, at)
            then = stood.get((account, key))
            if then is not None and _otherwise(then, values, one.claim.left.last_seen_at):
                was.append({"account": account, "key": key, "until": at, **{name: then[name] for name in _WAS}})
            stood[account, key] = _stands(then, values)
            if row is None or not _as_known(row, values):
                other.append(values)
            elif row["last_seen_at"] < at:
                again.append({"of": account, "one": key, "seen_at": at})
    batches.run(connection, _SEEN_AGAIN, again)
    batches.run(connection, upsert.post, other)
    batches.run(connection, _BECAME, was)
    return new


def _stands(then: dict[str, Any] | None, values: dict[str, Any]) -> dict[str, Any]:
    """What a post is after a look; the first date that it claimed stays."""
    if then is None:
        return values
    last = max(then["last_seen_at"], values["last_seen_at"])
    return {**values, "at": then["at"] or values["at"], "last_seen_at": last}


def _otherwise(then: Mapping[str, Any], values: Mapping[str, Any], before: datetime | None) -> bool:
    """Whether a later look shows a post otherwise than it stood, or again after a look of its channel that did not."""
    if values["last_seen_at"] <= then["last_seen_at"]:
        return False
    missed = then["target"] == values["target"] and before is not None and then["last_seen_at"] < before
    dated = then["at"] is None and values["at"] is not None
    return missed or dated or any(then[name] != values[name] for name in _WAS[:-2])


def _as_known(known: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a look shows a post as it is written down already, but for when it was last seen."""
    dated = known["at"] is not None or values["at"] is None
    early = known["first_seen_at"] <= values["first_seen_at"]
    return dated and early and all(known[name] == values[name] for name in _SAME)


def _post_values(claim: Claim, post: Post, at: datetime) -> dict[str, Any]:
    return {
        "key": post.key,
        "at": post.at,
        "title": post.title,
        "url": post.url,
        "pinned": post.pinned,
        "repost": post.repost,
        "original": post.original,
        "digest": post.digest,
        "account": claim.account.id,
        "target": claim.target.id,
        "order_at": post.at or at,
        "first_seen_at": at,
        "last_seen_at": at,
    }
