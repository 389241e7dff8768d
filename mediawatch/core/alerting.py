"""Alerts: when one opens, is confirmed and resolves, and what is owed to whom about it.

Both questions are answered from state, never from events, so that asking again after a crash gives the same answer.
Pure: it must never send, store or read a clock.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.model import Finding, Value

Level = Literal["reminder", "breach", "incident"]
Cause = Literal["first", "escalated", "resolved", "reminder", "incident", "incident_over"]


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
    reminders: the warning steps (days) that have been reached, for level `reminder`.
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
    text = "\n".join((subject, indicator, level, opened_at.isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
