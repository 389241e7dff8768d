"""Looks counted by the hour while they are written down, so that no count and no chart walks through the looks.

An hour that a question covers in part is counted from the looks themselves: every answer is exact. It must not judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, func, or_, select

from mediawatch.core.model import Observation, Target
from mediawatch.store import batches
from mediawatch.store.keeping_tables import LOOK_HOUR
from mediawatch.store.tables import OBSERVATION, TARGET
from mediawatch.store.upserts import Upserts

_HOUR = timedelta(hours=1)
_SLOTS = 64
By = Literal["platform", "adapter"]


def add(connection: Connection, upsert: Upserts, looked: Iterable[tuple[Target, Observation]]) -> None:
    """Counts looks that are written down in this transaction."""
    counts = Counter(
        (target.platform, hour_of(one.at), target.adapter, one.failure.reason.value if one.failure else "")
        for target, one in looked
    )
    slot = _slot(connection)
    names = ("platform", "hour", "adapter", "reason")
    rows = [
        dict(zip(names, key, strict=True), slot=slot, looks=number) for key, number in sorted(counts.items())
    ]  # in one order: two writers of one slot never wait for each other both ways
    batches.run(connection, upsert.counted, rows)


def _slot(connection: Connection) -> int:
    """SQLite has one writer; sessions of PostgreSQL count each in their own row."""
    if connection.dialect.name == "sqlite":
        return 0
    raw: Any = connection.connection.driver_connection
    return int(raw.info.backend_pid) % _SLOTS


def hour_of(at: datetime) -> datetime:
    """The first instant of its hour, UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def counted(
    connection: Connection, since: datetime, until: datetime, by: By = "platform", platform: str | None = None
) -> dict[str, Counter[str]]:
    """By platform or adapter, how many looks with `since` ≤ at < `until` ended how; the key "" is for those that saw.

    platform: the only one that counts.
    """
    found: dict[str, Counter[str]] = {}
    first, last = hour_of(since), hour_of(until)
    if first < since:
        first += _HOUR
    spans = [(since, until)] if first >= last else [(since, first), (last, until)]
    hours = select(LOOK_HOUR.c[by], LOOK_HOUR.c.reason, func.sum(LOOK_HOUR.c.looks)).where(
        LOOK_HOUR.c.hour >= first, LOOK_HOUR.c.hour < last
    )
    if platform is not None:
        hours = hours.where(LOOK_HOUR.c.platform == platform)
    groups = list(connection.execute(hours.group_by(LOOK_HOUR.c[by], LOOK_HOUR.c.reason))) if first < last else []
    for key, reason, number in (
        *groups,
        *_looks(connection, [span for span in spans if span[0] < span[1]], by, platform),
    ):
        found.setdefault(key, Counter())[reason or ""] += int(number)
    return found


def _looks(
    connection: Connection, spans: Sequence[tuple[datetime, datetime]], by: By, platform: str | None
) -> Iterator[Any]:
    if not spans:
        return
    key = OBSERVATION.c.platform if by == "platform" else TARGET.c.adapter
    within = (OBSERVATION.c.at.between(since, until - timedelta(microseconds=1)) for since, until in spans)
    asked = select(key, OBSERVATION.c.reason, func.count()).where(or_(*within))
    if by == "adapter":
        asked = asked.join(TARGET, TARGET.c.id == OBSERVATION.c.target)
    if platform is not None:
        asked = asked.where(OBSERVATION.c.platform == platform)
    yield from connection.execute(asked.group_by(key, OBSERVATION.c.reason))


def last_at(connection: Connection, platform: str, reason: str, since: datetime, until: datetime) -> datetime | None:
    """The last look with `since` < at ≤ `until` at a platform that ended so ("": that saw something)."""
    hours = (
        select(LOOK_HOUR.c.hour)
        .where(LOOK_HOUR.c.platform == platform, LOOK_HOUR.c.reason == reason)
        .where(LOOK_HOUR.c.hour >= hour_of(since), LOOK_HOUR.c.hour <= until)
        .distinct()
        .order_by(LOOK_HOUR.c.hour.desc())
        .limit(2)  # in the hour of `until` all may lie later
    )
    ended = OBSERVATION.c.reason == reason if reason else OBSERVATION.c.saw
    for hour in connection.execute(hours).scalars():
        within = (OBSERVATION.c.at > max(since, hour - timedelta(microseconds=1)), OBSERVATION.c.at <= until)
        asked = select(func.max(OBSERVATION.c.at)).where(
            OBSERVATION.c.platform == platform, ended, *within, OBSERVATION.c.at < hour + _HOUR
        )
        found: datetime | None = connection.execute(asked).scalar()
        if found is not None:
            return found
    return None
