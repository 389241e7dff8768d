"""What changed in an account's record, field by field, in text. Pure.

Fields that name people are told as changed and never with what they hold: a history is kept for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import AwareDatetime

from mediawatch.core.filing import PERSONAL, UNFILED, Filing
from mediawatch.core.lifecycle import State
from mediawatch.core.model import Account, Target, Value

HIDDEN = "…"
_PLAIN = (
    *("name", "kind", "sponsor", "supervisor", "unit", "region", "level", "rulebook", "state", "state_since"),
    *("stop_announced", "stop_notice"),
)
_DAYS = ("state_since", "stop_announced")
_TEXTS = tuple(name for name in _PLAIN if name not in (*_DAYS, "state"))
_FILED = tuple(name for name in Filing.model_fields)


class FieldChange(Value):
    """One field of one account, before and after; an empty `field` is the account itself, which came or went."""

    account: str
    field: str
    before: str = ""
    after: str = ""


class JournalEntry(Value):
    """One act on the register by one person, with all that it changed. `at` is when the command ran."""

    id: str
    at: AwareDatetime
    by: str
    note: str
    changes: tuple[FieldChange, ...]


def facts_of(account: Account) -> dict[str, str]:
    """The record as text by field; fields that say nothing are left out. Names of people are as they are."""
    found = {name: str(value) for name in _PLAIN if (value := getattr(account, name)) not in ("", None)}
    if account.tags:
        found["tags"] = " | ".join(account.tags)
    if account.filing is not UNFILED:
        for name in _FILED:
            value = getattr(account.filing, name)
            if value not in ("", None, ()):
                found[name] = " | ".join(value) if isinstance(value, tuple) else str(value)
    if account.targets:
        found["targets"] = " | ".join(sorted(_target(one.adapter, one.address, one.covers) for one in account.targets))
    return found


def changes(account: str, before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> list[FieldChange]:
    """What became of an account's facts; `None`: it was not, or is no more, in the register."""
    if before is None or after is None:
        if before is after:
            return []
        return [FieldChange(account=account, field="", before=_name(before), after=_name(after))]
    named = {**before, **after}
    return [
        FieldChange(
            account=account,
            field=field,
            before=_told(field, before.get(field, "")),
            after=_told(field, after.get(field, "")),
        )
        for field in named
        if before.get(field, "") != after.get(field, "")
    ]


def as_it_was(account: Account, since: Iterable[tuple[str, str]]) -> Account:
    """The account before these changes (field, and what stood there; from new to old), as far as a history tells it.

    Its targets are those that it is given; what their channels covered is as it was. Who answers for it, by name, is
    told by no history.
    """
    was = {field: before for field, before in since if before != HIDDEN}
    if not was:
        return account
    values: dict[str, object] = {name: was[name] for name in _TEXTS if name in was}
    values |= {name: date.fromisoformat(was[name]) if was[name] else None for name in _DAYS if name in was}
    if "state" in was:
        values["state"] = State(was["state"]) if was["state"] else State.RUNNING
    if "tags" in was:
        values["tags"] = tuple(was["tags"].split(" | ")) if was["tags"] else ()
    if filed := {name: was[name] for name in _FILED if name in was}:
        values["filing"] = _filed(account.filing, filed)
    if "targets" in was:
        values["targets"] = tuple(_covering(target, was["targets"]) for target in account.targets)
    return account.model_copy(update=values)


def _filed(filing: Filing, was: Mapping[str, str]) -> Filing:
    told = {name: text.split(" | ") if name == "app_stores" else text for name, text in was.items() if text}
    then = Filing.model_validate({**filing.model_dump(exclude=set(was)), **told})
    return UNFILED if then == UNFILED else then


def _covering(target: Target, told: str) -> Target:
    """The target with what its channel covered when the register told of it in these words; as it is, where it did
    not."""
    named = _target(target.adapter, target.address, frozenset()).removesuffix(")")
    _, mark, after = f" | {told}".partition(f" | {named}")
    return target.model_copy(update={"covers": frozenset(after.partition(")")[0].split())}) if mark else target


def _name(facts: Mapping[str, str] | None) -> str:
    return facts.get("name", "") if facts else ""


def _told(field: str, text: str) -> str:
    return HIDDEN if field in PERSONAL and text else text


def _target(adapter: str, address: Mapping[str, object], covers: frozenset[str]) -> str:
    shown = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in sorted(address.items()))
    return f"{adapter} {shown} ({' '.join(sorted(covers))})"
