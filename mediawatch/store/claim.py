"""Leases on due targets. A claim pushes `next_due` to the end of the lease and stamps a token; whoever dies holding
one loses it by time, and whoever comes back late finds another token and writes nothing.

A batch costs as many statements as one claim: that is what lets a fleet lease by the thousand.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, or_, select, text, update

from mediawatch.core.model import Account, Seen, Target
from mediawatch.core.schedule import Due
from mediawatch.core.sites import HERE, Place
from mediawatch.core.wire import Validator
from mediawatch.store import rows
from mediawatch.store.tables import ACCOUNT, OBSERVATION, POST, TARGET


@dataclass(frozen=True)
class LastLook:
    """The last look at a target, where it saw something: when, from which answers, and what, as it is written down."""

    at: datetime
    digests: tuple[str, ...]
    facts: str  # JSON of what was seen, without its posts
    posts: int
    newest_at: datetime | None

    @property
    def seen(self) -> Seen:
        """What was seen, without its posts."""
        return rows.seen_of(self.facts)


@dataclass(frozen=True)
class Claim:
    """The right to write one target's next observation. `fails`: failed looks in a row before this one.

    due_at, look_by: the `Due` it was claimed for. deadline: the account's, where one is known: from then on nothing
    less than a whole new answer will do. links: addresses of the account's newest posts by any channel, newest first,
    for a target that covers `articles`. last: the look before this one, where it saw something. place: from where it
    is looked at.
    """

    target: Target
    account: Account
    token: str
    validators: tuple[Validator, ...]
    fails: int
    due_at: datetime
    look_by: datetime
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
_NEWEST = OBSERVATION.alias()
_LAST = (
    select(
        *(OBSERVATION.c[name] for name in ("target", "hash", "saw", "at", "digests", "facts", "posts", "newest_at")),
    )
    .select_from(TARGET)
    .join(
        OBSERVATION,
        OBSERVATION.c.id
        == select(_NEWEST.c.id)
        .where(_NEWEST.c.target == TARGET.c.id)
        .correlate(TARGET)
        .order_by(_NEWEST.c.at.desc(), _NEWEST.c.id.desc())
        .limit(1)
        .scalar_subquery(),
    )
    .where(TARGET.c.id.in_(bindparam("ids", expanding=True)))
)
_END = (
    update(TARGET)
    .where(TARGET.c.id == bindparam("one"), TARGET.c.lease_token == bindparam("token"))
    .values(next_due=bindparam("due"), look_by=bindparam("by"), elsewhere=bindparam("other"), lease_token=None)
)
_STAMP = (
    update(TARGET)
    .where(TARGET.c.id.in_(bindparam("ids", expanding=True)))
    .values(lease_token=bindparam("token"), next_due=bindparam("ends"))
)
# PostgreSQL ends a batch in one statement of one length; SQLite, which is in the same process, takes them one by one.
_END_ALL = text(
    "UPDATE target SET next_due = v.due, look_by = v.by, elsewhere = v.other, lease_token = NULL"
    " FROM unnest(CAST(:one AS text[]), CAST(:token AS text[]), CAST(:due AS timestamptz[]),"
    " CAST(:by AS timestamptz[]), CAST(:other AS text[])) AS v (one, token, due, by, other)"
    " WHERE target.id = v.one AND target.lease_token = v.token"
)
_DEADLINES = select(ACCOUNT.c.id, ACCOUNT.c.deadline).where(ACCOUNT.c.id.in_(bindparam("ids", expanding=True)))


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
    found: list[Row[Any]] = []
    for platform, most in room.items():
        if most > 0:
            due = (
                select(TARGET)
                .where(TARGET.c.platform == platform, *_due(now, place))
                .order_by(TARGET.c.look_by, TARGET.c.next_due, TARGET.c.id)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
            found += connection.execute(due).all()
    return _leased(connection, found, token, now, lease, place)


def _due(now: datetime, place: Place) -> tuple[Any, ...]:
    """Due, and not waiting for somebody else than `place`."""
    due = TARGET.c.next_due <= now
    if not place.exit:
        return (due,)
    return due, or_(TARGET.c.elsewhere != place.exit, TARGET.c.next_due <= now - PATIENCE)


def take(connection: Connection, target: str, now: datetime, lease: timedelta) -> Claim | None:
    """A claim on one target, due or not; `None` where somebody holds it."""
    free = or_(TARGET.c.lease_token.is_(None), TARGET.c.next_due <= now)
    asked = select(TARGET).where(TARGET.c.id == target, TARGET.c.removed_at.is_(None), free).with_for_update()
    claims = _leased(connection, list(connection.execute(asked)), secrets.token_hex(8), now, lease)
    return claims[0] if claims else None


def _leased(
    connection: Connection,
    found: Sequence[Row[Any]],
    token: str,
    now: datetime,
    lease: timedelta,
    place: Place = HERE,
) -> list[Claim]:
    if not found:
        return []
    connection.execute(_STAMP, {"ids": [row.id for row in found], "token": token, "ends": now + lease})
    ids = sorted({row.account for row in found})
    accounts = rows.accounts(connection, ids)
    targets = {target.id: target for account in accounts.values() for target in account.targets}
    deadlines = {row.id: row.deadline for row in connection.execute(_DEADLINES, {"ids": ids})}
    last = {row.hash: row for row in connection.execute(_LAST, {"ids": [row.id for row in found]})}
    return [
        Claim(
            target=targets[row.id],
            account=accounts[row.account],
            token=token,
            validators=rows.validators_of(row.validators),
            fails=row.fails,
            due_at=row.next_due,
            look_by=row.look_by,
            deadline=deadlines[row.account],
            links=_links(connection, row),
            last=_last(last.get(row.head)),
            place=place,
        )
        for row in sorted(found, key=lambda row: (row.look_by, row.next_due, row.id))
    ]


def _last(row: Row[Any] | None) -> LastLook | None:
    return (
        None
        if row is None or not row.saw
        else LastLook(row.at, tuple(json.loads(row.digests)), row.facts, row.posts, row.newest_at)
    )


def _links(connection: Connection, target: Row[Any]) -> tuple[str, ...]:
    if "articles" not in json.loads(target.covers):
        return ()
    return tuple(connection.execute(_LINKS, {"account": target.account}).scalars())


def end(connection: Connection, claim: Claim, due: Due | None) -> bool:
    """Ends the lease with the next due time, if any; False, and nothing changed, where it was lost."""
    return bool(connection.execute(_END, _ended(claim, due)).rowcount == 1)


def end_all(connection: Connection, looks: Iterable[tuple[Claim, Due]]) -> None:
    """`end` of many at once."""
    ends = [_ended(claim, due) for claim, due in looks]
    if ends and connection.dialect.name == "sqlite":
        connection.execute(_END, ends)
    elif ends:
        connection.execute(_END_ALL, {name: [one[name] for one in ends] for name in ends[0]})


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


def due_platforms(connection: Connection, now: datetime, place: Place = HERE) -> dict[str, int]:
    """How many targets of each platform are due, as far as they do not wait for somebody else than `place`."""
    counted = select(TARGET.c.platform, func.count()).where(*_due(now, place)).group_by(TARGET.c.platform)
    return {row.platform: row[1] for row in connection.execute(counted)}


def leased(connection: Connection, platform: str) -> int:
    """How many of the platform's targets are leased."""
    asked = select(func.count()).where(TARGET.c.platform == platform, TARGET.c.lease_token.is_not(None))
    return int(connection.execute(asked).scalar_one())


def next_due_at(connection: Connection) -> datetime | None:
    """The earliest instant at which a target is or falls due; a leased one counts with the end of its lease."""
    first: datetime | None = connection.execute(select(func.min(TARGET.c.next_due))).scalar()
    return first
