"""Leases on due targets. A claim pushes `next_due` to the end of the lease and stamps a token; whoever dies holding
one loses it by time, and whoever comes back late finds another token and writes nothing.

A batch is leased by one statement and given back by one: that is what lets a fleet lease by the thousand.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    FromClause,
    Integer,
    Select,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
    true,
    update,
)

from mediawatch.core.model import Account, Seen, Target
from mediawatch.core.schedule import Due
from mediawatch.core.sites import HERE, Place
from mediawatch.core.wire import Validator
from mediawatch.store import batches, rows, seen_rows
from mediawatch.store.columns import among, array_of, instants_of
from mediawatch.store.tables import OBSERVATION, POST, TARGET


@dataclass(frozen=True)
class LastLook:
    """The last look at a target, where it saw something: when, from which answers, and what, as it is written down.

    essence: of its answers, as the adapter tells it.
    """

    at: datetime
    digests: tuple[str, ...]
    facts: str  # JSON of what was seen, without its posts
    posts: int
    newest_at: datetime | None
    essence: str = ""

    @property
    def seen(self) -> Seen:
        """What was seen, without its posts."""
        return seen_rows.seen_of(self.facts)


@dataclass(frozen=True)
class Left:
    """What looks leave of a target for the next one, as it stands in its row: only who holds its lease changes it."""

    head: str
    shown: str
    essence: str
    last_tried_at: datetime | None
    last_seen_at: datetime | None


@dataclass(frozen=True)
class Claim:
    """The right to write one target's next observation. `fails`: failed looks in a row before this one.

    due_at, look_by: the `Due` it was claimed for. deadline: the account's, where one is known: from then on nothing
    less than a whole new answer will do. links: addresses of the account's newest posts by any channel, newest first,
    for a target that covers `articles`. last: the look before this one, where it saw something. place: from where it
    is looked at. left: what the last look left of the target.
    """

    target: Target
    account: Account
    token: str
    validators: tuple[Validator, ...]
    fails: int
    due_at: datetime
    look_by: datetime
    left: Left
    deadline: datetime | None = None
    links: tuple[str, ...] = ()
    last: LastLook | None = None
    place: Place = HERE


PATIENCE = timedelta(hours=6)  # how long a target waits for another exit to look, before the same one may again
LINKS = 40  # of the account's newest posts; a target asks for few of them, but not each of them will do
_LINKS = (
    select(POST.c.url)
    .where(POST.c.account == bindparam("account"), POST.c.url != "")
    .order_by(POST.c.order_at.desc(), POST.c.key.desc())
    .limit(LINKS)
)
_LOOK = ("hash", "saw", "at", "digests", "facts", "posts", "newest_at")  # of the look before a claim
_LEFT = tuple(one.name for one in fields(Left))
_NAMES = (*rows.TARGET_COLUMNS, "validators", "fails", "next_due", "look_by", *_LEFT)
_ACCOUNT, _OWN_ENDS, _LOOK_BEGINS = _NAMES.index("account"), len(rows.TARGET_COLUMNS), len(_NAMES)
_IN_ORDER = itemgetter(*map(_NAMES.index, ("look_by", "next_due", "id")))  # in which they must be looked at
_INSTANT = TARGET.c.next_due.type
_NOW, _PATIENT, _ENDS = (bindparam(name, type_=_INSTANT) for name in ("now", "patient", "ends"))
_MOST = bindparam("most", type_=Integer)
_NOBODY = "*"  # no exit is named so
_STAMP = update(TARGET).where(among(TARGET.c.id, "ids")).values(lease_token=bindparam("token"), next_due=_ENDS)


def _newest(of: FromClause, names: Iterable[str]) -> Select[Any]:
    """The newest look of each of these targets: one step into the index."""
    look = OBSERVATION.alias()
    asked = select(*(look.c[name] for name in names)).where(look.c.target == of.c.id).correlate(of)
    return asked.order_by(look.c.at.desc(), look.c.id.desc()).limit(1)


def _leasing(due: Select[Any]) -> dict[str, Select[Any]]:
    """The statement that reads these targets, each with its last look; on PostgreSQL it leases them as well, as far
    as nobody else is leasing them just now. What is put in order is no more than is needed for that."""
    free = due.with_for_update(skip_locked=True).cte("free")
    stamp = update(TARGET).where(TARGET.c.id == free.c.id).values(lease_token=bindparam("token"), next_due=_ENDS)
    leased = stamp.returning(*(free.c[name] for name in _NAMES)).cte("leased")
    last = _newest(leased, _LOOK).lateral()
    chosen = due.with_only_columns(TARGET.c.id).subquery()
    here = chosen.join(TARGET, TARGET.c.id == chosen.c.id)
    newest = OBSERVATION.c.id == _newest(TARGET, ["id"]).scalar_subquery()
    return {
        "sqlite": _with_last_look(TARGET, OBSERVATION).select_from(here.outerjoin(OBSERVATION, newest)),
        "postgresql": _with_last_look(leased, last).select_from(leased.outerjoin(last, true())),
    }


def _with_last_look(targets: FromClause, last: FromClause) -> Select[Any]:
    looks = (last.c[name].label(f"last_{name}") for name in _LOOK)
    return select(*(targets.c[name] for name in _NAMES), *looks)


_DUE = (TARGET.c.next_due <= _NOW, or_(TARGET.c.elsewhere != bindparam("exit"), TARGET.c.next_due <= _PATIENT))
_OF_PLATFORM = select(TARGET).where(TARGET.c.platform == bindparam("of"), *_DUE).limit(_MOST)
# What is overdue is walked in the order of its index: after an outage, or while a nation is looked at for the first
# time, 100,000 due rows are not put in order for each claim. The others are few, and have time.
_CLAIMS = (
    _leasing(_OF_PLATFORM.where(TARGET.c.look_by <= _NOW).order_by(TARGET.c.look_by)),
    _leasing(_OF_PLATFORM.order_by(TARGET.c.look_by, TARGET.c.next_due, TARGET.c.id)),
)
_TAKE = _leasing(
    select(TARGET).where(
        TARGET.c.id == bindparam("one"),
        TARGET.c.removed_at.is_(None),
        or_(TARGET.c.lease_token.is_(None), TARGET.c.next_due <= _NOW),
    )
)
EVERYTHING = 2**31 - 1
_PLATFORMS = select(func.min(TARGET.c.platform).label("name")).cte("known", recursive=True)
_NEXT = select(func.min(TARGET.c.platform)).where(TARGET.c.platform > _PLATFORMS.c.name).scalar_subquery()
_PLATFORMS = _PLATFORMS.union_all(select(_NEXT).where(_PLATFORMS.c.name.is_not(None)))
_SOME_DUE = select(literal(1).label("one")).where(TARGET.c.platform == _PLATFORMS.c.name, *_DUE).limit(_MOST)
# One step into the index for each platform, and no further than is asked: 250,000 rows are not counted at every tick.
_DUE_BY_PLATFORM = select(
    _PLATFORMS.c.name, select(func.count()).select_from(_SOME_DUE.correlate(_PLATFORMS).subquery()).scalar_subquery()
).where(_PLATFORMS.c.name.is_not(None))
_END = (
    update(TARGET)
    .where(TARGET.c.id == bindparam("one"), TARGET.c.lease_token == bindparam("token"))
    .values(next_due=bindparam("due"), look_by=bindparam("by"), elsewhere=bindparam("other"), lease_token=None)
)
# PostgreSQL ends a batch in one statement of one length; SQLite, which is in the same process, takes them one by one.
_END_ALL = text(
    "UPDATE target SET next_due = v.due, look_by = v.by, elsewhere = v.other, lease_token = NULL"
    " FROM unnest(CAST(:one AS text[]), CAST(:token AS text[]), CAST(:due AS timestamptz[]),"
    " CAST(:by AS timestamptz[]), CAST(:other AS text[])) AS v (one, token, due, by, other)"
    " WHERE target.id = v.one AND target.lease_token = v.token"
)


def claim_targets(
    connection: Connection,
    room: Mapping[str, int],
    now: datetime,
    lease: timedelta,
    place: Place = HERE,
    token: str | None = None,
) -> list[Claim]:
    """At most `room[platform]` due targets of each platform; first those that must be looked at first.

    place: who asks; a target that waits for another exit is not given to this one. token: the claims' own, where
    somebody else must be able to free them.
    """
    token = token or secrets.token_hex(8)
    found: list[Sequence[Any]] = []
    for platform, most in room.items():
        for statement in _CLAIMS:
            if most > 0:
                asked = {"of": platform, "most": most, **_due(now, place)}
                leased = _lease(connection, statement, asked, token, now + lease)
                found += leased
                most -= len(leased)
    return _claims(connection, found, token, place)


def _lease(
    connection: Connection, statement: Mapping[str, Select[Any]], asked: dict[str, Any], token: str, ends: datetime
) -> Sequence[Sequence[Any]]:
    """Rows of `_NAMES` and `_LOOK`."""
    engine = connection.dialect.name
    if engine != "sqlite":
        return batches.read(connection, statement[engine], {**asked, "token": token, "ends": ends})
    found = batches.read(connection, statement[engine], asked)  # no other transaction writes before this one ends
    if found:
        batches.run(connection, _STAMP, [{"ids": [row[0] for row in found], "token": token, "ends": ends}])
    return found


def _due(now: datetime, place: Place) -> dict[str, Any]:
    """What is due, and does not wait for somebody else than `place`."""
    return {"now": now, "exit": place.exit or _NOBODY, "patient": now - PATIENCE}


def take(connection: Connection, target: str, now: datetime, lease: timedelta) -> Claim | None:
    """A claim on one target, due or not; `None` where somebody holds it."""
    token = secrets.token_hex(8)
    found = _lease(connection, _TAKE, {"one": target, "now": now}, token, now + lease)
    claims = _claims(connection, found, token)
    return claims[0] if claims else None


def _claims(connection: Connection, found: Sequence[Sequence[Any]], token: str, place: Place = HERE) -> list[Claim]:
    if not found:
        return []
    accounts = rows.with_deadlines(connection, sorted({row[_ACCOUNT] for row in found}))
    targets = {target.id: target for account, _ in accounts.values() for target in account.targets}
    claims: list[Claim] = []
    for row in sorted(found, key=_IN_ORDER):
        validators, fails, due_at, look_by, *left = row[_OWN_ENDS:_LOOK_BEGINS]
        account, deadline = accounts[row[_ACCOUNT]]
        target = targets[row[0]]
        claims.append(
            Claim(
                target=target,
                account=account,
                token=token,
                validators=rows.validators_of(validators),
                fails=fails,
                due_at=due_at,
                look_by=look_by,
                left=(stands := Left(*left)),
                deadline=deadline,
                links=_links(connection, target),
                last=_last(stands, *row[_LOOK_BEGINS:]),
                place=place,
            )
        )
    return claims


def _last(
    left: Left,
    head: str | None,
    saw: bool | None,
    at: datetime,
    digests: str,
    facts: str,
    posts: int,
    newest_at: datetime | None,
) -> LastLook | None:
    """The look before a claim, where it saw something and is the end of the target's chain. A list of which it is not
    known what it showed, or whether that still stands as this target's own, is read anew."""
    if not saw or head != left.head or (posts and not left.shown):
        return None
    return LastLook(at, tuple(msgspec.json.decode(digests)), facts, posts, newest_at, left.essence)


