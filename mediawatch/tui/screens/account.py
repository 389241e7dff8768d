"""The screen of one account: everything known about it, on a page to scroll. Enter goes on to a finding's evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.office_views import CaseLine
from mediawatch.core.views import AccountView
from mediawatch.locale import N_
from mediawatch.tui.account_page import account_lines
from mediawatch.tui.cells import Piece, safe
from mediawatch.tui.dialogs import ChooseDialog
from mediawatch.tui.forms import open_forms
from mediawatch.tui.office_acting import OfficeActing
from mediawatch.tui.page_pane import PagePane
from mediawatch.tui.places import Place, exactly
from mediawatch.tui.source import Source
from mediawatch.tui.terms import standing
from mediawatch.tui.writing import write_document


class AccountPage(PagePane[AccountView]):
    """What the pages about one account share."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "owner", N_("Its unit"), show=False, id="go.owner"),
        Binding("u", "used_by", N_("Its alerts"), show=False, id="go.used_by"),
        Binding("d", "documents", N_("Evidence pack"), show=False, id="page.documents"),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.account = place.subject.partition("\n")[0]
        self.cases: tuple[CaseLine, ...] = ()

    def question(self, source: Source, now: datetime) -> Callable[[], AccountView]:
        account = self.account

        def ask() -> AccountView:
            self.cases = source.cases(now, account=account)
            return source.account(account, now)

        return ask

    def scope_pieces(self) -> list[Piece]:
        return [] if self.view is None else [(safe(self.view.row.sponsor), "dim")]

    def as_text(self) -> str:
        if self.view is None:
            return ""
        row = self.view.row
        return f"{standing(row.standing, self.words)} {safe(row.name)} ({row.account}) | {safe(row.says)}"

    def action_documents(self) -> None:
        """The evidence of all that stands against it, as packs that anybody can check."""
        write_document(self, "evidence", self.account)

    def action_owner(self) -> None:
        """All accounts of the unit that answers for this one."""
        if self.view is not None and self.view.row.sponsor:
            unit = self.view.row.sponsor
            self.console_app.go(Place("board", unit, safe(unit), exactly("sponsor", unit), up=Place("board")))

    def action_used_by(self) -> None:
        """The alerts of this account."""
        if self.view is not None:
            label = safe(self.view.row.name)
            self.console_app.go(Place("alerts", self.account, label, exactly("account", self.account), up=self.place))


class AccountPane(OfficeActing[AccountView], AccountPage):
    """Everything known about one account."""

    ABOUT = N_("Who the account is, how it posts, what stands against it and why, and every look. Enter: the evidence.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "open_case", N_("Open a case"), id="act.open_case"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A case is offered where somebody may act."""
        return self.may_office if action == "open_case" else super().check_action(action, parameters)

    def action_open_case(self) -> None:
        """A case by hand, with its problem in words; one about an alert is opened from the alerts."""
        if self.view is not None:
            self.ask_form(open_forms(account=self.account), self.view.row.name)

    def show(self, answer: AccountView, now: datetime) -> None:
        self.view = answer
        self.paper.write(lambda width: account_lines(answer, width, self.scene, self.cases))
        self.draw_scope()

    def on_paper_chosen(self) -> None:
        """The evidence of one finding."""
        if self.view is None or not self.view.findings:
            return
        if len(self.view.findings) == 1:
            self._open(self.view.findings[0].finding.indicator)
            return
        lines = [
            (one.finding.indicator, f"{standing(one.standing, self.words)}  {safe(one.number)} {safe(one.title)}")
            for one in self.view.findings
        ]
        self.app.push_screen(ChooseDialog(self.words("Evidence of which finding?"), lines), self._open)

    def _open(self, indicator: str | None) -> None:
        if indicator is not None and self.view is not None:
            titles = {one.finding.indicator: safe(one.title) for one in self.view.findings}
            place = Place("finding", f"{self.account}\n{indicator}", titles.get(indicator, indicator), up=self.place)
            self.console_app.go(place)
