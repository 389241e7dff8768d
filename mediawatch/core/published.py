"""What leaves the house about an account: to the public, and to the office above. Pure.

Nobody is accused outside before it stands: a fail is told only where its alert is confirmed, by a person where a person
must. Nothing here names people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Breaches:
    """What is known of accounts by their live alerts. fails: by account, those that stand and are no hint (of severity
    `notice`), the oldest first. early: account and indicator of what does not stand yet, hints among it."""

    fails: Mapping[str, tuple[AlertView, ...]]
    early: frozenset[tuple[str, str]]


def breaches_of(alerts: Iterable[AlertView], *, candidates: bool = False) -> Breaches:
    """A breach stands that is open, confirmed, and by a person where a person must. candidates: whether those that wait
    for a person are told, too."""
    decided = ("not_needed", "confirmed", *(("waiting",) if candidates else ()))
    fails: dict[str, tuple[AlertView, ...]] = {}
    early: set[tuple[str, str]] = set()
    for alert in sorted(alerts, key=lambda one: (one.opened_at, one.id)):
        if alert.level != "breach" or alert.state == "resolved":
            continue
        if alert.state != "open" or alert.review not in decided:
            early.add((alert.account, alert.indicator))
        elif alert.finding is None or alert.finding.severity != "notice":
            fails[alert.account] = (*fails.get(alert.account, ()), alert)
    return Breaches(fails, frozenset(early))


def as_it_stands(row: Row, known: Breaches) -> Row:
    """The row as others may be told of it. A fail that does not stand yet says nothing: another that stands is told in
    its place, or the account is `unknown`. Of a hint that does not, behind which all is well, nothing is told."""
    untold = {"indicator": "", "says": "", "days_left": None, "holds_until": None, "candidate": False}
    if row.outcome is Outcome.AT_RISK and (row.account, row.indicator) in known.early:
        return row.model_copy(update={**untold, "outcome": Outcome.PASS})
    if row.outcome is not Outcome.FAIL:
        return row
    standing = known.fails.get(row.account, ())
    told = next((one for one in standing if one.indicator == row.indicator), standing[0] if standing else None)
    if told is None:
        return row.model_copy(update={**untold, "outcome": Outcome.UNKNOWN})
    if told.indicator != row.indicator:
        return row.model_copy(update={"indicator": told.indicator, "says": told.says, "candidate": False})
    return row


def published(row: Row, known: Breaches) -> PublishedAccount:
    """The row as others may read it, without anything that may name people."""
    row = as_it_stands(row, known)
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
