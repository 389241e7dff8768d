"""The board: every account on one line, the worst first, read through a window.

It never holds more than the rows on the screen and a margin, and never filters or sorts by itself: the source does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from mediawatch.core.model import Outcome
from mediawatch.core.text import clean
from mediawatch.core.views import Page, Row
from mediawatch.locale import N_
from mediawatch.tui import board_line
from mediawatch.tui.account import AccountPane
from mediawatch.tui.alerts import AlertsPane
from mediawatch.tui.cells import Piece, row_of, safe
from mediawatch.tui.entry import Entry
from mediawatch.tui.lines import Lines
from mediawatch.tui.pane import KEYS, Pane
from mediawatch.tui.source import Source
from mediawatch.tui.tones import Toned

_SHOWN = (
    (N_("all accounts"), frozenset[Outcome]()),
    (N_("faults only"), frozenset({Outcome.FAIL, Outcome.AT_RISK, Outcome.UNKNOWN})),
    (N_("failed only"), frozenset({Outcome.FAIL})),
)


_SORTS = (
    ("days_left", N_("problems first")),
    ("newest_post_at", N_("oldest post first")),
    ("looked_at", N_("longest unseen first")),
    ("name", N_("by name")),
)


class BoardPane(Pane[Page]):
    """The first screen."""

    AUTO_FOCUS = "Lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", N_("Filter"), key_display="/"),
        Binding("f", "faults", N_("Faults")),
        Binding("s", "sort", N_("Sort")),
        Binding("a", "alerts", N_("Alerts")),
        Binding("escape", "back", show=False),
        *KEYS,
    ]

    def __init__(self) -> None:
        super().__init__()
        self.contains = ""
        self.shown = 0  # which of _SHOWN
        self.sorted = 0  # which of _SORTS
        self.page: Page | None = None
        self.now: datetime | None = None

    def body(self) -> Iterable[Widget]:
        yield Toned(id="scope")
        yield Entry(id="filter", compact=True, placeholder=self.words("part of a name, an id or a sponsor"))
        yield Lines[Row](
            key=lambda row: row.account,
            heading=lambda width: board_line.heading(width, self.words),
            draw=lambda row, width: board_line.line(row, self.now or self.console_app.clock(), width, self.words),
        )
        yield Toned(id="detail")

    @property
    def lines(self) -> Lines[Row]:
        """The list of accounts."""
        return self.query_one(Lines)

    # --- reading --------------------------------------------------------------------------------------------------

    def question(self, source: Source, now: datetime) -> Callable[[], Page]:
        offset, limit = self.lines.window()
        contains, outcomes, sort = self.contains, _SHOWN[self.shown][1], _SORTS[self.sorted][0]
        return lambda: source.page(now, offset=offset, limit=limit, contains=contains, outcomes=outcomes, sort=sort)

    def show(self, answer: Page, now: datetime) -> None:
        self.page, self.now = answer, now
        self.lines.give(answer.rows, answer.offset, answer.matching)
        self.draw_scope()

    def on_lines_wanted(self) -> None:
        self.read()

    # --- what stands around the list ------------------------------------------------------------------------------

    def on_resize(self) -> None:
        super().on_resize()
        self.draw_scope()
        self.draw_detail()

    def draw_scope(self) -> None:
        """What the list shows out of what there is: filter and count."""
        scope = self.query_one("#scope", Toned)
        pieces: list[Piece] = [(self.words(_SHOWN[self.shown][0]), "at_risk" if self.shown else "strong")]
        if self.page is not None:
            pieces.append((f"  {self.page.matching:,} / {self.page.total:,}", "strong"))
            pieces.append((f"   {self.words(_SORTS[self.sorted][1])}", "at_risk" if self.sorted else ""))
            if self.contains:
                label = self.words('filter "{text}", Esc clears it').format(text=clean(self.contains, 60))
                pieces.append((f"   {label}", "at_risk"))
            if not self.page.matching:
                empty = N_("no account matches") if self.page.total else N_("no account is registered yet")
                pieces.append((f"   {self.words(empty)}", ""))
        scope.update(row_of(pieces, scope.tones()))

    def on_lines_moved(self) -> None:
        self.draw_detail()

    def draw_detail(self) -> None:
        """The row under the cursor in full words."""
        detail = self.query_one("#detail", Toned)
        width = detail.size.width or self.size.width
        lines = board_line.detail(self.lines.row, self.now or self.console_app.clock(), width, self.words)
        tones = detail.tones()
        detail.update(Text("\n").join(row_of(line, tones) for line in lines))

    def on_lines_lost(self) -> None:
        self.notify(
            self.words("The account of the cursor has moved to another part of the list."), markup=False, timeout=4
        )

    # --- keys -----------------------------------------------------------------------------------------------------

    def on_lines_chosen(self) -> None:
        row = self.lines.row
        if row is not None:
            self.app.push_screen(AccountPane(row.account, safe(row.name)))

    def action_alerts(self) -> None:
        self.app.push_screen(AlertsPane())

    def action_faults(self) -> None:
        self.shown = (self.shown + 1) % len(_SHOWN)
        self._ask_anew()

    def action_sort(self) -> None:
        self.sorted = (self.sorted + 1) % len(_SORTS)
        self._ask_anew()

    def action_filter(self) -> None:
        entry = self.query_one("#filter", Input)
        entry.add_class("-shown")
        entry.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value != self.contains:
            self.contains = event.value
            self._ask_anew()

    def on_input_submitted(self) -> None:
        self._close_filter()

    def action_back(self) -> None:
        """Esc closes a message, then the filter; the board itself is never left."""
        if self.silence():
            return
        entry = self.query_one("#filter", Input)
        entry.value = ""
        self._close_filter()

    def _close_filter(self) -> None:
        self.query_one("#filter", Input).remove_class("-shown")
        self.lines.focus()

    def _ask_anew(self) -> None:
        self.lines.begin_anew()
        self.draw_scope()
        self.read()
