"""How platforms and adapters went lately, counted from the record: what was seen, and what time was lost. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Blame, Reason
from mediawatch.core.sessions import Session, state
from mediawatch.core.views import PlatformView, SessionView
from mediawatch.store.tables import INCIDENT, OBSERVATION, TARGET

LATE = timedelta(minutes=15)  # a target that has been due for longer is one more look that was not made
_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
_OURS = sorted(reason.value for reason in Reason if reason.blame is not Blame.ACCOUNT)


def _named() -> CTE:
    """The platforms that are watched, each found by one step in an index from the one before it."""
    first = select(func.min(TARGET.c.platform).label("platform")).where(TARGET.c.removed_at.is_(None))
    named = first.cte("named", recursive=True)
    behind = select(func.min(TARGET.c.platform)).where(
        TARGET.c.removed_at.is_(None), TARGET.c.platform > named.c.platform
    )
    return named.union_all(select(behind.scalar_subquery()).where(named.c.platform.is_not(None)))


_NAMED = _named()
_WATCHED = (
    select(
        _NAMED.c.platform,
        select(func.max(TARGET.c.last_seen_at))
        .where(TARGET.c.removed_at.is_(None), TARGET.c.platform == _NAMED.c.platform)
        .scalar_subquery()
        .label("seen_at"),
    )
    .where(_NAMED.c.platform.is_not(None))
    .order_by(_NAMED.c.platform)
)


def _watched_then(at: datetime) -> Select[Any]:
    """The platforms that were watched at an instant, with the last look that saw anything by then."""
    there = (TARGET.c.added_at <= at, or_(TARGET.c.removed_at.is_(None), TARGET.c.removed_at > at))
    named = select(TARGET.c.platform).where(*there).distinct().subquery()
    mine = (OBSERVATION.c.platform == named.c.platform, OBSERVATION.c.saw, OBSERVATION.c.at <= at)
    seen = select(func.max(OBSERVATION.c.at)).where(*mine)
    return select(named.c.platform, seen.correlate(named).scalar_subquery().label("seen_at")).order_by(named.c.platform)


def platforms(
    connection: Connection, now: datetime, window: timedelta, *, past: bool = False
) -> tuple[PlatformView, ...]:
    """Every platform that is watched: how its looks of the last `window` went, what time of it was lost.

    past: `now` is an instant of the past, of which nobody knows any more what was overdue.
    """
    since = now - window
    watched = connection.execute(_watched_then(now) if past else _WATCHED).all()
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
        TARGET.c.platform.in_(select(_NAMED.c.platform)), TARGET.c.next_due <= now - LATE
    )
    overdue = (
        {} if past else {row.platform: row.waiting for row in connection.execute(waiting.group_by(TARGET.c.platform))}
    )
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
    standing = next((spell for spell in spells if spell.closed_at is None or spell.closed_at > window[1]), None)
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


def looks_since(connection: Connection, platform: str, since: datetime) -> int:
    """How many looks at the platform there were from `since` on."""
    asked = select(func.count()).where(OBSERVATION.c.platform == platform, OBSERVATION.c.at >= since)
    return int(connection.execute(asked).scalar_one())


def sessions(connection: Connection, given: Iterable[Session], now: datetime) -> tuple[SessionView, ...]:
    """The logins: what the calendar says of each, and what the platform's looks of the last week say."""
    return tuple(_session(connection, session, now) for session in given)


def _session(connection: Connection, session: Session, now: datetime) -> SessionView:
    own = (OBSERVATION.c.platform == session.platform, OBSERVATION.c.at > now - _WEEK, OBSERVATION.c.at <= now)

    def last(*more: ColumnElement[bool]) -> datetime | None:
        found: datetime | None = connection.execute(select(func.max(OBSERVATION.c.at)).where(*own, *more)).scalar()
        return found

    seen_at = last(OBSERVATION.c.saw)
    refused_at = last(OBSERVATION.c.reason == Reason.LOGIN_REQUIRED.value)
    doubted = select(INCIDENT.c.id).where(
        *(INCIDENT.c.platform == session.platform, INCIDENT.c.opened_at <= now),
        or_(INCIDENT.c.closed_at.is_(None), INCIDENT.c.closed_at > now),
        INCIDENT.c.detail.startswith("login:"),
    )
    refused = refused_at is not None and (seen_at is None or seen_at < refused_at)
    refused = refused or connection.execute(doubted).first() is not None
    where = state(session, now)
    return SessionView(
        name=session.name,
        platform=session.platform,
        owner=session.owner,
        state="refused" if refused and where != "expired" else where,
        expires_at=session.expires_at,
        seen_at=seen_at,
        canary_at=last(OBSERVATION.c.saw, OBSERVATION.c.account.startswith("canary/")),
        refused_at=refused_at,
        looks_today=looks_since(connection, session.platform, midnight_after(day_of(now) - timedelta(days=1))),
        budget=session.budget,
    )


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
