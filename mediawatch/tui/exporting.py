"""What a list shows, as a file: CSV, XLSX, JSON or Markdown. It must never leave rows out without saying so.

Text that a spreadsheet would run is kept text: neutralised in CSV, written as text cells in XLSX, escaped in Markdown.
A file that is there is never written over.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.formulas import neutral
from mediawatch.core.text import clean
from mediawatch.locale import Words
from mediawatch.store.files import write_new

Cell = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A table to write. matching: how many rows there are, if more than are given. at: when it was read."""

    title: str
    heads: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    matching: int
    at: datetime

    @property
    def cut(self) -> bool:
        """Whether rows are left out."""
        return self.matching > len(self.rows)


def cell_text(value: Any) -> str:
    """A value as text: instants in Shanghai time, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return clean(str(value), 2000)


def as_csv(sheet: Sheet, note: str) -> bytes:
    """With a byte order mark, without which spreadsheets take Chinese for something else."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(sheet.heads)
    writer.writerows([neutral(cell_text(value)) for value in row] for row in sheet.rows)
    if note:
        writer.writerow([note])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def as_json(sheet: Sheet, note: str) -> bytes:
    """One object; instants with their zone."""
    rows = [
        {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in zip(sheet.keys, row, strict=True)
        }
        for row in sheet.rows
    ]
    whole = {
        "what": sheet.title,
        "at": sheet.at.isoformat(),
        "shown": len(rows),
        "matching": sheet.matching,
        "rows": rows,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def as_markdown(sheet: Sheet, note: str) -> bytes:
    """A table for a chat or a report."""

    def row(cells: tuple[str, ...]) -> str:
        escaped = ("".join(f"\\{letter}" if letter in "\\|*_`<>[]~#" else letter for letter in cell) for cell in cells)
        return "| " + " | ".join(escaped) + " |"

    lines = [row(sheet.heads), "|" + " --- |" * len(sheet.heads)]
    lines += [row(tuple(map(cell_text, each))) for each in sheet.rows]
    return ("\n".join([*lines, *(["", note] if note else [])]) + "\n").encode()


def as_xlsx(sheet: Sheet, note: str) -> bytes:
    """Numbers as numbers, everything else as text that nothing runs."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(clean(sheet.title, 31))
    strong = book.add_format({"bold": True})
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, head, strong)
        page.set_column(column, column, 18)
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                page.write_number(number, column, value)
            else:
                page.write_string(number, column, cell_text(value))
    if note:
        page.write_string(len(sheet.rows) + 1, 0, note)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.heads) - 1)
    book.close()
    return stream.getvalue()


FORMATS: dict[str, Callable[[Sheet, str], bytes]] = {
    "csv": as_csv,
    "xlsx": as_xlsx,
    "json": as_json,
    "md": as_markdown,
}


def export(sheet: Sheet, form: str, folder: Path, _: Words) -> Path:
    """Writes the sheet into a new file of that folder, and returns its path. Raises OSError."""
    note = ""
    if sheet.cut:
        note = _("first {shown} of {n}").format(shown=f"{len(sheet.rows):,}", n=f"{sheet.matching:,}")
    body = FORMATS[form](sheet, note)
    part = f"-first-{len(sheet.rows)}-of-{sheet.matching}" if sheet.cut else ""
    stem = f"mediawatch-{sheet.title}-{sheet.at.astimezone(SHANGHAI):%Y%m%d-%H%M%S}{part}"
    for again in range(1, 1000):
        path = folder / (f"{stem}.{form}" if again == 1 else f"{stem}-{again}.{form}")
        try:
            write_new(path, body)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder / stem}.{form}")
