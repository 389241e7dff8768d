"""The way down from province to city to unit: accounts in numbers, each line one area or one unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from mediawatch.core.filtering import Filter, Label, searchable
from mediawatch.core.list_views import Group
from mediawatch.core.model import Outcome
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, safe
from mediawatch.tui.columns import Column, Scene, Sorted
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.narrowed import Asked
from mediawatch.tui.places import Place, exactly
from mediawatch.tui.source import Source
from mediawatch.tui.terms import ORDER, outcome_word

_STEPS = {"province": "city", "city": "sponsor"}
"""What lies below each step; below a unit lie its accounts."""
_WORDS = {"province": N_("province"), "city": N_("city"), "sponsor": N_("unit")}


def _number(code: Outcome) -> Column[Group]:
    def cell(group: Group, scene: Scene) -> Piece:
        number = group.by_outcome.get(code, 0)
        return f"{number:,}", str(code) if number and code is not Outcome.PASS else "" if number else "dim"

    return Column(
        str(code), _NAMES[code], cell, lambda group: -group.by_outcome.get(code, 0), lambda _: ["100,000"], right=True
    )


_NAMES = {
    Outcome.FAIL: N_("failed"),
    Outcome.AT_RISK: N_("at risk"),
    Outcome.UNKNOWN: N_("unknown"),
    Outcome.PASS: N_("ok"),
}


def _faults(group: Group) -> int:
    return sum(number for code, number in group.by_outcome.items() if code is not Outcome.PASS)


COLUMNS: tuple[Column[Group], ...] = (
    Column(
        "name",
        N_("Area or unit"),
        lambda group, scene: (group.name or scene.words("(none)"), ""),
        lambda group: group.name,
    ),
    Column(
        "accounts",
        N_("Accounts"),
        lambda group, scene: (f"{group.total:,}", ""),
        lambda group: -group.total,
        lambda _: ["100,000"],
        right=True,
    ),
    *map(_number, ORDER),
    Column(
        "share",
        N_("In order"),
        lambda group, scene: (f"{_share(group):.1f} %", ""),
        lambda group: _share(group),
        lambda _: ["100.0 %"],
        right=True,
    ),
)


def _share(group: Group) -> float:
    """Per cent of the accounts that are in order."""
    return 100 * group.by_outcome.get(Outcome.PASS, 0) / group.total if group.total else 0.0


class AreasPane(MemoryListing[Group]):
    """`subject` of its place: what it counts by; empty for provinces."""

    ABOUT = N_("Accounts by area: Enter goes from the province to its cities, to their units, to the accounts.")
    COLUMNS = COLUMNS
    ORDER = Sorted(str(Outcome.FAIL))
    SCOPES = (N_("all"), N_("with problems"))
    LABELS = ("name",)

    @property
    def by(self) -> str:
        """What this level counts by."""
        return self.place.subject or next(iter(_STEPS))

    def key_of(self, row: Group) -> str:
        return row.key

    def named(self, row: Group) -> str:
        return safe(row.name)

    def rows(self, source: Source, now: datetime) -> Iterable[Group]:
        return source.groups(now, self.by, self.place.within)

    def asked(self) -> Asked:
        """The way here narrows the accounts that are counted, not the lines that count them."""
        return replace(super().asked(), only=self.only)

    def in_scope(self, row: Group, scope: int) -> bool:
        return scope == 0 or _faults(row) > 0

    def natural(self, row: Group) -> Any:
        return tuple(-row.by_outcome.get(code, 0) for code in ORDER[:3]), row.key

    def searched(self, row: Group) -> str:
        return searchable(row.name, row.key, spelled=(row.name,))

    def labels(self, row: Group) -> dict[str, tuple[str, ...]]:
        return {"name": (row.name,)}

    def details(self, row: Group | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        parts = [f"{outcome_word(code, _)} {row.by_outcome.get(code, 0):,}" for code in ORDER]
        return [
            [(f"{_(_WORDS[self.by])}: {safe(row.name) or _('(none)')}", "strong")],
            [(" | ".join([_("accounts {n}").format(n=f"{row.total:,}"), *parts]), "")],
        ]

    def on_lines_chosen(self) -> None:
        """One step down."""
        row = self.lines.row
        if row is None:
            return
        if self.by == "sponsor":
            step = exactly("sponsor", row.key)
        else:
            step = Filter(terms=(Label(key="region", values=(row.key,)),))
        within = Filter(terms=self.place.within.terms + step.terms)
        label = safe(row.name) or self.words("(none)")
        below = _STEPS.get(self.by)
        if below is None:
            self.console_app.go(Place("board", row.key, label, within, up=self.place))
        else:
            self.console_app.go(Place("areas", below, label, within, up=self.place))
