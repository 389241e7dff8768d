"""Rectification cases in the store: each as it stands, and its trace, which is only added to. It must not decide."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from mediawatch.core.alerting import Alert
from mediawatch.core.alerting import State as AlertState
from mediawatch.core.calendar import day_of
from mediawatch.core.rectification import MAY_BE_CURED, MAY_BE_DISMISSED, ON_THE_CLOCK, Case, State
from mediawatch.core.review import Review
from mediawatch.core.trace import Move
from mediawatch.store import batches, rows, traces
from mediawatch.store.columns import among
from mediawatch.store.office_tables import RECTIFICATION
from mediawatch.store.tables import ACCOUNT, ALERT

# Asked at every tick, and answered by nothing on most: built once.
_LAPSING = (
    select(RECTIFICATION.c.file)
    .where(among(RECTIFICATION.c.state, "states"), RECTIFICATION.c.due < bindparam("today"))
    .order_by(RECTIFICATION.c.id)
)
_LOOKED_AT = (
    select(RECTIFICATION.c.file, ACCOUNT.c.tried_at)
    .join(ACCOUNT, ACCOUNT.c.id == RECTIFICATION.c.account)
    .where(among(RECTIFICATION.c.state, "states"), RECTIFICATION.c.indicator != "", ACCOUNT.c.tried_at.is_not(None))
    .where(or_(RECTIFICATION.c.checked_at.is_(None), ACCOUNT.c.tried_at > RECTIFICATION.c.checked_at))
    .order_by(RECTIFICATION.c.id)
)
_REVIEWED = (
    select(RECTIFICATION.c.file, ALERT.c.state, ALERT.c.review)
    .join(ALERT, ALERT.c.id == RECTIFICATION.c.alert)
    .where(
        or_(
            among(RECTIFICATION.c.state, "waiting"),
            (ALERT.c.review == Review.DISMISSED.value) & among(RECTIFICATION.c.state, "open"),
        )
    )
    .order_by(RECTIFICATION.c.id)
)
_RELAPSED = (
    select(RECTIFICATION.c.file, *(ALERT.c[name] for name in rows.OF_ALERT))
    .join(ALERT, (ALERT.c.subject == RECTIFICATION.c.account) & (ALERT.c.indicator == RECTIFICATION.c.indicator))
    .where(RECTIFICATION.c.state == State.CLOSED.value, ALERT.c.opened_at > RECTIFICATION.c.checked_at)
    .where(ALERT.c.level == "breach", ALERT.c.state == AlertState.OPEN.value)
    .where(or_(ALERT.c.review == Review.NOT_NEEDED.value, ALERT.c.review == Review.CONFIRMED.value))
    .order_by(RECTIFICATION.c.id)
)


class Cases:
    """The cases of one store, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def one(self, case: str) -> Case:
        """Raises KeyError for a case that is not there."""
        asked = select(RECTIFICATION.c.file).where(RECTIFICATION.c.id == case)
        text = self._connection.execute(asked).scalar()
        if text is None:
            raise KeyError(f"case {case}")
        return Case.model_validate_json(text)

    def find(
        self, *, states: Collection[State] = (), account: str = "", campaign: str = "", indicator: str | None = None
    ) -> tuple[Case, ...]:
        """Cases by what is given, the earliest due first, then as they were opened. campaign: that a case was opened
        from, or that found its fault again."""
        asked = select(RECTIFICATION.c.file)
        if states:
            asked = asked.where(RECTIFICATION.c.state.in_(sorted(states)))
        if account:
            asked = asked.where(RECTIFICATION.c.account == account)
        if campaign:
            again = RECTIFICATION.c.file.contains(json.dumps(campaign, ensure_ascii=False), autoescape=True)
            asked = asked.where(or_(RECTIFICATION.c.campaign == campaign, again))
        if indicator is not None:
            asked = asked.where(RECTIFICATION.c.indicator == indicator)
        order = (RECTIFICATION.c.due.is_(None), RECTIFICATION.c.due, RECTIFICATION.c.opened_at, RECTIFICATION.c.id)
        found = self._cases(asked.order_by(*order))
        return tuple(one for one in found if not campaign or campaign in (one.campaign, *one.also))

    def lapsing(self, now: datetime) -> tuple[Case, ...]:
        """Those whose term may have ended: due before today, and on the clock."""
        asked = {"states": sorted(ON_THE_CLOCK), "today": day_of(now)}
        return tuple(Case.model_validate_json(row[0]) for row in batches.read(self._connection, _LAPSING, asked))

    def looked_at(self) -> tuple[tuple[Case, datetime], ...]:
        """Those that may be cured and whose account was looked at since they were last checked, with that instant."""
        found = batches.read(self._connection, _LOOKED_AT, {"states": sorted(MAY_BE_CURED)})
        return tuple((Case.model_validate_json(file), tried_at) for file, tried_at in found)

    def reviewed(self) -> tuple[tuple[Case, AlertState, Review], ...]:
        """Those that wait for the review of the alert they came from, and those whose alert was dismissed since, with
        how it stands."""
        waiting = {State.DETECTED, State.PENDING_REVIEW}
        asked = {"waiting": sorted(waiting), "open": sorted(MAY_BE_DISMISSED - waiting)}
        return tuple(
            (Case.model_validate_json(file), AlertState(state), Review(review))
            for file, state, review in batches.read(self._connection, _REVIEWED, asked)
        )

    def relapsed(self) -> tuple[tuple[Case, Alert], ...]:
        """Closed ones of whose fault an alert stands that was opened since, with that alert."""
        found = batches.read(self._connection, _RELAPSED, batches.NOTHING)
        return tuple((Case.model_validate_json(file), rows.alert_in(alert)) for file, *alert in found)

    def next_id(self, at: datetime) -> str:
        """The next number of the Shanghai year, as in `2026-0001`."""
        year = f"{day_of(at).year}-"
        asked = select(func.max(RECTIFICATION.c.id)).where(RECTIFICATION.c.id.startswith(year))
        last = self._connection.execute(asked).scalar()
        return f"{year}{int(str(last).removeprefix(year)) + 1 if last else 1:05d}"

    def trace(self, case: str) -> tuple[Move, ...]:
        """All that was done with a case, from old to new."""
        return traces.of(self._connection, f"case:{case}")

    def add(self, case: Case, move: Move) -> None:
        """Writes down a new case and the first line of its trace."""
        self._connection.execute(insert(RECTIFICATION), _values(case))
        traces.add(self._connection, move)

    def save(self, case: Case, *moves: Move) -> None:
        """Writes down how a case stands now, and what was done."""
        self._connection.execute(update(RECTIFICATION).where(RECTIFICATION.c.id == case.id).values(**_values(case)))
        for move in moves:
            traces.add(self._connection, move)

    def _cases(self, asked: Any) -> tuple[Case, ...]:
        return tuple(map(Case.model_validate_json, self._connection.execute(asked).scalars()))


def _values(case: Case) -> dict[str, Any]:
    names = ("id", "account", "indicator", "campaign", "alert", "due", "opened_at", "checked_at")
    return {
        **{name: getattr(case, name) for name in names},
        "state": case.state.value,
        "file": case.model_dump_json(),
    }
