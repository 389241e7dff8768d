"""What the screens found in new posts: written once, read with the evidence. It must never hold the text of a post."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from mediawatch.core.content.hit import Hit
from mediawatch.store.tables import HIT, POST, storable

MOST = 100  # the newest hits of an account that a rule may see
_KNOWN = select(POST.c.key).where(
    POST.c.account == bindparam("account"), POST.c.key.in_(bindparam("keys", expanding=True))
)
_NEWEST = (
    select(HIT)
    .where(
        HIT.c.account == bindparam("account"),
        HIT.c.target.in_(bindparam("targets", expanding=True)),
        HIT.c.at <= bindparam("now", type_=HIT.c.at.type),
    )
    .order_by(HIT.c.at.desc(), HIT.c.id.desc())
    .limit(MOST)
)


def new_posts(connection: Connection, account: str, keys: Collection[str]) -> frozenset[str]:
    """Those of these keys that no post of the account has had before."""
    if not keys:
        return frozenset()
    asked = {"account": account, "keys": sorted({storable(key) for key in keys})}
    known = frozenset(connection.execute(_KNOWN, asked).scalars())
    return frozenset(key for key in keys if storable(key) not in known)


def save(connection: Connection, account: str, found: Sequence[Hit]) -> None:
    """Writes hits down."""
    if found:
        connection.execute(insert(HIT), [{"account": account, **hit.model_dump()} for hit in found])


def of(connection: Connection, account: str, targets: Sequence[str], now: datetime) -> tuple[Hit, ...]:
    """The newest hits of the account's targets as of `now`, from old to new."""
    asked = {"account": account, "targets": list(targets), "now": now}
    rows = list(connection.execute(_NEWEST, asked))
    return tuple(Hit(**{name: getattr(row, name) for name in Hit.model_fields}) for row in reversed(rows))
