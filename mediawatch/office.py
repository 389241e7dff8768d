"""The office's acts by name: what a command, the console or a daemon's face may do with inspections and cases.

One act is one transaction; a trial (`dry_run`) is the same transaction, taken back at its end. It must never do what
the verbs themselves would not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from pydantic import ValidationError

from mediawatch import cases, inspection, letters, people
from mediawatch.complaints import in_words
from mediawatch.core.model import Value
from mediawatch.core.text import clean
from mediawatch.policy import Policy
from mediawatch.store.store import Ledger, Store

_MOST_WORDS = 4000
_AS_IT_IS = frozenset({"rulebook"})


@dataclass(frozen=True)
class Act:
    """given: what must be said. do: the verb, called with a ledger, the policy, what was said, by whom, and when."""

    given: type[Value]
    do: Callable[[Ledger, Policy, Any, str, datetime], Value]


ACTS: dict[str, Act] = {
    "inspect.new": Act(inspection.Order, inspection.new),
    "inspect.draw": Act(inspection.Seed, inspection.draw),
    "inspect.look": Act(inspection.Named, inspection.look),
    "inspect.judge": Act(inspection.Named, inspection.judge),
    "inspect.statement": Act(inspection.Objection, inspection.state),
    "inspect.rule": Act(inspection.Ruling, inspection.rule),
    "inspect.freeze": Act(inspection.Freeze, inspection.freeze),
    "case.open": Act(cases.Open, cases.open_),
    "case.confirm": Act(cases.Noted, cases.confirm),
    "case.dismiss": Act(cases.Noted, cases.dismiss),
    "case.notify": Act(cases.Notice, cases.notify),
    "case.receive": Act(cases.Receipt, cases.receive),
    "case.plan": Act(cases.Receipt, cases.plan),
    "case.report": Act(cases.Report, cases.report),
    "case.recheck": Act(cases.Recheck, cases.recheck),
    "case.close": Act(cases.Noted, cases.close),
    "case.publish": Act(cases.Publication, cases.publish),
    "case.escalate": Act(cases.Escalation, cases.escalate),
    "receiver.retry": Act(people.Retry, people.retry_receiver),
    "account.look": Act(people.Again, people.look_again),
    "account.letters": Act(letters.Brought, letters.bring),
}


class _Trial(Exception):
    """Ends a transaction that was only tried."""


def act(
    store: Store, policy: Policy, name: str, said: bytes, by: str, now: datetime, dry_run: bool = False
) -> dict[str, Any]:
    """Does one act. said: its JSON object. Returns what the verb answers, as JSON data.

    Raises KeyError for an act, campaign, case, account or alert that is not there, ValueError (in words) where it is
    not taken.
    """
    wanted = ACTS[name]
    name_of_actor = clean(by, 200)
    if not name_of_actor:
        raise ValueError("an act needs the name of who does it")
    try:
        given = wanted.given.model_validate_json(msgspec.json.encode(_cleaned(msgspec.json.decode(said))))
    except msgspec.DecodeError:
        raise ValueError("what was said is no JSON object") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {in_words(first)}" if place else in_words(first)) from None
    answer: Value | None = None
    try:
        with store.writing() as ledger:
            answer = wanted.do(ledger, policy, given, name_of_actor, now)
            if dry_run:
                raise _Trial
    except _Trial:
        pass
    assert answer is not None
    return answer.model_dump(mode="json")


def _cleaned(said: Any, name: str = "") -> Any:
    """Words from outside as one safe line each; a rulebook stays as it is, for its edition is its digest.

    Raises ValueError for words that are too many: nothing that somebody said is cut off unseen.
    """
    if name in _AS_IT_IS:
        return said
    if isinstance(said, dict):
        return {key: _cleaned(value, key) for key, value in said.items()}
    if isinstance(said, list):
        return [_cleaned(value, name) for value in said]
    if isinstance(said, str) and len(said) > _MOST_WORDS:
        raise ValueError(f"{name}: must have at most {_MOST_WORDS} letters; give more as a file")
    return clean(said, _MOST_WORDS) if isinstance(said, str) else said
