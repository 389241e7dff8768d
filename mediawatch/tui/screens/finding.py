"""The screen of one finding: the sentence, the rule it rests on, and the evidence that proves it."""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.views import AccountView
from mediawatch.locale import N_
from mediawatch.tui.evidence_page import evidence_lines
from mediawatch.tui.places import Place
from mediawatch.tui.screens.account import AccountPage
from mediawatch.tui.screens.answer import choose_answer


class FindingPane(AccountPage):
    """`subject` of its place: the account and the indicator, a line break between."""

    ABOUT = N_("One finding: what it says, by which rule, and what proves it. Enter: the answers as they were kept.")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.indicator = place.subject.partition("\n")[2]

    def show(self, answer: AccountView, now: datetime) -> None:
        self.view = answer
        self.paper.write(lambda width: evidence_lines(answer, self.indicator, width, self.scene))
        self.draw_scope()

    def on_paper_chosen(self) -> None:
        """The answers that were kept, those of the proof first."""
        if self.view is not None:
            found = (one.finding.proof for one in self.view.findings if one.finding.indicator == self.indicator)
            choose_answer(self, self.view, next(found, ()))
