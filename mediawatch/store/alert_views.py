"""The alerts in SQL: which of them, in which order, with what was told of each. It must never write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, not_, or_, select

from mediawatch.core import views
from mediawatch.core.alerting import State
from mediawatch.core.filtering import Filter
from mediawatch.core.review import Review
from mediawatch.store import keyset, reviews
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
_OVER = case((ALERT.c.state == State.RESOLVED.value, 1), else_=0)
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


@dataclass(frozen=True)
class Asked:
    """Which window of the alerts, in which order. limit: all of them where it is `None`.

    after, before: marks behind or in front of which the window begins or ends; `offset` counts only without them.
    """

    sort: str = "opened_at"
    descending: bool = True
    offset: int = 0
    limit: int | None = None
    after: str = ""
    before: str = ""


def window(
    connection: Connection, words: InWords, where: Sequence[ColumnElement[bool]], asked: Asked, now: datetime
) -> tuple[tuple[views.AlertView, ...], tuple[str, ...]]:
    """The alerts, live ones first, and the mark of each; what an order does not decide is newest first.

    Raises ValueError for an order or a mark that is none.
    """
    if asked.sort not in SORTS:
        raise ValueError(f"no such order: {asked.sort}; there are {', '.join(SORTS)}")
    order = (
        (_OVER, False),
        (SORTS[asked.sort], asked.descending),
        (ALERT.c.opened_at, True),
        (ALERT.c.id, False),
    )
    placed = [column.label(f"place_{number}") for number, (column, _) in enumerate(order)]
    joined = ALERT.outerjoin(ACCOUNT, ACCOUNT.c.id == ALERT.c.subject)
    theirs = (ACCOUNT.c.name.label("account_name"), ACCOUNT.c.rulebook.label("account_rulebook"))
    wanted = select(ALERT, *theirs, *placed).select_from(joined).where(*where)
    backward = bool(asked.before) and not asked.after
    mark = asked.after or asked.before
    if mark:
        wanted = wanted.where(keyset.beyond(order, keyset.place(mark, [column for column, _ in order]), backward))
    wanted = wanted.order_by(*(column.desc() if falls is not backward else column for column, falls in order))
    found = connection.execute(wanted.offset(0 if mark else asked.offset).limit(asked.limit)).all()
    if backward:
        found = found[::-1]
    told = select(NOTIFICATION.c.alert, NOTIFICATION.c.state, func.count())
    told = told.group_by(NOTIFICATION.c.alert, NOTIFICATION.c.state)
    ids = select(ALERT.c.id).where(*where) if asked.limit is None else [row.id for row in found]
    counted = {(alert, state): number for alert, state, number in connection.execute(told.where(_one_of(ids)))}
    decided = reviews.of_alerts(connection, [row.id for row in found if row.review != Review.NOT_NEEDED.value])
    marks = tuple(keyset.mark([getattr(row, one.key) for one in placed]) for row in found)
    return tuple(words.alert(row, counted, decided.get(row.id, ()), now) for row in found), marks


def _one_of(ids: Select[Any] | Sequence[str]) -> ColumnElement[bool]:
    return NOTIFICATION.c.alert.in_(ids)
