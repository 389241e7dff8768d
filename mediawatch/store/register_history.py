"""The history of the register: every change of an account's record, by whom and why, for ever. It must not judge.

What a command changed comes with its entry of the journal; whatever else differs was edited by hand in a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from mediawatch.core.list_views import RegisterChange
from mediawatch.core.model import Account
from mediawatch.core.register_change import HIDDEN, FieldChange, JournalEntry, as_it_was, changes, facts_of
from mediawatch.store import batches, seals
from mediawatch.store.tables import REGISTER_CHANGE

_SOME = 500
_CHANGED = insert(REGISTER_CHANGE)


def note(
    connection: Connection,
    before: Mapping[str, Account | None],
    after: Mapping[str, Account | None],
    journal: Sequence[JournalEntry],
    now: datetime,
) -> None:
    """Writes down what became of these accounts (by id; `None`: not in the register), and the journal's new entries."""
    written = _written(connection, [entry.id for entry in journal])
    rows: list[dict[str, Any]] = []
    told: dict[str, dict[str, FieldChange]] = {}  # by account and field, the last that the journal says of it
    for entry in journal:
        if entry.id in written:
            continue
        for change in entry.changes:
            told.setdefault(change.account, {})[change.field] = change
            rows.append(_row(change, entry.at, entry.by, entry.note, entry.id))
    for one, account in after.items():
        rows += [_row(change, now, "", "", "") for change in _by_hand(one, before[one], account, told.get(one, {}))]
    if rows:
        batches.run(connection, _CHANGED, rows)
        seals.follow(connection, REGISTER_CHANGE)


def _by_hand(
    one: str, before: Account | None, after: Account | None, told: Mapping[str, FieldChange]
) -> list[FieldChange]:
    """What differs beyond what the journal tells."""
    if before is None or after is None:
        names = [None if account is None else {"name": account.name} for account in (before, after)]
        return [] if "" in told else changes(one, *names)
    stood = facts_of(before)
    became = facts_of(after)
    for field, change in told.items():
        stood[field] = became.get(field, "") if HIDDEN in (change.before, change.after) else change.after
    return changes(one, stood, became)


def of_account(connection: Connection, account: str) -> tuple[RegisterChange, ...]:
    """What became of an account's record, from old to new."""
    asked = select(REGISTER_CHANGE).where(REGISTER_CHANGE.c.account == account).order_by(REGISTER_CHANGE.c.id)
    names = tuple(RegisterChange.model_fields)
    return tuple(RegisterChange(**{name: getattr(row, name) for name in names}) for row in connection.execute(asked))


def as_they_were(connection: Connection, accounts: Mapping[str, Account], at: datetime) -> dict[str, Account]:
    """The accounts as the register had them at that instant; see `core.register_change.as_it_was`."""
    asked = (
        select(REGISTER_CHANGE.c.account, REGISTER_CHANGE.c.field, REGISTER_CHANGE.c.before)
        .where(
            REGISTER_CHANGE.c.account.in_(sorted(accounts)), REGISTER_CHANGE.c.at > at, REGISTER_CHANGE.c.field != ""
        )
        .order_by(REGISTER_CHANGE.c.id.desc())
    )
    since: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(asked):
        since.setdefault(row.account, []).append((row.field, row.before))
    return {id_: as_it_was(account, since.get(id_, ())) for id_, account in accounts.items()}


def _written(connection: Connection, entries: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(entries), _SOME):
        some = entries[start : start + _SOME]
        asked = select(REGISTER_CHANGE.c.entry).where(REGISTER_CHANGE.c.entry.in_(some)).distinct()
        found |= set(connection.execute(asked).scalars())
    return found


def _row(change: FieldChange, at: datetime, by: str, why: str, entry: str) -> dict[str, Any]:
    return {**change.model_dump(), "at": at, "by": by, "note": why, "entry": entry}
