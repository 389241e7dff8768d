"""What else a platform says while it says that an account is gone: of how many others it begins to say so, for one by
one they are deleted, in a crowd it is rather the platform; and of how many it took that word back. As it stood at an
instant; what was written down later is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, exists, func, or_, select

from mediawatch.core.beside import ALONE, Beside
from mediawatch.core.incidents import CANARY
from mediawatch.core.model import Blame, Reason
from mediawatch.store.columns import among
from mediawatch.store.tables import INCIDENT, OBSERVATION, TARGET

NEAR = timedelta(days=2)  # before and after the first such word about an account
BEFORE = timedelta(days=30)  # who was said to be gone in this time before is none that goes with it

_BLAMES = tuple(reason.value for reason in Reason if reason.blame is Blame.ACCOUNT)
# Written out, as the index of these looks is: neither engine would use it for values that it is given.
_WRITTEN_OUT: BindParameter[Sequence[str]] = bindparam("blames", _BLAMES, expanding=True, literal_execute=True)
_LAST = bindparam("last", type_=OBSERVATION.c.at.type)
_SAID = (
    select(OBSERVATION.c.account, OBSERVATION.c.target, func.min(OBSERVATION.c.at).label("at"))
    .where(
        OBSERVATION.c.platform == bindparam("platform"),
        OBSERVATION.c.reason.in_(_WRITTEN_OUT),
        OBSERVATION.c.at >= bindparam("first", type_=OBSERVATION.c.at.type),
        OBSERVATION.c.at <= _LAST,
    )
    .group_by(OBSERVATION.c.account, OBSERVATION.c.target)
    .subquery()
)
_SHOWN = OBSERVATION.alias()
_BACK = exists().where(_SHOWN.c.target == _SAID.c.target, _SHOWN.c.at > _SAID.c.at, _SHOWN.c.at <= _LAST, _SHOWN.c.saw)
_LOOK, _NOW = OBSERVATION.alias(), bindparam("now", type_=OBSERVATION.c.at.type)
_LAST_SHOWN = (
    select(func.max(_SHOWN.c.at))
    .where(_SHOWN.c.target == TARGET.c.id, _SHOWN.c.saw, _SHOWN.c.at <= _NOW)
    .correlate(TARGET)
    .scalar_subquery()
)
_COVERED = exists().where(
    INCIDENT.c.platform == _LOOK.c.platform,
    INCIDENT.c.opened_at <= _LOOK.c.at,
    or_(INCIDENT.c.closed_at.is_(None), INCIDENT.c.closed_at > _LOOK.c.at),
)
_FIRST_SAID = (
    select(_LOOK.c.id)
    .where(
        _LOOK.c.target == TARGET.c.id,
        _LOOK.c.reason.in_(_WRITTEN_OUT),
        _LOOK.c.at <= _NOW,
        or_(_LAST_SHOWN.is_(None), _LOOK.c.at > _LAST_SHOWN),
        ~_COVERED,
    )
    .correlate(TARGET)
    .order_by(_LOOK.c.at, _LOOK.c.id)
    .limit(1)
    .scalar_subquery()
)
_BEGAN = select(_FIRST_SAID).where(among(TARGET.c.id, "targets"))
SAID_AND_BACK = select(_SAID.c.account, _SAID.c.at, _BACK.label("back")).order_by(_SAID.c.at)


def began(connection: Connection, looks: Mapping[str, Sequence[Row[Any]]], now: datetime) -> set[int]:
    """The ids of the looks at which platforms began to say that accounts are gone which are so in all of these looks:
    what is believed goes by the first of them, however many there have been since. Looks that an incident covers are
    none.

    looks: the last of each target, from old to new. Asks nothing where one of them showed anything.
    """
    gone = [
        target
        for target, of in looks.items()
        if not any(look.saw for look in reversed(of)) and any(look.reason in _BLAMES for look in of)
    ]
    found = connection.execute(_BEGAN, {"targets": gone, "now": now}).scalars() if gone else ()
    return {id_ for id_ in found if id_ is not None}


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
