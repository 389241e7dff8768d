"""How platforms and adapters went lately, counted from the record: what was seen, and what time was lost. Read only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CTE, Connection, Row, and_, func, or_, select

from mediawatch.core.calendar import day_of, midnight_of
from mediawatch.core.incidents import CANARY
from mediawatch.core.model import Blame, Reason
from mediawatch.core.sessions import Session, state
from mediawatch.core.views import PlatformView, SessionView
from mediawatch.store import look_hours
from mediawatch.store.tables import INCIDENT, OBSERVATION, TARGET

LATE = timedelta(minutes=15)  # a target that has been due for longer is one more look that was not made
_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
_TICK = timedelta(microseconds=1)  # the store knows no shorter time
_REFUSED = (Reason.RATE_LIMITED.value, Reason.BLOCKED.value, Reason.CAPTCHA.value)
_EVER, _FOREVER = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
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


def _watched_then(connection: Connection, at: datetime) -> dict[str, datetime | None]:
    """The platforms that were watched at an instant, with the last look that saw anything by then."""
    there = (TARGET.c.added_at <= at, or_(TARGET.c.removed_at.is_(None), TARGET.c.removed_at > at))
    named = select(TARGET.c.platform).where(*there).distinct().order_by(TARGET.c.platform)
    return {
        platform: look_hours.last_at(connection, platform, "", _EVER, at)
        for platform in connection.execute(named).scalars()
    }


def platforms(
    connection: Connection, now: datetime, window: timedelta, *, past: bool = False
) -> tuple[PlatformView, ...]:
    """Every platform that is watched: how its looks of the last `window` went, what time of it was lost.

    past: `now` is an instant of the past, of which nobody knows any more what was overdue.
    """
    since = now - window
    watched = (
        _watched_then(connection, now) if past else {row.platform: row.seen_at for row in connection.execute(_WATCHED)}
    )
    span = (since + _TICK, now + _TICK)  # of looks after `since`, up to `now`
    looks = look_hours.counted(connection, *span)
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
    shown = []
    for platform, seen_at in watched.items():
        mine = spells.get(platform, [])
        lost = _lost(mine, *span)
        counts = looks.get(platform, Counter[str]())
        trusted = counts.copy()
        for part in lost:
            trusted -= look_hours.counted(connection, *part, platform=platform).get(platform, Counter[str]())
        shown.append(_view(platform, seen_at, counts, trusted, overdue.get(platform, 0), mine, lost, now))
    return tuple(shown)


def _view(
    platform: str,
    seen_at: datetime | None,
    looks: Counter[str],
    trusted: Counter[str],
    overdue: int,
    spells: list[Row[Any]],
    lost: list[tuple[datetime, datetime]],
    now: datetime,
) -> PlatformView:
    total, relied = looks.total(), sum(number for reason, number in trusted.items() if reason not in _OURS)
    standing = next((spell for spell in spells if spell.closed_at is None or spell.closed_at > now), None)
    return PlatformView(
        platform=platform,
        looks=total,
        seen=looks[""],
        last_seen_at=seen_at,
        incident_since=standing.opened_at if standing is not None else None,
        incident=standing.detail if standing is not None else "",
        reasons={reason: number for reason, number in looks.items() if reason},
        coverage=round(relied / (total + overdue), 3) if total + overdue else None,
        lost=round(sum((end - begin for begin, end in lost), timedelta()) / _HOUR, 2),
    )


def _lost(spells: Iterable[Row[Any]], since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The parts of `since` ≤ t < `until` that lie in incidents, none of it twice."""
    lost, upto = [], since
    for spell in spells:
        begin, end = max(spell.opened_at, upto), min(spell.closed_at or until, until)
        if end > begin:
            lost.append((begin, end))
            upto = end
    return lost


def looks_since(connection: Connection, platform: str, since: datetime) -> int:
    """How many looks at the platform there were from `since` on."""
    return look_hours.counted(connection, since, _FOREVER, platform=platform).get(platform, Counter[str]()).total()


def refused_at(connection: Connection, platform: str, exit_: str, since: datetime) -> datetime | None:
    """When the exit's newest look at the platform that asked anything was made, where it was refused."""
    asked = (
        select(OBSERVATION.c.at, OBSERVATION.c.reason)
        .where(OBSERVATION.c.at > since, OBSERVATION.c.platform == platform, OBSERVATION.c.exit == exit_)
        .where(OBSERVATION.c.asked != "[]")
        .order_by(OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc())
        .limit(1)
    )
    newest = connection.execute(asked).first()
    return newest.at if newest is not None and newest.reason in _REFUSED else None


def sessions(connection: Connection, given: Iterable[Session], now: datetime) -> tuple[SessionView, ...]:
    """The logins: what the calendar says of each, and what the platform's looks of the last week say."""
    return tuple(_session(connection, session, now) for session in given)


def _session(connection: Connection, session: Session, now: datetime) -> SessionView:
    week = (now - _WEEK, now)
    seen_at = look_hours.last_at(connection, session.platform, "", *week)
    refused_at = look_hours.last_at(connection, session.platform, Reason.LOGIN_REQUIRED.value, *week)
    canaries = select(TARGET.c.id).where(TARGET.c.platform == session.platform, TARGET.c.account.startswith(CANARY))
    canary_at = select(func.max(OBSERVATION.c.at)).where(
        *(OBSERVATION.c.target.in_(canaries), OBSERVATION.c.saw),
        *(OBSERVATION.c.at > week[0], OBSERVATION.c.at <= now),
    )
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
        canary_at=connection.execute(canary_at).scalar(),
        refused_at=refused_at,
        looks_today=looks_since(connection, session.platform, midnight_of(day_of(now))),
        budget=session.budget,
    )


def tallies(connection: Connection, now: datetime, window: timedelta) -> dict[str, tuple[int, int]]:
    """By adapter: looks of the last `window`, and those of them that failed for a reason that blames no account."""
    looks = look_hours.counted(connection, now - window + _TICK, now + _TICK, by="adapter")
    return {
        adapter: (counts.total(), sum(number for reason, number in counts.items() if reason in _OURS))
        for adapter, counts in looks.items()
    }
