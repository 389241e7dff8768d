"""What lists are made of beside the board's own rows: groups of accounts, windows of alerts, what changed when."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from mediawatch.core.model import Value
from mediawatch.core.standing import Tallied
from mediawatch.core.views import AlertView


class Group(Tallied):
    """Some accounts that have something in common (a province, a unit, a kind), in numbers.

    key: what a filter names it by. name: for people; the key where there is no other.
    """

    key: str
    name: str
    total: int


class UnitView(Tallied):
    """A unit and how the accounts of it and of all units below it stand. Its contacts are not shown here.

    depth: how many units stand above it. accounts: those of this unit alone.
    """

    id: str
    name: str
    parent: str = ""
    level: str = ""
    region: str = ""
    uscc: str = ""
    receivers: tuple[str, ...] = ()
    depth: int
    accounts: int


class AlertPage(Value):
    """A window of the alerts, as `Page` is one of the board. marks: where each of them lies in its order."""

    alerts: tuple[AlertView, ...]
    offset: int
    matching: int
    total: int
    marks: tuple[str, ...] = ()


class Change(Value):
    """One thing that changed: an alert, an incident, the register, or what a person decided.

    account: its id, or the platform of an incident; name: for people. says: in words, where the record has some.
    """

    at: AwareDatetime
    what: Literal[
        "opened", "confirmed", "resolved", "acknowledged", "decided", "incident", "incident_over", "joined", "left"
    ]
    account: str
    name: str
    alert: str = ""
    indicator: str = ""
    by: str = ""
    says: str = ""


class RegisterChange(Value):
    """One field of an account's record, as it became; an empty `field` is the account, which came or went.

    by, note: who and why; empty where a file was edited by hand.
    """

    at: AwareDatetime
    field: str
    before: str
    after: str
    by: str
    note: str
