"""Changes of the register by commands: planned as a whole, checked as a whole, written at once with who and why.

People's own files are read and never written. A plan with one problem changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from mediawatch.core.model import Account
from mediawatch.core.register_change import FieldChange, JournalEntry, changes, facts_of
from mediawatch.register.accounts_file import Register, read_written
from mediawatch.register.folder import Folder
from mediawatch.register.rows import Data, account_data, unit_data
from mediawatch.register.shapes import UNITS, shape_of
from mediawatch.register.sheet import Row, rows_of
from mediawatch.settings_file import read_settings
from mediawatch.sheets import read_sheets
from mediawatch.strict_yaml import Problem


@dataclass
class Plan:
    """What a command would change. `changes` is empty where nothing would; with `problems` nothing can be."""

    accounts: list[Data] = field(default_factory=list)
    units: list[Data] = field(default_factory=list)
    changes: list[FieldChange] = field(default_factory=list)
    units_changed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unchanged: int = 0

    def counts(self) -> dict[str, int]:
        """How many accounts would come, change, go and stay; how many units would come, change or go."""
        whole = [change for change in self.changes if not change.field]
        return {
            "added": sum(bool(change.after) for change in whole),
            "changed": len({change.account for change in self.changes if change.field}),
            "removed": sum(not change.after for change in whole),
            "unchanged": self.unchanged,
            "units": len(self.units_changed),
        }


class Editing:
    """The register as a command finds it: what people wrote, and what commands keep.

    What is wrong with the files as they are is in `problems`; then nothing should be changed.
    """

    def __init__(self, accounts_path: Path, settings_path: Path | None, env: Mapping[str, str]) -> None:
        read = read_settings(settings_path, env)
        self.problems: list[Problem] = list(read.problems)
        self.rulebook = read.rulebook
        self.folder = Folder(accounts_path)
        self._read = read
        self._register = self._new_register()
        if accounts_path.exists():
            read_written(self._register, accounts_path)
        self.problems += self._register.problems
        self._written = {account.id: account for account in self._register.accounts}
        self._written_units = dict(self._register.units.found)
        self._kept: dict[str, Row] = {}
        self._kept_units: dict[str, Row] = {}
        for table in self.folder.tables:
            for sheet in read_sheets(table, self.problems):
                line, head = next(sheet.rows, (1, list[str]()))
                shape = shape_of(head, sheet.name)
                rows = {row.data.get("id", ""): row for row in rows_of(sheet, line, head, shape, self.problems)}
                (self._kept_units if shape is UNITS else self._kept).update(rows)

    def _new_register(self) -> Register:
        return Register(self._read.rulebook, self._read.books, self._read.settings.receivers)

    def accounts(self) -> dict[str, Account]:
        """Every account as it stands, by id."""
        return {**self._written, **self._built(self._kept.values())}

    @property
    def kept_ids(self) -> tuple[str, ...]:
        """The accounts that commands keep."""
        return tuple(self._kept)

    def kept(self, account: str) -> Data | None:
        """An account that commands keep, as their table holds it."""
        row = self._kept.get(account)
        return None if row is None else row.data

    def plan(
        self,
        rows: Iterable[Row],
        units: Iterable[Row] = (),
        removed: Collection[str] = (),
        removed_units: Collection[str] = (),
    ) -> Plan:
        """What the register would be with these rows: their columns replace, what they do not name stays."""
        plan = Plan()
        register = self._register
        next_units = self._next_units(units, plan)
        for unit in removed_units:
            if next_units.pop(unit, None) is not None:
                plan.units_changed.append(unit)
            else:
                by_hand = unit in self._written_units
                message = f"unit {unit} is written by hand; take it out there" if by_hand else f"no unit {unit!r}"
                plan.problems.append(Problem(unit, 1, 1, message))
        for unit, place in next_units.items():
            if unit not in self._written_units:
                register.units.add(place.data, place, ())
        wanted: dict[str, Row] = {}
        for row in rows:
            name = str(row.data.get("id", ""))
            if name in wanted:
                plan.problems.append(row.problem(("id",), f"means the same account as row {wanted[name].line}: {name}"))
            elif name in self._written:
                self._leave(name, row, plan)
            else:
                kept = self._kept.get(name)
                wanted[name] = _over(kept.data if kept else {}, row)
        for name in removed:
            if name in self._written:
                message = f"{name} stands in {register.place_of(name)}; take it out there"
                plan.problems.append(Problem(name, 1, 1, message))
            elif name not in self._kept:
                plan.problems.append(Problem(name, 1, 1, f"{name} is no account of the register"))
        following = {name: row for name, row in {**self._kept, **wanted}.items() if name not in removed}
        start, warned = len(register.accounts), len(register.warnings)
        for row in following.values():
            register.add(row.data, row, (), self.folder.path)
        known = set(self.problems)
        plan.problems += [one for one in register.problems if one not in known] + register.units.problems()
        own = {str(table) for table in self.folder.tables}
        plan.warnings += [warning for warning in register.warnings[warned:] if warning.file not in own]
        if not plan.problems:
            after = {account.id: account for account in register.accounts[start:]}
            self._compare(wanted, removed, after, plan)
            plan.accounts = [row.data for row in following.values()]
            plan.units = [row.data for unit, row in next_units.items() if unit not in self._written_units]
        return plan

    def apply(self, plan: Plan, by: str, note: str, now: datetime) -> None:
        """Writes the plan. Raises OSError; ValueError for a plan with problems."""
        if plan.problems:
            raise ValueError("a plan with problems is never written")
        entry = JournalEntry(id=token_hex(8), at=now, by=by, note=note, changes=tuple(plan.changes))
        self.folder.write(plan.accounts, plan.units, entry)

    def _built(self, rows: Iterable[Row]) -> dict[str, Account]:
        register = self._new_register()
        for row in rows:
            register.add(row.data, row, (), self.folder.path)
        return {account.id: account for account in register.accounts}

    def _next_units(self, units: Iterable[Row], plan: Plan) -> dict[str, Row]:
        found = dict(self._kept_units)
        for row in units:
            name = str(row.data.get("id", ""))
            if name in self._written_units:
                merged = _over(unit_data(self._written_units[name]), row)
                scratch = self._new_register().units
                scratch.add(merged.data, row, ())
                if scratch.found.get(name) != self._written_units[name]:
                    plan.problems.append(row.problem(("id",), f"unit {name} is written by hand; change it there"))
                continue
            old = found[name].data if name in found else {}
            found[name] = _over(old, row)
            if found[name].data != old:
                plan.units_changed.append(name)
        return found

    def _leave(self, name: str, row: Row, plan: Plan) -> None:
        """An account that people wrote: the row must say the same of it."""
        merged = _over(account_data(self._written[name], self.rulebook), row)
        register = self._new_register()
        register.add(merged.data, merged, (), self.folder.path)
        plan.problems += register.problems
        if not register.problems and register.accounts != [self._written[name]]:
            told = changes(name, facts_of(self._written[name]), facts_of(register.accounts[0]))
            fields = ", ".join(change.field for change in told)
            message = f"{name} stands in {self._register.place_of(name)} and differs ({fields}); change it there"
            plan.problems.append(row.problem(("id",), message))
        plan.unchanged += 1

    def _compare(
        self, wanted: Mapping[str, Row], removed: Collection[str], after: Mapping[str, Account], plan: Plan
    ) -> None:
        touched = [name for name, row in wanted.items() if name in self._kept and row.data != self._kept[name].data]
        before = self._built(self._kept[name] for name in (*touched, *removed))
        for name in wanted:
            if name not in self._kept:
                plan.changes += changes(name, None, facts_of(after[name]))
            elif name in before and before[name] != after[name]:
                plan.changes += changes(name, facts_of(before[name]), facts_of(after[name]))
            else:
                plan.unchanged += 1
        for name in removed:
            plan.changes += changes(name, facts_of(before[name]), None)


def _over(old: Mapping[str, Any], row: Row) -> Row:
    """The row with what the old record says in columns that the row's table does not have."""
    shape, named = row.shape, row.columns.keys() | row.data.keys()
    data = {name: value for name, value in old.items() if name not in shape.within.values()}
    data = {name: value for name, value in data.items() if name not in named or name == shape.parts}
    data |= {name: value for name, value in row.data.items() if name in shape.own}
    for under in set(shape.within.values()):
        told = row.data.get(under) or {}
        kept = {name: value for name, value in (old.get(under) or {}).items() if name not in named}
        if merged := {**kept, **told}:
            data[under] = merged
    parts = row.data.get(shape.parts) or []
    keeps = not parts and not row.columns.keys() & shape.part.keys()
    data[shape.parts] = list(old.get(shape.parts) or []) if keeps else parts
    return Row(row.file, row.columns, shape, row.line, data, row.lines)
