"""Tables as people keep them → rows of text with places: CSV (UTF-8, with a byte order mark or without, or GBK), XLSX.

It must not know what a column means. Every cell is text: a date is `2026-03-01`, a whole number has no `.0`. A cell
that was merged downwards says the same in every row. A number that has lost digits is a problem, never a guess.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine
import xlsxwriter

from mediawatch.core.formulas import neutral
from mediawatch.strict_yaml import Problem

MOST_BYTES = 256 * 1024 * 1024
MOST_CELL = 32_767  # letters that a cell of a workbook takes
WHOLE = 1e15  # spreadsheet programs keep 15 digits of a number
LOST = "a spreadsheet program made a number of it and lost digits: make the column text, and enter it again"
_LOST = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}")
MOST_XLSX = 64 * 1024 * 1024  # it is packed: a sheet of 250,000 accounts has about 20 MiB

Cells = list[str]
Rows = Iterator[tuple[int, Cells]]


@dataclass(frozen=True)
class Sheet:
    """One table. file: as problems name it. rows: the line (from 1) and the cells of each row that is not empty.

    The rows can be read once; what is wrong on the way goes to the problems that were given when it was opened.
    """

    file: str
    name: str
    rows: Rows


def read_sheets(path: Path, problems: list[Problem]) -> list[Sheet]:
    """The one table of a .csv file, or the tables of an .xlsx file that hold anything."""
    file = str(path)
    xlsx = path.suffix.lower() == ".xlsx"
    if not xlsx and path.suffix.lower() != ".csv":
        problems.append(Problem(file, 1, 1, "must be a .csv or an .xlsx file"))
        return []
    raw = _bytes(path, MOST_XLSX if xlsx else MOST_BYTES, problems)
    if raw is None:
        return []
    if xlsx:
        return _workbook(file, raw, problems)
    text = _text(file, raw, problems)
    return [] if text is None else [Sheet(file, "", _csv_rows(file, text, problems))]


def _bytes(path: Path, most: int, problems: list[Problem]) -> bytes | None:
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(most + 1)
    except FileNotFoundError:
        problems.append(Problem(file, 1, 1, "there is no such file"))
        return None
    except OSError as error:
        problems.append(Problem(file, 1, 1, f"cannot be read: {error.strerror or type(error).__name__}"))
        return None
    if len(raw) > most:
        problems.append(Problem(file, 1, 1, f"is larger than {most // 1024**2} MiB"))
        return None
    return raw


def _text(file: str, raw: bytes, problems: list[Problem]) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
    problems.append(Problem(file, line, 1, "is neither UTF-8 nor GBK text"))
    return None


def _csv_rows(file: str, text: str, problems: list[Problem]) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    doubtful = _LOST.search(text) is not None
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            stripped = [cell.strip() for cell in cells]
            if doubtful:
                lost = (column for column, cell in enumerate(stripped, 1) if _LOST.fullmatch(cell))
                problems.extend(Problem(file, line, column, LOST) for column in lost)
            if any(stripped):
                yield line, stripped
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num or 1, 1, f"is not valid CSV: {error}"))


def _workbook(file: str, raw: bytes, problems: list[Problem]) -> list[Sheet]:
    found = []
    try:
        book = python_calamine.load_workbook(io.BytesIO(raw))
        for name in book.sheet_names:
            table = book.get_sheet_by_name(name)
            start = table.start
            if start is not None:
                cells = table.to_python(skip_empty_area=False)
                for (top, left), (bottom, _) in table.merged_cell_ranges or ():
                    for line in range(top + 1, min(bottom + 1, len(cells))):
                        cells[line][left] = cells[top][left]
                place = f"{file}[{name}]"
                found.append(Sheet(place, name, _xlsx_rows(place, cells, problems)))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        problems.append(Problem(file, 1, 1, f"is not a workbook that can be read: {type(error).__name__}"))
        return []
    return found


def _xlsx_rows(file: str, table: Sequence[Sequence[object]], problems: list[Problem]) -> Rows:
    for line, cells in enumerate(table, 1):
        lost = (column for column, cell in enumerate(cells, 1) if isinstance(cell, float) and abs(cell) >= WHOLE)
        problems.extend(Problem(file, line, column, LOST) for column in lost)
        shown = [_shown(cell) for cell in cells]
        while shown and not shown[-1]:
            shown.pop()
        if shown:
            yield line, shown


def _shown(cell: object) -> str:
    """A cell as its text; a date without a time of day is a day."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < WHOLE:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell).strip()


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[str]], *, mark: bool = False) -> bytes:
    """A table as CSV in UTF-8, formulas as text; with a byte order mark for spreadsheet programs that need one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return (b"\xef\xbb\xbf" if mark else b"") + text.getvalue().encode()


def xlsx_bytes(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> bytes:
    """Tables (name, head, rows) as a workbook in which every cell is text, so that nothing in it can be run."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, head, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(len(head) - 1, 0), 18)
            for column, title in enumerate(head):
                sheet.write_string(0, column, title, bold)
            for line, row in enumerate(rows, 1):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write_string(line, column, cell[:MOST_CELL])
    return out.getvalue()
