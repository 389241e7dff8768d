"""Reads a large register from CSV: one row for an account, more rows of the same id for more targets.

UTF-8 (with or without a byte order mark) or GBK, as spreadsheets write it. It must not guess what a column means.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mediawatch.complaints import unknown_key
from mediawatch.strict_yaml import Path_, Problem, quoted

MOST_BYTES = 256 * 1024 * 1024
_LISTS = ("covers", "tags", "urls")


@dataclass
class Row:
    """One account of a CSV file: its data as YAML would give it, and the rows and columns it came from."""

    file: str
    columns: dict[str, int]
    data: dict[str, Any]
    lines: list[int] = field(default_factory=list)

    def problem(self, path: Path_, message: str, *, at_key: bool = False) -> Problem:
        """A problem at the row of the target that the path names, otherwise at the first; at the field's column."""
        target = next((part for part in path if isinstance(part, int)), 0) if path[:1] == ("targets",) else 0
        column = next((self.columns[part] for part in reversed(path) if part in self.columns), 1)
        return Problem(self.file, self.lines[target], column, message)


def read_csv(path: Path, columns: tuple[set[str], set[str]], problems: list[Problem]) -> Iterator[Row]:
    """The accounts of the file. `columns`: the fields of an account, and those of any adapter's address."""
    file = str(path)
    text = _text(path, file, problems)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    accounts: dict[str, Row] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        if not _header_is_sound(header, columns, file, problems):
            return
        places = {name: index + 1 for index, name in enumerate(header)}
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                problems.append(Problem(file, line, len(header) + 1, "this row has more cells than the first"))
                continue
            given = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
            _add(accounts, given, Row(file, places, {}, [line]), columns[0], problems)
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num or 1, 1, f"is not valid CSV: {error}"))
        return
    yield from accounts.values()


def _text(path: Path, file: str, problems: list[Problem]) -> str | None:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        problems.append(Problem(file, 1, 1, "there is no such file"))
        return None
    except OSError as error:
        problems.append(Problem(file, 1, 1, f"cannot be read: {error.strerror or type(error).__name__}"))
        return None
    if len(raw) > MOST_BYTES:
        problems.append(Problem(file, 1, 1, f"is larger than {MOST_BYTES // 1024**2} MiB"))
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
    problems.append(Problem(file, line, 1, "is neither UTF-8 nor GBK text"))
    return None


def _header_is_sound(header: list[str], columns: tuple[set[str], set[str]], file: str, problems: list[Problem]) -> bool:
    known = columns[0] | columns[1] | {"adapter", "covers"}
    row = Row(file, {name: index + 1 for index, name in reversed(list(enumerate(header)))}, {}, [1])
    before = len(problems)
    for index, name in enumerate(header):
        if name not in known:
            problems.append(unknown_key(row, (name,), known))
        elif name in header[:index]:
            problems.append(Problem(file, 1, index + 1, f"column {quoted(name)} stands here twice"))
    for name in ("id", "name", "kind", "adapter"):
        if name not in header:
            problems.append(Problem(file, 1, 1, f"column `{name}` is missing"))
    return len(problems) == before


def _add(accounts: dict[str, Row], given: dict[str, Any], row: Row, own: set[str], problems: list[Problem]) -> None:
    """A row that begins an account, or adds a target to one."""
    for name in _LISTS:
        if name in given:
            given[name] = given[name].replace("|", " ").split()
    target = {name: value for name, value in given.items() if name not in own}
    account = {name: value for name, value in given.items() if name in own}
    first = accounts.get(given.get("id", f"\n{row.lines[0]}"))
    if first is None:
        row.data = {**account, "targets": [target]}
        accounts[given.get("id", f"\n{row.lines[0]}")] = row
        return
    for name, value in account.items():
        if first.data.get(name) != value:
            message = f"{quoted(name)} is not as in row {first.lines[0]}, which has the same id"
            problems.append(row.problem((name,), message))
    first.data["targets"].append(target)
    first.lines.append(row.lines[0])
