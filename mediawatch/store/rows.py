"""Between rows and values. Rows do not validate: they are made only from values here, and become values again here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from sqlalchemy import Connection, Row, and_, select

from mediawatch.core import lifecycle
from mediawatch.core.alerting import Alert, State
from mediawatch.core.filing import UNFILED
from mediawatch.core.filtering import searchable
from mediawatch.core.model import (
    Account,
    Filing,
    Finality,
    Finding,
    Outcome,
    Reason,
    Severity,
    Target,
)
from mediawatch.core.review import Decision, Review
from mediawatch.core.value import canonical as canonical
from mediawatch.core.value import made
from mediawatch.core.wire import Validator
from mediawatch.store import batches
from mediawatch.store.columns import among
from mediawatch.store.tables import ACCOUNT, TARGET

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_json = msgspec.json.decode
_encoded, _encode_lines = msgspec.json.Encoder().encode, msgspec.json.Encoder().encode_lines
OF_ALERT = tuple(Alert.model_fields)
_STATES = {one.value: one for one in lifecycle.State}
_NO_VALIDATOR = Validator(url="", digest="").__dict__

# What the register says of an account and of a target: the columns that `enroll` compares and writes.
ACCOUNT_COLUMNS = (
    "id",
    "name",
    "kind",
    "sponsor",
    "supervisor",
    "unit",
    "region",
    "level",
    "rulebook",
    "tags",
    "state",
    "state_since",
    "stop_announced",
    "stop_notice",
    "filing",
    "canary",
    "search",
)
TARGET_COLUMNS = ("id", "account", "adapter", "platform", "address", "covers")

_OF_ACCOUNT = tuple(name for name in ACCOUNT_COLUMNS if name != "search")
_ACCOUNTS = (
    select(*(ACCOUNT.c[name] for name in (*_OF_ACCOUNT, "deadline")), *(TARGET.c[name] for name in TARGET_COLUMNS))
    .select_from(ACCOUNT.outerjoin(TARGET, and_(TARGET.c.account == ACCOUNT.c.id, TARGET.c.removed_at.is_(None))))
    .where(among(ACCOUNT.c.id, "ids"))
    .order_by(TARGET.c.id)
)


def account_values(account: Account, known: str = "") -> dict[str, Any]:
    """The values of `ACCOUNT_COLUMNS`. known: what the account is searched in so far."""
    return {
        "id": account.id,
        "name": account.name,
        "kind": account.kind,
        "sponsor": account.sponsor,
        "supervisor": account.supervisor,
        "unit": account.unit,
        "region": account.region,
        "level": account.level,
        "rulebook": account.rulebook,
        "tags": canonical(account.tags) if account.tags else "[]",
        "state": account.state.value,
        "state_since": account.state_since,
        "stop_announced": account.stop_announced,
        "stop_notice": account.stop_notice,
        "filing": filing_text(account.filing),
        "canary": account.canary,
        "search": searched_in(account, known),
    }


def searched_in(account: Account, known: str) -> str:
    """What a filter looks into. Spelling is dear, so what is known of the same words is kept."""
    words = (account.name, account.id, account.sponsor, account.region)
    spelled = known.startswith(searchable(*words) + "\n")
    return known if spelled else searchable(*words, spelled=(account.name, account.sponsor))


def filing_text(filing: Filing) -> str:
    """What is filed as JSON with one spelling; most accounts have none."""
    if filing is UNFILED or filing == UNFILED:
        return "{}"
    return canonical(filing.model_dump(mode="json", exclude_defaults=True))


def target_values(target: Target) -> dict[str, Any]:
    """The values of `TARGET_COLUMNS`."""
    return {
        "id": target.id,
        "account": target.account,
        "adapter": target.adapter,
        "platform": target.platform,
        "address": canonical(target.model_dump(mode="json", include={"address"})["address"]),
        "covers": canonical(sorted(target.covers)),
    }


@lru_cache(maxsize=1024)
def _names(text: str) -> tuple[str, ...]:
    """Few lists of names stand in a register, each of them often."""
    return tuple(_json(text))


@lru_cache(maxsize=1024)
def _covers(text: str) -> frozenset[str]:
    return frozenset(_names(text))


def target_of(row: Row[Any]) -> Target:
    return _target(tuple(getattr(row, name) for name in TARGET_COLUMNS))


def _target(row: Sequence[Any]) -> Target:
    """Of `TARGET_COLUMNS`."""
    fields = dict(zip(TARGET_COLUMNS, row, strict=True))
    fields["address"] = _json(fields["address"])
    fields["covers"] = _covers(fields["covers"])
    return made(Target, fields)


def account_of(row: Row[Any], targets: Iterable[Target]) -> Account:
    return _account(tuple(getattr(row, name) for name in _OF_ACCOUNT), targets)


def _account(row: Sequence[Any], targets: Iterable[Target]) -> Account:
    """Of `_OF_ACCOUNT`."""
    fields = dict(zip(_OF_ACCOUNT, row, strict=True))
    filing = fields["filing"]
    fields["tags"] = _names(fields["tags"])
    fields["state"] = _STATES[fields["state"]]
    fields["filing"] = UNFILED if filing == "{}" else Filing.model_validate_json(filing)
    fields["targets"] = tuple(targets)
    return made(Account, fields)


def accounts(connection: Connection, ids: Sequence[str]) -> dict[str, Account]:
    """The accounts of those ids, each with its live targets; unknown ids are left out."""
    return {one: account for one, (account, _) in with_deadlines(connection, ids).items()}


def with_deadlines(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Account, datetime | None]]:
    """The same, each beside its deadline, where one is known."""
    known: dict[str, Sequence[Any]] = {}
    targets: dict[str, list[Target]] = {}
    of_account = len(_OF_ACCOUNT)
    for row in batches.read(connection, _ACCOUNTS, {"ids": ids}):
        known.setdefault(row[0], row)
        if row[of_account + 1] is not None:
            targets.setdefault(row[0], []).append(_target(row[of_account + 1 :]))
    return {id_: (_account(row[:of_account], targets.get(id_, ())), row[of_account]) for id_, row in known.items()}


def validators_of(text: str) -> tuple[Validator, ...]:
    return () if text == "[]" else tuple([made(Validator, {**_NO_VALIDATOR, **one}) for one in _json(text)])


def validators_text(validators: tuple[Validator, ...]) -> str:
    return msgspec.json.encode([one.__dict__ for one in validators]).decode()


def finding_text(fields: dict[str, Any]) -> str:
    """The bytes of a finding's `model_dump_json`, at a fifth of its cost: twenty of an account are held against what
    stands. fields: all of them, in their order."""
    return _encoded(fields).decode()


def finding_texts(fields: Iterable[dict[str, Any]]) -> list[str]:
    """The same of several, which is faster than one by one."""
    return _encode_lines(fields).decode().split("\n")[:-1]


class StoredFinding(msgspec.Struct, forbid_unknown_fields=True):
    """A finding as it is written down: read so, it costs a fifth of a check. Rows of old may lack a field."""

    account: str
    indicator: str
    outcome: Outcome
    judged_at: Instant
    since: Instant | None
    holds_until: Instant
    warns_at: Instant | None = None
    deadline: Instant | None = None
    values: dict[str, str | int | float | bool | None] = {}
    finality: Finality = Finality.AUTO
    severity: Severity = "veto"
    proof: tuple[tuple[str, Instant], ...] = ()
    missing: tuple[str, ...] = ()
    reason: Reason | None = None

    def read(self) -> Finding:
        """The value that was written."""
        return made(Finding, msgspec.structs.asdict(self))


_FINDING = msgspec.json.Decoder(StoredFinding)


def finding_of(text: str | None) -> Finding | None:
    return None if text is None else _FINDING.decode(text).read()


def alert_values(alert: Alert) -> dict[str, Any]:
    values: dict[str, Any] = dict(alert.__dict__)
    values["state"] = alert.state.value
    values["review"] = alert.review.value
    values["finding"] = None if alert.finding is None else finding_text(alert.finding.__dict__)
    values["tell_at"] = alert.resolved_at or alert.opened_at  # it has changed: what is owed about it is to be asked
    return values


def alert_of(row: Row[Any]) -> Alert:
    return alert_in(tuple(getattr(row, name) for name in OF_ALERT))


def alert_in(row: Sequence[Any]) -> Alert:
    """Of `OF_ALERT`."""
    fields = dict(zip(OF_ALERT, row, strict=True))
    fields["state"] = State(fields["state"])
    fields["review"] = Review(fields["review"])
    fields["finding"] = finding_of(fields["finding"])
    return made(Alert, fields)


def decision_of(row: Row[Any]) -> Decision:
    return Decision(**{name: getattr(row, name) for name in Decision.model_fields})
