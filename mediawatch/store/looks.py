"""Looks are written down, many at once: the record of each, the posts it showed, what it told of its account.

The number of statements does not grow with the number of looks: that is what makes a look cheap. It must not judge,
and it writes nothing of a look whose lease was lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from mediawatch.core.blame import says_gone
from mediawatch.core.calendar import day_of
from mediawatch.core.model import Feed, Observation, Post
from mediawatch.core.seen import Seen, reach, shows
from mediawatch.core.wire import Validator
from mediawatch.store import batches, look_hours, posts, profiles, retention, rows
from mediawatch.store.chain import link
from mediawatch.store.claim import Claim, LastLook
from mediawatch.store.columns import among
from mediawatch.store.enroll import CLOCK_SLIP
from mediawatch.store.tables import ACCOUNT, OBSERVATION, TARGET, storable
from mediawatch.store.upserts import Upserts

_OF_TARGET = ("head", "fails", "validators", "last_tried_at", "last_seen_at", "shown", "essence")
_OF_ACCOUNT = ("newest_post_at", "tried_at", "looked_at", "watched_since")
_HELD = (
    select(TARGET.c.id, TARGET.c.account, TARGET.c.lease_token, *(TARGET.c[name] for name in _OF_TARGET))
    .where(among(TARGET.c.id, "ids"))
    .with_for_update()
)
_STANDS = (
    select(ACCOUNT.c.id, *(ACCOUNT.c[name] for name in _OF_ACCOUNT)).where(among(ACCOUNT.c.id, "ids")).with_for_update()
)
_MOVING = re.compile(r'"follow(?:ers|ing)":(?:null|[0-9]+),?')
_OBSERVED = insert(OBSERVATION)
_TARGET_LOOKED = (
    update(TARGET).where(TARGET.c.id == bindparam("one")).values({name: bindparam(name) for name in _OF_TARGET})
)
_ACCOUNT_LOOKED = (
    update(ACCOUNT).where(ACCOUNT.c.id == bindparam("one")).values({name: bindparam(name) for name in _OF_ACCOUNT})
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
        """Whether it showed anything: of a list, a post."""
        seen = self.observation.seen
        posts = self.last.posts if self.last is not None else len(_posts(seen))
        return seen is not None and (posts > 0 or not isinstance(seen, Feed))


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
    held = {row.id: row for row in connection.execute(_HELD, {"ids": sorted({one.claim.target.id for one in looks})})}
    kept = [one for one in looks if (row := held.get(one.claim.target.id)) and row.lease_token == one.claim.token]
    if not kept:
        return [None] * len(looks)
    targets = {
        one.claim.target.id: {name: held[one.claim.target.id]._mapping[name] for name in _OF_TARGET} for one in kept
    }
    ids = {"ids": sorted({one.claim.account.id for one in kept})}
    accounts = {row.id: {name: row._mapping[name] for name in _OF_ACCOUNT} for row in connection.execute(_STANDS, ids)}
    told = [_told(one, targets[one.claim.target.id]["shown"]) for one in kept]
    batches.run(connection, _OBSERVED, [_observed(what, targets[what.one.claim.target.id], setup) for what in told])
    look_hours.add(connection, upsert, [(one.claim.target, one.observation) for one in kept])
    retention.note(connection, upsert, [one.observation for one in kept])
    new = _save_posts(connection, upsert, told, {id_: target["last_seen_at"] for id_, target in targets.items()})
    profiles.record(
        connection, upsert, [(what.one.claim, what.one.observation) for what in told if not what.told_today]
    )
    for what in told:
        _look_at_target(targets[what.one.claim.target.id], what)
        _look_at_account(accounts[what.one.claim.account.id], what.one.observation)
    batches.run(connection, _TARGET_LOOKED, [{"one": id_, **values} for id_, values in targets.items()])
    batches.run(connection, _ACCOUNT_LOOKED, [{"one": id_, **values} for id_, values in accounts.items()])
    found = {id(what.one): Kept(new.get(id(what.one), frozenset()), what.unchanged) for what in told}
    return [found.get(id(one)) for one in looks]


def _told(one: Looked, before: str) -> _Told:
    """before: the fingerprints of what the target's last list showed."""
    seen, last = one.observation.seen, one.claim.last
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


def _observed(told: _Told, target: dict[str, Any], setup: int) -> dict[str, Any]:
    """The row of the observation; the target's head becomes its hash."""
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
        "digests": rows.canonical(one.observation.digests),
        "asked": storable(rows.canonical([asked.model_dump(mode="json") for asked in one.observation.asked])),
        "site": one.observation.site,
        "exit": one.observation.exit,
        "setup": setup,
        "prev_hash": target["head"],
    }
    target["head"] = link(record)
    return {**record, "hash": target["head"]}


def _save_posts(
    connection: Connection, upsert: Upserts, told: Sequence[_Told], before: Mapping[str, datetime | None]
) -> dict[int, frozenset[str]]:
    """By look, the keys of posts that nobody has seen before. before: by target, its last look that showed anything."""
    posts.show_again(
        connection, [(one.one.claim, one.one.observation, one.repeats) for one in told if one.repeats is not None]
    )
    other = [one for one in told if one.repeats is None]
    listed = [
        posts.Shown(one.one.claim, one.one.observation.at, _posts(one.one.observation.seen), one.prints, one.still)
        for one in other
    ]
    new = posts.save(connection, upsert, listed, before)
    return {id(one.one): keys for one, keys in zip(other, new, strict=True)}


def _still(facts: str) -> str:
    """The facts without the counts that move from answer to answer, of which only the day's first is kept apart."""
    return _MOVING.sub("", facts)


def _facts(seen: Seen) -> str:
    """What was seen, without its posts: of a list, how far back it reached."""
    if isinstance(seen, Feed):
        seen = seen.model_copy(update={"oldest_at": reach(seen)})
    return seen.model_dump_json(exclude={"posts"})


def _look_at_target(target: dict[str, Any], told: _Told) -> None:
    one = told.one
    at, seen = one.observation.at, one.observation.seen
    answered = seen is not None or says_gone(one.observation)
    target["fails"] = 0 if answered else target["fails"] + 1
    target["last_tried_at"] = _latest(target["last_tried_at"], at)
    if seen is not None:
        target["validators"] = rows.validators_text(one.validators)
        target["shown"], target["essence"] = told.shown, one.essence
        if shows(seen) or (one.last is not None and one.last.posts > 0):
            target["last_seen_at"] = _latest(target["last_seen_at"], at)


def _look_at_account(account: dict[str, Any], observation: Observation) -> None:
    at, seen = observation.at, observation.seen
    dated = [post.at for post in _posts(seen) if post.at is not None and post.at <= at + CLOCK_SLIP]
    account["newest_post_at"] = _latest(account["newest_post_at"], *dated)
    account["tried_at"] = _latest(account["tried_at"], at)
    if seen is not None:
        account["looked_at"] = _latest(account["looked_at"], at)
        since = account["watched_since"]
        account["watched_since"] = at if since is None else min(since, at)


def _posts(seen: Seen | None) -> tuple[Post, ...]:
    return seen.posts if isinstance(seen, Feed) else ()


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
