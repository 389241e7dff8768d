"""The history of what channels tell of an account itself: changes one by one, counts once a day.

It is made of looks only, so that it is as exact as of any instant as they are. It must not judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, select

from mediawatch.core.calendar import day_of
from mediawatch.core.model import DayCount, Observation, SeenProfile
from mediawatch.core.profiles import COUNTS, NOTHING, SERIES_DAYS, SPARE_DAYS, Facts, changed, profile_of, tells, told
from mediawatch.core.value import made
from mediawatch.store import batches
from mediawatch.store.claim import Claim
from mediawatch.store.columns import among
from mediawatch.store.newest import newest_of
from mediawatch.store.tables import PROFILE, PROFILE_DAY, TARGET, storable
from mediawatch.store.upserts import Upserts

_COUNTED = tuple(DayCount.model_fields)
_OF_DAY = (*_COUNTED, "platform", "account")
_TARGET, _DAY, _AT, _PLATFORM, _ACCOUNT = map(_OF_DAY.index, ("target", "day", "at", "platform", "account"))
CHANGES = 50  # the newest changes that a rule may see

Cover = Callable[[str, datetime], bool]
"""Whether an incident of that platform covers that instant."""

_NOW = bindparam("now", type_=PROFILE.c.at.type)
_LAST = newest_of(PROFILE, "target", "at", "at", 1, ("target", "facts"))
_CHANGES = newest_of(PROFILE, "account", "at", "at", CHANGES)
_SERIES = (
    select(*(PROFILE_DAY.c[name] for name in _OF_DAY))
    .where(
        among(PROFILE_DAY.c.target, "targets"),
        PROFILE_DAY.c.day > bindparam("since", type_=PROFILE_DAY.c.day.type),
        PROFILE_DAY.c.at <= _NOW,
    )
    .order_by(PROFILE_DAY.c.day, PROFILE_DAY.c.target)
)


def record(connection: Connection, upsert: Upserts, looks: Sequence[tuple[Claim, Observation]]) -> None:
    """Writes down what looks told of the accounts themselves: nothing, where they told nothing new."""
    days: list[dict[str, Any]] = []
    telling: list[tuple[dict[str, Any], Observation]] = []
    for claim, observation in looks:
        known = {"target": claim.target.id, "account": claim.account.id, "platform": claim.target.platform}
        profile = profile_of(observation.seen)
        counts = {name: getattr(profile, name, None) for name in COUNTS}
        if any(count is not None for count in counts.values()):
            days.append({**known, **counts, "day": day_of(observation.at), "at": observation.at})
        if tells(observation.seen):
            telling.append((known, observation))
    batches.run(connection, upsert.profile_day, days)
    if not telling:
        return
    asked = {
        "targets": sorted({known["target"] for known, _ in telling}),
        "now": max(observation.at for _, observation in telling),
    }
    last = {target: _read(facts) for target, facts in batches.read(connection, _LAST, asked)}
    changes: list[dict[str, Any]] = []
    for known, observation in telling:
        before = last.get(known["target"])
        after = told(observation.seen, before)
        if after is not None and changed(before, after):
            last[known["target"]] = after
            changes.append({**known, "at": observation.at, "facts": storable(after.model_dump_json())})
    batches.run(connection, upsert.profile, changes)


def last_changes(connection: Connection, asked: Mapping[str, Any]) -> dict[str, list[Row[Any]]]:
    """By account, the rows of the changes, from new to old.

    asked: `accounts`, `targets` (lists of ids) and `now`.
    """
    found: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_CHANGES, asked).all():
        found.setdefault(row.account, []).append(row)
    return {
        account: sorted(of, key=lambda row: (row.at, row.target), reverse=True)[:CHANGES]
        for account, of in found.items()
    }


def daily_counts(connection: Connection, targets: Sequence[str], now: datetime) -> dict[str, list[Row[Any]]]:
    """By account, the rows of the daily counts, from old to new: of each target those of the last days that it told."""
    since: date = day_of(now) - timedelta(days=SERIES_DAYS + SPARE_DAYS)
    found = connection.execute(_SERIES, {"targets": sorted(targets), "now": now, "since": since}).all()
    last: dict[str, date] = {row[_TARGET]: row[_DAY] for row in found}
    series: dict[str, list[Row[Any]]] = {}
    for row in found:
        if (last[row[_TARGET]] - row[_DAY]).days < SERIES_DAYS:
            series.setdefault(row[_ACCOUNT], []).append(row)
    return series


def last_told(connection: Connection) -> dict[str, list[Facts]]:
    """By account, the last that each of its targets in the register told."""
    newest = select(PROFILE.c.target, func.max(PROFILE.c.at).label("at")).group_by(PROFILE.c.target).subquery()
    asked = (
        select(PROFILE.c.account, PROFILE.c.facts)
        .join(newest, (newest.c.target == PROFILE.c.target) & (newest.c.at == PROFILE.c.at))
        .join(TARGET, TARGET.c.id == PROFILE.c.target)
        .where(TARGET.c.removed_at.is_(None))
        .order_by(PROFILE.c.account, PROFILE.c.target)
    )
    told: dict[str, list[Facts]] = {}
    for row in connection.execute(asked):
        told.setdefault(row.account, []).append(Facts.model_validate_json(row.facts))
    return told


def _read(text: str) -> Facts:
    """As they were written, of older versions without what these did not know."""
    told = msgspec.json.decode(text)
    return made(Facts, {**NOTHING.__dict__, **told, "entries": tuple(told.get("entries", ()))})


@lru_cache(maxsize=1024)
def _facts(text: str) -> dict[str, Any]:
    return dict(Facts.model_validate_json(text))


def changes_of(found: Sequence[Row[Any]], covered: Cover) -> tuple[SeenProfile, ...]:
    """The changes, from old to new."""
    return tuple(
        made(
            SeenProfile,
            {
                **_facts(row.facts),
                "target": row.target,
                "at": row.at,
                "trusted": not covered(row.platform, row.at),
            },
        )
        for row in reversed(found)
    )


def series_of(found: Sequence[Row[Any]], covered: Cover) -> tuple[DayCount, ...]:
    """The daily counts, without those that were told during an incident."""
    told = [row for row in found if not covered(row[_PLATFORM], row[_AT])]
    return tuple([made(DayCount, dict(zip(_COUNTED, row, strict=False))) for row in told])
