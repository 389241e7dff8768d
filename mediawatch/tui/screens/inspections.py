"""The inspections: what was ordered, how far each is, and how it stands; one of them on a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.filtering import searchable
from mediawatch.core.office_views import CampaignLine, CampaignView
from mediawatch.core.office_words import STAGES
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, day, minute, safe
from mediawatch.tui.columns import Column, Scene
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.office_page import campaign_lines
from mediawatch.tui.page_pane import PagePane
from mediawatch.tui.places import Place, exactly
from mediawatch.tui.source import Source

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
        lambda row: row.overall.pass_rate,
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


class InspectionsPane(MemoryListing[CampaignLine]):
    """All inspections."""

    ABOUT = N_("Inspections that were ordered: how far each is, how many failed, what keeps it from being frozen.")
    COLUMNS = COLUMNS
    SCOPES = (N_("all"), N_("not frozen yet"))
    LABELS = ("id", "stage")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "used_by", N_("Its cases"), show=False, id="go.used_by"),
    ]

    def key_of(self, row: CampaignLine) -> str:
        return row.id

    def rows(self, source: Source, now: datetime) -> Iterable[CampaignLine]:
        return source.campaigns(now)

    def in_scope(self, row: CampaignLine, scope: int) -> bool:
        return scope == 0 or row.frozen_at is None

    def natural(self, row: CampaignLine) -> float:
        return -row.judged_at.timestamp()

    def searched(self, row: CampaignLine) -> str:
        return searchable(row.title, row.id, row.rulebook, spelled=(row.title,))

    def labels(self, row: CampaignLine) -> dict[str, tuple[str, ...]]:
        return {"id": (row.id,), "stage": (str(row.stage),)}

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


class InspectionPane(PagePane[CampaignView]):
    """One inspection. `subject` of its place: its id."""

    ABOUT = N_("One inspection: counts by platform, region and unit, the failed accounts, statements and the trace.")

    def question(self, source: Source, now: datetime) -> Callable[[], CampaignView]:
        campaign = self.place.subject
        return lambda: source.campaign(campaign, now)

    def show(self, answer: CampaignView, now: datetime) -> None:
        self.view = answer
        self.paper.write(lambda width: campaign_lines(answer, width, self.scene))

    def as_text(self) -> str:
        return "" if self.view is None else f"{self.view.line.title} ({self.view.line.id})"
