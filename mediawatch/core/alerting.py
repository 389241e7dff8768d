"""Alerts: when one opens, is confirmed and resolves, and what is owed to whom about it.

Both questions are answered from state, never from events, so that asking again after a crash gives the same answer.
Pure: it must never send, store or read a clock.
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
    finding: the finding that opened it, confirmed it, or (for a reminder) reached its last step.
    review: whether a person must confirm it, and has; reviewed_at: since when that is decided.
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
    note: str = ""
    finding: Finding | None = None
    detail: str = ""
    review: Review = Review.NOT_NEEDED
    reviewed_at: AwareDatetime | None = None

    @property
    def live(self) -> bool:
        return self.state is not State.RESOLVED


class Step(Value):
    """A rung of the ladder: so long after confirmation, these receivers are told, if nobody has acknowledged."""

    after: timedelta
    to: tuple[str, ...]


class Owed(Value):
    """One thing that one receiver is owed. `key` is unique for ever: the promise is inserted once."""

    key: str
    alert: str
    receiver: str
    cause: Cause
    due_at: AwareDatetime


def alert_id(subject: str, indicator: str, level: Level, opened_at: datetime) -> str:
    """The id of an alert: the same breach seen again gives the same id, so that a repeat is no second alert."""
    text = "\n".join((subject, indicator, level, opened_at.astimezone(UTC).isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def confirmed(finding: Finding, recheck: timedelta) -> bool:
    """True where every channel in the proof was looked at twice, at least `recheck` apart, and said the same."""
    looks: dict[str, list[datetime]] = {}
    for target, at in finding.proof:
        looks.setdefault(target, []).append(at)
    return bool(looks) and all(max(times) - min(times) >= recheck for times in looks.values())


def transition(
    live: Iterable[Alert],
    findings: Iterable[Finding],
    now: datetime,
    recheck: timedelta,
    edition: str,
    dismissed: Collection[str] = (),
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
            changed += _breach(breach, finding, now, recheck, edition)
        elif finding.outcome is not Outcome.FAIL and breach is not None:
            changed.append(_resolved(breach, now))
        reminder = standing.get((finding.indicator, "reminder"))
        if finding.outcome is Outcome.AT_RISK:
            changed += _reminder(reminder, finding, now, edition)
        elif reminder is not None:
            changed.append(_resolved(reminder, now))
    return tuple(changed)


def _breach(
    alert: Alert | None, finding: Finding, now: datetime, recheck: timedelta, edition: str
) -> tuple[Alert, ...]:
    sure = confirmed(finding, recheck)
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
    return (alert.model_copy(update=changes),) if changes else ()


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


def _resolved(alert: Alert, now: datetime) -> Alert:
    return alert.model_copy(update={"state": State.RESOLVED, "resolved_at": now})


def promises(
    alert: Alert,
    said: Iterable[str],
    ladder: Iterable[Step],
    reminders: Iterable[str] = (),
    *,
    tell_candidates: bool = False,
) -> tuple[Owed, ...]:
    """All that is owed about this alert and has not been promised yet, now or later, in order of time.

    said: keys that are promised already. A pending alert owes nothing, nor does one that waits for a person, unless
    `tell_candidates`. Higher rungs are owed only while nobody has acknowledged; the end of a breach is owed to
    exactly those who were promised its beginning.
    """
    if alert.state is State.PENDING or alert.confirmed_at is None:
        return ()
    held = not tell_candidates and alert.review in (Review.WAITING, Review.DISMISSED)
    decided_at = None if tell_candidates else alert.reviewed_at
    begins_at = max(alert.confirmed_at, decided_at or alert.confirmed_at)
    known = frozenset(said)
    owed: list[Owed] = []

    def owe(key: str, receiver: str, cause: Cause, due_at: datetime) -> None:
        if key not in known:
            owed.append(Owed(key=key, alert=alert.id, receiver=receiver, cause=cause, due_at=due_at))

    if alert.level == "reminder":
        step = alert.finding.values.get("step") if alert.finding is not None else None
        for receiver in reminders if alert.live else ():
            owe(f"{alert.id}/day{step}/{receiver}", receiver, "reminder", alert.confirmed_at)
        return tuple(owed)

    begin: Cause = "incident" if alert.level == "incident" else "first"
    end: Cause = "incident_over" if alert.level == "incident" else "resolved"
    told: list[str] = []
    for number, rung in enumerate(ladder):
        due_at = begins_at + rung.after
        over = alert.resolved_at is not None and due_at >= alert.resolved_at
        answered = number > 0 and alert.acknowledged_at is not None and alert.acknowledged_at <= due_at
        for receiver in rung.to:
            key = f"{alert.id}/{number}/{receiver}"
            if key in known:
                told.append(receiver)
            elif not over and not answered and not held:
                told.append(receiver)
                owe(key, receiver, begin if number == 0 else "escalated", due_at)
    if alert.resolved_at is not None:
        for receiver in dict.fromkeys(told):
            owe(f"{alert.id}/resolved/{receiver}", receiver, end, alert.resolved_at)
    return tuple(sorted(owed, key=lambda promise: promise.due_at))


def owed(
    alert: Alert,
    said: Iterable[str],
    ladder: Iterable[Step],
    now: datetime,
    reminders: Iterable[str] = (),
    *,
    tell_candidates: bool = False,
) -> tuple[Owed, ...]:
    """What is owed about this alert by `now` and has not been promised. May be asked any number of times."""
    whole = promises(alert, said, ladder, reminders, tell_candidates=tell_candidates)
    return tuple(promise for promise in whole if promise.due_at <= now)
