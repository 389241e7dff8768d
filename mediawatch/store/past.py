"""The record as it stood at an instant, for whoever judges again: accounts, their targets of that time, the evidence.

It must never write, and never judge. Of accounts it is told how the register had them then, and by which edition of
a book they were judged; what was never written down (before either was kept) is as it is now. An incident that was
found later covers the looks it covers, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from mediawatch.core.model import Account, Evidence, Target
from mediawatch.core.rulebook import Rulebook
from mediawatch.store import editions, register_history, rows
from mediawatch.store.evidence import evidence, evidence_of
from mediawatch.store.store import Ledger, Store
from mediawatch.store.tables import ACCOUNT, OBSERVATION, TARGET

SOME = 200  # accounts in one transaction


class Past:
    """Reads one store, in a short transaction for each question. Every method may raise StoreUnavailable.

    store: or the ledger of one transaction, which is then read within it.
    """

    def __init__(self, store: Store | Ledger) -> None:
        self._store = store

    def accounts(self, at: datetime) -> tuple[str, ...]:
        """The ids of the accounts that were in the register at that instant, in their order; canaries left out."""
        asked = select(ACCOUNT.c.id).where(~ACCOUNT.c.canary, *_there(ACCOUNT.c, at)).order_by(ACCOUNT.c.id)
        with self._store.reading() as connection:
            return tuple(connection.execute(asked).scalars())

    def registered(self, at: datetime) -> Iterator[Account]:
        """Those accounts with the targets they had at that instant, a few hundred in one transaction."""
        ids = self.accounts(at)
        for start in range(0, len(ids), SOME):
            with self._store.reading() as connection:
                found = accounts_at(connection, ids[start : start + SOME], at)
            yield from (found[one] for one in ids[start : start + SOME])

    def account(self, account_id: str, at: datetime) -> Account:
        """The account with the targets it had at that instant. Raises KeyError for one that was never registered."""
        with self._store.reading() as connection:
            return accounts_at(connection, [account_id], at)[account_id]

    def evidence(self, account: Account, at: datetime) -> Evidence:
        """All that a rule may look at, as it stood at that instant."""
        with self._store.reading() as connection:
            return evidence(connection, account.id, at, account)

    def evidences(self, accounts: Sequence[Account], at: datetime) -> Iterator[Evidence]:
        """The same of many accounts, a few hundred in one transaction, in their order."""
        for start in range(0, len(accounts), SOME):
            some = accounts[start : start + SOME]
            with self._store.reading() as connection:
                found = evidence_of(connection, some, at)
            yield from (found[one.id] for one in some)

    def many(self, account_ids: Sequence[str], at: datetime) -> Iterator[tuple[Account, Evidence]]:
        """Accounts with their evidence, a few hundred in one transaction, in the order of the ids.

        Raises KeyError for one that was never registered.
        """
        for start in range(0, len(account_ids), SOME):
            some = account_ids[start : start + SOME]
            with self._store.reading() as connection:
                found = accounts_at(connection, some, at)
                missing = [one for one in some if one not in found]
                if missing:
                    raise KeyError(missing[0])
                evidence_by_id = evidence_of(connection, list(found.values()), at)
            yield from ((found[one], evidence_by_id[one]) for one in some)

    def books(self, now_used: Mapping[str, Rulebook], at: datetime) -> dict[str, Rulebook]:
        """The rulebooks by id, in the editions of that instant; see `editions.books_at`. Raises StoreError."""
        with self._store.reading() as connection:
            return editions.books_at(connection, now_used, at)

    def editions(self) -> list[Rulebook]:
        """Every edition of a book that the house ever judged by; see `editions.kept`."""
        with self._store.reading() as connection:
            return editions.kept(connection)

    def looks(self, account_id: str, since: datetime, until: datetime) -> tuple[datetime, ...]:
        """The instants after `since`, up to `until`, at which the account was looked at, from old to new."""
        mine = select(TARGET.c.id).where(TARGET.c.account == account_id)
        asked = (
            select(OBSERVATION.c.at)
            .where(OBSERVATION.c.target.in_(mine), OBSERVATION.c.at > since, OBSERVATION.c.at <= until)
            .distinct()
            .order_by(OBSERVATION.c.at)
        )
        with self._store.reading() as connection:
            return tuple(connection.execute(asked).scalars())


def accounts_at(connection: Connection, ids: Sequence[str], at: datetime) -> dict[str, Account]:
    """By id, with the targets of that instant; those that were never registered are left out."""
    asked = select(TARGET).where(TARGET.c.account.in_(ids), *_there(TARGET.c, at)).order_by(TARGET.c.id)
    targets: dict[str, list[Target]] = {}
    for row in connection.execute(asked):
        targets.setdefault(row.account, []).append(rows.target_of(row))
    known = connection.execute(select(ACCOUNT).where(ACCOUNT.c.id.in_(ids)))
    now = {row.id: rows.account_of(row, targets.get(row.id, ())) for row in known}
    return register_history.as_they_were(connection, now, at)


def _there(columns: Any, at: datetime) -> tuple[ColumnElement[bool], ...]:
    added, removed = columns.added_at, columns.removed_at
    return added <= at, or_(removed.is_(None), removed > at)
