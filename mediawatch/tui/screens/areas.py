"""The way down from province to city to county to unit: accounts in numbers, each line one area or one unit.

Units are those of the register, with all that stand below them; accounts without one are counted by their sponsor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.filtering import Filter, Label, level
from mediawatch.core.list_views import Group, UnitView
from mediawatch.core.model import Outcome
from mediawatch.core.narrowed_lists import GROUPS
from mediawatch.core.standing import Standing
from mediawatch.locale import N_, Words
from mediawatch.tui.cells import Piece, safe
from mediawatch.tui.columns import Column, Scene, Sorted
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.places import Place
from mediawatch.tui.source import Source
from mediawatch.tui.terms import NAMES, tone
from mediawatch.tui.windows import Asked

UNITS = "unit"
_STEPS = {"province": "city", "city": "county", "county": UNITS}
"""What lies below each area; below a unit lie those under it, or its accounts."""
_WORDS = {
    "province": N_("province"),
    "city": N_("city"),
    "county": N_("county"),
    UNITS: N_("unit"),
    "sponsor": N_("sponsor"),
}


class Area(Group):
    """One line: what it counts by, and whether units with accounts stand below it."""

    step: str
    deeper: bool = False


def units_of(tree: Sequence[UnitView], own: Sequence[Group], above: str) -> list[Area]:
    """The units directly under one (or the highest), with all that stand below each; then the accounts of it alone.

    own: the accounts that are asked for, counted by their own unit. What has none of them is left out; from above, a
    lone unit that has none of its own is passed through.
    """
    alone = {one.key: one for one in own}
    under: dict[str, list[UnitView]] = {}
    known = {one.id for one in tree}
    for one in tree:
        under.setdefault(one.parent if one.parent in known else "", []).append(one)

    def made(unit: UnitView) -> Area:
        below = [made(one) for one in under.get(unit.id, [])]
        mine = [*below, *([alone[unit.id]] if unit.id in alone else [])]
        counted = {code: sum(one.by_outcome.get(code, 0) for one in mine) for code in Outcome}
        waiting = sum(one.candidates for one in mine)
        deeper = any(one.total for one in below)
        total = sum(counted.values())
        made_of = {"total": total, "by_outcome": counted, "candidates": waiting}
        return Area(key=unit.id, name=unit.name, **made_of, step=UNITS, deeper=deeper)

    def listed(parent: str) -> list[Area]:
        found = [one for one in map(made, under.get(parent, [])) if one.total]
        if parent in alone and parent:
            own_ones = alone[parent].model_copy(update={"name": ""})
            found.append(Area(**own_ones.model_dump(), step=UNITS))
        return found

    rows = listed(above)
    while not above and len(rows) == 1 and rows[0].deeper and rows[0].key not in alone:
        rows = listed(rows[0].key)
    return rows


def _named(area: Area, _: Words) -> str:
    return area.name or (_("(accounts of its own)") if area.step == UNITS else _("(none)"))


def _number(code: Standing) -> Column[Area]:
    def cell(group: Area, scene: Scene) -> Piece:
        number = group.by_standing[code]
        return f"{number:,}", tone(code) if number else "dim"

    return Column(
        code.value, NAMES[code], cell, lambda group: -group.by_standing[code], lambda _: ["100,000"], right=True
    )


def _faults(group: Area) -> int:
    return sum(number for code, number in group.by_outcome.items() if code is not Outcome.PASS)


COLUMNS: tuple[Column[Area], ...] = (
    Column(
        "name",
        N_("Area or unit"),
        lambda group, scene: (_named(group, scene.words), ""),
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
    *map(_number, Standing),
    Column(
        "share",
        N_("In order"),
        lambda group, scene: (f"{_share(group):.1f} %", ""),
        lambda group: _share(group),
        lambda _: ["100.0 %"],
        right=True,
        wide=84,
    ),
)


def _share(group: Area) -> float:
    """Per cent of the accounts that are in order."""
    return 100 * group.by_outcome.get(Outcome.PASS, 0) / group.total if group.total else 0.0


class AreasPane(MemoryListing[Area]):
    """`subject` of its place: what it counts by, and under a line break the unit above; empty for provinces."""

    ABOUT = N_("Accounts by area: Enter goes from province to city, to county, to unit, to the accounts.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "units", N_("The tree of units"), show=False, id="go.used_by"),
    ]
    COLUMNS = COLUMNS
    ORDER = Sorted(str(Outcome.FAIL))
    SCOPES = (N_("all"), N_("with problems"))
    LABELS = GROUPS.keys

    @property
    def by(self) -> str:
        """What this level counts by."""
        return self.place.subject.partition("\n")[0] or next(iter(_STEPS))

    def key_of(self, row: Area) -> str:
        return f"{row.step} {row.key}"

    def named(self, row: Area) -> str:
        return safe(row.name)

    def rows(self, source: Source, now: datetime) -> Iterable[Area]:
        by, within = self.by, self.place.within
        counted = source.groups(now, by, within)
        if by != UNITS:
            return [Area(**one.model_dump(), step=by) for one in counted]
        found = units_of(source.units(now), counted, self.place.subject.partition("\n")[2])
        if any(one.key == "" for one in counted) and "\n" not in self.place.subject:
            none = Filter(terms=(*within.terms, Label(key="unit", values=("",))))
            found += [Area(**one.model_dump(), step="sponsor") for one in source.groups(now, "sponsor", none)]
        return found

    def asked(self) -> Asked:
        """The way here narrows the accounts that are counted, not the lines that count them."""
        return replace(super().asked(), only=self.only)

    def in_scope(self, row: Area, scope: int) -> bool:
        return scope == 0 or _faults(row) > 0

    def natural(self, row: Area) -> Any:
        return tuple(-number for code, number in row.by_standing.items() if code is not Standing.PASS), row.key

    def searched(self, row: Area) -> str:
        return GROUPS.text(row)

    def labels(self, row: Area) -> dict[str, tuple[str, ...]]:
        return GROUPS.labels(row)

    def details(self, row: Area | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        parts = [f"{_(NAMES[code])} {number:,}" for code, number in row.by_standing.items()]
        return [
            [(f"{_(_WORDS[row.step])}: {safe(_named(row, _))}", "strong")],
            [(" | ".join([_("accounts {n}").format(n=f"{row.total:,}"), *parts]), "")],
        ]

    def on_lines_chosen(self) -> None:
        """One step down."""
        row, place = self.lines.row, self.place
        if row is None:
            return
        label = safe(_named(row, self.words))
        if row.deeper:
            self.console_app.go(Place("areas", f"{UNITS}\n{row.key}", label, place.within, up=place))
            return
        if row.step in _STEPS:
            step = Label(key="region", values=(row.key,))
        else:
            step = Label(key=row.step, values=(level(row.key).casefold(),), exact=True)
        within = Filter(terms=(*place.within.terms, step))
        if row.step in _STEPS:
            self.console_app.go(Place("areas", _STEPS[row.step], label, within, up=place))
        else:
            self.console_app.go(Place("board", row.key, label, within, up=place))

    def action_units(self) -> None:
        """All units as a tree, whatever their area."""
        self.console_app.go(Place("areas", UNITS, self.words("Units"), up=Place("areas")))
