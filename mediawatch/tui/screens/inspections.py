"""The inspections: what was ordered, how far each is, and how it stands; one of them on a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.narrowed_lists import CAMPAIGNS
from mediawatch.core.office_views import CampaignLine, CampaignView
from mediawatch.core.office_words import ACTS, STAGES
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, day, minute, safe
from mediawatch.tui.columns import Column, Scene
from mediawatch.tui.dialogs import ChooseDialog
from mediawatch.tui.forms import campaign_form, order_form
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.office_acting import OfficeActing
from mediawatch.tui.office_page import campaign_lines
from mediawatch.tui.page_pane import PagePane
from mediawatch.tui.places import Place, exactly
from mediawatch.tui.source import Source
from mediawatch.tui.windows import Window
from mediawatch.tui.writing import choose_document

_BOOK = "national-2019"  # proposed where no inspection is known whose book could be

COLUMNS: tuple[Column[CampaignLine], ...] = (
    Column(
        "judged_at",
        N_("Judged as of"),
        lambda row, scene: (minute(row.judged_at), ""),
        lambda row: row.judged_at,
        samples=lambda _: ["2026-01-01 00:00"],
    ),
    Column(
        "title", N_("Inspection"), lambda row, scene: (row.title or row.id, "strong"), lambda row: row.title, share=4
    ),
    Column(
        "stage",
        N_("Stage"),
        lambda row, scene: (STAGES[row.stage].in_(scene.language), ""),
        lambda row: str(row.stage),
        samples=lambda _: ["已评判", "looking"],
    ),
    Column(
        "drawn",
        N_("Drawn/all"),
        lambda row, scene: (f"{row.drawn}/{row.population}", ""),
        lambda row: row.drawn,
        samples=lambda _: ["5,000/50,000"],
        right=True,
        wide=100,
    ),
    Column(
        "failed",
        N_("failed"),
        lambda row, scene: (f"{row.overall.failed:,}", "fail" if row.overall.failed else "dim"),
        lambda row: row.overall.failed,
        samples=lambda _: ["1,000"],
        right=True,
    ),
    Column(
        "rate",
        N_("Pass rate"),
        lambda row, scene: (f"{row.overall.pass_rate or '-'} %", ""),
        lambda row: float(row.overall.pass_rate) if row.overall.pass_rate else None,
        samples=lambda _: ["100.00 %"],
        right=True,
    ),
    Column(
        "waiting",
        N_("Waiting"),
        lambda row, scene: (f"{row.waiting:,}", "at_risk" if row.waiting else "dim"),
        lambda row: row.waiting,
        samples=lambda _: ["1,000"],
        right=True,
    ),
)


class InspectionsPane(OfficeActing[Window[CampaignLine]], MemoryListing[CampaignLine]):
    """All inspections."""

    ABOUT = N_("Inspections that were ordered: how far each is, how many failed, what keeps it from being frozen.")
    COLUMNS = COLUMNS
    SCOPES = (N_("all"), N_("not frozen yet"))
    LABELS = CAMPAIGNS.keys
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "order", N_("New inspection"), id="act.order"),
        Binding("u", "used_by", N_("Its cases"), show=False, id="go.used_by"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A new one is offered where somebody may act."""
        return self.may_office if action == "order" else super().check_action(action, parameters)

    def action_order(self) -> None:
        """Orders an inspection: its population is frozen."""
        known = self.given.rows if self.given is not None else ()
        last = max(known, key=lambda one: one.judged_at, default=None)
        frozen = [one for one in known if one.frozen_at is not None]
        before = max(frozen, key=lambda one: one.judged_at, default=None)
        scene = self.console_app.scene()
        self.ask_form(order_form(scene, last.rulebook if last else _BOOK, before.id if before else ""), "")

    def key_of(self, row: CampaignLine) -> str:
        return row.id

    def rows(self, source: Source, now: datetime) -> Iterable[CampaignLine]:
        return source.campaigns(now)

    def in_scope(self, row: CampaignLine, scope: int) -> bool:
        return scope == 0 or row.frozen_at is None

    def natural(self, row: CampaignLine) -> float:
        return -row.judged_at.timestamp()

    def searched(self, row: CampaignLine) -> str:
        return CAMPAIGNS.text(row)

    def labels(self, row: CampaignLine) -> dict[str, tuple[str, ...]]:
        return CAMPAIGNS.labels(row)

    def details(self, row: CampaignLine | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        frozen = _("frozen {when}").format(when=minute(row.frozen_at)) if row.frozen_at else _("provisional")
        digest = _("digest {digest}").format(digest=safe(row.digest)) if row.digest else ""
        begins = _("begins {when}").format(when=day(row.begins_at))
        return [
            [(f"{safe(row.title)} ({safe(row.id)})", "strong")],
            [(" | ".join(filter(None, (begins, safe(row.rulebook), frozen, digest))), "")],
        ]

    def on_lines_chosen(self) -> None:
        row = self.lines.row
        if row is not None:
            self.console_app.go(Place("inspection", row.id, safe(row.title), up=self.place))

    def action_used_by(self) -> None:
        """The cases that came of it."""
        row = self.lines.row
        if row is not None:
            self.console_app.go(Place("cases", row.id, safe(row.title), exactly("campaign", row.id), up=self.place))


class InspectionPane(OfficeActing[CampaignView], PagePane[CampaignView]):
    """One inspection. `subject` of its place: its id."""

    ABOUT = N_("One inspection: counts by platform, region and unit, the failed accounts, statements and the trace.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "work_on", N_("Next step"), id="act.work_on"),
        Binding("d", "documents", N_("Documents"), id="page.documents"),
        Binding("u", "used_by", N_("Its cases"), show=False, id="go.used_by"),
    ]

    def question(self, source: Source, now: datetime) -> Callable[[], CampaignView]:
        campaign = self.place.subject
        return lambda: source.campaign(campaign, now)

    def show(self, answer: CampaignView, now: datetime) -> None:
        self.view = answer
        self.paper.write(lambda width: campaign_lines(answer, width, self.scene))
        self.refresh_bindings()

    def as_text(self) -> str:
        return "" if self.view is None else f"{self.view.line.title} ({self.view.line.id})"

    def steps(self) -> list[tuple[str, str]]:
        """What may be done now: the acts of its stage, and of a frozen one what follows from it."""
        if self.view is None:
            return []
        spoken, _ = self.console_app.language, self.words
        undecided = [one for one in self.view.statements if one.upheld is None]
        found = [(act, ACTS[act].in_(spoken)) for act in self.view.acts if act in ACTS]
        if undecided and "statement" in self.view.acts:
            found.append(("rule", ACTS["rule"].in_(spoken)))
        if self.view.line.frozen_at is not None:
            found += [("open", _("Open the cases of its failures")), ("publish", _("Its circular was published"))]
        return found

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Steps are offered where somebody may act, and where there are any."""
        if action == "work_on":
            return self.may_office and bool(self.steps())
        return super().check_action(action, parameters)

    def action_work_on(self) -> None:
        """Chooses the next step, of what its stage allows."""
        self.app.push_screen(ChooseDialog(self.words("Next step"), self.steps()), self._chosen)

    def action_documents(self) -> None:
        """The draft of the circular, or its annexes alone."""
        if self.view is not None:
            choose_document(self, dict.fromkeys(("circular", "annex"), self.view.line.id))

    def _chosen(self, act: str | None) -> None:
        if act is None or self.view is None:
            return
        open_ = [one.number for one in self.view.statements if one.upheld is None]
        form = campaign_form(act, self.view.line.id, open_, proof=self.console_app.acts.keep is not None)
        if form is not None:
            self.ask_form(form, self.view.line.title or self.view.line.id)

    def action_used_by(self) -> None:
        """The cases that came of it."""
        if self.view is not None:
            line = self.view.line
            self.console_app.go(Place("cases", line.id, safe(line.title), exactly("campaign", line.id), up=self.place))
