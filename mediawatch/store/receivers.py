"""What was last said to a receiver, and by it; and how it stands. One row each; it must never hold a secret."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select, update

from mediawatch.core.receiver_views import ReceiverView, Tried
from mediawatch.store.outbox import GIVEN_UP, OWED
from mediawatch.store.telling_tables import MESSAGE, NOTIFICATION, RECEIVER

TOO_FAST = "too_fast"  # as `receivers.receiver.Answer` says it


def tried(connection: Connection, name: str, attempt: Tried) -> None:
    """Writes down an attempt, in place of the one before."""
    known = connection.execute(select(RECEIVER).where(RECEIVER.c.name == name)).first()
    values = {
        "tried_at": attempt.at,
        "answer": attempt.answer,
        "detail": attempt.detail,
        "request": attempt.request,
        "said": attempt.said,
        "sent_at": attempt.at if attempt.taken else known and known.sent_at,
        "failing_since": None if attempt.taken else (known and known.failing_since) or attempt.at,
        "failed": 0 if attempt.taken else (known.failed if known else 0) + 1,
        "error": (known.error if known else "") if attempt.taken else attempt.detail,
    }
    if known is None:
        connection.execute(insert(RECEIVER).values(name=name, **values))
    else:
        connection.execute(update(RECEIVER).where(RECEIVER.c.name == name).values(values))


def resting(connection: Connection, now: datetime) -> dict[str, datetime]:
    """The receivers whose last word was that we were too fast, and when the message that they said it to is due."""
    of = and_(MESSAGE.c.receiver == RECEIVER.c.name, MESSAGE.c.tried_at == RECEIVER.c.tried_at)
    asked = (
        select(RECEIVER.c.name, func.max(MESSAGE.c.next_try))
        .join(MESSAGE, of)
        .where(RECEIVER.c.answer == TOO_FAST, MESSAGE.c.state == OWED, MESSAGE.c.lease_token.is_(None))
        .where(MESSAGE.c.next_try > now)
        .group_by(RECEIVER.c.name)
    )
    return {row[0]: row[1] for row in connection.execute(asked)}


def views(connection: Connection, configured: Iterable[ReceiverView]) -> tuple[ReceiverView, ...]:
    """How each receiver of the settings stands; those that only the record knows, because something is owed, follow."""
    counted = connection.execute(
        select(NOTIFICATION.c.receiver, NOTIFICATION.c.state, func.count(), func.min(NOTIFICATION.c.promised_at))
        .where(NOTIFICATION.c.state.in_((OWED, GIVEN_UP)))
        .group_by(NOTIFICATION.c.receiver, NOTIFICATION.c.state)
    ).all()
    owed = {row[0]: (int(row[2]), row[3]) for row in counted if row[1] == OWED}
    given_up = {row[0]: int(row[2]) for row in counted if row[1] == GIVEN_UP}
    last = {row.name: row for row in connection.execute(select(RECEIVER))}
    named = {one.name: one for one in configured}
    gone = [ReceiverView(name=name) for name in sorted(owed.keys() - named.keys())]
    found = []
    for one in (*named.values(), *gone):
        number, since = owed.get(one.name, (0, None))
        changes: dict[str, int | str | datetime | None] = {
            "owed": number,
            "owed_since": since,
            "given_up": given_up.get(one.name, 0),
        }
        if row := last.get(one.name):
            fields = ("tried_at", "answer", "detail", "request", "said", "sent_at", "failing_since", "failed", "error")
            changes |= {field: getattr(row, field) for field in fields}
        found.append(one.model_copy(update=changes))
    return tuple(found)
