"""What a digest counts: alerts and promises of some units in a period. It must not judge, and it must not write."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from mediawatch.core.alerting import State
from mediawatch.store.tables import ACCOUNT, ALERT
from mediawatch.store.telling_tables import NOTIFICATION

_TOLD = (ALERT.c.level == "breach", ALERT.c.confirmed_at.is_not(None), ALERT.c.review.in_(("not_needed", "confirmed")))


@dataclass(frozen=True)
class Tally:
    """Breaches that opened, ended and stand, those that nobody answers for, and reminders told and spared."""

    opened: int
    resolved: int
    standing: int
    unacknowledged: int
    reminders: int
    spared: int


def tally(connection: Connection, units: Collection[str] | None, since: datetime, to: datetime) -> Tally:
    """units: `None` for the whole register."""
    of: ColumnElement[bool] = true() if units is None else ACCOUNT.c.unit.in_(units)
    alerts = select(func.count()).select_from(ALERT).join(ACCOUNT, ACCOUNT.c.id == ALERT.c.subject).where(*_TOLD, of)
    live = ALERT.c.state != State.RESOLVED.value
    answered = ALERT.c.acknowledged_at.is_not(None) & or_(
        ALERT.c.acknowledged_until.is_(None), ALERT.c.acknowledged_until > to
    )
    theirs: ColumnElement[bool] = true() if units is None else NOTIFICATION.c.unit.in_(units)
    reminders = (
        select(NOTIFICATION.c.state, func.count())
        .where(NOTIFICATION.c.cause.in_(("reminder", "repeat")), theirs)
        .where(NOTIFICATION.c.promised_at >= since, NOTIFICATION.c.promised_at < to)
        .group_by(NOTIFICATION.c.state)
    )
    told = {str(state): int(number) for state, number in connection.execute(reminders)}
    spared = told.pop("spared", 0)

    def count(*more: ColumnElement[bool]) -> int:
        return int(connection.execute(alerts.where(*more)).scalar_one())

    return Tally(
        opened=count(ALERT.c.confirmed_at >= since, ALERT.c.confirmed_at < to),
        resolved=count(ALERT.c.resolved_at >= since, ALERT.c.resolved_at < to),
        standing=count(live),
        unacknowledged=count(live, ~answered),
        reminders=sum(told.values()),
        spared=spared,
    )


def answers(connection: Connection, accounts: Collection[str], now: datetime) -> dict[str, tuple[str, str]]:
    """By account: who answers for its breach, and their note."""
    asked = select(ALERT.c.subject, ALERT.c.acknowledged_by, ALERT.c.note).where(
        ALERT.c.subject.in_(accounts),
        ALERT.c.state != State.RESOLVED.value,
        ALERT.c.acknowledged_at.is_not(None),
        or_(ALERT.c.acknowledged_until.is_(None), ALERT.c.acknowledged_until > now),
    )
    return {row.subject: (row.acknowledged_by, row.note) for row in connection.execute(asked)} if accounts else {}
