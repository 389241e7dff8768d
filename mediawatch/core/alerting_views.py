"""What people are shown of the telling itself: what is foreseen, and what a unit has borne. Frozen views."""

from __future__ import annotations

from pydantic import AwareDatetime

from mediawatch.core.alerting import Cause, Level
from mediawatch.core.model import Value


class ForeseenView(Value):
    """One word that will be told if nothing changes.

    at: when; `None` while no end of what holds it back is known. receiver: empty where a rung names nobody. alert:
    empty where it is supposed. waits: it is promised already, and waits for its group or its receiver.
    """

    at: AwareDatetime | None
    receiver: str
    cause: Cause
    level: Level
    account: str
    name: str = ""
    unit: str = ""
    unit_name: str = ""
    alert: str = ""
    why: str = ""
    waits: bool = False


class ForeseenMessage(Value):
    """A message as its receiver would get it. notices: how many words it stands for. text: the request, no secrets."""

    at: AwareDatetime
    receiver: str
    notices: int
    text: str


class BurdenView(Value):
    """How many notices about one unit were promised. spared: reminders that were counted and never told."""

    unit: str
    name: str = ""
    reminders: int = 0
    spared: int = 0
    breaches: int = 0
    ends: int = 0
    other: int = 0
