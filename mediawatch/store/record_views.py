"""The record itself as people read it: posts, looks, and what changed when. Nothing later than `until` is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, select, tuple_

from mediawatch.core import views
from mediawatch.core.filtering import Filter
from mediawatch.core.list_views import Change
from mediawatch.core.seen import Launch, Letters, Seen
from mediawatch.store import seen_rows
from mediawatch.store.evidence import Incidents
from mediawatch.store.narrowing import column_has, conditions
from mediawatch.store.tables import ACCOUNT, ALERT, INCIDENT, OBSERVATION, POST, REVIEW, TARGET

What = Literal[
    "opened", "confirmed", "resolved", "acknowledged", "decided", "incident", "incident_over", "joined", "left"
]


def posts(
    connection: Connection, account_id: str, targets: Sequence[str], until: datetime, most: int
) -> tuple[views.PostView, ...]:
    """An account's newest posts through some targets."""
    asked = (
        select(POST)
        .where(POST.c.account == account_id, POST.c.target.in_(targets), POST.c.first_seen_at <= until)
        .order_by(POST.c.order_at.desc(), POST.c.key.desc())
        .limit(most)
    )
    names = tuple(views.PostView.model_fields)
    return tuple(views.PostView(**{name: getattr(row, name) for name in names}) for row in connection.execute(asked))


def looks(connection: Connection, account_id: str, until: datetime, most: int) -> tuple[views.LookView, ...]:
    """An account's last looks through any target, newest first."""
    mine = select(TARGET.c.id).where(TARGET.c.account == account_id)
    return _looks(connection, _log().where(OBSERVATION.c.target.in_(mine), OBSERVATION.c.at <= until), most)


def log(connection: Connection, until: datetime, only: Filter, before: str, most: int) -> tuple[views.LookView, ...]:
    """The looks at all accounts, newest first; `before`: the mark of a line behind which to go on.

    Raises ValueError for a mark that is none.
    """
    labels = {
        "account": column_has("id", OBSERVATION.c.account),
        "platform": column_has("platform", OBSERVATION.c.platform),
        "reason": column_has("reason", OBSERVATION.c.reason),
        "adapter": column_has("adapter", TARGET.c.adapter),
        "saw": _saw,
    }
    words = func.lower(OBSERVATION.c.target + "\n" + OBSERVATION.c.detail)
    asked = _log().where(OBSERVATION.c.at <= until, *conditions(only, words, labels))
    if before:
        asked = asked.where(tuple_(OBSERVATION.c.at, OBSERVATION.c.id) < tuple_(*_place(before)))
    return _looks(connection, asked, most)


def _saw(value: str, _exact: bool) -> ColumnElement[bool]:
    return OBSERVATION.c.saw if value in ("yes", "true", "1") else ~OBSERVATION.c.saw


def _place(mark: str) -> tuple[Any, Any]:
    try:
        at, number = json.loads(mark)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not isinstance(number, int):
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise ValueError("no such place in the log") from None
    return _bound(OBSERVATION.c.at, moment), _bound(OBSERVATION.c.id, number)


def _bound(column: Any, value: object) -> Any:

    return literal(value, column.type)


def _log() -> Select[Any]:
    return select(OBSERVATION, TARGET.c.adapter, TARGET.c.covers).join(TARGET, TARGET.c.id == OBSERVATION.c.target)


def _looks(connection: Connection, asked: Select[Any], most: int) -> tuple[views.LookView, ...]:
    last = asked.order_by(OBSERVATION.c.at.desc(), OBSERVATION.c.id.desc()).limit(most)
    found = connection.execute(last).all()
    blind = Incidents(connection, found)
    return tuple(_look(row, blind) for row in found)


def _look(row: Row[Any], blind: Incidents) -> views.LookView:
    look = seen_rows.look_of(row, row.adapter, frozenset(), not blind.cover(row.platform, row.at))
    return views.LookView(
        target=look.target,
        account=row.account,
        mark=json.dumps([row.at.isoformat(), row.id]),
        adapter=look.adapter,
        platform=look.platform,
        at=look.at,
        ok=look.failure is None,
        reason=look.failure.reason if look.failure else None,
        detail=look.failure.detail if look.failure else "",
        posts=look.posts,
        attested_by=_whose_word(look.seen),
        trusted=look.trusted,
        digests=look.digests,
    )


