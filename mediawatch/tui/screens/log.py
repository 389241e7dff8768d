"""The log: what changed and who acted, every look, or only the looks that showed nothing. The newest comes first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.filtering import searchable
from mediawatch.core.list_views import Change
from mediawatch.core.views import LookView
from mediawatch.locale import N_
from mediawatch.tui.cells import Piece, safe, second
from mediawatch.tui.columns import Column, Scene, Sorted
from mediawatch.tui.memory_listing import MemoryListing
from mediawatch.tui.places import about
from mediawatch.tui.source import Source
from mediawatch.tui.terms import change, reason

MOST = 1000
"""Lines of the log that are read; the screen says so where there are more."""


@dataclass(frozen=True)
class Entry:
    """One line. what: a code of `Change`, or `look`, `blind`. says: in words, once the language is known."""

    key: str
    at: datetime
    what: str
    account: str
    name: str
    by: str
    says: str
    view: Change | LookView


def of_change(one: Change, place: int) -> Entry:
    """A change as a line; who acted is the audit trail."""
    key = f"{one.at.isoformat()} {one.what} {one.account} {one.alert} {place}"
    return Entry(key, one.at, one.what, one.account, one.name or one.account, one.by, one.says or one.indicator, one)


def of_look(look: LookView) -> Entry:
    """A look as a line."""
    what = "look" if look.ok else "blind"
    return Entry(look.mark, look.at, what, look.account, look.target, "", look.detail, look)


def _says(entry: Entry, scene: Scene) -> Piece:
    _ = scene.words
    if not isinstance(entry.view, LookView):
        return entry.says, ""
    look = entry.view
    saw = _("saw {n} posts").format(n=look.posts) if look.ok else f"{reason(look.reason, _)} {look.detail}"
    return (saw if look.trusted else f"{saw}  {_('(during a platform incident)')}"), "" if look.ok else "unknown"


COLUMNS: tuple[Column[Entry], ...] = (
    Column(
        "at",
        N_("When"),
        lambda entry, scene: (second(entry.at), ""),
        lambda entry: entry.at,
        samples=lambda _: ["2026-01-01 00:00:00"],
    ),
    Column(
        "what",
        N_("What"),
        lambda entry, scene: (change(entry.what, scene.words), ""),
        lambda entry: entry.what,
        samples=lambda _: [change(code, _) for code in ("acknowledged", "incident_over", "look", "blind", "confirmed")],
    ),
    Column("name", N_("Account"), lambda entry, scene: (entry.name, ""), lambda entry: entry.name, share=3),
    Column(
        "by", N_("By"), lambda entry, scene: (entry.by or "-", ""), lambda entry: entry.by, samples=lambda _: ["x" * 8]
    ),
    Column("says", N_("Says"), _says, lambda entry: entry.says, share=4),
)


class LogPane(MemoryListing[Entry]):
    """What happened, and who did it."""

    ABOUT = N_("What changed and who acted; f shows every look, then only those that saw nothing.")
    COLUMNS = COLUMNS
    ORDER = Sorted("at", reverse=True)
    SCOPES = (N_("changes and acts"), N_("looks"), N_("looks that saw nothing"))
    LABELS = ("what", "account", "name", "by")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "owner", N_("Its account"), show=False, id="go.owner"),
    ]

    def key_of(self, row: Entry) -> str:
        return row.key

    def rows(self, source: Source, now: datetime) -> Iterable[Entry]:
        if self.scope == 0:
            begin = datetime(1970, 1, 1, tzinfo=UTC)
            changes = source.changes(begin, now + timedelta(seconds=1), MOST)
            return [of_change(one, place) for place, one in enumerate(changes)]
        looks = map(of_look, source.log(now, limit=MOST))
        return [one for one in looks if self.scope == 1 or one.what == "blind"]

    def natural(self, row: Entry) -> Any:
        return -row.at.timestamp()

    def searched(self, row: Entry) -> str:
        return searchable(row.name, row.account, row.by, row.says, row.what, spelled=(row.name,))

    def labels(self, row: Entry) -> dict[str, tuple[str, ...]]:
        return {"what": (row.what,), "account": (row.account,), "name": (row.name,), "by": (row.by,)}

    def scope_pieces(self) -> list[Piece]:
        pieces = super().scope_pieces()
        if self.given is not None and self.given.total >= MOST:
            pieces.append((self.words("only the newest {n} are read").format(n=MOST), "dim"))
        return pieces

    def details(self, row: Entry | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        what = f"{second(row.at)} {change(row.what, _)}: {safe(row.name)} ({safe(row.account)})"
        by = _("by {who}").format(who=safe(row.by)) if row.by else ""
        return [[(what, "strong")], [(" | ".join(filter(None, (by, safe(_says(row, scene)[0])))), "")]]

    def action_owner(self) -> None:
        """What the line is about: an account, a case, a platform."""
        row = self.lines.row
        if row is not None and (place := about(row.account, safe(row.name), self.place)) is not None:
            self.console_app.go(place)

    def on_lines_chosen(self) -> None:
        self.action_owner()
