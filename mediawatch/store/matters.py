"""What the register says of accounts beside others, from when to when: written as the register is entered, and read
with the evidence of any instant. It must not judge.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from mediawatch.core.register_check import Matter
from mediawatch.core.register_matter import MOST_OTHERS, RegisterMatter
from mediawatch.core.value import canonical
from mediawatch.store import batches
from mediawatch.store.columns import among
from mediawatch.store.enroll import UNSETTLED
from mediawatch.store.ground_tables import REGISTER_MATTER
from mediawatch.store.tables import ACCOUNT

_CHUNK = 1000
_NOW = bindparam("now", type_=REGISTER_MATTER.c.since.type)
_OF = (
    select(REGISTER_MATTER)
    .where(
        among(REGISTER_MATTER.c.account, "accounts"),
        REGISTER_MATTER.c.since <= _NOW,
        or_(REGISTER_MATTER.c.until.is_(None), REGISTER_MATTER.c.until > _NOW),
    )
    .order_by(REGISTER_MATTER.c.id)
)


def enroll(connection: Connection, found: Iterable[Matter], now: datetime) -> None:
    """Makes these the matters of the register from now on: what is over ends, what is new begins, the rest stays."""
    wanted = {row: None for matter in found for row in _rows(matter)}
    open_ = select(REGISTER_MATTER).where(REGISTER_MATTER.c.until.is_(None))
    known = {(row.account, row.code, row.others, row.shown): row.id for row in connection.execute(open_)}
    over = [row for row in known if row not in wanted]
    for start in range(0, len(over), _CHUNK):
        some = REGISTER_MATTER.c.id.in_([known[row] for row in over[start : start + _CHUNK]])
        connection.execute(update(REGISTER_MATTER).where(some).values(until=now))
    names = ("account", "code", "others", "shown")
    fresh = [row for row in wanted if row not in known]
    if fresh:
        told = [{**dict(zip(names, row, strict=True)), "since": now} for row in fresh]
        connection.execute(insert(REGISTER_MATTER), told)
    touched = sorted({account for account, *_ in (*over, *fresh)})
    for start in range(0, len(touched), _CHUNK):  # their answers no longer stand on what they were judged by
        some = ACCOUNT.c.id.in_(touched[start : start + _CHUNK])
        connection.execute(update(ACCOUNT).where(some).values(UNSETTLED))


def of(connection: Connection, asked: Mapping[str, Any]) -> dict[str, tuple[RegisterMatter, ...]]:
    """By account, what the register said at `now`. asked: `accounts` (a list of ids) and `now`."""
    found: dict[str, list[RegisterMatter]] = {}
    for row in batches.named(connection, _OF, asked):
        told = RegisterMatter(code=row.code, others=json.loads(row.others), shown=row.shown, since=row.since)
        found.setdefault(row.account, []).append(told)
    return {account: tuple(told) for account, told in found.items()}


def _rows(matter: Matter) -> Iterable[tuple[str, str, str, str]]:
    ids: Sequence[str] = matter.accounts
    for one in ids:
        others = [other for other in ids[: MOST_OTHERS + 1] if other != one][:MOST_OTHERS]
        yield one, matter.code, canonical(others), matter.shown