def _whose_word(seen: Seen | None) -> str:
    """The person whose word a look is, if it is one's."""
    if isinstance(seen, Launch):
        return seen.attested_by
    return seen.brought_by if isinstance(seen, Letters) else ""


def changes(connection: Connection, since: datetime, until: datetime, most: int) -> tuple[Change, ...]:
    """What changed after `since` and up to `until`, newest first, at most so many: alerts, incidents, decisions, the
    register."""
    found: list[dict[str, Any]] = []  # made into values when it is known which of them are shown
    for what, column, asked in _CHANGES:
        there = asked.add_columns(column.label("at")).where(column > since, column <= until)
        rows = connection.execute(there.order_by(column.desc()).limit(most))
        found += ({"what": what, **row._mapping} for row in rows)
    shown = sorted(found, key=itemgetter("at", "account"), reverse=True)[:most]
    return tuple(Change(**one) for one in shown)


def _of_alerts(says: ColumnElement[str], by: ColumnElement[str]) -> Select[Any]:
    name = func.coalesce(ACCOUNT.c.name, ALERT.c.subject).label("name")
    told = (ALERT.c.subject.label("account"), ALERT.c.id.label("alert"), ALERT.c.indicator, name)
    asked = select(*told, says.label("says"), by.label("by"))
    return asked.outerjoin(ACCOUNT, ACCOUNT.c.id == ALERT.c.subject).where(ALERT.c.level != "incident")


def _of_decisions() -> Select[Any]:
    name = func.coalesce(ACCOUNT.c.name, REVIEW.c.account).label("name")
    says = (REVIEW.c.choice + ": " + REVIEW.c.reason).label("says")
    asked = select(REVIEW.c.account, REVIEW.c.alert, REVIEW.c.indicator, name, REVIEW.c.by, says)
    return asked.outerjoin(ACCOUNT, ACCOUNT.c.id == REVIEW.c.account)


def _of_incidents() -> Select[Any]:
    return select(*(INCIDENT.c.platform.label(name) for name in ("account", "name")), INCIDENT.c.detail.label("says"))


def _of_the_register() -> Select[Any]:
    return select(ACCOUNT.c.id.label("account"), ACCOUNT.c.name).where(~ACCOUNT.c.canary)


_CHANGES: tuple[tuple[What, ColumnElement[Any], Select[Any]], ...] = (
    ("opened", ALERT.c.opened_at, _of_alerts(ALERT.c.detail, literal(""))),
    ("confirmed", ALERT.c.confirmed_at, _of_alerts(ALERT.c.detail, literal(""))),
    ("acknowledged", ALERT.c.acknowledged_at, _of_alerts(ALERT.c.note, ALERT.c.acknowledged_by)),
    ("resolved", ALERT.c.resolved_at, _of_alerts(ALERT.c.detail, literal(""))),
    ("decided", REVIEW.c.at, _of_decisions()),
    ("incident", INCIDENT.c.opened_at, _of_incidents()),
    ("incident_over", INCIDENT.c.closed_at, _of_incidents()),
    ("joined", ACCOUNT.c.added_at, _of_the_register()),
    ("left", ACCOUNT.c.removed_at, _of_the_register()),
)
"""What changed, by which column, and the rest of a `Change`: each question is answered by an index of its column."""


def instants(connection: Connection, since: datetime, until: datetime, most: int) -> tuple[datetime, ...]:
    """The instants after `since`, up to `until`, at which something changed that a board of that time would show: a
    look showed a new post, an alert or an incident began or ended, a person decided. From old to new, the first of
    them where there are more."""
    found: set[datetime] = set()
    columns = (
        *(POST.c.first_seen_at, ALERT.c.opened_at, ALERT.c.confirmed_at, ALERT.c.acknowledged_at, ALERT.c.resolved_at),
        *(REVIEW.c.at, INCIDENT.c.opened_at, INCIDENT.c.closed_at, ACCOUNT.c.added_at, ACCOUNT.c.removed_at),
    )
    for column in columns:
        asked = select(column).where(column > since, column <= until).distinct().order_by(column).limit(most)
        found.update(connection.execute(asked).scalars())
    return tuple(sorted(found)[:most])
