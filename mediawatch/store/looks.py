"""Looks are written down, many at once: the record of each, the posts it showed, what it told of its account.

The number of statements does not grow with the number of looks: that is what makes a look cheap. It must not judge,
and it writes nothing of a look whose lease was lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, insert, select, tuple_, update

from mediawatch.core.model import Blame, Feed, Observation, Post
from mediawatch.core.seen import Seen, reach, shows
from mediawatch.core.wire import Validator
from mediawatch.store import look_hours, profiles, retention, rows
from mediawatch.store.chain import link
from mediawatch.store.claim import Claim, LastLook
from mediawatch.store.enroll import CLOCK_SLIP
from mediawatch.store.tables import ACCOUNT, OBSERVATION, POST, POST_WAS, TARGET, storable
from mediawatch.store.upserts import Upserts

_AT_ONCE = 4000  # posts that are looked up in one statement; engines limit its parameters
_OF_TARGET = ("head", "fails", "validators", "last_tried_at", "last_seen_at")
_OF_ACCOUNT = ("newest_post_at", "tried_at", "looked_at", "watched_since")
_HELD = (
    select(TARGET.c.id, TARGET.c.account, TARGET.c.lease_token, *(TARGET.c[name] for name in _OF_TARGET))
    .where(TARGET.c.id.in_(bindparam("ids", expanding=True)))
    .with_for_update()
)
_STANDS = (
    select(ACCOUNT.c.id, *(ACCOUNT.c[name] for name in _OF_ACCOUNT))
    .where(ACCOUNT.c.id.in_(bindparam("ids", expanding=True)))
    .with_for_update()
)
_SAME = ("target", "title", "url", "pinned", "repost", "original", "digest")
_WAS = ("target", "title", "url", "pinned", "repost", "original", "at", "last_seen_at")
_KNOWN = select(
    *(POST.c[name] for name in ("account", "key", "at", "first_seen_at", "last_seen_at", *_SAME)),
).where(tuple_(POST.c.account, POST.c.key).in_(bindparam("pairs", expanding=True)))
_OBSERVED = insert(OBSERVATION)
_SEEN_AGAIN = (
    update(POST)
    .where(POST.c.account == bindparam("of"), POST.c.key == bindparam("one"))
    .values(last_seen_at=bindparam("seen_at"))
)
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
_TARGET_LOOKED = (
    update(TARGET).where(TARGET.c.id == bindparam("one")).values({name: bindparam(name) for name in _OF_TARGET})
)
_ACCOUNT_LOOKED = (
    update(ACCOUNT).where(ACCOUNT.c.id == bindparam("one")).values({name: bindparam(name) for name in _OF_ACCOUNT})
)


@dataclass(frozen=True)
class Looked:
    """What one look brought, and what the next look may use to ask only for changes.

    validators: they replace the kept ones only where the look saw something. again: whether the answers are, byte for
    byte, those of the claim's last look: then what was seen then is seen again, and `observation.seen` holds no posts.
    """

    claim: Claim
    observation: Observation
    validators: tuple[Validator, ...]
    again: bool = False

    @property
    def last(self) -> LastLook | None:
        """The look that this one repeats."""
        return self.claim.last if self.again else None


def record_all(connection: Connection, upsert: Upserts, looks: Sequence[Looked]) -> list[frozenset[str] | None]:
    """For each look the keys of its posts that nobody has seen before; `None` where its lease was lost.

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
    connection.execute(_OBSERVED, [_observed(one, targets[one.claim.target.id]) for one in kept])
    look_hours.add(connection, upsert, [(one.claim.target, one.observation) for one in kept])
    retention.note(connection, upsert, [one.observation for one in kept])
    new = _save_posts(connection, upsert, kept, {id_: target["last_seen_at"] for id_, target in targets.items()})
    profiles.record(connection, upsert, [(one.claim, one.observation) for one in kept])
    for one in kept:
        _look_at_target(targets[one.claim.target.id], one)
        _look_at_account(accounts[one.claim.account.id], one.observation)
    connection.execute(_TARGET_LOOKED, [{"one": id_, **values} for id_, values in targets.items()])
    connection.execute(_ACCOUNT_LOOKED, [{"one": id_, **values} for id_, values in accounts.items()])
    found = dict(zip(map(id, kept), new, strict=True))
    return [found.get(id(one)) for one in looks]


def _observed(one: Looked, target: dict[str, Any]) -> dict[str, Any]:
    """The row of the observation; the target's head becomes its hash."""
    seen, failure = one.observation.seen, one.observation.failure
    feed = seen if isinstance(seen, Feed) else None
    newest = feed.newest if feed else None
    facts, posts, newest_at = (
        (storable(_facts(seen)) if seen else None, len(feed.posts) if feed else 0, newest.at if newest else None)
        if one.last is None
        else (one.last.facts, one.last.posts, one.last.newest_at)
    )
    record: dict[str, Any] = {
        "target": one.claim.target.id,
        "account": one.claim.account.id,
        "platform": one.claim.target.platform,
        "at": one.observation.at,
        "saw": seen is not None,
        "reason": failure.reason.value if failure else None,
        "detail": storable(failure.detail) if failure else "",
        "facts": facts,
        "posts": posts,
        "newest_at": newest_at,
        "digests": rows.canonical(one.observation.digests),
        "asked": storable(rows.canonical([told.model_dump(mode="json") for told in one.observation.asked])),
        "site": one.observation.site,
        "exit": one.observation.exit,
        "prev_hash": target["head"],
    }
    target["head"] = link(record)
    return {**record, "hash": target["head"]}


