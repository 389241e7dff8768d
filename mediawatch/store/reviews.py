"""What people decided about candidates, as rows that are only added. It must not decide anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Connection, insert, select

from mediawatch.core.model import Finding, Outcome
from mediawatch.core.review import Decision, keeps_dismissed
from mediawatch.store import seals
from mediawatch.store.columns import among
from mediawatch.store.rows import decision_of
from mediawatch.store.tables import REVIEW

_OLD_FIRST = REVIEW.c.id
_OF_ACCOUNTS = select(REVIEW).where(among(REVIEW.c.account, "accounts")).order_by(_OLD_FIRST)
_NONE: frozenset[str] = frozenset()
_OUTCOME = attrgetter("outcome")


def add(connection: Connection, decision: Decision) -> None:
    """Adds one decision."""
    connection.execute(insert(REVIEW), {name: getattr(decision, name) for name in Decision.model_fields})
    seals.follow(connection, REVIEW)


def of_alert(connection: Connection, alert_id: str) -> tuple[Decision, ...]:
    """What was decided about an alert, from old to new."""
    return tuple(
        map(decision_of, connection.execute(select(REVIEW).where(REVIEW.c.alert == alert_id).order_by(_OLD_FIRST)))
    )


def of_alerts(connection: Connection, alert_ids: Sequence[str]) -> dict[str, list[Decision]]:
    """The same for several, by alert; those without a decision are left out."""
    found: dict[str, list[Decision]] = {}
    for row in connection.execute(select(REVIEW).where(REVIEW.c.alert.in_(alert_ids)).order_by(_OLD_FIRST)):
        found.setdefault(row.alert, []).append(decision_of(row))
    return found


def of_account(connection: Connection, account_id: str) -> tuple[Decision, ...]:
    """What was decided about an account, from old to new."""
    asked = select(REVIEW).where(REVIEW.c.account == account_id).order_by(_OLD_FIRST)
    return tuple(map(decision_of, connection.execute(asked)))


def dismissed(
    connection: Connection, answers: Mapping[str, tuple[Sequence[Finding], datetime]]
) -> dict[str, frozenset[str]]:
    """By account, the indicators whose present fail stays dismissed: see `core.review.keeps_dismissed`.

    answers: by account, its findings, and of which instant they are.
    """
    failing = sorted(account for account, (findings, _) in answers.items() if Outcome.FAIL in map(_OUTCOME, findings))
    found = connection.execute(_OF_ACCOUNTS, {"accounts": failing}) if failing else ()
    last = {(row.account, row.indicator): decision_of(row) for row in found}
    decided = {account for account, _ in last}
    return {
        account: frozenset(
            one.indicator
            for one in filter(_fails, findings)
            if keeps_dismissed(one, last.get((account, one.indicator)), at)
        )
        if account in decided
        else _NONE
        for account, (findings, at) in answers.items()
    }


def _fails(finding: Finding) -> bool:
    return finding.outcome is Outcome.FAIL