def _links(connection: Connection, target: Target) -> tuple[str, ...]:
    if "articles" not in target.covers:
        return ()
    return tuple(connection.execute(_LINKS, {"account": target.account}).scalars())


def end(connection: Connection, claim: Claim, due: Due | None) -> bool:
    """Ends the lease with the next due time, if any; False, and nothing changed, where it was lost."""
    return bool(connection.execute(_END, _ended(claim, due)).rowcount == 1)


def end_all(connection: Connection, looks: Iterable[tuple[Claim, Due]]) -> None:
    """`end` of many at once."""
    ends = [_ended(claim, due) for claim, due in looks]
    if ends and connection.dialect.name == "sqlite":
        batches.run(connection, _END, ends)
    elif ends:
        texts = {name: array_of([one[name] for one in ends]) for name in ("one", "token", "other")}
        instants = {name: instants_of([one[name] for one in ends]) for name in ("due", "by")}
        batches.change(connection, _END_ALL, texts | instants)


def _ended(claim: Claim, due: Due | None) -> dict[str, Any]:
    at, by, other = (due.at, due.by, due.elsewhere) if due is not None else (None, None, "")
    return {"one": claim.target.id, "token": claim.token, "due": at, "by": by, "other": other}


def release(connection: Connection, claims: Iterable[Claim]) -> None:
    """Gives claims back unused: they are due again as they were."""
    end_all(connection, [(claim, Due(at=claim.due_at, by=claim.look_by)) for claim in claims])


