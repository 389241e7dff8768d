"""The national filing, as a file that was exported from it, against the register and what platforms show: a list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.filtering import searchable
from mediawatch.core.reconcile import TITLES, Difference
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, safe
from mediawatch.tui.columns import Column, Scene
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.places import Place
from mediawatch.tui.source import Source
from mediawatch.tui.terms import term

_ORDER = list(TITLES)


def _what(row: Difference, scene: Scene) -> Piece:
    return TITLES[row.code].in_(scene.language), "fail" if row.days is not None else "at_risk"


COLUMNS: tuple[Column[Difference], ...] = (
    Column("code", N_("Matter"), _what, lambda row: row.code, share=3),
    Column(
        "name", N_("Account"), lambda row, scene: (row.name or row.account, "strong"), lambda row: row.name, share=4
    ),
    Column(
        "account", N_("Id"), lambda row, scene: (row.account or "-", ""), lambda row: row.account, share=3, wide=120
    ),
    Column(
        "kind",
        N_("Kind"),
        lambda row, scene: (term(row.kind, scene.words), ""),
        lambda row: row.kind,
        samples=lambda _: [term(code, _) for code in ("weibo", "wechat", "website", "app")],
        wide=100,
    ),
    Column("sponsor", N_("Sponsor"), lambda row, scene: (row.sponsor, ""), lambda row: row.sponsor, share=4, wide=120),
    Column(
        "lines",
        N_("Rows"),
        lambda row, scene: (" ".join(map(str, row.lines)) or "-", "dim"),
        lambda row: " ".join(map(str, row.lines)),
        samples=lambda _: ["12345"],
        right=True,
    ),
    Column("shown", N_("Says"), lambda row, scene: (row.shown, ""), lambda row: row.shown, share=4),
    Column(
        "days",
        N_("Days late"),
        lambda row, scene: ("-" if row.days is None else str(row.days), "fail" if row.days else "dim"),
        lambda row: row.days,
        samples=lambda _: ["999"],
        right=True,
    ),
)


class DifferencesPane(MemoryListing[Difference]):
    """`subject` of its place: the file."""

    ABOUT = N_("Where the national filing, exported to a file, differs from the register and what platforms show.")
    COLUMNS = COLUMNS
    LABELS = ("code", "account", "name", "kind", "sponsor")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "owner", N_("Its account"), show=False, id="go.owner"),
    ]

    def key_of(self, row: Difference) -> str:
        return f"{row.code} {row.account} {row.name} {' '.join(map(str, row.lines))} {row.shown}"

    def named(self, row: Difference) -> str:
        return safe(row.name or row.account)

    def rows(self, source: Source, now: datetime) -> Iterable[Difference]:
        compare = self.console_app.acts.differences
        if compare is None:
            raise PermissionError(self.words("The register's files are not on this machine."))
        return compare(Path(self.place.subject))

    def beat(self) -> None:
        """A file that lies there is read again by a key alone."""
        if self.is_current:
            self.draw_head()

    def natural(self, row: Difference) -> tuple[int, str, str]:
        return _ORDER.index(row.code), row.sponsor, row.name

    def searched(self, row: Difference) -> str:
        titles = (TITLES[row.code].zh_CN, TITLES[row.code].en)
        return searchable(row.name, row.account, row.sponsor, row.shown, *titles, spelled=(row.name, row.sponsor))

    def labels(self, row: Difference) -> dict[str, tuple[str, ...]]:
        return {key: (str(getattr(row, key)),) for key in self.LABELS}

    def empty(self) -> str:
        return N_("nothing matches") if self.given is not None and self.given.total else N_("the filing agrees")

    def details(self, row: Difference | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        late = "" if row.days is None else _("{n} working days late").format(n=row.days)
        first = f"{_what(row, scene)[0]}: {safe(row.name)} ({safe(row.account) or '-'})  {safe(row.sponsor)}"
        return [[(first, "strong")], [(" | ".join(filter(None, (safe(row.shown), late))), "")]]

    def on_lines_chosen(self) -> None:
        self.action_owner()

    def action_owner(self) -> None:
        """The account of the register, if there is one."""
        row = self.lines.row
        if row is not None and row.account:
            self.console_app.go(Place("account", row.account, safe(row.name), up=self.place))
