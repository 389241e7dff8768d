"""A store as it stood at an instant, made from the record of another: register, alerts, promises and incidents are
copied without what came later; standing answers are written by whoever judges. A thing of a moment in a private file.

Accounts are as the register had them then; of units, which have no history, the names and contacts are those of now. It
must never write to the record, and never judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, or_, select, update

from mediawatch.core.alerting import State
from mediawatch.core.model import Evidence, Finding
from mediawatch.core.review import Review
from mediawatch.store import rows
from mediawatch.store.enroll import CLOCK_SLIP, NEW_ACCOUNT
from mediawatch.store.outbox import OWED
from mediawatch.store.past import accounts_at
from mediawatch.store.store import Store
from mediawatch.store.tables import ACCOUNT, ALERT, INCIDENT, NOTIFICATION, REVIEW, TARGET, UNIT

_CHUNK = 1000
_LOOKED = (
    update(ACCOUNT)
    .where(ACCOUNT.c.id == bindparam("one"))
    .values({name: bindparam(name) for name in ("newest_post_at", "looked_at", "tried_at", "watched_since")})
)
_RESTS_ON = (
    update(ALERT)
    .where(ALERT.c.subject == bindparam("one"), ALERT.c.indicator == bindparam("line"), ALERT.c.state != "resolved")
    .values(finding=bindparam("told"))
)


class Replica:
    """record: the store it is made of. path: a file that is not there yet. Raises StoreError."""

    def __init__(self, record: Store, path: Path, at: datetime) -> None:
        self._record, self._at = record, at
        self.store = Store.open(f"sqlite:///{path}", now=at)
        try:
            with record.reading() as there, self.store.copying() as here:
                for table, values in self._copies(there):
                    _insert(here, table, values)
        except BaseException:
            self.store.close()
            raise

    def answer(self, judged: Iterable[tuple[Evidence, Sequence[Finding], str]]) -> None:
        """Writes the standing answers of some accounts, and what was seen of them: evidence, findings, edition."""
        looked, told = [], []
        with self.store.writing() as ledger:
            for evidence, findings, edition in judged:
                account = evidence.account.id
                ledger.save_findings(account, findings, edition)
                looked.append({"one": account, **_seen(evidence)})
                told += [{"one": account, "line": one.indicator, "told": one.model_dump_json()} for one in findings]
        with self.store.copying() as here:
            if looked:
                here.execute(_LOOKED, looked)
            if told:
                here.execute(_RESTS_ON, told)

    def _copies(self, there: Connection) -> Iterator[tuple[Table, Iterable[dict[str, Any]]]]:
        at = self._at
        yield UNIT, _all(there, UNIT)
        yield from self._register(there)
        yield ALERT, (self._alert(row) for row in _all(there, ALERT, ALERT.c.opened_at <= at))
        yield REVIEW, _all(there, REVIEW, REVIEW.c.at <= at)
        early = (
            NOTIFICATION.c.promised_at <= at,
            NOTIFICATION.c.alert.in_(select(ALERT.c.id).where(ALERT.c.opened_at <= at)),
        )
        yield NOTIFICATION, (self._promise(row) for row in _all(there, NOTIFICATION, *early))
        yield INCIDENT, (self._before(row, "closed_at") for row in _all(there, INCIDENT, INCIDENT.c.opened_at <= at))

    def _register(self, there: Connection) -> Iterator[tuple[Table, Iterable[dict[str, Any]]]]:
        """Accounts and targets as the register had them, some hundred at a time."""
        gone = {"removed_at": None, "next_due": None, "lease_token": None, "last_tried_at": None, "last_seen_at": None}
        mine = select(ACCOUNT.c.id).where(*_there(ACCOUNT.c, self._at), ~ACCOUNT.c.canary).order_by(ACCOUNT.c.id)
        ids = there.execute(mine).scalars().all()
        for start in range(0, len(ids), _CHUNK):
            some = ids[start : start + _CHUNK]
            then = accounts_at(there, some, self._at)
            targets = {target.id: target for account in then.values() for target in account.targets}
            yield (
                ACCOUNT,
                [
                    {**row, **rows.account_values(then[row["id"]], row["search"]), **NEW_ACCOUNT}
                    for row in _all(there, ACCOUNT, ACCOUNT.c.id.in_(some))
                ],
            )
            yield (
                TARGET,
                [
                    {**row, **rows.target_values(targets[row["id"]]), **gone}
                    for row in _all(there, TARGET, TARGET.c.id.in_(targets))
                ],
            )

    def _before(self, row: Mapping[str, Any], *names: str) -> dict[str, Any]:
        """The row without those of its instants that had not come."""
        late = {name: None for name in names if row[name] is not None and row[name] > self._at}
        return {**row, **late}

    def _alert(self, row: Mapping[str, Any]) -> dict[str, Any]:
        then = {**row, "tell_at": None} | self._before(
            row, "resolved_at", "confirmed_at", "acknowledged_at", "reviewed_at"
        )
        if then["acknowledged_at"] is None:
            then |= {"acknowledged_by": "", "note": "", "acknowledged_until": None}
        if then["reviewed_at"] is None and row["reviewed_at"] is not None:
            then["review"] = Review.WAITING.value
        if then["resolved_at"] is not None:
            return then
        then["state"] = (State.PENDING if then["confirmed_at"] is None else State.OPEN).value
        if row["resolved_at"] is not None and row["level"] != "incident":
            then["detail"] = ""  # why it ended later
        if then["finding"] is not None and Finding.model_validate_json(then["finding"]).judged_at > self._at:
            then["finding"] = None
        return then

    def _promise(self, row: Mapping[str, Any]) -> dict[str, Any]:
        then = {**self._before(row, "done_at"), "sent_in": None}
        if then["done_at"] is None:
            then |= {"state": OWED, "answer": ""}
        return then


def _seen(evidence: Evidence) -> dict[str, datetime | None]:
    sights = [look.at for look in evidence.looks if look.seen is not None]
    dated = (post.at for post in evidence.posts if post.at is not None and post.at <= evidence.now + CLOCK_SLIP)
    return {
        "newest_post_at": max(dated, default=None),
        "looked_at": max(sights, default=None),
        "tried_at": max((look.at for look in evidence.looks), default=None),
        "watched_since": evidence.watched_since,
    }


def _there(columns: Any, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return columns.added_at <= at, or_(columns.removed_at.is_(None), columns.removed_at > at)


def _all(there: Connection, table: Table, *where: ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    found = there.execution_options(yield_per=_CHUNK).execute(select(table).where(*where))
    return (dict(row) for row in found.mappings())


def _insert(here: Connection, table: Table, values: Iterable[dict[str, Any]]) -> None:
    some: list[dict[str, Any]] = []
    for row in values:
        some.append(row)
        if len(some) == _CHUNK:
            here.execute(insert(table), some)
            some = []
    if some:
        here.execute(insert(table), some)