def free_leases(connection: Connection, now: datetime) -> int:
    """Ends every lease, whoever holds it."""
    done = connection.execute(
        update(TARGET).where(TARGET.c.lease_token.is_not(None)).values(next_due=now, lease_token=None)
    )
    return done.rowcount


def free_held(connection: Connection, tokens: Collection[str], now: datetime) -> int:
    """Ends the leases under these tokens, whose holders are dead: their targets are due again at once."""
    held = update(TARGET).where(TARGET.c.lease_token.in_(tokens))
    return connection.execute(held.values(next_due=now, lease_token=None)).rowcount


def make_due(connection: Connection, now: datetime, accounts: Sequence[str] | None) -> int:
    """Makes targets due that are neither due nor leased."""
    later = update(TARGET).where(TARGET.c.next_due > now, TARGET.c.lease_token.is_(None)).values(next_due=now)
    if accounts is not None:
        later = later.where(TARGET.c.account.in_(accounts))
    return connection.execute(later).rowcount


def bring_forward(connection: Connection, due: Mapping[str, Due]) -> int:
    """Makes free targets due as given, where they are due later."""
    if not due:
        return 0
    at, by = (bindparam(name, type_=TARGET.c.next_due.type) for name in ("at", "by"))
    free = (TARGET.c.removed_at.is_(None), TARGET.c.lease_token.is_(None), TARGET.c.next_due > at)
    sooner = case((TARGET.c.look_by < by, TARGET.c.look_by), else_=by)
    changed = update(TARGET).where(TARGET.c.id == bindparam("one"), *free).values(next_due=at, look_by=sooner)
    return sum(
        connection.execute(changed, {"one": id_, "at": one.at, "by": one.by}).rowcount for id_, one in due.items()
    )


def due_platforms(connection: Connection, now: datetime, place: Place = HERE, most: int = EVERYTHING) -> dict[str, int]:
    """How many targets of each platform are due, as far as they do not wait for somebody else than `place`; no more
    than `most` of any is counted."""
    found = batches.read(connection, _DUE_BY_PLATFORM, {**_due(now, place), "most": most})
    return {platform: due for platform, due in found if due}


def leased(connection: Connection, platform: str) -> int:
    """How many of the platform's targets are leased."""
    asked = select(func.count()).where(TARGET.c.platform == platform, TARGET.c.lease_token.is_not(None))
    return int(connection.execute(asked).scalar_one())


def next_due_at(connection: Connection) -> datetime | None:
    """The earliest instant at which a target is or falls due; a leased one counts with the end of its lease."""
    first: datetime | None = connection.execute(select(func.min(TARGET.c.next_due))).scalar()
    return first
