"""Alerts: when one opens, is confirmed and resolves, and who answers for it.

Answered from state, never from events, so that asking again after a crash gives the same answer. Whom to tell is
`routing.py`. Pure: it must never send, store or read a clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.model import Finality, Finding, Outcome, Value
from mediawatch.core.review import Review

# `fault`: our own (a login, the disk, the daemon itself); `flapping`: an answer that comes and goes.
Level = Literal["reminder", "breach", "incident", "fault", "flapping"]
Cause = Literal[
    "first",
    "escalated",
    "repeat",
    "acknowledged",
    "ack_expired",
    "silence_expired",
    "resolved",
    "back",  # it began and ended before it could be told: "was down, is back"
    "reminder",
    "incident",
    "incident_over",
]

BEGINNINGS: tuple[Cause, ...] = ("first", "escalated", "silence_expired", "incident")
ENDS: tuple[Cause, ...] = ("resolved", "incident_over")

AGAINST = frozenset({"counts_more", "redated", "crowd", "canary_gone", "taken_back", "still_shown"})
"""Doubts (`rules.doubts.NAMED`) that what was seen since casts on a fail that stood: it may never have been one, or be
over. Others only say that we do not see as well as before."""


class State(StrEnum):
    """`pending` waits for a second look; `open` is confirmed; `resolved` is over and stays in the record."""

    PENDING = "pending"
    OPEN = "open"
    RESOLVED = "resolved"


class Alert(Value):
    """One breach (or reminder, or platform incident) from its opening to its end.

    subject: the account id, or `platform:<key>` for an incident.
    key: (subject, indicator, level) names the promise; at most one alert of a key is not resolved.
    since: from when on the breach has held; opened_at: when we first knew; confirmed_at: when a second look agreed.
    finding: the finding that opened it, confirmed it, or (for a reminder) reached its last step; while a person is
        waited for, the first that gives the reasons for it that stand.
    review: whether a person must confirm it, and has; reviewed_at: since when that is decided.
    acknowledged_until: when nobody answers for it any more; `None` beside an acknowledgement: until it is healthy.
    """

    id: str
    subject: str
    indicator: str
    level: Level
    state: State
    since: AwareDatetime | None
    opened_at: AwareDatetime
    confirmed_at: AwareDatetime | None = None
    resolved_at: AwareDatetime | None = None
    edition: str = ""
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str = ""
    acknowledged_until: AwareDatetime | None = None
    note: str = ""
    finding: Finding | None = None
    detail: str = ""
    review: Review = Review.NOT_NEEDED
    reviewed_at: AwareDatetime | None = None

    @property
    def live(self) -> bool:
        return self.state is not State.RESOLVED

    def answered(self, moment: datetime) -> bool:
        """Whether somebody answers for it at that instant."""
        if self.acknowledged_at is None or moment < self.acknowledged_at:
            return False
        return self.acknowledged_until is None or moment < self.acknowledged_until


def alert_id(subject: str, indicator: str, level: Level, opened_at: datetime) -> str:
    """The id of an alert: the same breach seen again gives the same id, so that a repeat is no second alert."""
    text = "\n".join((subject, indicator, level, opened_at.astimezone(UTC).isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def confirmed(finding: Finding, recheck: timedelta, unwatched: timedelta = timedelta()) -> bool:
    """True where every channel in the proof was looked at twice, as far apart as `apart` says, and said the same."""
    looks: dict[str, list[datetime]] = {}
    for target, at in finding.proof:
        looks.setdefault(target, []).append(at)
    needed = apart(finding, recheck, unwatched)
    return bool(looks) and all(max(times) - min(times) >= needed for times in looks.values())


def apart(finding: Finding, recheck: timedelta, unwatched: timedelta) -> timedelta:
    """How far apart two looks confirm a fail: `recheck`, or `unwatched` where nobody had looked before its deadline.

    Whose silence was watched has many looks behind it; of the others nothing is known but what one moment shows.
    """
    watched = finding.deadline is None or any(at <= finding.deadline for _, at in finding.proof)
    return recheck if watched else max(recheck, unwatched)


def transition(
    live: Iterable[Alert],
    findings: Iterable[Finding],
    now: datetime,
    recheck: timedelta,
    edition: str,
    dismissed: Collection[str] = (),
    unwatched: timedelta = timedelta(),
) -> tuple[Alert, ...]:
    """The alerts of one account that change with these findings: opened, confirmed, resolved.

    `unknown` changes nothing: what could not be seen neither raises nor resolves. A breach opens with the first fail
    and is confirmed once `confirmed` holds; a reminder stands while the account is at risk. `dismissed` names the
    indicators whose present fail a person has dismissed: it opens nothing.
    """
    standing = {(alert.indicator, alert.level): alert for alert in live if alert.live}
    changed: list[Alert] = []
    for finding in findings:
        if finding.outcome is Outcome.UNKNOWN:
            continue
        breach = standing.get((finding.indicator, "breach"))
        if finding.outcome is Outcome.FAIL and (breach is not None or finding.indicator not in dismissed):
            changed += _breach(breach, finding, now, edition, sure=confirmed(finding, recheck, unwatched))
        elif finding.outcome is not Outcome.FAIL and breach is not None:
            changed.append(_resolved(breach, now))
        reminder = standing.get((finding.indicator, "reminder"))
        if finding.outcome is Outcome.AT_RISK:
            changed += _reminder(reminder, finding, now, edition)
        elif reminder is not None:
            changed.append(_resolved(reminder, now))
    return tuple(changed)


def _breach(alert: Alert | None, finding: Finding, now: datetime, edition: str, *, sure: bool) -> tuple[Alert, ...]:
    candidate = finding.finality is Finality.CANDIDATE
    if alert is None:
        return (
            Alert(
                id=alert_id(finding.account, finding.indicator, "breach", now),
                subject=finding.account,
                indicator=finding.indicator,
                level="breach",
                state=State.OPEN if sure else State.PENDING,
                since=finding.since,
                opened_at=now,
                confirmed_at=now if sure else None,
                edition=edition,
                finding=finding,
                review=Review.WAITING if candidate else Review.NOT_NEEDED,
            ),
        )
    changes: dict[str, object] = {}
    if alert.state is State.PENDING and sure:
        changes = {"state": State.OPEN, "confirmed_at": now, "finding": finding}
    if alert.review is Review.WAITING and not candidate:  # the evidence has become such that no person is needed
        changes |= {"review": Review.NOT_NEEDED, "reviewed_at": now, "finding": finding}
    if alert.review is Review.NOT_NEEDED and candidate:
        if alert.state is State.PENDING:  # nobody was told yet
            changes |= {"review": Review.WAITING}
        elif not AGAINST.isdisjoint(str(finding.values.get("doubts")).split(",")):  # and nobody is told further
            changes |= {"review": Review.WAITING, "finding": finding}
    if candidate and alert.review is Review.WAITING and _doubts(alert.finding) != _doubts(finding):
        changes |= {"finding": finding}
    return (alert.model_copy(update=changes),) if changes else ()


def _doubts(finding: Finding | None) -> tuple[object, object]:
    """Why a person must decide, and from when on none need, as far as the finding says it."""
    values = finding.values if finding is not None else {}
    return values.get("doubts"), values.get("final_from")


def _reminder(alert: Alert | None, finding: Finding, now: datetime, edition: str) -> tuple[Alert, ...]:
    """A reminder that stands for an earlier deadline ends, and one with all its steps before it begins."""
    over = alert is not None and alert.finding is not None and alert.finding.deadline != finding.deadline
    if alert is None or over:
        return (
            *((_resolved(alert, now),) if alert is not None else ()),
            Alert(
                id=alert_id(finding.account, finding.indicator, "reminder", now),
                subject=finding.account,
                indicator=finding.indicator,
                level="reminder",
                state=State.OPEN,
                since=finding.since,
                opened_at=now,
                confirmed_at=now,
                edition=edition,
                finding=finding,
            ),
        )
    if alert.finding is not None and alert.finding.values.get("step") != finding.values.get("step"):
        return (alert.model_copy(update={"finding": finding}),)
    return ()


def no_longer_asked(alert: Alert, now: datetime) -> Alert:
    """The end of an alert whose indicator is not asked of the account any more: its state, its kind or its book is
    another now."""
    return _resolved(alert, now).model_copy(update={"detail": "no longer asked of this account"})


def follow(live: Iterable[Alert], wanted: Iterable[Alert], now: datetime) -> tuple[Alert, ...]:
    """The alerts that change where exactly those of `wanted` are to stand: the others of `live` end, new ones open.

    For what is known from state alone, such as logins: the same trouble gives the same alert, told once however often
    this is asked.
    """
    wants = {alert.id: alert for alert in wanted}
    standing = {alert.id: alert for alert in live if alert.live}
    ended = tuple(_resolved(alert, now) for alert in standing.values() if alert.id not in wants)
    return (*ended, *(alert for alert in wants.values() if alert.id not in standing))


def acknowledged(alert: Alert, now: datetime, by: str, note: str, until: datetime | None) -> Alert:
    """The alert with somebody who answers for it until then (`None`: until it is healthy).

    Whoever does so already stays, unless the new word reaches further. Raises ValueError for an alert that is over, and
    for a word that is over before it begins.
    """
    if not alert.live:
        raise ValueError(f"alert {alert.id} is resolved")
    if until is not None and until <= now:
        raise ValueError("the time until which it is acknowledged has passed already")
    if alert.answered(now) and (
        alert.acknowledged_until is None or (until is not None and until <= alert.acknowledged_until)
    ):
        return alert
    said = {"acknowledged_at": now, "acknowledged_by": by, "acknowledged_until": until, "note": note}
    return alert.model_copy(update=said)


def _resolved(alert: Alert, now: datetime) -> Alert:
    return alert.model_copy(update={"state": State.RESOLVED, "resolved_at": now})
