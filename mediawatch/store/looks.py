"""Looks are written down, many at once: the record of each, the posts it showed, what it told of its account.

The number of statements does not grow with the number of looks: that is what makes a look cheap. It must not judge,
and it writes nothing of a look whose lease was lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Case, Connection, bindparam, case, insert, or_, select, update

from mediawatch.core.blame import says_gone
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Feed, Listing, Observation, Post
from mediawatch.core.seen import Seen, reach, shows
from mediawatch.core.wire import Validator
from mediawatch.store import batches, look_hours, posts, profiles, retention, rows
from mediawatch.store.chain import encoded, link
from mediawatch.store.claim import Claim, LastLook
from mediawatch.store.columns import among, changing
from mediawatch.store.enroll import CLOCK_SLIP
from mediawatch.store.tables import ACCOUNT, OBSERVATION, TARGET, storable
from mediawatch.store.upserts import Upserts

_HELD = select(TARGET.c.id, TARGET.c.lease_token, TARGET.c.head).where(among(TARGET.c.id, "ids")).with_for_update()
_MOVING = re.compile(r'"follow(?:ers|ing)":[1-9][0-9]*,?')
_OBSERVED = insert(OBSERVATION)
_TARGET_LOOKED = changing(TARGET, "head", "fails", "validators", "last_tried_at", "last_seen_at", "shown", "essence")


def _at(name: str, *, first: bool = False) -> Case[Any]:
    """What becomes of an account's instant where a look tells `:name`: the later of both, or the first."""
    stands, told = ACCOUNT.c[name], bindparam(name, type_=ACCOUNT.c[name].type)
    return case((or_(stands.is_(None), stands > told if first else stands < told), told), else_=stands)


_ACCOUNT = update(ACCOUNT).where(ACCOUNT.c.id == bindparam("one"))
_TRIED = _ACCOUNT.values(tried_at=_at("tried_at"))
_SAW = _ACCOUNT.values(
    tried_at=_at("tried_at"), looked_at=_at("looked_at"), watched_since=_at("watched_since", first=True)
)
_NEWEST = ACCOUNT.c.newest_post_at
_POSTED = _ACCOUNT.where(or_(_NEWEST.is_(None), bindparam("newest", type_=_NEWEST.type) > _NEWEST)).values(
    newest_post_at=bindparam("newest")
)


@dataclass(frozen=True)
class Looked:
    """What one look brought, and what the next look may use to ask only for changes.

    validators: they replace the kept ones only where the look saw something. again: whether the answers are those of
    the claim's last look: then what was seen then is seen again, and `observation.seen` holds no posts. essence: see
    `Adapter`.
    """

    claim: Claim
    observation: Observation
    validators: tuple[Validator, ...]
    again: bool = False
    essence: str = ""

    @property
    def last(self) -> LastLook | None:
        """The look that this one repeats."""
        return self.claim.last if self.again else None

    @property
    def showed(self) -> bool:
        """Whether it showed anything: of a list, a post; of a store, the app."""
        seen = self.observation.seen
        if isinstance(seen, Listing):
            return seen.present
        posts = self.last.posts if self.last is not None else len(_posts(seen))
        return seen is not None and (posts > 0 or not isinstance(seen, Feed))

    @property
    def goes_back(self) -> bool:
        """Whether its newest post is older than that of the look before it."""
        seen, last = self.observation.seen, self.claim.last
        newest = seen.newest if isinstance(seen, Feed) and not self.again else None
        return bool(last and newest and newest.at and last.newest_at and newest.at < last.newest_at)


@dataclass(frozen=True)
class Kept:
    """What a look that was written down changed. new: the keys of its posts that nobody has seen before. unchanged:
    whether it showed all that the look before it showed, and nothing else; of counts that always move, whatever."""

    new: frozenset[str]
    unchanged: bool


@dataclass(frozen=True)
class _Told:
    """What a look showed, as it is written down. repeats: the look before, where this one shows the same posts.

    prints: of its posts. still: of posts that stand as the look before showed them, whatever others showed.
    """

    one: Looked
    facts: str | None
    posts: int
    newest_at: datetime | None
    shown: str
    repeats: LastLook | None
    prints: Sequence[str] = ()
    still: frozenset[str] = frozenset()

    @property
    def unchanged(self) -> bool:
        """A list beside others may show what others have shown since: what it shows again is no proof of the same."""
        if self.repeats is None or self.facts is None or len(self.one.claim.account.targets) != 1:
            return False
        return self.facts == self.repeats.facts or _still(self.facts) == _still(self.repeats.facts)

    @property
    def told_today(self) -> bool:
        """Whether the look before told the very same of the account itself, on the same Shanghai day."""
        last = self.repeats
        return last is not None and self.facts == last.facts and day_of(last.at) == day_of(self.one.observation.at)


def record_all(connection: Connection, upsert: Upserts, looks: Sequence[Looked], setup: int = 0) -> list[Kept | None]:
    """What each look changed; `None` where its lease was lost. setup: with what they were made.

    Raises ValueError for an observation of another target than was claimed for it.
    """
    for one in looks:
        if (one.observation.target, one.observation.account) != (one.claim.target.id, one.claim.target.account):
            raise ValueError("an observation belongs to the target that was claimed for it")
    held = set(batches.read(connection, _HELD, {"ids": sorted({one.claim.target.id for one in looks})}))
    kept = [one for one in looks if (one.claim.target.id, one.claim.token, one.claim.left.head) in held]
    if not kept:
        return [None] * len(looks)
    told = [_told(one) for one in kept]
    observed = [_observed(what, setup) for what in told]
    batches.run(connection, _OBSERVED, observed)
    look_hours.add(connection, upsert, [(one.claim.target, one.observation) for one in kept])
    retention.note(connection, upsert, [one.observation for one in kept])
    new = _save_posts(connection, upsert, told)
    profiles.record(
        connection, upsert, [(what.one.claim, what.one.observation) for what in told if not what.told_today]
    )
    batches.run(
        connection, _TARGET_LOOKED, [_leaves(what, row["hash"]) for what, row in zip(told, observed, strict=True)]
    )
    _look_at_accounts(connection, kept)
    changed = {id(what.one): Kept(new.get(id(what.one), frozenset()), what.unchanged) for what in told}
    return [changed.get(id(one)) for one in looks]


