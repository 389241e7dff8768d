"""What is done with a list as it is shown: marks, copies and exports. The grammar of all lists, on top of `narrowed`.

What is copied and exported is what is shown: its filter, its order, its columns; what is cut is said to be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

from mediawatch.locale import N_
from mediawatch.tui.cells import safe
from mediawatch.tui.copying import as_line, as_record, copy
from mediawatch.tui.dialogs import ChooseDialog
from mediawatch.tui.exporting import FORMATS, Sheet, cell_text, export
from mediawatch.tui.guard import said_by
from mediawatch.tui.narrowed import Narrowed
from mediawatch.tui.source import Source
from mediawatch.tui.windows import Asked, Window, spans

Row = TypeVar("Row")

MOST_EXPORTED = 20_000
"""Rows of one export; a longer list says that it was cut."""
MOST_MARKED = 2_000
_SOME = 500  # rows of one reading
_KEYS = 1000  # keys of one, no more than a daemon tells at once


class Listing(Narrowed[Row], Generic[Row]):
    """A list whose rows can be marked, copied and exported."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", N_("Mark"), show=False, key_display="Space", id="list.mark"),
        Binding("ctrl+a", "mark_all", N_("Mark all, or none"), show=False, id="list.mark_all"),
        Binding("c", "copy_value", N_("Copy the value of the column"), show=False, id="copy.value"),
        Binding("y", "copy_record", N_("Copy the row as JSON"), show=False, id="copy.json"),
        Binding("Y", "copy_line", N_("Copy the row as a line of text"), show=False, id="copy.line"),
        Binding("e", "export", N_("Export what is shown"), show=False, id="list.export"),
    ]

    # --- marks ----------------------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        row = self.lines.row
        if row is None:
            return
        if self.marks.pop(self.key_of(row), None) is None:
            self.marks[self.key_of(row)] = row
        self.lines.action_move(1)
        self.marks_changed()

    async def action_mark_all(self) -> None:
        """Marks all that match, or takes all marks away."""
        if self.marks:
            self.marks.clear()
        else:
            console, asked = self.console_app, self._from_the_top()
            source, now = console.source, console.clock()
            self.marks.update(await console.ask(lambda: self._first(source, now, asked)))
            matching = self.given.matching if self.given is not None else 0
            if matching > MOST_MARKED:
                most = f"{MOST_MARKED:,}"
                self.tell(self.words("only the first {shown} of {n} are marked").format(shown=most, n=f"{matching:,}"))
        self.marks_changed()

    def _first(self, source: Source, now: datetime, asked: Asked) -> dict[str, Row | None]:
        """The first rows by their keys, as many as may be marked; without the row where its key is told faster."""
        found: dict[str, Row | None] = {}
        for keys in self._keys(source, now, asked):
            found.update(dict.fromkeys(keys[: MOST_MARKED - len(found)]))
            if len(found) == MOST_MARKED:
                break
        if found:
            return found
        for window in self._windows(source, now, asked, MOST_MARKED):
            found.update((self.key_of(row), row) for row in window.rows[: MOST_MARKED - len(found)])
        return found

    async def subjects(self) -> tuple[Row, ...]:
        """What an act is about: what is marked and shown now, or where nothing is marked the row of the cursor."""
        if not self.marks:
            return () if self.lines.row is None else (self.lines.row,)
        wanted = set(self.marks)
        console, asked = self.console_app, self._from_the_top()
        source, now = console.source, console.clock()

        def found() -> tuple[Row, ...]:
            rows: list[Row] = []
            for window in self._holding(source, now, asked, wanted):
                rows += (row for row in window.rows if self.key_of(row) in wanted)
                if len(rows) == len(wanted):
                    break
            return tuple(rows)

        return await console.ask(found)

    def everything(self, most: int) -> Callable[[], tuple[list[Row], int]]:
        """Reads all that the list would show, at most so many rows; and how many there are."""
        console, asked = self.console_app, self._from_the_top()
        source, now = console.source, console.clock()

        def rows() -> tuple[list[Row], int]:
            found: list[Row] = []
            matching = 0
            for window in self._windows(source, now, asked, most):
                matching = window.matching
                found += window.rows
            return found[:most], matching

        return rows

    # --- reading more than is shown ---------------------------------------------------------------------------------

    def keys(self, source: Source, now: datetime, asked: Asked) -> tuple[str, ...] | None:
        """The keys of the rows that are asked for, where the source tells them without reading the rows."""
        return None

    def _from_the_top(self) -> Asked:
        return replace(self.asked(), offset=0, limit=_SOME, after="", before="")

    def _keys(self, source: Source, now: datetime, asked: Asked) -> Iterator[tuple[str, ...]]:
        offset = 0
        while keys := self.keys(source, now, replace(asked, offset=offset, limit=_KEYS)):
            yield keys
            offset += len(keys)
            if len(keys) < _KEYS:
                return

    def _holding(self, source: Source, now: datetime, asked: Asked, wanted: Collection[str]) -> Iterator[Window[Row]]:
        """Windows that hold all wanted rows that are shown: those alone where the keys tell where they stand."""
        if self.keys(source, now, replace(asked, limit=0)) is None:
            yield from self._windows(source, now, asked, sys.maxsize)
            return
        places: list[int] = []
        offset = 0
        for keys in self._keys(source, now, asked):
            places += (offset + place for place, key in enumerate(keys) if key in wanted)
            offset += len(keys)
            if len(places) == len(wanted):
                break
        for first, end in spans(places, _SOME):
            yield self.window(source, now, replace(asked, offset=first, limit=end - first))

    def _windows(self, source: Source, now: datetime, asked: Asked, most: int) -> Iterator[Window[Row]]:
        while asked.offset < most:
            window = self.window(source, now, asked)
            yield window
            end = window.offset + len(window.rows)
            if not window.rows or end >= window.matching:
                return
            asked = asked.behind(window)

    # --- copying and exporting ------------------------------------------------------------------------------------

    async def action_copy_value(self) -> None:
        row = self.lines.row
        if row is not None:
            value = next(column.value for column in self.COLUMNS if column.key == self.chosen)(row)
            await self._copied(cell_text(value))

    async def action_copy_record(self) -> None:
        if (row := self.lines.row) is not None:
            await self._copied(as_record(row))

    async def action_copy_line(self) -> None:
        if (row := self.lines.row) is not None:
            await self._copied(as_line(self.details(row, 10_000, self.scene)))

    async def _copied(self, text: str) -> None:
        done, message = await copy(self.app, text, self.words)
        if done:
            self.notify(message, markup=False, timeout=4)
        else:
            self.tell(message)

    def action_export(self) -> None:
        _ = self.words
        dialog = ChooseDialog(_("Export what is shown"), [(form, form.upper()) for form in FORMATS])
        self.app.push_screen(dialog, self.export_as)

    def export_as(self, form: str | None) -> None:
        """Writes what is shown into a file of that form."""
        if form is not None:
            self.run_worker(self._write(form), exit_on_error=False)

    async def _write(self, form: str) -> None:
        console, _ = self.console_app, self.words
        try:
            rows, matching = await console.ask(self.everything(MOST_EXPORTED))
            sheet = Sheet(
                title=self.place.screen,
                heads=tuple(_(column.title) for column in self.COLUMNS),
                keys=tuple(column.key for column in self.COLUMNS),
                rows=tuple(tuple(column.value(row) for column in self.COLUMNS) for row in rows),
                matching=matching,
                at=console.clock(),
            )
            path = await console.ask(lambda: export(sheet, form, console.folder, _))
        except Exception as error:
            console.log_fault(error)
            self.tell(_("Not exported: {error}").format(error=said_by(error)))
            return
        said = _("{n} rows written to {file}").format(n=f"{len(rows):,}", file=safe(str(path)))
        if matching > len(rows):
            said = _("first {shown} of {n}").format(shown=f"{len(rows):,}", n=f"{matching:,}") + ": " + said
        self.tell(said)
