"""A register of messages that a person brings goes into the record as a look, and its account is judged by it.

It must never take a register from the future, nor one that knows of what came after the day on which it stood.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from datetime import datetime

from pydantic import AwareDatetime, Field

from mediawatch.adapters.letter_register import ADAPTER, MOST_ROWS
from mediawatch.conclude import take_in
from mediawatch.core.model import Letter, Letters, Observation, Value
from mediawatch.policy import Policy
from mediawatch.store.store import Ledger


class Brought(Value):
    """account: whose. name: the register's, as the target has it. at: the instant at which the register stood so."""

    account: str
    name: str = ""
    at: AwareDatetime
    letters: tuple[Letter, ...] = Field(max_length=MOST_ROWS)


class Taken(Value):
    """What was taken: all messages, those without a reply; and what follows for the account, by indicator."""

    letters: int
    waiting: int
    answers: dict[str, str]


def bring(ledger: Ledger, policy: Policy, said: Brought, by: str, now: datetime) -> Taken:
    """Writes the register down and judges the account by it.

    Raises KeyError for an account that is not in the register of accounts, ValueError (in words) where it is not taken.
    """
    if said.at > now:
        raise ValueError("the register is said to be from the future")
    for one in said.letters:
        if max(one.at, one.replied_at or one.at) > said.at:
            raise ValueError(f"message {one.key}: it, or its reply, is from after the day of the register")
    account = ledger.account(said.account)
    if account is None:
        raise KeyError(f"account {said.account}")
    registers = [target for target in account.targets if target.adapter == ADAPTER.kind]
    target = next((one for one in registers if one.address.get("called", "") == said.name), None)
    if target is None:
        known = "、".join(str(one.address.get("called", "")) or "-" for one in registers)
        raise ValueError(
            f"{said.account} has no channel `{ADAPTER.kind}` of that name" + (f" ({known})" if known else "")
        )
    seen = Letters(letters=said.letters, rows=len(said.letters), brought_by=by)
    kept = hashlib.sha256(table_of(said.letters)).hexdigest()
    looked = Observation(target=target.id, account=account.id, at=said.at, seen=seen, digests=(kept,))
    findings = take_in(ledger, policy, looked, now)
    asked = {line.id for line in policy.book_of(account, now).indicators if line.rule == "replies"}
    return Taken(
        letters=len(said.letters),
        waiting=sum(not one.replied for one in said.letters),
        answers={one.indicator: one.outcome.value for one in findings if one.indicator in asked},
    )


def table_of(letters: Iterable[Letter]) -> bytes:
    """The register as it is kept with the answers: numbers and days, and nothing else of it."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("id", "asked_at", "replied_at"))
    for one in letters:
        lines.writerow((one.key, one.at.isoformat(), one.replied_at.isoformat() if one.replied_at else ""))
    return text.getvalue().encode()
