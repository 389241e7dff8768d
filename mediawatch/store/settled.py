"""What is kept of accounts that are settled (`core.settled`): by which book, until when, and what is proven ahead.

It is let go with anything else that a judgement rests on: the register's word, the book, an incident of the platform.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy import Connection, func, select

from mediawatch.core.model import Finding, Value
from mediawatch.store.columns import among
from mediawatch.store.tables import ACCOUNT, INCIDENT

_OF = select(ACCOUNT.c.id, ACCOUNT.c.settled, ACCOUNT.c.settled_at).where(
    among(ACCOUNT.c.id, "ids"), ACCOUNT.c.settled.is_not(None)
)
_INCIDENTS = (
    select(INCIDENT.c.platform, func.count(), func.count(INCIDENT.c.closed_at))
    .where(among(INCIDENT.c.platform, "platforms"))
    .group_by(INCIDENT.c.platform)
)


class Settled(Value):
    """edition: of the book, and of the program whose rules they are. incidents: as `incidents` gives it. The rest: as
    in `core.settled.Stands`."""

    edition: str
    incidents: str
    ahead: tuple[Finding, ...]
    until: AwareDatetime
    counts_until: AwareDatetime


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
) -> dict[str, Settled]:
    """Those accounts that are settled at `now`.

    editions: by account, of the book that it is judged by. marks: by account, that of its platform's incidents.
    """
    found: dict[str, Settled] = {}
    for row in connection.execute(_OF, {"ids": sorted(editions)}).all():
        kept = _read(row.settled)
        if kept is None or not row.settled_at <= now < kept.until or not _holds(kept.ahead, now):
            continue
        if (kept.edition, kept.incidents) == (editions[row.id], marks[row.id]):
            found[row.id] = kept
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
