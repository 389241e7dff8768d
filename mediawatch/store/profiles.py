"""The history of what channels tell of an account itself: changes one by one, counts once a day.

It is made of looks only, so that it is as exact as of any instant as they are. It must not judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from mediawatch.core.calendar import day_of
from mediawatch.core.model import DayCount, Observation, SeenProfile
from mediawatch.core.profiles import COUNTS, NOTHING, SERIES_DAYS, SPARE_DAYS, Facts, changed, profile_of, tells, told
from mediawatch.core.value import made
from mediawatch.store import batches, rows
from mediawatch.store.claim import Claim
from mediawatch.store.columns import among, line_of, list_of
from mediawatch.store.newest import newest_listed, newest_of
from mediawatch.store.tables import PROFILE, PROFILE_DAY, TARGET, storable
from mediawatch.store.upserts import Upserts

_COUNTED = tuple(DayCount.model_fields)
_OF_COUNT = attrgetter(*_COUNTED)
CHANGES = 50  # the newest changes that a rule may see

Cover = Callable[[str, datetime], bool]
"""Whether an incident of that platform covers that instant."""

_NOW = bindparam("now", type_=PROFILE.c.at.type)
_LAST = newest_of(PROFILE, "target", "at", "at", 1, ("target", "facts"))


class StoredChange(msgspec.Struct, array_like=True, gc=False):
    """A change as the record holds it."""

    target: str
    at: rows.Instant
    account: str
    platform: str
    facts: str


_READ_CHANGES = msgspec.json.Decoder(list[StoredChange])
_CHANGES = newest_listed(PROFILE, "account", ("at", "target"), "at", CHANGES, StoredChange.__struct_fields__)


class StoredCount(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The counts of a day as the record holds them, by the names of a `DayCount`."""

    target: str
    day: date
    at: rows.Instant
    followers: int | None
    posts: int | None
    following: int | None
    platform: str
    account: str


_COUNTS = msgspec.json.Decoder(list[StoredCount])
_IN_ORDER = attrgetter("day", "target")
_SERIES = (
    select(PROFILE_DAY.c.target, list_of(line_of(*(PROFILE_DAY.c[name] for name in StoredCount.__struct_fields__))))
    .where(
        among(PROFILE_DAY.c.target, "targets"),
        PROFILE_DAY.c.day > bindparam("since", type_=PROFILE_DAY.c.day.type),
        PROFILE_DAY.c.at <= _NOW,
    )
    .group_by(PROFILE_DAY.c.target)
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


def last_changes(connection: Connection, asked: Mapping[str, Any]) -> dict[str, list[StoredChange]]:
    """By account, the changes, from new to old.

    asked: `accounts`, `targets` (lists of ids) and `now`.
    """
    found = batches.read(connection, _CHANGES, asked)
    return {account: _READ_CHANGES.decode(text) for account, text in found if text}


def daily_counts(connection: Connection, targets: Sequence[str], now: datetime) -> dict[str, list[StoredCount]]:
    """By account, the daily counts, from old to new: of each target those of the last days that it told."""
    since: date = day_of(now) - timedelta(days=SERIES_DAYS + SPARE_DAYS)
    series: dict[str, list[StoredCount]] = {}
    for _, text in batches.read(connection, _SERIES, {"targets": sorted(targets), "now": now, "since": since}):
        found = sorted(_COUNTS.decode(text), key=_IN_ORDER)
        first = found[-1].day - timedelta(days=SERIES_DAYS - 1)
        known = found if first <= found[0].day else [one for one in found if first <= one.day]
        mine = series.setdefault(found[0].account, known)
        if mine is not known:
            series[found[0].account] = sorted([*mine, *known], key=_IN_ORDER)
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


def changes_of(found: Sequence[StoredChange], covered: Cover) -> tuple[SeenProfile, ...]:
    """The changes, from old to new."""
    told = (
        {"target": one.target, "at": one.at, "trusted": not covered(one.platform, one.at)} for one in reversed(found)
    )
    facts = (_read(one.facts).__dict__ for one in reversed(found))
    return tuple([made(SeenProfile, fields | more) for fields, more in zip(facts, told, strict=True)])


def series_of(found: Sequence[StoredCount], covered: Cover, bare: bool = False) -> tuple[Any, ...]:
    """The daily counts, without those that were told during an incident. bare: as they are, not as values."""
    told = [one for one in found if not covered(one.platform, one.at)]
    return tuple(told if bare else [made(DayCount, dict(zip(_COUNTED, _OF_COUNT(one), strict=True))) for one in told])
