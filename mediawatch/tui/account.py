"""The screen of one account: a page to scroll, kept where the reader is when it is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from mediawatch.core.views import AccountView
from mediawatch.locale import N_
from mediawatch.tui.account_page import page_text
from mediawatch.tui.guard import Guarded
from mediawatch.tui.pane import KEYS, Pane
from mediawatch.tui.source import Source
from mediawatch.tui.tones import Toned


class Paper(Guarded, VerticalScroll, inherit_bindings=False):
    """A page that scrolls with the same keys as the lists."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", show=False),
        Binding("down,j", "scroll_down", show=False),
        Binding("pageup,ctrl+b", "page_up", show=False),
        Binding("pagedown,ctrl+f,space", "page_down", show=False),
        Binding("home,g", "scroll_home", show=False),
        Binding("end,G", "scroll_end", show=False),
    ]


class AccountPane(Pane[AccountView]):
    """Everything known about one account."""

    AUTO_FOCUS = "Paper"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", N_("Back"), key_display="Esc"), *KEYS]

    def __init__(self, account: str, name: str = "") -> None:
        super().__init__()
        self.account, self.account_name = account, name
        self.view: AccountView | None = None

    def body(self) -> Iterable[Widget]:
        with_page = Paper(Toned(id="page"))
        with_page.can_focus = True
        yield with_page

    def question(self, source: Source, now: datetime) -> Callable[[], AccountView]:
        return lambda: source.account(self.account, now)

    def show(self, answer: AccountView, now: datetime) -> None:
        self.view = answer
        self.draw_page()

    def on_resize(self) -> None:
        super().on_resize()
        self.draw_page()

    def draw_page(self) -> None:
        """Draws the page for the present width; the place of the reader stays."""
        if self.view is None:
            return
        page = self.query_one("#page", Toned)
        width = max(20, page.size.width or self.size.width - 2)
        page.update(page_text(self.view, self.console_app.clock(), width, page.tones(), self.words))
