"""A list that is filtered, scoped and sorted by keys: rows behind a heading, a line of detail below.

A screen says which columns its rows have and how to read them. Filtering and sorting happen in the reader's thread or
in the source, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.widget import Widget
from textual.widgets import Input

from mediawatch.core.filtering import ACCOUNT_KEYS, Filter, FilterProblem, read
from mediawatch.core.text import clean
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, fit, row_of, safe
from mediawatch.tui.columns import Column, Scene, Sorted, column_at, fitted, heading, line
from mediawatch.tui.entry import FilterEntry
from mediawatch.tui.lines import Lines
from mediawatch.tui.pane import KEYS, Pane
from mediawatch.tui.places import Place
from mediawatch.tui.source import Source
from mediawatch.tui.tones import Toned
from mediawatch.tui.windows import Asked, Window

Row = TypeVar("Row")


class Narrowed(Pane[Window[Row]], Generic[Row]):
    """A screen with one list. A subclass names its columns, scopes and labels, and answers `window`."""

    AUTO_FOCUS = "Lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,ideographic_comma", "filter", N_("Filter"), key_display="/", id="list.filter"),
        Binding("f", "faults", N_("Faults"), id="list.faults"),
        Binding("s", "sort", N_("Sort"), id="list.sort"),
        Binding("S", "turn_around", N_("Sort the other way"), show=False, id="list.reverse"),
        *KEYS,
    ]

    COLUMNS: ClassVar[tuple[Column[Any], ...]] = ()
    ORDER: ClassVar[Sorted | None] = None  # by the first column, where it is not said
    SCOPES: ClassVar[Sequence[str]] = (N_("all"),)
    LABELS: ClassVar[Sequence[str]] = ACCOUNT_KEYS
    HINT = N_("text, /pattern/, !not, -l key=value, -f fuzzy")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.typed = ""  # the filter as it was typed
        self.only = Filter()
        self.problem = ""  # what is wrong with what is being typed; the filter before it stays
        self.scope = 0
        self.order = self.ORDER or Sorted(self.COLUMNS[0].key)
        self.chosen = self.order.key
        self.marks: dict[str, Row | None] = {}  # by key, with the row as it was last seen
        self.given: Window[Row] | None = None
        self.now: datetime | None = None

    # --- what each list says --------------------------------------------------------------------------------------

    def key_of(self, row: Row) -> str:
        """What a row is known by over refreshes."""
        raise NotImplementedError

    def window(self, source: Source, now: datetime, asked: Asked) -> Window[Row]:
        """The rows that were asked for; runs in the reader's thread."""
        raise NotImplementedError

    def details(self, row: Row | None, width: int, scene: Scene) -> list[list[Piece]]:
        """Two lines in full words about the row under the cursor."""
        return [[("", "")], [("", "")]]

    def empty(self) -> str:
        """What an empty list says, of the catalogue."""
        return N_("nothing matches") if self.given is not None and self.given.total else N_("nothing here")

    def named(self, row: Row) -> str:
        """The name of a row in a dialog."""
        return self.key_of(row)

    # --- the frame ------------------------------------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        yield FilterEntry(self._close_filter, id="filter", compact=True, placeholder=self.words(self.HINT))
        yield Lines[Row](
            key=self.key_of,
            heading=lambda width: heading(self.COLUMNS, width, self.order, self.chosen, self.words),
            draw=lambda row, width: line(self.COLUMNS, row, width, self.scene),
            marked=self.marks.__contains__,
        )
        yield Toned(id="detail")

    def on_mount(self) -> None:
        kept = self.console_app.memory.order(self.place.screen)
        if kept is not None and kept.key in {column.key for column in self.COLUMNS}:
            self.order, self.chosen = kept, kept.key
        super().on_mount()

    @property
    def lines(self) -> Lines[Row]:
        """The list itself."""
        return self.query_one(Lines)

    @property
    def scene(self) -> Scene:
        """What drawing depends on, as of the last reading."""
        return self.console_app.scene(self.now)

    # --- reading --------------------------------------------------------------------------------------------------

    def asked(self) -> Asked:
        """What the list is asked for now."""
        offset, limit = self.lines.window()
        only = Filter(terms=self.place.within.terms + self.only.terms)
        return Asked(only, self.scope, self.order, offset, limit).near(self.given)

    def question(self, source: Source, now: datetime) -> Callable[[], Window[Row]]:
        asked = self.asked()
        return lambda: self.window(source, now, asked)

    def show(self, answer: Window[Row], now: datetime) -> None:
        self.given, self.now = answer, now
        for row in answer.rows:
            if (key := self.key_of(row)) in self.marks:
                self.marks[key] = row
        self.lines.give(answer.rows, answer.offset, answer.matching)
        self.draw_scope()

    def on_lines_wanted(self) -> None:
        self.read(head=False)

    def ask_anew(self) -> None:
        """Another question: the list begins at its first line again."""
        self.lines.begin_anew()
        self.draw_scope()
        self.read(head=False)

    # --- what stands around the list ------------------------------------------------------------------------------

    def on_resize(self) -> None:
        super().on_resize()
        self.draw_detail()

    def scope_pieces(self) -> list[Piece]:
        given, _ = self.given, self.words
        pieces: list[Piece] = []
        if len(self.SCOPES) > 1:
            pieces.append((_(self.SCOPES[self.scope]), "at_risk" if self.scope != 0 else "strong"))
        if given is not None:
            pieces.append((f"{given.matching:,} / {given.total:,}", "strong"))
            if self.marks:
                pieces.append((_("{n} marked").format(n=f"{len(self.marks):,}"), "at_risk"))
        if self.problem:
            pieces.append((safe(self.problem), "fail"))
        elif self.typed:
            pieces.append((_('filter "{text}", Esc clears it').format(text=clean(self.typed, 60)), "at_risk"))
        if given is not None and not given.matching and not self.problem:
            pieces.append((_(self.empty()), "strong"))
        return pieces

    def on_lines_moved(self) -> None:
        self.draw_detail()
        self.refresh_bindings()

    def draw_detail(self) -> None:
        """The row under the cursor in full words."""
        try:
            detail = self.query_one("#detail", Toned)
        except NoMatches:
            return
        width = detail.size.width or self.size.width
        found = self.details(self.lines.row, width, self.scene)
        tones = detail.tones()
        detail.update(
            Text("\n").join(row_of([(fit(text, width), tone) for text, tone in each], tones) for each in found),
            layout=False,  # always two lines
        )

    def on_lines_lost(self) -> None:
        self.notify(self.words("The row of the cursor has moved to another part of the list."), markup=False, timeout=4)

    # --- filter ---------------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        entry = self.query_one("#filter", Input)
        entry.display = True
        entry.action_select_all()  # typing begins anew, an arrow goes on
        self.set_focus(entry)  # at once: what is typed next belongs to the field, however fast it comes

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "filter" and event.value != self.typed:
            self.narrow(event.value)

    def narrow(self, typed: str) -> None:
        """Another filter; while what is typed cannot be read, the one before stays and the fault is said."""
        self.typed = typed
        try:
            self.only, self.problem = read(typed, self.LABELS), ""
        except FilterProblem as problem:
            self.problem = problem.says.in_(self.console_app.language)
            self.draw_scope()
        else:
            self.ask_anew()

    def set_filter(self, typed: str) -> None:
        """As if it had been typed."""
        self.query_one("#filter", Input).value = typed

    def _close_filter(self) -> None:
        self.set_focus(self.lines)
        self.query_one("#filter", Input).display = False

    def action_back(self) -> None:
        """Esc closes a message, then the filter, then the marks, then goes one level up; never out of the console."""
        entry = self.query_one("#filter", Input)
        if self.silence():
            return
        if entry.has_focus or self.typed:
            entry.value = ""
            self._close_filter()
        elif self.marks:
            self.marks.clear()
            self.marks_changed()
        else:
            self.up()

    def marks_changed(self) -> None:
        """Shows the marks as they are now."""
        self.draw_scope()
        self.lines.refresh()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Another scope is offered where there is one."""
        return len(self.SCOPES) > 1 if action == "faults" else super().check_action(action, parameters)

    # --- scope and order ------------------------------------------------------------------------------------------

    def action_faults(self) -> None:
        self.scope = (self.scope + 1) % len(self.SCOPES)
        self.ask_anew()

    def on_lines_turned(self, event: Lines.Turned) -> None:
        shown = [column.key for column, _ in fitted(self.COLUMNS, self.lines.size.width - 1, self.words)]
        if event.x is not None:
            self.chosen = column_at(self.COLUMNS, self.lines.size.width, event.x, self.words)
            self.action_sort()
            return
        place = shown.index(self.chosen) if self.chosen in shown else 0
        self.chosen = shown[(place + event.step) % len(shown)]
        self.lines.refresh()

    def sort_by(self, key: str, reverse: bool = False) -> None:
        """Sorts, and remembers it for the next run."""
        self.order, self.chosen = Sorted(key, reverse), key
        self.console_app.memory.keep_order(self.place.screen, self.order)
        self.ask_anew()

    def action_sort(self) -> None:
        self.sort_by(self.chosen, self.order.key == self.chosen and not self.order.reverse)

    def action_turn_around(self) -> None:
        self.sort_by(self.order.key, not self.order.reverse)
