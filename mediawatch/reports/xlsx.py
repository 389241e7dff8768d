"""A paper as a workbook: the tables of the text on one sheet with native charts, each table of an annex on its own.

Every text is a text: nothing in a cell is run, and no address becomes a link. It must not decide what a document says.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from mediawatch.reports.paper import Cell, Chart, Link, Paper, Table, Text, annex_number, chart_table

MOST_CELL = 32_000  # letters; a cell of more than 32,767 is refused by spreadsheet programs
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_BODY = (26, *(13,) * 12)  # characters: the columns of the sheet that holds several tables
_LINE = 14  # points
_WIDTH = 150  # characters across, shared among the columns


def render(paper: Paper) -> bytes:
    """The workbook as the bytes of an .xlsx file."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        writer = _Writer(book, paper.language == "zh_CN")
        if paper.blocks:
            writer.body(paper)
        for number, annex in enumerate(paper.annexes, start=1):
            named = annex_number(number, len(paper.annexes), paper.language)
            tables = [block for block in annex.blocks if isinstance(block, Table)]
            notes = [block.text for block in annex.blocks if isinstance(block, Text)]
            for table in tables:
                writer.sheet(table, [paper.mark, f"{named} {annex.title}", *notes])
    return out.getvalue()


def _lines(cell: Cell, wide: int) -> int:
    """How many lines a cell needs in a column of that many characters."""
    text = cell.text if isinstance(cell, Link) else str(cell)
    needed = sum(1 if letter.isascii() else 2 for letter in text)
    return min(25, max(1, -(-needed // (wide - 1))))


class _Writer:
    def __init__(self, book: Any, chinese: bool) -> None:
        self._book, self._chinese = book, chinese
        font = {"font_name": "宋体" if chinese else "Arial", "font_size": 10}
        self._plain = book.add_format({**font, "border": 1, "text_wrap": True, "valign": "vcenter"})
        self._head = book.add_format(
            {**font, "border": 1, "text_wrap": True, "valign": "vcenter", "bold": True, "bg_color": "#e8edf3"}
        )
        self._note = book.add_format({**font, "bold": True})
        self._names: set[str] = set()

    def body(self, paper: Paper) -> None:
        """The tables of the text, one below the other; each chart stands beside its numbers."""
        page = self._page("总体" if self._chinese else "overall")
        for column, wide in enumerate(_BODY):
            page.set_column(column, column, wide)
        line = self._notes(page, 0, [paper.mark, paper.title])
        for block in paper.blocks:
            if isinstance(block, Table):
                line = self._notes(page, line + 1, [block.caption])
                line = self._rows(page, line, block, _BODY)
            elif isinstance(block, Chart):
                line = self._chart(page, line + 1, block)

    def sheet(self, table: Table, notes: list[str]) -> None:
        """One table of an annex, with its head row fixed and repeated on paper."""
        page = self._page(table.sheet or table.caption or "1")
        line = self._notes(page, 0, notes)
        shares = table.widths or (1,) * len(table.head)
        widths = [max(6, min(60, _WIDTH * share // sum(shares))) for share in shares]
        for column, wide in enumerate(widths):
            page.set_column(column, column, wide)
        end = self._rows(page, line, table, widths)
        page.freeze_panes(line + 1, 0)
        page.repeat_rows(line)
        page.autofilter(line, 0, max(line + 1, end - 1), len(table.head) - 1)

    def _page(self, wanted: str) -> Any:
        name = _NOT_IN_NAMES.sub(" ", wanted).strip()[:28] or "1"
        again = next(
            one
            for one in (name, *(f"{name} {number}" for number in range(2, 100)))
            if one.casefold() not in self._names
        )
        self._names.add(again.casefold())
        page = self._book.add_worksheet(again)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        return page

    def _notes(self, page: Any, line: int, notes: list[str]) -> int:
        for note in filter(None, notes):
            self._write(page, line, 0, note, self._note)
            line += 1
        return line

    def _rows(self, page: Any, line: int, table: Table, widths: Sequence[int]) -> int:
        """Rows as high as their text: not every program opens a workbook with such."""
        for place, row in enumerate((table.head, *table.rows), start=line):
            for column, cell in enumerate(row):
                self._write(page, place, column, cell, self._plain if place > line else self._head)
            page.set_row(place, _LINE * max(_lines(cell, wide) for cell, wide in zip(row, widths, strict=False)))
        return line + len(table.rows) + 1

    def _chart(self, page: Any, line: int, chart: Chart) -> int:
        line = self._notes(page, line, [chart.caption])
        known = [(label, value) for label, value in zip(chart.labels, chart.values, strict=True) if value is not None]
        first = line
        if not known:
            return self._rows(page, line, chart_table(chart), _BODY)
        for label, value in known:
            self._write(page, line, 0, label, self._plain)
            page.write_number(line, 1, value, self._plain)
            line += 1
        picture = self._book.add_chart({"type": "column" if chart.kind == "bars" else "line"})
        picture.add_series(
            {
                "categories": [page.name, first, 0, line - 1, 0],
                "values": [page.name, first, 1, line - 1, 1],
                "data_labels": {"value": True},
                "marker": {"type": "circle"} if chart.kind == "line" else None,
            }
        )
        picture.set_title({"none": True})
        picture.set_legend({"none": True})
        picture.set_y_axis({"min": 0, "max": 100})
        picture.set_size({"width": 560, "height": 260})
        page.insert_chart(first, 3, picture)
        return max(line, first + 14)

    def _write(self, page: Any, line: int, column: int, cell: Cell, form: Any) -> None:
        if isinstance(cell, int | float):
            page.write_number(line, column, cell, form)
        else:
            text = cell.text if isinstance(cell, Link) else cell
            page.write_string(line, column, text[:MOST_CELL], form)
