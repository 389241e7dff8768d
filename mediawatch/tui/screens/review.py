"""The queue of candidates: each with its evidence beside it, confirmed or dismissed by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from mediawatch.core.filtering import Filter, Label
from mediawatch.core.views import AccountView, AlertView
from mediawatch.locale import N_
from mediawatch.tui.evidence_page import evidence_lines
from mediawatch.tui.paper import Paper
from mediawatch.tui.screens.alerts import AlertList
from mediawatch.tui.screens.answer import choose_answer
from mediawatch.tui.source import Source
from mediawatch.tui.windows import Window

WAITING = Filter(terms=(Label(key="review", values=("waiting",)),))
_DECIDED = Filter(terms=(Label(key="review", values=("confirmed", "dismissed")),))
_WIDE = 130  # from here on the evidence stands beside the list, else below it


class ReviewPane(AlertList):
    """Candidates that wait for a person; or, in another scope, what people have decided."""

    ABOUT = N_("What no program may decide alone: read the evidence, then confirm (v) or dismiss (x) with a reason.")
    SCOPES = (N_("waiting for a person"), N_("decided"))
    KINDS = ((WAITING, True), (_DECIDED, False))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "decide('confirm')", N_("Confirm"), id="act.confirm"),
        Binding("x", "decide('dismiss')", N_("Dismiss"), id="act.dismiss"),
        Binding("tab", "other_side", N_("Evidence"), id="review.evidence"),
        Binding("o", "owner", N_("Its account"), show=False, id="go.owner"),
    ]

    def body(self) -> Iterable[Widget]:
        entry, listed, detail = super().body()
        return entry, Container(Container(listed, id="queue"), Paper("evidence"), id="beside"), detail

    def on_resize(self) -> None:
        super().on_resize()
        self.set_class(self.size.width >= _WIDE, "-wide")

    def question(self, source: Source, now: datetime) -> Callable[[], Window[AlertView]]:
        ask, held = super().question(source, now), self.lines.held

        def both() -> Window[AlertView]:
            window = ask()
            first = window.rows[0] if window.rows else None
            shown = next((row for row in window.rows if row.id == held), first)
            with suppress(KeyError):  # an account that has left the register since: its list is still shown
                self.evidence = None
                self.evidence = None if shown is None else (shown, source.account(shown.account, now))
            return window

        return both

    evidence: tuple[AlertView, AccountView] | None = None
    """The alert whose evidence is shown, and the account's record."""

    def show(self, answer: Window[AlertView], now: datetime) -> None:
        super().show(answer, now)
        self._draw_evidence()

    def _draw_evidence(self) -> None:
        paper = self.query_one("#evidence", Paper)
        if self.evidence is None:
            paper.write(lambda width: [(0, [(self.words("Nothing waits for a person."), "")])])
            return
        alert, view = self.evidence
        paper.write(lambda width: evidence_lines(view, alert.indicator, width, self.scene, alert.finding))

    def on_lines_moved(self) -> None:
        super().on_lines_moved()
        row = self.lines.row
        if row is not None and (self.evidence is None or self.evidence[0].id != row.id):
            self.read(head=False)

    def on_paper_chosen(self) -> None:
        """The answers that were kept, those of the proof first."""
        if self.evidence is not None:
            alert, view = self.evidence
            choose_answer(self, view, alert.finding.proof if alert.finding else ())

    def action_other_side(self) -> None:
        """From the list to the evidence and back."""
        paper = self.query_one("#evidence", Paper)
        (self.lines if paper.has_focus else paper).focus()
