"""The alerts in SQL: which of them, in which order, with what was told of each. It must never write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select

from mediawatch.core import views
from mediawatch.core.alerting import State
from mediawatch.core.filtering import Filter
from mediawatch.core.review import Review
from mediawatch.store import reviews
from mediawatch.store.in_words import InWords
from mediawatch.store.narrowing import Has, column_has, conditions
from mediawatch.store.outbox import SENT
from mediawatch.store.tables import ACCOUNT, ALERT, NOTIFICATION

LIVE = ALERT.c.state != State.RESOLVED.value
SORTS: dict[str, ColumnElement[Any]] = {
    "opened_at": ALERT.c.opened_at,
    "since": func.coalesce(ALERT.c.since, ALERT.c.opened_at),
    "level": case({"incident": 0, "breach": 1}, value=ALERT.c.level, else_=2),
    "state": ALERT.c.state,
    "indicator": ALERT.c.indicator,
    "review": ALERT.c.review,
    "account": ALERT.c.subject,
    "name": func.coalesce(ACCOUNT.c.name, ALERT.c.subject),
    "resolved_at": func.coalesce(ALERT.c.resolved_at, ALERT.c.opened_at),
    "told": select(func.count())
    .where(NOTIFICATION.c.alert == ALERT.c.id, NOTIFICATION.c.state == SENT)
    .correlate(ALERT)
    .scalar_subquery(),
}
_SEARCHED = (
    func.coalesce(ACCOUNT.c.search, func.lower(ALERT.c.subject))
    + "\n"
    + func.lower(ALERT.c.indicator)
    + "\n"
    + func.lower(ALERT.c.detail)
)


def _labels(now: datetime) -> dict[str, Has]:
    own = {key: column_has(key, ALERT.c[key]) for key in ("level", "state", "review", "indicator")}
    state = own["state"]
    own |= {
        "state": lambda value, exact: answered(now) if value == "acknowledged" else state(value, exact),
        "id": column_has("exact", ALERT.c.id),
        "account": column_has("id", ALERT.c.subject),
    }
    own |= {
        "by": column_has("by", ALERT.c.acknowledged_by),
        "acknowledged": lambda value, _exact: _is(value, answered(now)),
    }
    theirs = {key: column_has(key, ACCOUNT.c[key]) for key in ("name", "kind", "region", "sponsor", "supervisor")}
    return {
        **own,
        **theirs,
        "tag": lambda value, _exact: func.coalesce(ACCOUNT.c.tags, "").contains(f'"{value}"', autoescape=True),
    }


def answered(now: datetime) -> ColumnElement[bool]:
    """Whether somebody answers for an alert: an acknowledgement that has ended counts no more."""
    holds = or_(ALERT.c.acknowledged_until.is_(None), ALERT.c.acknowledged_until > now)
    return and_(ALERT.c.acknowledged_at.is_not(None), holds)


def _is(value: str, found: ColumnElement[bool]) -> ColumnElement[bool]:
    return found if value in ("yes", "true", "1") else not_(found)


def narrowed(only: Filter, live_only: bool, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions of the alerts that are asked for."""
    found = conditions(only, _SEARCHED, _labels(now))
    return [LIVE, *found] if live_only else found


def count(connection: Connection, where: Sequence[ColumnElement[bool]]) -> int:
    """How many alerts there are."""
    joined = ALERT.outerjoin(ACCOUNT, ACCOUNT.c.id == ALERT.c.subject)
    return int(connection.execute(select(func.count()).select_from(joined).where(*where)).scalar_one())


def window(
    connection: Connection,
    words: InWords,
    where: Sequence[ColumnElement[bool]],
    order: tuple[str, bool, int, int] | None,
    now: datetime,
) -> tuple[views.AlertView, ...]:
    """The alerts, live ones first; of each the newest first, or in an `order`: by what, descending, offset, limit.

    What an order does not decide is still newest first.

    Raises ValueError for an order that is none.
    """
    joined = ALERT.outerjoin(ACCOUNT, ACCOUNT.c.id == ALERT.c.subject)
    asked = select(ALERT, ACCOUNT.c.name.label("account_name"), ACCOUNT.c.rulebook.label("account_rulebook"))
    asked = asked.select_from(joined).where(*where).order_by(ALERT.c.state == State.RESOLVED.value)
    sort, descending, offset, limit = order or ("opened_at", True, 0, None)
    if sort not in SORTS:
        raise ValueError(f"no such order: {sort}; there are {', '.join(SORTS)}")
    first = SORTS[sort].desc() if descending else SORTS[sort]
    asked = asked.order_by(first, ALERT.c.opened_at.desc(), ALERT.c.id).offset(offset).limit(limit)
    found = connection.execute(asked).all()
    ids = [row.id for row in found] if order else None
    told = select(NOTIFICATION.c.alert, NOTIFICATION.c.state, func.count())
    told = told.group_by(NOTIFICATION.c.alert, NOTIFICATION.c.state)
    told = told.where(NOTIFICATION.c.alert.in_(ids if ids is not None else select(ALERT.c.id).where(*where)))
    counted = {(alert, state): number for alert, state, number in connection.execute(told)}
    decided = reviews.of_alerts(connection, [row.id for row in found if row.review != Review.NOT_NEEDED.value])
    return tuple(words.alert(row, counted, decided.get(row.id, ()), now) for row in found)
