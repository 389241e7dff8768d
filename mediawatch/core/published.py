"""What leaves the house about an account: to the public, and to the office above. Pure.

Nobody is accused outside before it stands: a fail is told only where its alert is confirmed, by a person where a person
must. Nothing here names people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import AwareDatetime

from mediawatch.core.content.personal import redact
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


def standing_fails(alerts: Iterable[AlertView], *, candidates: bool = False) -> dict[str, tuple[AlertView, ...]]:
    """By account, the breaches that are open, confirmed, and by a person where a person must; the oldest first. A hint
    (of severity `notice`) is none: it fails nobody. candidates: whether those that wait for a person are told, too."""
    decided = ("not_needed", "confirmed", *(("waiting",) if candidates else ()))
    found: dict[str, tuple[AlertView, ...]] = {}
    for alert in sorted(alerts, key=lambda one: (one.opened_at, one.id)):
        hint = alert.finding is not None and alert.finding.severity == "notice"
        if alert.level == "breach" and alert.state == "open" and alert.review in decided and not hint:
            found[alert.account] = (*found.get(alert.account, ()), alert)
    return found


def as_it_stands(row: Row, fails: Mapping[str, tuple[AlertView, ...]]) -> Row:
    """The row as others may be told of it. A fail that does not stand yet says nothing: another that stands is told in
    its place, or the account is `unknown`."""
    if row.outcome is not Outcome.FAIL:
        return row
    standing = fails.get(row.account, ())
    told = next((one for one in standing if one.indicator == row.indicator), standing[0] if standing else None)
    if told is None:
        return row.model_copy(update={"outcome": Outcome.UNKNOWN, "indicator": "", "says": "", "days_left": None})
    if told.indicator != row.indicator:
        return row.model_copy(update={"indicator": told.indicator, "says": told.says})
    return row


def published(row: Row, fails: Mapping[str, tuple[AlertView, ...]]) -> PublishedAccount:
    """The row as others may read it, without anything that may name people."""
    row = as_it_stands(row, fails)
    return PublishedAccount(
        account=row.account,
        name=redact(row.name),
        kind=row.kind,
        sponsor=redact(row.sponsor),
        unit=redact(row.unit),
        region=row.region,
        level=row.level,
        state=row.state,
        outcome=row.outcome,
        indicator=row.indicator,
        says=redact(row.says),
        newest_post_at=row.newest_post_at,
        days_silent=row.days_silent,
        proven_until=row.holds_until if row.outcome in (Outcome.PASS, Outcome.AT_RISK) else None,
    )
