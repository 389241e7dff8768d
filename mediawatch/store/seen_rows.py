"""What was seen, as the record holds it, and the values that it stands for: looks, what each of them saw, posts.

Many rows come as one text (`newest.newest_listed`), which is read at once. It must not judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from pydantic import TypeAdapter
from sqlalchemy import Row

from mediawatch.core.model import Failure, Feed, Look, Profile, Reason, Seen, SeenPost
from mediawatch.core.value import made
from mediawatch.store.rows import Instant

_POST_FIELDS = tuple(SeenPost.model_fields)
_SEEN: TypeAdapter[Seen] = TypeAdapter(Seen)


class _StoredProfile(msgspec.Struct, forbid_unknown_fields=True):
    """All fields of a `Profile`, in their order."""

    uid: str
    name: str
    posts: int | None
    followers: int | None
    following: int | None
    verified: bool | None
    verified_type: int | None
    verified_reason: str
    registered_at: Instant | None
    description: str
    comments_open: bool | None


class _StoredFeed(msgspec.Struct, tag_field="kind", tag="feed", forbid_unknown_fields=True):
    """A list as most looks have it: without a menu."""

    profile: _StoredProfile | None
    complete: bool
    synced_at: Instant | None
    menu: None
    oldest_at: Instant | None


_DIGESTS = msgspec.json.Decoder(tuple[str, ...])
_FEED = msgspec.json.Decoder(_StoredFeed)


@lru_cache(maxsize=1024)
def seen_of(facts: str) -> Seen:
    """What a look saw. The usual list is read at a third of the cost of a check; all else, and what versions of old
    wrote, is checked."""
    try:
        told = _FEED.decode(facts)
    except msgspec.MsgspecError:
        return _SEEN.validate_json(facts)
    profile = told.profile and made(Profile, msgspec.structs.asdict(told.profile))
    return made(
        Feed,
        {
            "kind": "feed",
            "profile": profile,
            "posts": (),
            "complete": told.complete,
            "synced_at": told.synced_at,
            "menu": None,
            "oldest_at": told.oldest_at,
        },
    )


class StoredLook(msgspec.Struct, array_like=True, gc=False):
    """A look as the record holds it, of which the rest (headers, hashes) is longer than all of this: `OF_LOOK`."""

    id: int
    account: str
    target: str
    platform: str
    at: Instant
    saw: bool
    reason: str | None
    detail: str
    facts: str | None
    posts: int
    newest_at: Instant | None
    digests: str
    site: str
    exit: str


OF_LOOK = StoredLook.__struct_fields__
_LOOKS = msgspec.json.Decoder(list[StoredLook], strict=False)


def looks_of(text: str) -> list[StoredLook]:
    """Of rows of `OF_LOOK` as one text (`newest.newest_listed`), in its order."""
    return _LOOKS.decode(text)


def look_of(row: StoredLook | Row[Any], adapter: str, covers: frozenset[str], trusted: bool) -> Look:
    """A look from what names all of `OF_LOOK`."""
    facts, reason = row.facts, row.reason
    return made(
        Look,
        {
            "target": row.target,
            "adapter": adapter,
            "platform": row.platform,
            "covers": covers,
            "at": row.at,
            "seen": None if facts is None else seen_of(facts),
            "failure": None if reason is None else Failure(reason=Reason(reason), detail=row.detail),
            "posts": row.posts,
            "newest_at": row.newest_at,
            "trusted": trusted,
            "digests": _DIGESTS.decode(row.digests),
            "site": row.site,
            "exit": row.exit,
        },
    )


class StoredPost(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A post as the record holds it now, by the names of a `SeenPost`: `OF_POST`."""

    order_at: str
    key: str
    target: str
    at: Instant | None
    title: str
    url: str
    pinned: bool
    repost: bool
    original: bool | None
    first_seen_at: Instant
    last_seen_at: Instant


OF_POST = StoredPost.__struct_fields__
_POSTS = msgspec.json.Decoder(list[StoredPost], strict=False)


def posts_of(text: str) -> list[StoredPost]:
    """Of rows of `OF_POST` as one text (`newest.newest_listed`), in its order."""
    return _POSTS.decode(text)


def post_of(row: StoredPost) -> SeenPost:
    return made(
        SeenPost,
        {
            "key": row.key,
            "target": row.target,
            "at": row.at,
            "title": row.title,
            "url": row.url,
            "pinned": row.pinned,
            "repost": row.repost,
            "original": row.original,
            "first_seen_at": row.first_seen_at,
            "last_seen_at": row.last_seen_at,
        },
    )


def post_then(post: SeenPost, was: Row[Any] | None, shown: Mapping[str, datetime], now: datetime) -> SeenPost:
    """A post that a later look showed again, as it stood at `now`. was: what it was then, where it was another. shown:
    by target, the last look up to `now` that showed any post: a list shows a post in one run, until it is deleted,
    pushed out or comes back."""
    values = dict(post.__dict__)
    if was is not None:
        values |= {name: getattr(was, name) for name in _POST_FIELDS if name in was._fields}
    if values["last_seen_at"] > now:
        values["last_seen_at"] = shown.get(values["target"], post.first_seen_at)
    return made(SeenPost, values)
