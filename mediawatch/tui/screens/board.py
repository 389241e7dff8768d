"""The board: every account on one line, the worst first, read through a window.

It never holds more than the rows on the screen and a margin, and never filters or sorts by itself: the source does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.model import Outcome
from mediawatch.core.standing import Standing
from mediawatch.core.views import Row
from mediawatch.locale import N_
from mediawatch.tui.acting import Acting, Subject
from mediawatch.tui.cells import Piece, age, day, left, minute, safe
from mediawatch.tui.columns import Column, Scene, Sorted
from mediawatch.tui.places import Place, exactly
from mediawatch.tui.registering import Registering
from mediawatch.tui.source import Source
from mediawatch.tui.terms import reason, standing, term, tone
from mediawatch.tui.windows import Asked, Window

_PROBLEMS = frozenset({Outcome.FAIL, Outcome.AT_RISK, Outcome.UNKNOWN})
_OUTCOMES = (_PROBLEMS, frozenset({Outcome.FAIL}), frozenset[Outcome]())

_OF_ONE = 1000  # alerts of one account, more than there are indicators


def _quiet(row: Row) -> str:
    return "dim" if row.outcome is Outcome.PASS else ""


def _loud(row: Row) -> str:
    return tone(row.standing)


COLUMNS: tuple[Column[Row], ...] = (
    Column(
        "outcome",
        N_("Outcome"),
        lambda row, scene: (standing(row.standing, scene.words), _loud(row)),
        lambda row: str(row.standing),
        samples=lambda _: [standing(code, _) for code in Standing],
    ),
    Column(
        "days_left",
        N_("Deadline"),
        lambda row, scene: (left(row.days_left, scene.words), _loud(row)),
        lambda row: row.days_left,
        samples=lambda _: [_("{n}d over").format(n=9999)],
        right=True,
    ),
    Column("name", N_("Account"), lambda row, scene: (row.name or row.account, ""), lambda row: row.name, share=6),
    Column(
        "account", N_("Id"), lambda row, scene: (row.account, _quiet(row)), lambda row: row.account, share=3, wide=150
    ),
    Column(
        "kind",
        N_("Kind"),
        lambda row, scene: (term(row.kind, scene.words), _quiet(row)),
        lambda row: row.kind,
        samples=lambda _: [term(code, _) for code in ("weibo", "wechat", "website", "app")],
        wide=118,
    ),
    Column(
        "sponsor",
        N_("Sponsor"),
        lambda row, scene: (row.sponsor, _quiet(row)),
        lambda row: row.sponsor,
        share=5,
        wide=118,
    ),
    Column(
        "region",
        N_("Region"),
        lambda row, scene: (row.region, _quiet(row)),
        lambda row: row.region,
        samples=lambda _: ["330100"],
        wide=150,
    ),
    Column(
        "newest_post_at",
        N_("Newest"),
        lambda row, scene: (day(row.newest_post_at), _quiet(row)),
        lambda row: row.newest_post_at,
        samples=lambda _: ["2026-01-01"],
    ),
    Column(
        "looked_at",
        N_("Looked"),
        lambda row, scene: (age(row.looked_at, scene.now, scene.words), _quiet(row)),
        lambda row: row.looked_at,
        samples=lambda _: [_("{n}m ago").format(n=59)],
        right=True,
    ),
    Column("indicator", N_("Why"), lambda row, scene: (why(row, scene), _quiet(row)), lambda row: row.says, share=6),
)


def why(row: Row, scene: Scene) -> str:
    """Whether somebody has taken it up, what kept us from looking, and the sentence of the finding."""
    _ = scene.words
    blocked = reason(row.reason, _)
    says = row.says if blocked and blocked in row.says else ": ".join(filter(None, (blocked, row.says)))
    return " ".join(filter(None, (_("(taken up)") if row.acknowledged else "", says)))


class BoardPane(Registering[Window[Row]], Acting[Row]):
    """The first screen."""

    ABOUT = N_("All accounts, the most pressing first: outcome, days to the deadline, and why.")
    COLUMNS = COLUMNS
    ORDER = Sorted("days_left")
    SCOPES = (N_("problems only"), N_("failed or to check"), N_("all accounts"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "register", N_("Register"), show=False, id="act.register"),
        Binding("o", "owner", N_("Its unit"), show=False, id="go.owner"),
        Binding("u", "used_by", N_("Its alerts"), show=False, id="go.used_by"),
    ]

    def key_of(self, row: Row) -> str:
        return row.account

    def named(self, row: Row) -> str:
        return safe(row.name or row.account)

    def window(self, source: Source, now: datetime, asked: Asked) -> Window[Row]:
        page = source.page(
            now,
            offset=asked.offset,
            limit=asked.limit,
            outcomes=_OUTCOMES[asked.scope],
            sort=asked.order.key,
            only=asked.only,
            descending=asked.order.reverse,
            after=asked.after,
            before=asked.before,
            marked=True,
        )
        return asked.found(page.rows, page.matching, page.total, page.marks)

    def keys(self, source: Source, now: datetime, asked: Asked) -> tuple[str, ...]:
        return source.ids(
            now,
            outcomes=_OUTCOMES[asked.scope],
            sort=asked.order.key,
            only=asked.only,
            descending=asked.order.reverse,
            offset=asked.offset,
            limit=asked.limit,
        )

    def empty(self) -> str:
        if self.given is not None and not self.given.total:
            return N_("no account is registered yet")
        return (
            N_("no account matches")
            if self.scope == len(_OUTCOMES) - 1
            else N_("no problem here; f shows all accounts")
        )

    def details(self, row: Row | None, width: int, scene: Scene) -> list[list[Piece]]:
        if row is None:
            return super().details(row, width, scene)
        _ = scene.words
        who = (f"{safe(row.name)} ({safe(row.account)})", term(row.kind, _), safe(row.sponsor))
        proven = _("proven until {when}").format(when=minute(row.holds_until)) if row.holds_until else ""
        tried = ""
        if row.tried_at is not None and row.tried_at != row.looked_at:
            tried = _("last try {age}").format(age=age(row.tried_at, scene.now, _))
        says = " | ".join(filter(None, (why(row, scene), tried, proven)))
        return [[(" | ".join(filter(None, who)), "strong")], [(says, _loud(row))]]

    # --- keys -----------------------------------------------------------------------------------------------------

    def on_lines_chosen(self) -> None:
        row = self.lines.row
        if row is not None:
            self.console_app.go(Place("account", row.account, safe(row.name), up=self.place))

    def action_owner(self) -> None:
        """All accounts of the unit that answers for this one."""
        row = self.lines.row
        if row is not None and row.sponsor:
            unit = exactly("sponsor", row.sponsor)
            self.console_app.go(Place("board", row.sponsor, safe(row.sponsor), unit, up=Place("board")))

    def action_used_by(self) -> None:
        """The alerts of this account."""
        row = self.lines.row
        if row is not None:
            mine = exactly("account", row.account)
            self.console_app.go(Place("alerts", row.account, safe(row.name), mine, up=self.place))

    def alerts_of(self, source: Source, now: datetime, rows: Sequence[Row]) -> tuple[Subject, ...]:
        wanted = {row.account for row in rows}
        if len(wanted) == 1:  # the usual act, and all alerts are many
            (account,) = wanted
            found = source.alert_page(now, only=exactly("account", account), limit=_OF_ONE).alerts
        else:
            found = source.alerts(now, True)
        return tuple(
            Subject(one.id, safe(one.name or one.account), safe(one.says)) for one in found if one.account in wanted
        )

    def accounts_of(self, rows: Sequence[Row]) -> tuple[Subject, ...]:
        return tuple(Subject(row.account, self.named(row), safe(row.says)) for row in rows)
