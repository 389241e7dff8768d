"""The evidence on an account, as it stood at an instant: what was written down later is not seen. It must never
judge.

Whether an incident covers a look is looked up here, not stored: an incident that is found late covers looks that were
taken before it was found. Only targets that are in the register now count: what a wrong address showed is no proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.content.hit import Hit
from mediawatch.core.model import Account, DayVisits, Evidence, Look, Target
from mediawatch.store import hits, profiles, rows
from mediawatch.store.tables import INCIDENT, OBSERVATION, POST, TARGET

LOOKS = 20  # the last looks of each target that a rule may see, besides the first and the last that saw anything
POSTS = 50
VISIT_DAYS = 31  # Shanghai days of visits that a rule may see, today included
APART = timedelta(minutes=20)  # visits closer than this are one, where visits are counted
MOST_VISITS = 5000

_OF_TARGET = select(OBSERVATION).where(
    OBSERVATION.c.target == bindparam("target"), OBSERVATION.c.at <= bindparam("now", type_=OBSERVATION.c.at.type)
)
_NEW_FIRST = (OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
_LAST = _OF_TARGET.order_by(*_NEW_FIRST).limit(LOOKS)
_LAST_SAW = _OF_TARGET.where(OBSERVATION.c.saw).order_by(*_NEW_FIRST).limit(1)
_FIRST_SAW = _OF_TARGET.where(OBSERVATION.c.saw).order_by(OBSERVATION.c.at, OBSERVATION.c.id).limit(1)
_NEWEST_POSTS = (
    select(POST)
    .where(
        POST.c.account == bindparam("account"),
        POST.c.target.in_(bindparam("targets", expanding=True)),
        POST.c.first_seen_at <= bindparam("now", type_=POST.c.at.type),
    )
    .order_by(POST.c.order_at.desc(), POST.c.key.desc())
    .limit(POSTS)
)
# Facts are our own JSON with its fields in one order: a page begins with `kind` and `opened`.
_VISITS = (
    select(
        *(OBSERVATION.c.target, OBSERVATION.c.platform, OBSERVATION.c.at),
        OBSERVATION.c.facts.startswith('{"kind":"page","opened":true').label("opened"),
        OBSERVATION.c.facts.not_like('%"notice":""%').label("noticed"),
    )
    .where(
        OBSERVATION.c.target.in_(bindparam("targets", expanding=True)),
        OBSERVATION.c.at >= bindparam("first", type_=OBSERVATION.c.at.type),
        OBSERVATION.c.at <= bindparam("now", type_=OBSERVATION.c.at.type),
        OBSERVATION.c.facts.startswith('{"kind":"page",'),
    )
    .order_by(OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
    .limit(MOST_VISITS)
)
_INCIDENTS = select(INCIDENT).where(
    INCIDENT.c.platform.in_(bindparam("platforms", expanding=True)),
    or_(INCIDENT.c.closed_at.is_(None), INCIDENT.c.closed_at > bindparam("first", type_=POST.c.at.type)),
)


def evidence(connection: Connection, account_id: str, now: datetime, account: Account | None = None) -> Evidence:
    """All that a rule may look at. Raises KeyError for an unknown account.

    account: with the targets that count; those of the register now where it is not given.
    """
    account = account or rows.accounts(connection, [account_id])[account_id]
    found: list[Row[Any]] = []
    for target in account.targets:
        found += _looks_of(connection, target.id, now)
    ids = [target.id for target in account.targets]
    changes, series = profiles.history(connection, account_id, ids, now)
    posts = connection.execute(_NEWEST_POSTS, {"account": account_id, "targets": ids, "now": now}).all()
    return made(
        account,
        now,
        Rows(found, posts, changes, series),
        visits_of(connection, account.targets, now),
        hits.of(connection, account_id, ids, now) if found else (),
        Incidents(connection, [*found, *changes, *series]),
    )


@dataclass(frozen=True)
class Rows:
    """What was written of one account: looks in any order, posts and changes from new to old, counts the other way."""

    looks: Sequence[Row[Any]] = ()
    posts: Sequence[Row[Any]] = ()
    changes: Sequence[Row[Any]] = ()
    series: Sequence[Row[Any]] = ()


def made(
    account: Account,
    now: datetime,
    found: Rows,
    visits: tuple[DayVisits, ...],
    hits_: tuple[Hit, ...],
    blind: Incidents,
) -> Evidence:
    """The evidence out of its rows."""
    known = {target.id: target for target in account.targets}
    looks = [
        rows.look_of(row, known[row.target].adapter, known[row.target].covers, not blind.cover(row.platform, row.at))
        for row in sorted(found.looks, key=lambda row: (row.at, row.id))
    ]
    return Evidence(
        account=account,
        now=now,
        watched_since=next((look.at for look in looks if look.seen is not None), None),
        looks=tuple(looks),
        posts=tuple(rows.post_of(row, _last_seen(row, looks, now)) for row in found.posts),
        visits=visits,
        profiles=profiles.changes_of(found.changes, blind.cover),
        series=profiles.series_of(found.series, blind.cover),
        hits=hits_,
    )


def visits_of(connection: Connection, targets: Iterable[Target], now: datetime) -> tuple[DayVisits, ...]:
    """The visits of the last month by target and day: one query, and none for accounts whose visits nobody counts."""
    counted = [target.id for target in targets if "visits" in target.covers]
    if not counted:
        return ()
    first = midnight_after(day_of(now) - timedelta(days=VISIT_DAYS))
    found = connection.execute(_VISITS, {"targets": counted, "first": first, "now": now}).all()
    blind = Incidents(connection, found)
    days: dict[tuple[date, str], list[Row[Any]]] = {}
    for row in reversed(found):
        if not blind.cover(row.platform, row.at):
            days.setdefault((day_of(row.at), row.target), []).append(row)
    return tuple(_day_of_visits(target, day, visits) for (day, target), visits in sorted(days.items(), key=_by_day))


def _by_day(item: tuple[tuple[date, str], list[Row[Any]]]) -> tuple[date, str]:
    return item[0]


def _day_of_visits(target: str, day: date, visits: Sequence[Row[Any]]) -> DayVisits:
    """Counts one day. What lies too close behind a visit that counts does not: a second look proves no second visit."""
    spaced: list[Row[Any]] = []
    for visit in visits:
        if not spaced or visit.at - spaced[-1].at >= APART:
            spaced.append(visit)
    failed = [visit.at for visit in spaced if not visit.opened]
    return DayVisits(
        target=target,
        day=day,
        total=len(visits),
        spaced=len(spaced),
        failed=len(failed),
        opened=sum(bool(visit.opened) for visit in visits),
        noticed=sum(bool(visit.opened and visit.noticed) for visit in visits),
        first_failed_at=failed[0] if failed else None,
        last_failed_at=failed[-1] if failed else None,
    )


def recent_looks(connection: Connection, platform: str, since: datetime) -> tuple[Look, ...]:
    """Every look at a platform from `since` on, from old to new."""
    found = connection.execute(
        select(OBSERVATION, TARGET.c.adapter, TARGET.c.covers)
        .join(TARGET, TARGET.c.id == OBSERVATION.c.target)
        .where(OBSERVATION.c.at >= since, OBSERVATION.c.platform == platform, TARGET.c.removed_at.is_(None))
        .order_by(OBSERVATION.c.at, OBSERVATION.c.id)
    ).all()
    blind = Incidents(connection, found)
    covers = {text: frozenset(json.loads(text)) for text in {row.covers for row in found}}
    return tuple(
        rows.look_of(row, row.adapter, covers[row.covers], not blind.cover(row.platform, row.at)) for row in found
    )


class Incidents:
    """The incidents that may cover some looks."""

    def __init__(self, connection: Connection, looks: Sequence[Row[Any]]) -> None:
        self._spells: dict[str, list[tuple[datetime, datetime | None]]] = {}
        if looks:
            asked = {"platforms": sorted({row.platform for row in looks}), "first": min(row.at for row in looks)}
            for row in connection.execute(_INCIDENTS, asked):
                self._spells.setdefault(row.platform, []).append((row.opened_at, row.closed_at))

    def cover(self, platform: str, at: datetime) -> bool:
        """True where one covers that instant: from its opening to just before its end."""
        spells = self._spells.get(platform, ())
        return any(opened <= at and (closed is None or at < closed) for opened, closed in spells)


def _looks_of(connection: Connection, target: str, now: datetime) -> list[Row[Any]]:
    asked = {"target": target, "now": now}
    found = list(connection.execute(_LAST, asked))
    if len(found) == LOOKS:  # there may be older ones
        more = [*connection.execute(_FIRST_SAW, asked)]
        if not any(row.saw for row in found):
            more += connection.execute(_LAST_SAW, asked)
        ids = {row.id for row in found}
        found += {row.id: row for row in more if row.id not in ids}.values()
    return found


def _last_seen(post: Row[Any], looks: Iterable[Look], now: datetime) -> datetime:
    """The last look up to `now` that showed the post. A list shows a post in one run, until it is deleted or pushed
    out, so one that was seen both before and after `now` was also in the last list before it."""
    last: datetime = post.last_seen_at
    if last <= now:
        return last
    shown = (look.at for look in looks if look.target == post.target and look.posts)
    return max(shown, default=post.first_seen_at)
