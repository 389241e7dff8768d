"""The alerts in SQL: which of them, in which order, with what was told of each. It must never write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from mediawatch.core import views
from mediawatch.core.alerting import State
from mediawatch.core.filtering import Filter
from mediawatch.core.review import Review
from mediawatch.store import reviews
from mediawatch.store.in_words import InWords
from mediawatch.store.narrowing import Has, column_has, conditions
from mediawatch.store.tables import ACCOUNT, ALERT, NOTIFICATION

LIVE = ALERT.c.state != State.RESOLVED.value
SORTS: dict[str, ColumnElement[Any]] = {
    "opened_at": ALERT.c.opened_at,
    "since": func.coalesce(ALERT.c.since, ALERT.c.opened_at),
    "level": ALERT.c.level,
    "state": ALERT.c.state,
    "indicator": ALERT.c.indicator,
    "review": ALERT.c.review,
    "account": ALERT.c.subject,
    "name": func.coalesce(ACCOUNT.c.name, ALERT.c.subject),
    "resolved_at": func.coalesce(ALERT.c.resolved_at, ALERT.c.opened_at),
}
_SEARCHED = func.coalesce(ACCOUNT.c.search, func.lower(ALERT.c.subject)) + "\n" + func.lower(ALERT.c.indicator)


def _labels() -> dict[str, Has]:
    own = {key: column_has(key, ALERT.c[key]) for key in ("level", "state", "review", "indicator")}
    own |= {"id": column_has("exact", ALERT.c.id), "account": column_has("id", ALERT.c.subject)}
    own |= {"by": column_has("by", ALERT.c.acknowledged_by), "acknowledged": _acknowledged}
    theirs = {key: column_has(key, ACCOUNT.c[key]) for key in ("name", "kind", "region", "sponsor", "supervisor")}
    return {
        **own,
        **theirs,
        "tag": lambda value, _exact: func.coalesce(ACCOUNT.c.tags, "").contains(f'"{value}"', autoescape=True),
    }


def _acknowledged(value: str, _exact: bool) -> ColumnElement[bool]:
    found = ALERT.c.acknowledged_at.is_not(None)
    return found if value in ("yes", "true", "1") else ~found


def narrowed(only: Filter, live_only: bool) -> list[ColumnElement[bool]]:
    """The conditions of the alerts that are asked for."""
    found = conditions(only, _SEARCHED, _labels())
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
) -> tuple[views.AlertView, ...]:
    """The alerts, live ones first; of each the newest first, or in an `order`: by what, descending, offset, limit.

    Raises ValueError for an order that is none.
    """
    joined = ALERT.outerjoin(ACCOUNT, ACCOUNT.c.id == ALERT.c.subject)
    asked = select(ALERT, ACCOUNT.c.name.label("account_name"), ACCOUNT.c.rulebook.label("account_rulebook"))
    asked = asked.select_from(joined).where(*where).order_by(ALERT.c.state == State.RESOLVED.value)
    sort, descending, offset, limit = order or ("opened_at", True, 0, None)
    if sort not in SORTS:
        raise ValueError(f"no such order: {sort}; there are {', '.join(SORTS)}")
    asked = asked.order_by(SORTS[sort].desc() if descending else SORTS[sort], ALERT.c.id).offset(offset).limit(limit)
    found = connection.execute(asked).all()
    ids = [row.id for row in found] if order else None
    told = select(NOTIFICATION.c.alert, NOTIFICATION.c.state, func.count())
    told = told.group_by(NOTIFICATION.c.alert, NOTIFICATION.c.state)
    told = told.where(NOTIFICATION.c.alert.in_(ids if ids is not None else select(ALERT.c.id).where(*where)))
    counted = {(alert, state): number for alert, state, number in connection.execute(told)}
    decided = reviews.of_alerts(connection, [row.id for row in found if row.review != Review.NOT_NEEDED.value])
    return tuple(words.alert(row, counted, decided.get(row.id, ())) for row in found)
