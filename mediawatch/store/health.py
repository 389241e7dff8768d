"""How platforms and adapters went lately, counted from the record: what was seen, and what time was lost. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, or_, select

from mediawatch.core.model import Blame, Reason
from mediawatch.core.views import PlatformView
from mediawatch.store.tables import INCIDENT, OBSERVATION, TARGET

LATE = timedelta(minutes=15)  # a target that has been due for longer is one more look that was not made
_HOUR = timedelta(hours=1)
_OURS = sorted(reason.value for reason in Reason if reason.blame is not Blame.ACCOUNT)


def platforms(connection: Connection, now: datetime, window: timedelta) -> tuple[PlatformView, ...]:
    """Every platform that is watched: how its looks of the last `window` went, what time of it was lost."""
    since = now - window
    watched = connection.execute(
        select(TARGET.c.platform, func.max(TARGET.c.last_seen_at).label("seen_at"))
        .where(TARGET.c.removed_at.is_(None))
        .group_by(TARGET.c.platform)
        .order_by(TARGET.c.platform)
    ).all()
    looks: dict[str, dict[str | None, int]] = {}
    relied: dict[str, int] = {}
    doubted = exists().where(
        *(INCIDENT.c.platform == OBSERVATION.c.platform, INCIDENT.c.opened_at <= OBSERVATION.c.at),
        or_(INCIDENT.c.closed_at.is_(None), INCIDENT.c.closed_at > OBSERVATION.c.at),
    )
    grouped = select(OBSERVATION.c.platform, OBSERVATION.c.reason, func.count())
    grouped = grouped.where(OBSERVATION.c.at > since, OBSERVATION.c.at <= now)
    for platform, reason, number in connection.execute(grouped.group_by(*grouped.selected_columns[:2])):
        looks.setdefault(platform, {})[reason] = number
    sure = select(OBSERVATION.c.platform, func.count()).where(
        *(OBSERVATION.c.at > since, OBSERVATION.c.at <= now, ~doubted),
        or_(OBSERVATION.c.reason.is_(None), OBSERVATION.c.reason.not_in(_OURS)),
    )
    for platform, number in connection.execute(sure.group_by(OBSERVATION.c.platform)):
        relied[platform] = number
    waiting = select(TARGET.c.platform, func.count().label("waiting")).where(
        TARGET.c.removed_at.is_(None), TARGET.c.next_due <= now - LATE
    )
    overdue = {row.platform: row.waiting for row in connection.execute(waiting.group_by(TARGET.c.platform))}
    spells: dict[str, list[Row[Any]]] = {}
    within = and_(INCIDENT.c.opened_at <= now, or_(INCIDENT.c.closed_at.is_(None), INCIDENT.c.closed_at > since))
    for spell in connection.execute(select(INCIDENT).where(within).order_by(INCIDENT.c.opened_at)):
        spells.setdefault(spell.platform, []).append(spell)
    return tuple(
        _view(
            row,
            looks.get(row.platform, {}),
            relied.get(row.platform, 0),
            overdue.get(row.platform, 0),
            spells.get(row.platform, []),
            (since, now),
        )
        for row in watched
    )


def _view(
    row: Any,
    looks: dict[str | None, int],
    relied: int,
    overdue: int,
    spells: list[Row[Any]],
    window: tuple[datetime, datetime],
) -> PlatformView:
    total = sum(looks.values())
    standing = next((spell for spell in spells if spell.closed_at is None), None)
    return PlatformView(
        platform=row.platform,
        looks=total,
        seen=looks.get(None, 0),
        last_seen_at=row.seen_at,
        incident_since=standing.opened_at if standing is not None else None,
        incident=standing.detail if standing is not None else "",
        reasons={reason: number for reason, number in looks.items() if reason is not None},
        coverage=round(relied / (total + overdue), 3) if total + overdue else None,
        lost=round(_lost(spells, *window) / _HOUR, 2),
    )


def _lost(spells: Iterable[Row[Any]], since: datetime, now: datetime) -> timedelta:
    """The time of the window that lies in incidents, none of it counted twice."""
    lost, upto = timedelta(), since
    for spell in spells:
        begin, end = max(spell.opened_at, upto), min(spell.closed_at or now, now)
        if end > begin:
            lost, upto = lost + (end - begin), end
    return lost


def tallies(connection: Connection, now: datetime, window: timedelta) -> dict[str, tuple[int, int]]:
    """By adapter: looks of the last `window`, and those of them that failed for a reason that blames no account."""
    asked = (
        select(TARGET.c.adapter, OBSERVATION.c.reason, func.count())
        .join(TARGET, TARGET.c.id == OBSERVATION.c.target)
        .where(OBSERVATION.c.at > now - window, OBSERVATION.c.at <= now)
        .group_by(TARGET.c.adapter, OBSERVATION.c.reason)
    )
    found: dict[str, tuple[int, int]] = {}
    for adapter, reason, number in connection.execute(asked):
        looks, bad = found.get(adapter, (0, 0))
        found[adapter] = (looks + number, bad + (number if reason in _OURS else 0))
    return found
