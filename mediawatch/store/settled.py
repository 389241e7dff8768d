"""What is kept of accounts that are settled (`core.settled`): on which day, by which book, and what is proven ahead.

It is let go with anything else that a judgement rests on: the register's word, the book, an incident of the platform.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy import Connection, bindparam, func, select, update

from mediawatch.core.calendar import day_of
from mediawatch.core.model import Finding, Value
from mediawatch.store.tables import ACCOUNT, INCIDENT

_OF = select(ACCOUNT.c.id, ACCOUNT.c.settled, ACCOUNT.c.settled_at).where(
    ACCOUNT.c.id.in_(bindparam("ids", expanding=True)), ACCOUNT.c.settled.is_not(None)
)
_STILL = update(ACCOUNT).where(ACCOUNT.c.id == bindparam("one")).values(settled_at=bindparam("at"))
_INCIDENTS = (
    select(INCIDENT.c.platform, func.count(), func.count(INCIDENT.c.closed_at))
    .where(INCIDENT.c.platform.in_(bindparam("platforms", expanding=True)))
    .group_by(INCIDENT.c.platform)
)


class Settled(Value):
    """edition: of the book, and of the program whose rules they are. incidents: as `incidents` gives it. ahead: the
    findings that prove anything ahead."""

    edition: str
    incidents: str
    ahead: tuple[Finding, ...]


_TEXT = TypeAdapter(Settled)


def text_of(settled: Settled | None) -> str | None:
    """As it is written down."""
    return None if settled is None else settled.model_dump_json()


def incidents(connection: Connection, platforms: Iterable[str]) -> dict[str, str]:
    """By platform, a mark that is another one after any incident of it has begun or ended."""
    found = {row[0]: f"{row[1]}/{row[2]}" for row in connection.execute(_INCIDENTS, {"platforms": sorted(platforms)})}
    return {platform: found.get(platform, "") for platform in platforms}


def still(
    connection: Connection, editions: Mapping[str, str], marks: Mapping[str, str], now: datetime
) -> dict[str, tuple[Finding, ...]]:
    """What is proven ahead of those accounts that are settled at `now`, which is written down.

    editions: by account, of the book that it is judged by. marks: by account, that of its platform's incidents.
    """
    found: dict[str, tuple[Finding, ...]] = {}
    for row in connection.execute(_OF, {"ids": sorted(editions)}):
        if row.settled_at > now or day_of(row.settled_at) != day_of(now):
            continue
        kept = _read(row.settled)
        if kept is None:
            continue
        if (kept.edition, kept.incidents) == (editions[row.id], marks[row.id]) and _holds(kept.ahead, now):
            found[row.id] = kept.ahead
    if found:
        connection.execute(_STILL, [{"one": one, "at": now} for one in sorted(found)])
    return found


def _read(text: str) -> Settled | None:
    """`None` where another version of the program wrote it: then it is judged anew."""
    try:
        return _TEXT.validate_json(text)
    except ValidationError:
        return None


def _holds(ahead: Sequence[Finding], now: datetime) -> bool:
    ends: list[AwareDatetime] = [one.holds_until for one in ahead if one.holds_until > one.judged_at]
    warns = [one.warns_at for one in ahead if one.warns_at is not None]
    return all(now < moment for moment in (*ends, *warns))
