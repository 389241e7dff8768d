"""Reads accounts.yaml and the CSV files it includes → accounts with their targets, or problems with places.

It must never look at a platform: what an address must be like is the adapter's own model's business.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ValidationError

from mediawatch.accounts_csv import read_csv
from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.complaints import Place, about, explain, unknown_key, unknown_name
from mediawatch.core.lifecycle import IN_USE, State
from mediawatch.core.model import Account, Target, Value
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.text import clean
from mediawatch.core.wording import COVERAGE
from mediawatch.rulebook_file import KINDS, Rulebooks, UnknownRulebook
from mediawatch.strict_yaml import Path_, Problem, quoted, read

MOST_BYTES = 16 * 1024 * 1024

_ID = re.compile(r"\w[\w.-]{0,99}")
_REGION = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}|")
_TARGET_OWN = ("adapter", "covers")


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("may hold letters, digits, '.', '-' and '_', at most 100 of them")
    return text


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(unknown_name("kind", text, KINDS))
    return text


def _name(text: str) -> str:
    if not (name := clean(text, 200)):
        raise ValueError("must not be empty")
    return name


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        raise ValueError('must be a region code of 6, 9 or 12 digits, like "330100"')
    return text


def _state(given: object) -> State:
    try:
        return State(str(given))
    except ValueError:
        raise ValueError(unknown_name("state", str(given), [state.value for state in State])) from None


def _notice(text: str) -> str:
    if text and not (text.startswith(("http://", "https://")) and text.isprintable() and len(text) <= 1000):
        raise ValueError("must be an http:// or https:// address")
    return text


def _cleaned(text: str) -> str:
    return clean(text, 200)


class Entry(Value):
    """One account as a register writes it; what its targets hold is checked by their adapters."""

    id: Annotated[str, AfterValidator(_id)]
    name: Annotated[str, AfterValidator(_name)]
    kind: Annotated[str, AfterValidator(_kind)]
    sponsor: Annotated[str, AfterValidator(_cleaned)] = ""
    supervisor: Annotated[str, AfterValidator(_cleaned)] = ""
    region: Annotated[str, AfterValidator(_region)] = ""
    level: Literal["national", "province", "city", "county", "town", ""] = ""
    rulebook: str | None = None
    tags: tuple[Annotated[str, AfterValidator(_name)], ...] = ()
    state: Annotated[State, BeforeValidator(_state)] = State.RUNNING
    state_since: date | None = None
    stop_announced: date | None = None
    stop_notice: Annotated[str, AfterValidator(_notice)] = ""
    targets: list[dict[str, Any]]


class Register:
    """The accounts of all files so far, and what is wrong or doubtful in them."""

    def __init__(self, rulebook: str, books: Rulebooks) -> None:
        self.accounts: list[Account] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._rulebook = rulebook
        self._books = books
        self._first: dict[str, Problem] = {}
        self._covers = set(COVERAGE).union(*(adapter.covers for adapter in ADAPTERS.values()))

    def add(self, raw: Any, place: Place, path: Path_, folder: Path) -> None:
        """One account as a file holds it, at `path` of `place`."""
        try:
            entry = Entry.model_validate(raw)
        except ValidationError as error:
            self.problems += explain(error, place, path, Entry)
            salvaged = _salvaged(raw, error)
            if salvaged is None:
                return
            entry, whole = salvaged, False
        else:
            whole = True
        here = place.problem((*path, "id"), "")
        first = self._first.setdefault(entry.id, here)
        if first is not here:
            message = f"{quoted(entry.id)} is used already, at {first.file}:{first.line}"
            self.problems.append(about(place, (*path, "id"), message))
            return
        book = self._book(entry, place, path, folder)
        targets = self._targets(entry, place, path)
        if not whole:
            return
        account = Account.model_construct(
            **{name: getattr(entry, name) for name in Entry.model_fields if name not in ("rulebook", "targets")},
            rulebook=book.id if book else self._rulebook,
            canary=False,
            targets=targets,
        )
        self.accounts.append(account)
        if book is not None and len(targets) == len(entry.targets):
            self._warn(account, book, place, path)

    def _book(self, entry: Entry, place: Place, path: Path_, folder: Path) -> Rulebook | None:
        try:
            if entry.rulebook is None:
                return self._books.loaded.get(self._rulebook)
            return self._books.get(entry.rulebook, folder)
        except UnknownRulebook as error:
            self.problems.append(about(place, (*path, "rulebook"), str(error)))
            return None

    def _targets(self, entry: Entry, place: Place, path: Path_) -> tuple[Target, ...]:
        if not entry.targets:
            self.problems.append(about(place, (*path, "targets"), "is empty; nothing could be looked at"))
        targets: dict[str, Target] = {}
        for index, raw in enumerate(entry.targets):
            here: Path_ = (*path, "targets", index)
            target = self._target(entry, raw, place, here)
            if target is None:
                continue
            if target.id in targets:
                self.problems.append(about(place, here, "this target stands here twice"))
            targets[target.id] = target
        return tuple(targets.values())

    def _target(self, entry: Entry, raw: dict[str, Any], place: Place, path: Path_) -> Target | None:
        kind = raw.get("adapter")
        if kind is None:
            self.problems.append(about(place, path, "`adapter` is missing"))
            return None
        adapter = ADAPTERS.get(kind) if isinstance(kind, str) else None
        if adapter is None:
            self.problems.append(about(place, (*path, "adapter"), unknown_name("adapter", kind, ADAPTERS)))
            return None
        if adapter.kinds and entry.kind not in adapter.kinds:
            fits = ", ".join(sorted(adapter.kinds))
            message = f"{adapter.kind} is no channel of a {entry.kind} account; it is one of: {fits}"
            self.problems.append(about(place, (*path, "adapter"), message))
        covers = self._covered(entry, adapter, raw.get("covers"), place, (*path, "covers"))
        address = {key: value for key, value in raw.items() if key not in _TARGET_OWN}
        try:
            return make_target(adapter, entry.id, address, covers)
        except ValidationError as error:
            self.problems += explain(error, place, path, adapter.address)
            return None

    def _covered(self, entry: Entry, adapter: Adapter, given: Any, place: Place, path: Path_) -> frozenset[str]:
        """What the channel can see: as declared, otherwise as the adapter is by nature.

        A feed of a WeChat account says nothing of what it leaves out, so that without a declaration it covers nothing:
        it may pass the account, it may never fail it.
        """
        if given is None:
            return frozenset() if (adapter.kind, entry.kind) == ("feed", "wechat") else adapter.covers
        if not isinstance(given, list):
            self.problems.append(about(place, path, "must be a list"))
            return frozenset()
        for index, kind in enumerate(given):
            if not isinstance(kind, str) or kind not in self._covers:
                self.problems.append(about(place, (*path, index), unknown_name("coverage", kind, self._covers)))
        return frozenset(kind for kind in given if isinstance(kind, str))

    def _warn(self, account: Account, book: Rulebook, place: Place, path: Path_) -> None:
        """Says so where no veto could ever fail the account: a silence that looks like order."""
        if account.state not in IN_USE:
            return  # little is asked of it, and rightly so
        asked = [indicator for indicator in book.indicators if account.kind in indicator.applies_to]
        if not asked:
            message = f"no indicator of {book.id} applies to kind {account.kind}; it is never judged"
            self.warnings.append(about(place, (*path, "kind"), message))
            return
        seen: frozenset[str] = frozenset().union(*(target.covers for target in account.targets))
        vetoes = [indicator for indicator in asked if indicator.severity == "veto"]
        vetoes = [indicator for indicator in vetoes if not indicator.if_watched] or vetoes  # rungs may be missing
        lacking = [set(indicator.needs_for(account.kind)) - seen for indicator in vetoes]
        if vetoes and all(lacking):
            what = ", ".join(sorted(set[str]().union(*lacking)))
            names = ", ".join(indicator.id for indicator in vetoes)
            message = f"no target covers {what}: {names} can never fail this account (declare covers if one does)"
            self.warnings.append(about(place, (*path, "targets", 0), message))


def _salvaged(raw: Any, error: ValidationError) -> Entry | None:
    """What is left of an entry without the fields that are wrong, so that the others are checked in the same run.

    `None` where its id, kind or targets are among them, or the entry is no mapping at all.
    """
    wrong = {problem["loc"][0] for problem in error.errors() if problem["loc"]}
    if not isinstance(raw, dict) or wrong & {"id", "kind", "targets"}:
        return None
    try:
        rest = {name: value for name, value in raw.items() if name not in wrong}
        return Entry.model_validate({"name": "?"} | rest)
    except ValidationError:
        return None


def make_target(adapter: Adapter, account: str, address: dict[str, Any], covers: Iterable[str]) -> Target:
    """The target with its stable id. Raises pydantic's ValidationError where the adapter refuses the address.

    Fields that stand at their default are left out of address and id, so that spelling them out changes nothing.
    """
    checked = adapter.address.model_validate(address).model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(checked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Target(
        id=f"{account}/{adapter.kind}/{hashlib.sha256(canonical.encode()).hexdigest()[:8]}",
        account=account,
        adapter=adapter.kind,
        platform=adapter.platform_of(checked),
        address=checked,
        covers=frozenset(covers),
    )


def read_accounts(path: Path, rulebook: str, books: Rulebooks) -> Register:
    """Every account of accounts.yaml and of the CSV files under `include:`, which are relative to it."""
    register = Register(rulebook, books)
    document = read(path, most_bytes=MOST_BYTES)
    register.problems += document.problems
    data = document.data
    if data is None and document.problems:
        return register
    if not isinstance(data, dict):
        register.problems.append(document.problem((), "must be a mapping with `accounts:`, a list"))
        return register
    for key in data.keys() - {"accounts", "include"}:
        register.problems.append(unknown_key(document, (key,), ("accounts", "include")))
    for key in ("accounts", "include"):
        if not isinstance(data.get(key, []), list | None):
            register.problems.append(about(document, (key,), "must be a list"))
            data[key] = []
    for index, raw in enumerate(data.get("accounts") or []):
        register.add(raw, document, ("accounts", index), path.parent)
    for index, name in enumerate(data.get("include") or []):
        if isinstance(name, str) and name.lower().endswith(".csv"):
            fields = {name for adapter in ADAPTERS.values() for name in adapter.address.model_fields}
            columns = (set(Entry.model_fields) - {"targets"}, fields)
            for row in read_csv(path.parent / name, columns, register.problems):
                register.add(row.data, row, (), path.parent)
        else:
            register.problems.append(about(document, ("include", index), "must name a .csv file"))
    if not register.accounts and not register.problems:
        register.problems.append(document.problem(("accounts",), "accounts: there are none"))
    return register
