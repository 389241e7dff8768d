"""Reads accounts.yaml and the tables it includes → units, and accounts with their targets, or problems with places.

It must never look at a platform: what an address must be like is the adapter's own model's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mediawatch.adapters import ADAPTERS
from mediawatch.adapters.adapter import Adapter
from mediawatch.complaints import Place, about, explain, unknown_key, unknown_name
from mediawatch.core.filing import UNFILED, Filing
from mediawatch.core.lifecycle import IN_USE
from mediawatch.core.model import Account, Target
from mediawatch.core.register_change import JournalEntry
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.value import canonical
from mediawatch.core.wording import COVERAGE
from mediawatch.register.entry import Entry
from mediawatch.register.folder import Folder
from mediawatch.register.shapes import UNITS, shape_of
from mediawatch.register.sheet import rows_of
from mediawatch.register.units_file import Units
from mediawatch.rulebook_file import Rulebooks, UnknownRulebook
from mediawatch.sheets import read_sheets
from mediawatch.strict_yaml import Document, Path_, Problem, quoted, read

MOST_BYTES = 16 * 1024 * 1024

_COPIED = tuple(name for name in Entry.model_fields if name not in ("rulebook", "filing", "targets"))
_TARGET_OWN = ("adapter", "covers")


class Register:
    """The accounts and units of all files so far, and what is wrong or doubtful in them."""

    def __init__(
        self,
        rulebook: str,
        books: Rulebooks,
        receivers: Collection[str] | None = None,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        self._progress = progress
        self.accounts: list[Account] = []
        self.units = Units(receivers)
        self.journal: list[JournalEntry] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.files: list[Path] = []  # the tables that were read
        self._rulebook = rulebook
        self._books = books
        self._first: dict[str, Problem] = {}
        self._doubts: dict[tuple[str, str, frozenset[str]], tuple[Path_, str] | None] = {}  # many accounts are alike
        self._covers = set(COVERAGE).union(*(adapter.covers for adapter in ADAPTERS.values()))

    def place_of(self, account: str) -> str:
        """`file:line` where the account was written first."""
        first = self._first[account]
        return f"{first.file}:{first.line}"

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
            **{name: getattr(entry, name) for name in _COPIED},
            filing=UNFILED if entry.filing is None else Filing(**entry.filing.model_dump()),
            rulebook=book.id if book else self._rulebook,
            canary=False,
            targets=targets,
        )
        if account.unit:
            self.units.ask(account.unit, place, (*path, "unit"))
        self.accounts.append(account)
        self._progress(len(self.accounts))
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
            message = "is empty: it is registered, and never judged until a channel is added"
            self.warnings.append(about(place, (*path, "targets"), message))
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
        address = {key: value for key, value in raw.items() if key not in _TARGET_OWN}
        covers = adapter.covers_of(address)
        if raw.get("covers") is not None:
            covers = self._declared(raw["covers"], place, (*path, "covers"))
        elif (adapter.kind, entry.kind) == ("feed", "wechat"):
            covers = frozenset()  # what such a feed leaves out it does not say: it may pass the account, never fail it
        try:
            return make_target(adapter, entry.id, address, covers)
        except ValidationError as error:
            self.problems += explain(error, place, path, adapter.address)
            return None

    def _declared(self, given: Any, place: Place, path: Path_) -> frozenset[str]:
        """What the register declares that the channel can see."""
        if not isinstance(given, list):
            self.problems.append(about(place, path, "must be a list"))
            return frozenset()
        for index, kind in enumerate(given):
            if not isinstance(kind, str) or kind not in self._covers:
                self.problems.append(about(place, (*path, index), unknown_name("coverage", kind, self._covers)))
        return frozenset(kind for kind in given if isinstance(kind, str))

    def _warn(self, account: Account, book: Rulebook, place: Place, path: Path_) -> None:
        """Says so where no veto could ever fail the account: a silence that looks like order."""
        if account.state not in IN_USE or not account.targets:
            return  # little is asked of it, and rightly so
        seen: frozenset[str] = frozenset().union(*(target.covers for target in account.targets))
        asked = (book.id, account.kind, seen)
        if asked not in self._doubts:
            self._doubts[asked] = _doubt(book, account.kind, seen)
        if (doubt := self._doubts[asked]) is not None:
            self.warnings.append(about(place, (*path, *doubt[0]), doubt[1]))


def _doubt(book: Rulebook, kind: str, seen: frozenset[str]) -> tuple[Path_, str] | None:
    """Why an account of that kind, seen so, could never fail, and at which of its keys that is to be said."""
    asked = [indicator for indicator in book.indicators if kind in indicator.applies_to]
    if not asked:
        return ("kind",), f"no indicator of {book.id} applies to kind {kind}; it is never judged"
    vetoes = [indicator for indicator in asked if indicator.severity == "veto"]
    vetoes = [indicator for indicator in vetoes if not indicator.if_watched] or vetoes  # rungs may be missing
    lacking = [set(indicator.needs_for(kind)) - seen for indicator in vetoes]
    if not vetoes or not all(lacking):
        return None
    what = ", ".join(sorted(set[str]().union(*lacking)))
    names = ", ".join(indicator.id for indicator in vetoes)
    message = f"no target covers {what}: {names} can never fail this account (declare covers if one does)"
    return ("targets", 0), message


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
    return Target(
        id=f"{account}/{adapter.kind}/{hashlib.sha256(canonical(checked).encode()).hexdigest()[:8]}",
        account=account,
        adapter=adapter.kind,
        platform=adapter.platform_of(checked),
        address=checked,
        covers=frozenset(covers),
    )


def read_accounts(
    path: Path,
    rulebook: str,
    books: Rulebooks,
    receivers: Collection[str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Register:
    """Every account and unit of accounts.yaml, of the tables under `include:`, which are relative to it, and of the
    folder that commands keep beside it. accounts.yaml may be missing where that folder holds accounts.

    receivers: the names that units may tell; `None` where they are not known. progress: called with how many are read.
    """
    register = Register(rulebook, books, receivers, progress)
    folder = Folder(path)
    if path.exists() or not folder.tables:
        read_written(register, path)
    for table in folder.tables:
        read_tables(register, table)
    register.journal += folder.journal(register.problems)
    register.problems += register.units.problems()
    if not register.accounts and not register.problems:
        register.problems.append(Problem(str(path), 1, 1, "accounts: there are none"))
    return register


def read_written(register: Register, path: Path) -> None:
    """What people wrote: accounts.yaml and the tables that it includes."""
    document = read(path, most_bytes=MOST_BYTES)
    register.problems += document.problems
    data = document.data
    if data is None and document.problems:
        return
    if not isinstance(data, dict):
        register.problems.append(document.problem((), "must be a mapping with `accounts:`, a list"))
        return
    known = ("accounts", "units", "include")
    for key in data.keys() - set(known):
        register.problems.append(unknown_key(document, (key,), known))
    for key in known:
        if not isinstance(data.get(key, []), list | None):
            register.problems.append(about(document, (key,), "must be a list"))
            data[key] = []
    for index, raw in enumerate(data.get("units") or []):
        register.units.add(raw, document, ("units", index))
    for index, raw in enumerate(data.get("accounts") or []):
        register.add(raw, document, ("accounts", index), path.parent)
    for index, name in enumerate(data.get("include") or []):
        _include(register, path.parent, name, document, ("include", index))


def _include(register: Register, folder: Path, name: Any, document: Document, path: Path_) -> None:
    if not isinstance(name, str) or not name.lower().endswith((".csv", ".xlsx")):
        register.problems.append(about(document, path, "must name a .csv or an .xlsx file"))
        return
    read_tables(register, folder / name)


def read_tables(register: Register, path: Path) -> None:
    """The accounts and units of a .csv or .xlsx file whose columns are named as the fields are."""
    register.files.append(path)
    for sheet in read_sheets(path, register.problems):
        line, head = next(sheet.rows, (1, list[str]()))
        shape = shape_of(head, sheet.name)
        for row in rows_of(sheet, line, head, shape, register.problems):
            if shape is UNITS:
                register.units.add(row.data, row, ())
            else:
                register.add(row.data, row, (), path.parent)
