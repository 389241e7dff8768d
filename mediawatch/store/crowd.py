"""How many accounts a platform says to be gone at once: one by one they are deleted, in a crowd it is rather the
platform. As it stood at an instant; what was written down later is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from mediawatch.core.incidents import CANARY
from mediawatch.core.model import Blame, Reason
from mediawatch.store.tables import OBSERVATION

NEAR = timedelta(days=2)  # before and after the first such word about an account
BEFORE = timedelta(days=30)  # who was said to be gone in this time before is none that goes with it

_BLAMES = tuple(reason.value for reason in Reason if reason.blame is Blame.ACCOUNT)
_SAID = (
    select(OBSERVATION.c.account, OBSERVATION.c.at)
    .where(
        OBSERVATION.c.platform == bindparam("platform"),
        OBSERVATION.c.reason.in_(_BLAMES),
        OBSERVATION.c.at >= bindparam("first", type_=OBSERVATION.c.at.type),
        OBSERVATION.c.at <= bindparam("last", type_=OBSERVATION.c.at.type),
    )
    .order_by(OBSERVATION.c.at)
)


def gone_with(
    connection: Connection, looks: Iterable[Sequence[Row[Any]]], now: datetime
) -> dict[str, tuple[int, bool]]:
    """By account, of those whose platform says that they are gone: how many others it first said so of near that time,
    and whether a canary, which is chosen because it is there, is one of them.

    looks: the looks of each target, from old to new. Asks nothing where no account is said to be gone.
    """
    began: dict[tuple[str, datetime], set[str]] = {}
    for of in looks:
        run: Row[Any] | None = None
        for look in of:
            run = None if look.saw else (run or look) if look.reason in _BLAMES else run
        if run is not None:
            began.setdefault((run.platform, run.at), set()).add(run.account)
    found: dict[str, tuple[int, bool]] = {}
    for (platform, at), accounts in began.items():
        asked = {"platform": platform, "first": at - NEAR - BEFORE, "last": min(at + NEAR, now)}
        said: dict[str, datetime] = {}
        for row in connection.execute(_SAID, asked):
            said.setdefault(row.account, row.at)
        near = {account for account, first in said.items() if first >= at - NEAR}
        for account in accounts:
            others = near - {account}
            canary = any(other.startswith(CANARY) for other in others)
            found[account] = max(found.get(account, (0, False)), (len(others), canary))
    return found
