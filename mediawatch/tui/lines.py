"""A list of which only a window is ever held: the widget behind the board and the alerts.

It asks for rows by a message and is given them by `give`; it must not know where they come from. The cursor belongs
to a row's key, not to a line number, so that a refresh which reorders the list leaves the operator on the same account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, fit
from mediawatch.tui.guard import Guarded, said_by
from mediawatch.tui.tones import tones_of

Row = TypeVar("Row")

_MARGIN = 50  # rows asked for above and below the visible ones, so that a page of scrolling needs no new question


class Lines(Guarded, ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """A windowed list with a heading line and a cursor."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False, id="list.up"),
        Binding("down,j", "move(1)", show=False, id="list.down"),
        Binding("pageup,ctrl+b", "leaf(-1)", show=False, id="list.page_up"),
        Binding("pagedown,ctrl+f", "leaf(1)", show=False, id="list.page_down"),
        Binding("home,g", "ends(False)", show=False, id="list.first"),
        Binding("end,G", "ends(True)", show=False, id="list.last"),
        Binding("left,h", "column(-1)", show=False, id="list.column_left"),
        Binding("right,l", "column(1)", show=False, id="list.column_right"),
        Binding("enter", "choose", N_("Details"), key_display="Enter", id="list.open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--heading", "lines--chosen", "lines--cursor"}

    class Wanted(Message):
        """Rows are needed that are not in the window."""

    class Moved(Message):
        """The cursor stands on another row, or its row has new values."""

    class Chosen(Message):
        """Enter, or a click on the row of the cursor."""

    class Turned(Message):
        """Another column is wanted: the next one by `step`, or the one under the pointer at cell `x`."""

        def __init__(self, step: int = 0, x: int | None = None) -> None:
            super().__init__()
            self.step, self.x = step, x

    class Lost(Message):
        """The cursor's row is no longer near: the cursor stays on its line, now on another row."""

    def __init__(
        self,
        key: Callable[[Row], str],
        heading: Callable[[int], Sequence[Piece]],
        draw: Callable[[Row, int], Sequence[Piece]],
        marked: Callable[[str], bool] = lambda key: False,
    ) -> None:
        """key: what a row is known by over refreshes. heading, draw: the pieces of a line of that many cells.

        marked: whether the row of a key carries a mark.
        """
        super().__init__()
        self.key_of, self.heading, self.draw_row, self.marked = key, heading, draw, marked
        self.given: Sequence[Row] = ()
        self.offset_given = 0
        self.count = 0
        self.cursor = 0
        self.held: str | None = None
        self._drawn: dict[
            tuple[int, bool, bool], Strip
        ] = {}  # by line, cursor and mark; as long as rows and styles stay
        self._looks: dict[str, Style] = {}
        self.touched = False  # until a key is pressed the cursor stays on the first line, with whatever is worst

    # --- what the screen asks and gives ---------------------------------------------------------------------------

    @property
    def lines_shown(self) -> int:
        """How many rows fit below the heading."""
        return max(1, self.scrollable_content_region.height - 1)

    def window(self) -> tuple[int, int]:
        """(offset, limit) of the rows to ask for: those on the screen and a margin."""
        top = int(self.scroll_offset.y)
        first = max(0, top - _MARGIN)
        return first, top + self.lines_shown + _MARGIN - first

    def row_at(self, index: int) -> Row | None:
        """The row on that line of the whole list, `None` where the window does not hold it."""
        place = index - self.offset_given
        return self.given[place] if 0 <= place < len(self.given) else None

    @property
    def row(self) -> Row | None:
        """The row of the cursor."""
        return self.row_at(self.cursor)

    def begin_anew(self) -> None:
        """Another question is asked (a filter, an order): back to the first line."""
        self.cursor, self.held, self.touched = 0, None, False
        self._scroll(0)

    def give(self, rows: Sequence[Row], offset: int, count: int) -> None:
        """Takes a window of the list: `rows` begin at line `offset` of `count`."""
        self.given, self.offset_given, self.count = rows, offset, count
        self._drawn.clear()
        self._fit_height()
        if self.touched and self.held is not None:
            self._follow(self.held)
        self.cursor = max(0, min(self.cursor, count - 1))
        if self.row is not None:
            self.held = self.key_of(self.row)
        self._scroll(self.scroll_offset.y)
        self.refresh()
        self.post_message(self.Moved())
        self._want()

    def _follow(self, held: str) -> None:
        keys = [self.key_of(row) for row in self.given]
        if held not in keys:
            if self.row is not None or self.cursor >= self.count:
                self.post_message(self.Lost())
            return
        place = self.offset_given + keys.index(held)
        step, self.cursor = place - self.cursor, place
        at_top = self.scroll_offset.y == 0 and place < self.lines_shown
        if step and not at_top:
            self._scroll(self.scroll_offset.y + step)

    def _fit_height(self) -> None:
        # Not through the layout: the size of the widget does not depend on how many rows there are.
        self.virtual_size = Size(0, self.count + 1)

    def _scroll(self, line: float) -> None:
        most = max(0, self.count - self.lines_shown)
        self.scroll_to(y=max(0, min(line, most)), animate=False, force=True, immediate=True)

    def _want(self) -> None:
        first = int(self.scroll_offset.y)
        last = min(self.count, first + self.lines_shown) - 1
        if self.count and (self.row_at(first) is None or self.row_at(last) is None):
            self.post_message(self.Wanted())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._want()

    def on_resize(self) -> None:
        self._drawn.clear()
        self._show_cursor()
        self._want()

    # --- the cursor -----------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self._put(self.cursor + step)

    def action_leaf(self, step: int) -> None:
        self._put(self.cursor + step * self.lines_shown)

    def action_ends(self, end: bool) -> None:
        self._put(self.count - 1 if end else 0)

    def action_choose(self) -> None:
        if self.row is not None:
            self.post_message(self.Chosen())

    def action_column(self, step: int) -> None:
        self.post_message(self.Turned(step=step))

    def on_click(self, event: events.Click) -> None:
        index = int(self.scroll_offset.y) + event.y - 1
        if event.y == 0:
            self.post_message(self.Turned(x=event.x))
        if event.y == 0 or index >= self.count:
            return
        if index == self.cursor and self.touched:
            self.action_choose()
        else:
            self._put(index)

    def _put(self, index: int) -> None:
        if not self.count:
            return
        self.touched = True
        left, first = self.cursor, int(self.scroll_offset.y)
        self.cursor = max(0, min(index, self.count - 1))
        self.held = self.key_of(self.row) if self.row is not None else None
        self._show_cursor()
        if first == int(self.scroll_offset.y):
            self.refresh(*(Region(0, line - first + 1, self.size.width, 1) for line in (left, self.cursor)))
        else:
            self.refresh()
        self.post_message(self.Moved())
        self._want()

    def _show_cursor(self) -> None:
        first = self.scroll_offset.y
        if self.cursor < first:
            self._scroll(self.cursor)
        elif self.cursor >= first + self.lines_shown:
            self._scroll(self.cursor - self.lines_shown + 1)

    # --- drawing --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        try:
            return self._line(y, width)
        except Exception as error:  # a line that cannot be drawn says so; it must not take the screen with it
            return Strip([Segment(fit(said_by(error), width), self.rich_style)])

    def _line(self, y: int, width: int) -> Strip:
        plain = self._look("")
        if y == 0:
            return self._strip(self.heading(width), width, plain + self._look("heading"))
        index = int(self.scroll_offset.y) + y - 1
        if index >= self.count:
            return Strip.blank(width, plain)
        row = self.row_at(index)
        here = index == self.cursor
        mark = row is not None and self.marked(self.key_of(row))
        if (index, here, mark) in self._drawn:
            return self._drawn[index, here, mark]
        pieces: list[Piece] = [((" >", "+*")[mark][here], "strong" if mark else "")]
        pieces += self.draw_row(row, width - 1) if row is not None else [("  ...", "dim")]
        drawn = self._strip(pieces, width, plain + self._look("cursor") if here else plain)
        return self._drawn.setdefault((index, here, mark), drawn)

    def _strip(self, pieces: Sequence[Piece], width: int, under: Style) -> Strip:
        segments = [Segment(text, under + self._look(name) if name else under) for text, name in pieces]
        return Strip(segments).adjust_cell_length(width, under)

    def _look(self, name: str) -> Style:
        if name not in self._looks:
            own = f"lines--{name}" in self.COMPONENT_CLASSES
            told = self.get_component_rich_style(f"lines--{name}", partial=True) if own else None
            self._looks[name] = told or (tones_of(self.screen)[name] if name else self.rich_style)
        return self._looks[name]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn.clear()
        self._looks.clear()