def _told(one: Looked) -> _Told:
    seen, last, before = one.observation.seen, one.claim.last, one.claim.left.shown
    if one.last is not None:
        return _Told(one, one.last.facts, one.last.posts, one.last.newest_at, before, one.last)
    if seen is None:
        return _Told(one, None, 0, None, before, None)
    feed = seen if isinstance(seen, Feed) else None
    newest = feed.newest if feed else None
    prints = posts.fingerprints(_posts(seen))
    shown = "".join(prints)
    alone = len(one.claim.account.targets) == 1  # two lists may show the same post, and it is the later one's
    later = last is not None and last.at < one.observation.at
    return _Told(
        one,
        storable(_facts(seen)),
        len(prints),
        newest.at if newest else None,
        shown,
        last if later and shown == before and (alone or not shown) else None,
        prints,
        posts.apart(before) if later and alone else frozenset(),
    )


def _observed(told: _Told, setup: int) -> dict[str, Any]:
    """The row of the observation: the next link of its target's chain."""
    one, failure = told.one, told.one.observation.failure
    record: dict[str, Any] = {
        "target": one.claim.target.id,
        "account": one.claim.account.id,
        "platform": one.claim.target.platform,
        "at": one.observation.at,
        "saw": one.observation.seen is not None,
        "reason": failure.reason.value if failure else None,
        "detail": storable(failure.detail) if failure else "",
        "facts": told.facts,
        "posts": told.posts,
        "newest_at": told.newest_at,
        "digests": encoded(one.observation.digests).decode(),
        "asked": storable(encoded([asked.__dict__ for asked in one.observation.asked]).decode()),
        "site": one.observation.site,
        "exit": one.observation.exit,
        "setup": setup,
        "prev_hash": one.claim.left.head,
    }
    record["hash"] = link(record)
    return record


def _save_posts(connection: Connection, upsert: Upserts, told: Sequence[_Told]) -> dict[int, frozenset[str]]:
    """By look, the keys of posts that nobody has seen before."""
    posts.show_again(
        connection, [(one.one.claim, one.one.observation, one.repeats) for one in told if one.repeats is not None]
    )
    other = [one for one in told if one.repeats is None]
    listed = [
        posts.Shown(one.one.claim, one.one.observation.at, _posts(one.one.observation.seen), one.prints, one.still)
        for one in other
    ]
    new = posts.save(connection, upsert, listed)
    return {id(one.one): keys for one, keys in zip(other, new, strict=True)}


def _still(facts: str) -> str:
    """The facts without the counts that move from answer to answer, of which only the day's first is kept apart. None
    at all, or none told, is no such count: the one is a mark of a shell, the other an end to what is known."""
    return _MOVING.sub("", facts)


def _facts(seen: Seen) -> str:
    """What was seen, without its posts: of a list, how far back it reached."""
    if isinstance(seen, Feed):
        seen = seen.model_copy(update={"oldest_at": reach(seen)})
    return seen.model_dump_json(exclude={"posts"})


def _leaves(told: _Told, head: str) -> dict[str, Any]:
    """What a look leaves of its target."""
    one, left = told.one, told.one.claim.left
    at, seen = one.observation.at, one.observation.seen
    answered = seen is not None or says_gone(one.observation)
    showed = seen is not None and (shows(seen) or (one.last is not None and one.last.posts > 0))
    return {
        "one": one.claim.target.id,
        "head": head,
        "fails": 0 if answered else one.claim.fails + 1,
        "validators": rows.validators_text(one.claim.validators if seen is None else one.validators),
        "last_tried_at": _latest(left.last_tried_at, at),
        "last_seen_at": _latest(left.last_seen_at, at) if showed else left.last_seen_at,
        "shown": left.shown if seen is None else told.shown,
        "essence": left.essence if seen is None else one.essence,
    }


def _look_at_accounts(connection: Connection, kept: Sequence[Looked]) -> None:
    """When accounts were looked at, and the newest post that any channel showed."""
    tried: list[dict[str, Any]] = []
    saw: list[dict[str, Any]] = []
    posted: list[dict[str, Any]] = []
    for one in kept:
        id_, at, seen = one.claim.account.id, one.observation.at, one.observation.seen
        if seen is None:
            tried.append({"one": id_, "tried_at": at})
            continue
        saw.append({"one": id_, "tried_at": at, "looked_at": at, "watched_since": at})
        dated = [post.at for post in _posts(seen) if post.at is not None and post.at <= at + CLOCK_SLIP]
        if dated:
            posted.append({"one": id_, "newest": max(dated)})
    for statement, values in ((_TRIED, tried), (_SAW, saw), (_POSTED, posted)):
        batches.run(connection, statement, values)


def _posts(seen: Seen | None) -> tuple[Post, ...]:
    return seen.posts if isinstance(seen, Feed) else ()


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
