"""What people decide about candidates: a breach that a person must confirm before anybody is told of it.

Pure: decisions in, standing out. It must never store, send or read a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.model import Finding, Outcome, Value

Choice = Literal["confirm", "dismiss"]


class Review(StrEnum):
    """`not_needed`: the finding is final as it is; `waiting` for a person; or what people decided."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Decision(Value):
    """One decision of one person about one alert. It is only added to, never changed.

    since: from when on the breach had held when it was decided; it names the run of evidence that was looked at.
    expires_at: until when a dismissal keeps (an override); for as long as the evidence stays where it is `None`.
    """

    alert: str
    account: str
    indicator: str
    since: AwareDatetime | None
    choice: Choice
    by: str
    reason: str
    at: AwareDatetime
    expires_at: AwareDatetime | None = None


def confirmed_by(decisions: Iterable[Decision]) -> tuple[str, ...]:
    """Who has confirmed since the last dismissal, each person once; decisions run from old to new."""
    people: dict[str, str] = {}
    for one in decisions:
        if one.choice == "dismiss":
            people = {}
        else:
            people.setdefault(_person(one.by), one.by)
    return tuple(people.values())


def standing(decisions: Iterable[Decision], people: int) -> Review:
    """Where an alert that needs review stands, if so many different people must confirm it. One may dismiss it."""
    decisions = tuple(decisions)
    if decisions and decisions[-1].choice == "dismiss":
        return Review.DISMISSED
    return Review.CONFIRMED if len(confirmed_by(decisions)) >= people else Review.WAITING


def keeps_dismissed(finding: Finding, last: Decision | None, now: datetime) -> bool:
    """Whether a fail stays dismissed: by the last word on it, for the same run of evidence, not yet expired.

    Also where it would need no person by now: somebody has looked, and time alone is no new evidence.
    """
    if finding.outcome is not Outcome.FAIL:
        return False
    if last is None or last.choice != "dismiss" or last.since != finding.since:
        return False
    return last.expires_at is None or now < last.expires_at


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same, whatever their case and spaces."""
    return _person(one) == _person(other)


def _person(name: str) -> str:
    return " ".join(name.casefold().split())
