"""What leaves the house about an account: to the public, and to the office above. Pure.

Nobody is accused outside before it stands: a fail is told only where its alert is confirmed, by a person where a person
must. Nothing here names people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pydantic import AwareDatetime

from mediawatch.core.lifecycle import State
from mediawatch.core.model import Outcome, Value
from mediawatch.core.views import AlertView, Row


class PublishedAccount(Value):
    """An account and how it stands, as others may read it. Instants have their zone; days count from today.

    proven_until: until when a good answer is proven without another look. origin: in a roll-up, the offices below the
    sender that it comes from; empty for the sender's own.
    """

    account: str
    name: str
    kind: str
    sponsor: str = ""
    unit: str = ""
    region: str = ""
    level: str = ""
    state: State
    outcome: Outcome
    indicator: str = ""
    says: str = ""
    newest_post_at: AwareDatetime | None = None
    days_silent: int | None = None
    proven_until: AwareDatetime | None = None
    origin: str = ""


def standing_fails(alerts: Iterable[AlertView]) -> frozenset[str]:
    """Accounts of which a breach is open, confirmed, and by a person where a person must."""
    return frozenset(
        alert.account
        for alert in alerts
        if alert.level == "breach" and alert.state == "open" and alert.review in ("not_needed", "confirmed")
    )


def published(row: Row, fails: Collection[str]) -> PublishedAccount:
    """The row as others may read it; a fail that does not stand yet is `unknown`, and says nothing."""
    early = row.outcome is Outcome.FAIL and row.account not in fails
    good = row.outcome in (Outcome.PASS, Outcome.AT_RISK)
    return PublishedAccount(
        account=row.account,
        name=row.name,
        kind=row.kind,
        sponsor=row.sponsor,
        unit=row.unit,
        region=row.region,
        level=row.level,
        state=row.state,
        outcome=Outcome.UNKNOWN if early else row.outcome,
        indicator="" if early else row.indicator,
        says="" if early else row.says,
        newest_post_at=row.newest_post_at,
        days_silent=row.days_silent,
        proven_until=row.holds_until if good else None,
    )
