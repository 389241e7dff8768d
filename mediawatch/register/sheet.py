"""Reads accounts and units from tables: one row for a record, more rows of the same id for more targets or contacts.

It must not guess what a column means: each has the name of a field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mediawatch.complaints import unknown_key
from mediawatch.core.formulas import restored
from mediawatch.sheets import Cells, Sheet
from mediawatch.strict_yaml import Path_, Problem, quoted


@dataclass(frozen=True)
class Shape:
    """What the columns of a table are. own: fields of the record. within: those of them that stand in a mapping of the
    record, by column. parts: the record's list of mappings, one for each row, with the key of each of its columns.

    lists, numbers, structured: columns that hold a list of words, a whole number, JSON. needed: columns that must be
    there. bare: a record may have no part.
    """

    own: frozenset[str]
    parts: str
    part: Mapping[str, str]
    needed: tuple[str, ...]
    within: Mapping[str, str] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    structured: frozenset[str] = frozenset()
    bare: bool = False

    @property
    def columns(self) -> frozenset[str]:
        return self.own | self.part.keys() | self.within.keys()

    def value(self, column: str, text: str) -> Any:
        """What a cell of that column says. Raises ValueError, with words, for what is no list, number or JSON."""
        if column in self.numbers:
            if not text.isdecimal():
                raise ValueError("must be a whole number")
            return int(text)
        if column in self.structured or (column in self.lists and text.startswith("[")):
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                raise ValueError('must be JSON, such as ["…"]') from None
        if column not in self.lists:
            return text
        return [item.strip() for item in text.split("|") if item.strip()] if "|" in text else text.split()

    @property
    def read(self) -> frozenset[str]:
        """The columns whose cells are more than text."""
        return self.lists | self.numbers | self.structured


@dataclass
class Row:
    """One record of a table: its data as YAML would give it, and the rows and columns it came from."""

    file: str
    columns: Mapping[str, int]
    shape: Shape
    line: int
    data: dict[str, Any]
    lines: list[int] = field(default_factory=list)  # of its parts

    def problem(self, path: Path_, message: str, *, at_key: bool = False) -> Problem:
        """A problem at the row of the part that the path names, otherwise at the first; at the field's column."""
        line, columns = self.line, self.columns
        if path[:1] == (self.shape.parts,):
            index = next((part for part in path if isinstance(part, int)), None)
            line = self.line if index is None or index >= len(self.lines) else self.lines[index]
            columns = {key: columns[name] for name, key in self.shape.part.items() if name in columns}
        column = next((columns[part] for part in reversed(path) if isinstance(part, str) and part in columns), 1)
        return Problem(self.file, line, column, message)


def rows_of(sheet: Sheet, head_line: int, head: Cells, shape: Shape, problems: list[Problem]) -> Iterator[Row]:
    """The records of a table whose head row has been read; none where the head row is wrong.

    A column without a name is not read.
    """
    if not _head_is_sound(sheet, head_line, head, shape, problems):
        return
    places = {name: index + 1 for index, name in enumerate(head) if name}
    records: dict[str, Row] = {}
    for line, cells in sheet.rows:
        if len(cells) > len(head) and any(cells[len(head) :]):
            problems.append(Problem(sheet.file, line, len(head) + 1, "this row has more cells than the first"))
            continue
        given = {name: restored(cell) for name, cell in zip(head, cells, strict=False) if cell and name}
        _add(records, given, Row(sheet.file, places, shape, line, {}), problems)
    yield from records.values()


def _head_is_sound(sheet: Sheet, line: int, head: Cells, shape: Shape, problems: list[Problem]) -> bool:
    known = shape.columns
    row = Row(sheet.file, {name: index + 1 for index, name in reversed(list(enumerate(head)))}, shape, line, {})
    before = len(problems)
    for index, name in enumerate(head):
        if not name:
            continue
        if name not in known:
            problems.append(unknown_key(row, (name,), known))
        elif name in head[:index]:
            problems.append(Problem(sheet.file, line, index + 1, f"column {quoted(name)} stands here twice"))
    for name in shape.needed:
        if name not in head:
            problems.append(Problem(sheet.file, line, 1, f"column `{name}` is missing"))
    return len(problems) == before


def _add(records: dict[str, Row], given: dict[str, Any], row: Row, problems: list[Problem]) -> None:
    """A row that begins a record, or adds a part to one."""
    shape = row.shape
    for name in shape.read & given.keys():
        try:
            given[name] = shape.value(name, given[name])
        except ValueError as error:
            problems.append(Problem(row.file, row.line, row.columns[name], f"{quoted(name)}: {error}"))
    part = {shape.part[name]: value for name, value in given.items() if name in shape.part}
    record: dict[str, Any] = {name: value for name, value in given.items() if name in shape.own}
    for name, under in shape.within.items():
        if name in given:
            record.setdefault(under, {})[name] = given[name]
    key = given.get("id", f"\n{row.line}")
    first = records.get(key)
    if first is None:
        row.data = {**record, shape.parts: []}
        records[key] = first = row
    else:
        _compare(first, record, row, problems)
    if part or not shape.bare:
        first.data[shape.parts].append(part)
        first.lines.append(row.line)


def _compare(first: Row, record: dict[str, Any], row: Row, problems: list[Problem]) -> None:
    for name, value in record.items():
        if first.data.get(name) != value:
            here = next((key for key in value if first.data.get(name, {}).get(key) != value[key]), name) if isinstance(
                value, dict
            ) else name  # fmt: skip
            message = f"{quoted(here)} is not as in row {first.line}, which has the same id"
            problems.append(row.problem((here,), message))