def _facts(seen: Seen) -> str:
    """What was seen, without its posts: of a list, how far back it reached."""
    if isinstance(seen, Feed):
        seen = seen.model_copy(update={"oldest_at": reach(seen)})
    return seen.model_dump_json(exclude={"posts"})


def _look_at_target(target: dict[str, Any], one: Looked) -> None:
    at, seen, failure = one.observation.at, one.observation.seen, one.observation.failure
    answered = seen is not None or (failure is not None and failure.reason.blame is Blame.ACCOUNT)
    target["fails"] = 0 if answered else target["fails"] + 1
    target["last_tried_at"] = _latest(target["last_tried_at"], at)
    if seen is not None:
        target["validators"] = rows.validators_text(one.validators)
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


# --- posts -----------------------------------------------------------------------------------------------------------


def _save_posts(
    connection: Connection, upsert: Upserts, kept: Sequence[Looked], before: Mapping[str, datetime | None]
) -> list[frozenset[str]]:
    """A post that is shown again as it was known costs one small update. Returns for each look what was new.

    before: by target, its last look that showed anything. What a post was is kept where a look shows it otherwise.
    """
    shown = [{storable(post.key): post for post in _posts(one.observation.seen)} for one in kept]
    pairs = {(one.claim.account.id, key) for one, posts in zip(kept, shown, strict=True) for key in posts}
    known = {(row.account, row.key): row for row in _known(connection, sorted(pairs))}
    again: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    new: list[frozenset[str]] = []
    met = set(known)
    stood = {pair: {name: row._mapping[name] for name in _WAS} for pair, row in known.items()}
    was: list[dict[str, Any]] = []
    for one, posts in zip(kept, shown, strict=True):
        account, at = one.claim.account.id, one.observation.at
        new.append(frozenset(post.key for key, post in posts.items() if (account, key) not in met))
        met |= {(account, key) for key in posts}
        for key, post in posts.items():
            row = known.get((account, key))
            values = _post_values(one.claim, post, at)
            then = stood.get((account, key))
            if then is not None and _otherwise(then, values, before[one.claim.target.id]):
                was.append({"account": account, "key": key, "until": at, **then})
            stood[account, key] = _stands(then, values)
            if row is None or not _as_known(row, values):
                other.append(values)
            elif row.last_seen_at < at:
                again.append({"of": account, "one": key, "seen_at": at})
    if again:
        connection.execute(_SEEN_AGAIN, again)
    _show_again(connection, kept)
    if other:
        connection.execute(upsert.post, other)
    if was:
        connection.execute(insert(POST_WAS), was)
    return new


def _stands(then: Mapping[str, Any] | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a post is after a look; the first date that it claimed stays."""
    stands = {name: values[name] for name in _WAS}
    if then is not None:
        stands["at"] = then["at"] or stands["at"]
        stands["last_seen_at"] = max(then["last_seen_at"], stands["last_seen_at"])
    return stands


def _otherwise(then: Mapping[str, Any], values: Mapping[str, Any], before: datetime | None) -> bool:
    """Whether a later look shows a post otherwise than it stood, or again after a look of its channel that did not."""
    if values["last_seen_at"] <= then["last_seen_at"]:
        return False
    missed = then["target"] == values["target"] and before is not None and then["last_seen_at"] < before
    dated = then["at"] is None and values["at"] is not None
    return missed or dated or any(then[name] != values[name] for name in _WAS[:-2])


def _show_again(connection: Connection, kept: Sequence[Looked]) -> None:
    """What a look showed that is now repeated: its posts are those of the target that were seen by it or later."""
    repeated = [(one, one.last) for one in kept if one.last is not None and one.last.posts]
    shown = [
        {
            "of": one.claim.account.id,
            "by": one.claim.target.id,
            "before": last.at,
            "seen_at": one.observation.at,
            "most": last.posts + _BESIDE,
        }
        for one, last in repeated
    ]
    if shown and connection.execute(_SHOWN_AGAIN, shown).rowcount != sum(last.posts for _, last in repeated):
        # Some list shows a post older than the account's newest ones: a pin. Then all of its posts are gone through.
        connection.execute(_SHOWN_AGAIN, [{**one, "most": _ALL} for one in shown])


def _known(connection: Connection, pairs: Sequence[tuple[str, str]]) -> Iterable[Row[Any]]:
    for start in range(0, len(pairs), _AT_ONCE):
        yield from connection.execute(_KNOWN, {"pairs": pairs[start : start + _AT_ONCE]})


def _as_known(row: Row[Any], values: dict[str, Any]) -> bool:
    """Whether a look shows a post as it is written down already, but for when it was last seen."""
    dated = row.at is not None or values["at"] is None
    early = row.first_seen_at <= values["first_seen_at"]
    return dated and early and all(row._mapping[name] == values[name] for name in _SAME)


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


def _posts(seen: Seen | None) -> tuple[Post, ...]:
    return seen.posts if isinstance(seen, Feed) else ()


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
