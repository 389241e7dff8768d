"""What is kept of accounts that are settled (`core.settled`): by which book, until when, and what is proven ahead.

It is let go with anything else that a judgement rests on: the register's word, the book, an incident of the platform.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from mediawatch.core.settled import Stands
from mediawatch.store import batches, rows
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


@dataclass(frozen=True)
class Settled(Stands):
    """edition: of the book, and of the program whose rules they are. incidents: as `incidents` gives it."""

    edition: str
    incidents: str


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    """As it is written down."""

    edition: str
    incidents: str
    ahead: tuple[rows.StoredFinding, ...]
    until: rows.Instant
    counts_until: rows.Instant


_READ = msgspec.json.Decoder(_Stored)


def text_of(settled: Settled) -> str:
    """As it is written down."""
    ahead = [one.__dict__ for one in settled.ahead]
    return msgspec.json.encode({**settled.__dict__, "ahead": ahead}).decode()


def incidents(connection: Connection, platforms: Iterable[str]) -> dict[str, str]:
    """By platform, a mark that is another one after any incident of it has begun or ended."""
    told = batches.read(connection, _INCIDENTS, {"platforms": sorted(platforms)})
    found = {platform: f"{begun}/{ended}" for platform, begun, ended in told}
    return {platform: found.get(platform, "") for platform in platforms}


def still(
    connection: Connection, editions: Mapping[str, str], marks: Mapping[str, str], now: datetime
) -> dict[str, Settled]:
    """Those accounts that are settled at `now`.

    editions: by account, of the book that it is judged by. marks: by account, that of its platform's incidents.
    """
    found: dict[str, Settled] = {}
    for id_, text, settled_at in batches.read(connection, _OF, {"ids": sorted(editions)}):
        try:
            kept = _READ.decode(text)
        except msgspec.MsgspecError:  # another version of the program wrote it: then it is judged anew
            continue
        if not settled_at <= now < kept.until or (kept.edition, kept.incidents) != (editions[id_], marks[id_]):
            continue
        if _holds(kept.ahead, now):
            ahead = tuple([one.read() for one in kept.ahead])
            found[id_] = Settled(ahead, kept.until, kept.counts_until, kept.edition, kept.incidents)
    return found


def _holds(ahead: Sequence[rows.StoredFinding], now: datetime) -> bool:
    ends = [one.holds_until for one in ahead if one.holds_until > one.judged_at]
    warns = [one.warns_at for one in ahead if one.warns_at is not None]
    return all(now < moment for moment in (*ends, *warns))
