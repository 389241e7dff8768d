"""The history of what channels tell of an account itself: changes one by one, counts once a day.

It is made of looks only, so that it is as exact as of any instant as they are. It must not judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from mediawatch.core.calendar import day_of
from mediawatch.core.model import DayCount, Observation, SeenProfile
from mediawatch.core.profiles import COUNTS, Facts, changed, profile_of, told
from mediawatch.store.claim import Claim
from mediawatch.store.tables import PROFILE, PROFILE_DAY, TARGET, storable
from mediawatch.store.upserts import Upserts

CHANGES = 50  # the newest changes that a rule may see
SERIES_DAYS = 120  # Shanghai days of counts that a rule may see, today included

Cover = Callable[[str, datetime], bool]
"""Whether an incident of that platform covers that instant."""

_NOW = bindparam("now", type_=PROFILE.c.at.type)
_BEFORE = (
    select(PROFILE.c.facts)
    .where(PROFILE.c.target == bindparam("target"), PROFILE.c.at <= _NOW)
    .order_by(PROFILE.c.at.desc())
    .limit(1)
)
_CHANGES = (
    select(PROFILE)
    .where(
        PROFILE.c.account == bindparam("account"),
        PROFILE.c.target.in_(bindparam("targets", expanding=True)),
        PROFILE.c.at <= _NOW,
    )
    .order_by(PROFILE.c.at.desc(), PROFILE.c.target.desc())
    .limit(CHANGES)
)
_SERIES = (
    select(*(PROFILE_DAY.c[name] for name in (*DayCount.model_fields, "platform")))
    .where(
        PROFILE_DAY.c.account == bindparam("account"),
        PROFILE_DAY.c.target.in_(bindparam("targets", expanding=True)),
        PROFILE_DAY.c.day > bindparam("since", type_=PROFILE_DAY.c.day.type),
        PROFILE_DAY.c.at <= _NOW,
    )
    .order_by(PROFILE_DAY.c.day, PROFILE_DAY.c.target)
)


def record(connection: Connection, upsert: Upserts, claim: Claim, observation: Observation) -> None:
    """Writes down what one look told of the account itself: nothing, where it told nothing new."""
    profile = profile_of(observation.seen)
    known = {"target": claim.target.id, "account": claim.account.id, "platform": claim.target.platform}
    counts = {name: getattr(profile, name, None) for name in COUNTS}
    if any(count is not None for count in counts.values()):
        day = {**known, **counts, "day": day_of(observation.at), "at": observation.at}
        connection.execute(upsert.profile_day, day)
    if told(observation.seen, None) is None:
        return
    asked = {"target": claim.target.id, "now": observation.at}
    text = connection.execute(_BEFORE, asked).scalar()
    before = None if text is None else Facts.model_validate_json(text)
    after = told(observation.seen, before)
    if after is not None and changed(before, after):
        row = {**known, "at": observation.at, "facts": storable(after.model_dump_json())}
        connection.execute(upsert.profile, row)


def history(
    connection: Connection, account: str, targets: Sequence[str], now: datetime
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """The rows of the changes, from new to old, and of the daily counts, from old to new, as of `now`."""
    asked = {"account": account, "targets": targets, "now": now}
    since: date = day_of(now) - timedelta(days=SERIES_DAYS)
    return (
        connection.execute(_CHANGES, asked).all(),
        connection.execute(_SERIES, {**asked, "since": since}).all(),
    )


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


def changes_of(found: Sequence[Row[Any]], covered: Cover) -> tuple[SeenProfile, ...]:
    """The changes, from old to new."""
    return tuple(
        SeenProfile.model_validate(
            {
                **Facts.model_validate_json(row.facts).model_dump(),
                "target": row.target,
                "at": row.at,
                "trusted": not covered(row.platform, row.at),
            }
        )
        for row in reversed(found)
    )


def series_of(found: Sequence[Row[Any]], covered: Cover) -> tuple[DayCount, ...]:
    """The daily counts, without those that were told during an incident.

    There are many of them, and they were made from values: they are not validated again.
    """
    names = tuple(DayCount.model_fields)
    told = (row for row in found if not covered(row.platform, row.at))
    return tuple(DayCount.model_construct(**dict(zip(names, row, strict=False))) for row in told)
