"""The cases of rectification: the earliest end of a term first; one of them with its whole trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.narrowed_lists import CASES
from mediawatch.core.office_views import CaseLine, CaseView
from mediawatch.core.office_words import ACTS, STATES
from mediawatch.core.rectification import State
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, day, left, safe
from mediawatch.tui.columns import Column, Scene
from mediawatch.tui.dialogs import ChooseDialog
from mediawatch.tui.forms import case_form
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.office_acting import OfficeActing
from mediawatch.tui.office_page import case_lines
from mediawatch.tui.page_pane import PagePane
from mediawatch.tui.places import Place
from mediawatch.tui.screens.answer import choose_proof
from mediawatch.tui.source import Source
from mediawatch.tui.writing import choose_document

_LATE = (State.OVERDUE, State.REOPENED)


def _tone(row: CaseLine) -> str:
    if row.closed_at is not None:
        return "dim"
    if row.state in _LATE or (row.days_left is not None and row.days_left < 0):
        return "fail"
    return "at_risk" if row.days_left is not None and row.days_left <= 2 else ""


COLUMNS: tuple[Column[CaseLine], ...] = (
    Column(
        "state",
        N_("State"),
        lambda row, scene: (STATES[row.state].in_(scene.language), _tone(row)),
        lambda row: str(row.state),
        samples=lambda _: [spoken for one in STATES.values() for spoken in (one.zh_CN, one.en)],
    ),
    Column(
        "due",
        N_("Term"),
        lambda row, scene: (left(row.days_left, scene.words), _tone(row)),
        lambda row: row.days_left,
        samples=lambda _: [_("{n}d over").format(n=999)],
        right=True,
    ),
    Column("name", N_("Account"), lambda row, scene: (row.name or row.account, ""), lambda row: row.name, share=3),
    Column("unit", N_("unit"), lambda row, scene: (row.unit, ""), lambda row: row.unit, share=3, wide=110),
    Column("title", N_("Problem"), lambda row, scene: (row.title or row.indicator, ""), lambda row: row.title, share=3),
    Column(
        "repeat",
        N_("Again"),
        lambda row, scene: (str(row.repeat) if row.repeat else "-", "at_risk" if row.repeat else "dim"),
        lambda row: row.repeat,
        samples=lambda _: ["99"],
        right=True,
    ),
    Column("says", N_("Says"), lambda row, scene: (row.says, ""), lambda row: row.says, share=4, wide=110),
)


class CasesPane(MemoryListing[CaseLine]):
    """All cases."""

    ABOUT = N_("Rectifications, the earliest end of a term first: where each stands and how often it came back.")
    COLUMNS = COLUMNS
    SCOPES = (N_("open cases"), N_("all cases, closed ones too"))
    LABELS = CASES.keys
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "owner", N_("Its account"), show=False, id="go.owner"),
        Binding("u", "used_by", N_("Its inspection"), show=False, id="go.used_by"),
    ]

    def key_of(self, row: CaseLine) -> str:
        return row.id

    def rows(self, source: Source, now: datetime) -> Iterable[CaseLine]:
        return source.cases(now, live_only=self.scope == 0)

    def natural(self, row: CaseLine) -> tuple[bool, int, str]:
        return row.closed_at is not None, 10_000 if row.days_left is None else row.days_left, row.id

    def searched(self, row: CaseLine) -> str:
        return CASES.text(row)

    def labels(self, row: CaseLine) -> dict[str, tuple[str, ...]]:
        return CASES.labels(row)

    def details(self, row: CaseLine | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        facts = (
            safe(row.says),
            _("opened {when}").format(when=day(row.opened_at)),
            _("term until {when}").format(when=row.due.isoformat()) if row.due else "",
            _("inspection {name}").format(name=safe(row.campaign)) if row.campaign else "",
        )
        first = f"{safe(row.name)} ({safe(row.account)})  {safe(row.title)}  {safe(row.unit)}"
        return [[(first, "strong")], [(" | ".join(filter(None, facts)), _tone(row))]]

    def on_lines_chosen(self) -> None:
        row = self.lines.row
        if row is not None:
            self.console_app.go(Place("case", row.id, safe(row.name), up=self.place))

    def action_owner(self) -> None:
        """The account of the case."""
        row = self.lines.row
        if row is not None:
            self.console_app.go(Place("account", row.account, safe(row.name), up=self.place))

    def action_used_by(self) -> None:
        """The inspection it came of."""
        row = self.lines.row
        if row is not None and row.campaign:
            self.console_app.go(Place("inspection", row.campaign, safe(row.campaign), up=Place("inspections")))


class CasePane(OfficeActing[CaseView], PagePane[CaseView]):
    """One case. `subject` of its place: its id."""

    ABOUT = N_("One rectification: the problem, its terms, and everything anybody did about it. Enter: proof.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "work_on", N_("Next step"), id="act.work_on"),
        Binding("d", "documents", N_("Documents"), id="page.documents"),
        Binding("o", "owner", N_("Its account"), show=False, id="go.owner"),
    ]

    def question(self, source: Source, now: datetime) -> Callable[[], CaseView]:
        case = self.place.subject
        return lambda: source.case(case, now)

    def show(self, answer: CaseView, now: datetime) -> None:
        self.view = answer
        self.paper.write(lambda width: case_lines(answer, width, self.scene))
        self.refresh_bindings()

    def as_text(self) -> str:
        return "" if self.view is None else f"{self.view.line.name} {self.view.line.title} | {self.view.problem}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Steps are offered where somebody may act, and where there are any."""
        if action == "work_on":
            return self.may_office and bool(self.view and self.view.acts)
        return super().check_action(action, parameters)

    def action_work_on(self) -> None:
        """Chooses what is done next with the case, of what its state allows."""
        if self.view is not None:
            spoken = self.console_app.language
            steps = [(act, ACTS[act].in_(spoken)) for act in self.view.acts if act in ACTS]
            self.app.push_screen(ChooseDialog(self.words("Next step"), steps), self._chosen)

    def on_paper_chosen(self) -> None:
        """The files of proof that were handed in."""
        if self.view is not None:
            choose_proof(self, self.view.trace)

    def action_documents(self) -> None:
        """The notice to the unit, or the evidence."""
        if self.view is None:
            return
        line = self.view.line
        notice = {"notice": line.id} if line.due is not None else {}
        choose_document(self, {**notice, "evidence": line.account})

    def _chosen(self, act: str | None) -> None:
        if act is None or self.view is None:
            return
        line = self.view.line
        form = case_form(act, line.id, proof=self.console_app.acts.keep is not None)
        if form is not None:
            self.ask_form(form, line.name, [safe(self.view.problem or line.says)])

    def action_owner(self) -> None:
        """The account of the case."""
        if self.view is not None:
            line = self.view.line
            self.console_app.go(Place("account", line.account, safe(line.name), up=self.place))
