"""What else a platform says while it says that an account is gone: of how many others it begins to say so, for one by
one they are deleted, in a crowd it is rather the platform; and of how many it took that word back. As it stood at an
instant; what was written down later is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, select

from mediawatch.core.beside import ALONE, Beside
from mediawatch.core.incidents import CANARY
from mediawatch.core.model import Blame, Reason
from mediawatch.store.tables import OBSERVATION

NEAR = timedelta(days=2)  # before and after the first such word about an account
BEFORE = timedelta(days=30)  # who was said to be gone in this time before is none that goes with it

_BLAMES = tuple(reason.value for reason in Reason if reason.blame is Blame.ACCOUNT)
# Written out, as the index of these looks is: neither engine would use it for values that it is given.
_SAYS_GONE = OBSERVATION.c.reason.in_(bindparam("blames", _BLAMES, expanding=True, literal_execute=True))
_LAST = bindparam("last", type_=OBSERVATION.c.at.type)
_SAID = (
    select(OBSERVATION.c.account, OBSERVATION.c.target, func.min(OBSERVATION.c.at).label("at"))
    .where(
        OBSERVATION.c.platform == bindparam("platform"),
        _SAYS_GONE,
        OBSERVATION.c.at >= bindparam("first", type_=OBSERVATION.c.at.type),
        OBSERVATION.c.at <= _LAST,
    )
    .group_by(OBSERVATION.c.account, OBSERVATION.c.target)
    .subquery()
)
_SHOWN = OBSERVATION.alias()
_BACK = exists().where(_SHOWN.c.target == _SAID.c.target, _SHOWN.c.at > _SAID.c.at, _SHOWN.c.at <= _LAST, _SHOWN.c.saw)
SAID_AND_BACK = select(_SAID.c.account, _SAID.c.at, _BACK.label("back")).order_by(_SAID.c.at)


def beside(connection: Connection, looks: Iterable[Sequence[Row[Any]]], now: datetime) -> dict[str, Beside]:
    """By account, of those whose platform says that they are gone.

    looks: the looks of each target, from old to new. Asks nothing where no account is said to be gone.
    """
    began: dict[tuple[str, datetime], set[str]] = {}
    for of in looks:
        run: Row[Any] | None = None
        for look in of:
            run = None if look.saw else (run or look) if look.reason in _BLAMES else run
        if run is not None:
            began.setdefault((run.platform, run.at), set()).add(run.account)
    found: dict[str, Beside] = {}
    for (platform, at), accounts in began.items():
        asked = {"platform": platform, "first": at - NEAR - BEFORE, "last": min(at + NEAR, now)}
        said: dict[str, datetime] = {}
        back: set[str] = set()
        for row in connection.execute(SAID_AND_BACK, asked):
            said.setdefault(row.account, row.at)
            back |= {row.account} if row.back else set()
        near = {account for account, first in said.items() if first >= at - NEAR}
        for account in accounts:
            others = near - {account}
            canary = any(other.startswith(CANARY) for other in others)
            said_beside = Beside(
                gone_with=len(others), canary_gone=canary, were_back=len(back - {account}), was_back=account in back
            )
            found[account] = found.get(account, ALONE).and_(said_beside)
    return found
