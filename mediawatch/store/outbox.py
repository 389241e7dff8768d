"""The outbox: promises, inserted once by a unique key, and their delivery, at least once, under leases.

Of one alert and one receiver, what was promised first is told first. No receiver waits for another.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, update

from mediawatch.core.alerting import Owed
from mediawatch.core.views import Notice
from mediawatch.store.tables import NOTIFICATION

OWED, SENT, GIVEN_UP = "owed", "sent", "given_up"


@dataclass(frozen=True)
class Delivery:
    """The right to try one delivery now. `attempts`: how many were made before this one.

    message_id: what the receiver knows the promise by; the same for every attempt.
    """

    key: str
    message_id: str
    receiver: str
    notice: Notice
    attempts: int
    token: str


def said(connection: Connection, alert_ids: Iterable[str]) -> frozenset[str]:
    asked = select(NOTIFICATION.c.key).where(NOTIFICATION.c.alert.in_(list(alert_ids)))
    return frozenset(connection.execute(asked).scalars())


def promise(connection: Connection, once: Any, owed: Owed, notice: Notice, now: datetime) -> bool:
    values = {
        "key": owed.key,
        "message": notice.id,
        "alert": owed.alert,
        "receiver": owed.receiver,
        "cause": owed.cause,
        "notice": notice.model_dump_json(),
        "state": OWED,
        "due_at": owed.due_at,
        "promised_at": now,
        "attempts": 0,
        "next_try": max(owed.due_at, now),
        "lease_token": None,
        "done_at": None,
        "answer": "",
    }
    return connection.execute(once, values).first() is not None


def claim_deliveries(connection: Connection, now: datetime, lease: timedelta, most: int) -> list[Delivery]:
    """At most `most` deliveries, shared out evenly among the receivers that have any due."""
    due = (NOTIFICATION.c.state == OWED, NOTIFICATION.c.next_try <= now)
    receivers = connection.execute(
        select(NOTIFICATION.c.receiver).where(*due).group_by(NOTIFICATION.c.receiver).order_by(NOTIFICATION.c.receiver)
    ).scalars()
    earlier = NOTIFICATION.alias()
    waits = exists().where(
        earlier.c.alert == NOTIFICATION.c.alert,
        earlier.c.receiver == NOTIFICATION.c.receiver,
        earlier.c.state == OWED,
        earlier.c.id < NOTIFICATION.c.id,
    )
    found: list[Any] = []
    waiting = list(receivers)
    for number, receiver in enumerate(waiting):
        share = -((len(found) - most) // (len(waiting) - number))  # what is left, divided, rounded up
        asked = (
            select(NOTIFICATION)
            .where(*due, NOTIFICATION.c.receiver == receiver, ~waits)
            .order_by(NOTIFICATION.c.next_try, NOTIFICATION.c.id)
            .limit(share)
            .with_for_update(skip_locked=True, of=NOTIFICATION)
        )
        found += connection.execute(asked).all() if share > 0 else []
    if not found:
        return []
    token = secrets.token_hex(8)
    stamp = (
        update(NOTIFICATION)
        .where(NOTIFICATION.c.id == bindparam("one"))
        .values(lease_token=token, next_try=now + lease, attempts=NOTIFICATION.c.attempts + 1)
    )
    connection.execute(stamp, [{"one": row.id} for row in found])
    return [
        Delivery(
            key=row.key,
            message_id=row.message,
            receiver=row.receiver,
            notice=Notice.model_validate_json(row.notice),
            attempts=row.attempts,
            token=token,
        )
        for row in sorted(found, key=lambda row: row.id)
    ]


def delivered(connection: Connection, delivery: Delivery, now: datetime, answer: str) -> bool:
    """A receiver's yes is a fact, also from an attempt whose lease had run out."""
    return _settle(connection, delivery, fenced=False, state=SENT, lease_token=None, done_at=now, answer=answer)


def put_off(connection: Connection, delivery: Delivery, next_try: datetime, answer: str) -> bool:
    return _settle(connection, delivery, lease_token=None, next_try=next_try, answer=answer)


def give_up(connection: Connection, delivery: Delivery, now: datetime, answer: str) -> bool:
    return _settle(connection, delivery, state=GIVEN_UP, lease_token=None, done_at=now, answer=answer)


def hand_back(connection: Connection, deliveries: Iterable[Delivery], now: datetime) -> None:
    for delivery in deliveries:
        _settle(connection, delivery, lease_token=None, next_try=now, attempts=delivery.attempts)


def free_leases(connection: Connection, now: datetime) -> int:
    leased = (NOTIFICATION.c.state == OWED, NOTIFICATION.c.lease_token.is_not(None))
    return connection.execute(update(NOTIFICATION).where(*leased).values(next_try=now, lease_token=None)).rowcount


def owed_count(connection: Connection) -> int:
    asked = select(func.count()).select_from(NOTIFICATION).where(NOTIFICATION.c.state == OWED)
    return int(connection.execute(asked).scalar_one())


def _settle(connection: Connection, delivery: Delivery, *, fenced: bool = True, **values: Any) -> bool:
    mine = update(NOTIFICATION).where(NOTIFICATION.c.key == delivery.key, NOTIFICATION.c.state == OWED).values(**values)
    if fenced:
        mine = mine.where(NOTIFICATION.c.lease_token == delivery.token)
    return bool(connection.execute(mine).rowcount == 1)
