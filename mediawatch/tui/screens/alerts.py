"""The alerts: what is open, who took it up, who was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.filtering import Filter
from mediawatch.core.reading import ALERT_KEYS
from mediawatch.core.review import Choice
from mediawatch.core.views import AlertView
from mediawatch.locale import N_, Words
from mediawatch.tui.acting import Acting, Subject
from mediawatch.tui.cells import Piece, age, minute, safe
from mediawatch.tui.columns import Column, Scene
from mediawatch.tui.forms import open_forms
from mediawatch.tui.office_acting import OfficeActing
from mediawatch.tui.places import Place, about
from mediawatch.tui.source import EVERYTHING, Source
from mediawatch.tui.terms import term
from mediawatch.tui.windows import Asked, Window

_LEVELS = {
    "breach": ("X", "fail"),
    "candidate": ("x", "at_risk"),
    "notice": ("!", "at_risk"),
    "incident": ("X", "fail"),
    "reminder": ("!", "at_risk"),
}
_ORDERS = {"says": "indicator"}  # the sentence is the indicator's


def state_of(alert: AlertView, _: Words) -> str:
    """Where it stands: for a person, taken up, or what the record calls it."""
    if alert.resolved_at is None:
        if alert.review == "waiting":
            return term("waiting", _)
        if alert.answered:
            return _("taken up")
    return term(alert.state, _)


def _quiet(alert: AlertView) -> str:
    return "dim" if alert.resolved_at else ""


def _level(alert: AlertView, scene: Scene) -> Piece:
    mark, tone = _LEVELS.get(alert.read_as, ("!", "at_risk"))
    return f"{mark} {term(alert.read_as, scene.words)}", _quiet(alert) or tone


def _state(alert: AlertView, scene: Scene) -> Piece:
    return state_of(alert, scene.words), _quiet(alert) or ("" if alert.answered else "strong")


COLUMNS: tuple[Column[AlertView], ...] = (
    Column(
        "level",
        N_("Level"),
        _level,
        lambda alert: alert.read_as,
        samples=lambda _: [f"X {term(level, _)}" for level in _LEVELS],
    ),
    Column(
        "state",
        N_("State"),
        _state,
        lambda alert: "acknowledged" if alert.answered and not alert.resolved_at else alert.state,
        samples=lambda _: [*(term(code, _) for code in ("pending", "open", "resolved", "waiting")), _("taken up")],
    ),
    Column(
        "name",
        N_("Account"),
        lambda alert, scene: (alert.name or alert.account, _quiet(alert)),
        lambda alert: alert.name or alert.account,
        share=2,
    ),
    Column(
        "account",
        N_("Id"),
        lambda alert, scene: (alert.account, _quiet(alert)),
        lambda alert: alert.account,
        share=1,
        wide=140,
    ),
    Column(
        "indicator",
        N_("Indicator"),
        lambda alert, scene: (alert.indicator, _quiet(alert)),
        lambda alert: alert.indicator,
        samples=lambda _: ["unreachable"],
        wide=110,
    ),
    Column(
        "opened_at",
        N_("Opened"),
        lambda alert, scene: (age(alert.opened_at, scene.now, scene.words), _quiet(alert)),
        lambda alert: alert.opened_at,
        samples=lambda _: [_("{n}m ago").format(n=59)],
        right=True,
    ),
    Column(
        "told",
        N_("Told"),
        lambda alert, scene: (
            f"{alert.told}/{alert.told + alert.owed}",
            _quiet(alert) or ("at_risk" if alert.owed else ""),
        ),
        lambda alert: alert.told,
        samples=lambda _: ["10/10"],
    ),
    Column(
        "says",
        N_("Why"),
        lambda alert, scene: (alert.says or alert.indicator, _quiet(alert)),
        lambda alert: alert.says,
        share=3,
    ),
)


def alert_details(alert: AlertView, _: Words) -> list[list[Piece]]:
    """Two lines in full words about an alert."""
    times = [
        _("since {when}").format(when=minute(alert.since)) if alert.since else "",
        _("opened {when}").format(when=minute(alert.opened_at)),
        _("confirmed {when}").format(when=minute(alert.confirmed_at)) if alert.confirmed_at else _("not confirmed yet"),
        _("resolved {when}").format(when=minute(alert.resolved_at)) if alert.resolved_at else "",
    ]
    taken = ""
    if alert.acknowledged_at:
        taken = _("taken up by {who} {when}: {note}").format(
            who=safe(alert.acknowledged_by), when=minute(alert.acknowledged_at), note=safe(alert.note)
        )
    said = [
        _("{who} {when}: {choice}, {reason}").format(
            who=safe(one.by), when=minute(one.at), choice=term(one.choice, _), reason=safe(one.reason)
        )
        for one in alert.decisions
    ]
    if alert.review == "waiting" and alert.finding is not None:
        looks = ", ".join(f"{minute(at)} {safe(target)}" for target, at in alert.finding.proof)
        said.append(_("proof: {looks}").format(looks=looks))
    first = f"{safe(alert.name or alert.account)} | {safe(alert.says)}"
    return [[(first, "strong")], [(" | ".join(filter(None, (*said, taken, *times))), "")]]


class AlertList(Acting[AlertView]):
    """What the alerts and the queue of candidates share: a window of the alerts, narrowed and sorted by the source."""

    COLUMNS = COLUMNS
    LABELS = ALERT_KEYS
    KINDS: ClassVar[tuple[tuple[Filter, bool], ...]]
    """By scope: which alerts there are at all, and whether only live ones."""

    def key_of(self, row: AlertView) -> str:
        return row.id

    def named(self, row: AlertView) -> str:
        return safe(row.name or row.account)

    def window(self, source: Source, now: datetime, asked: Asked) -> Window[AlertView]:
        kind, live_only = self.KINDS[asked.scope]
        page = source.alert_page(
            now,
            only=Filter(terms=kind.terms + asked.only.terms),
            live_only=live_only,
            sort=_ORDERS.get(asked.order.key, asked.order.key),
            descending=asked.order.reverse,
            offset=asked.offset,
            limit=asked.limit,
            after=asked.after,
            before=asked.before,
        )
        total = source.alert_page(now, only=kind, live_only=live_only, limit=0).matching if kind.terms else page.total
        return asked.found(page.alerts, page.matching, total, page.marks)

    def details(self, row: AlertView | None, width: int, scene: Scene) -> list[list[Piece]]:
        return super().details(row, width, scene) if row is None else alert_details(row, scene.words)

    def alerts_of(self, source: Source, now: datetime, rows: Sequence[AlertView]) -> tuple[Subject, ...]:
        return tuple(Subject(row.id, self.named(row), safe(row.says)) for row in rows if row.resolved_at is None)

    def accounts_of(self, rows: Sequence[AlertView]) -> tuple[Subject, ...]:
        own = {row.account: self.named(row) for row in rows if ":" not in row.account}
        return tuple(Subject(account, name) for account, name in own.items())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only candidates that wait can be decided."""
        if action == "decide" and not (self.is_mounted and self._waiting()):
            return False
        return super().check_action(action, parameters)

    def _waiting(self) -> bool:
        marked = [row for row in self.marks.values() if row is not None and row.review == "waiting"]
        return bool(marked) or ((row := self.lines.row) is not None and row.review == "waiting")

    async def action_decide(self, choice: Choice) -> None:
        """Asks who decides and why."""
        rows = [row for row in await self.subjects() if row.review == "waiting"]
        self.decide(choice, [Subject(row.id, self.named(row), safe(row.says)) for row in rows])

    def action_owner(self) -> None:
        """What the alert is about: an account, a case, a platform."""
        row = self.lines.row
        if row is not None and (place := about(row.account, safe(row.name), self.place)) is not None:
            self.console_app.go(place)

    def on_lines_chosen(self) -> None:
        self.action_owner()


class AlertsPane(OfficeActing[Window[AlertView]], AlertList):
    """The list of alerts."""

    ABOUT = N_("What stands open and since when, who has taken it up, and how many receivers were told.")
    SCOPES = (N_("alerts not resolved"), N_("all alerts, resolved ones too"))
    KINDS = ((EVERYTHING, True), (EVERYTHING, False))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "decide('confirm')", N_("Confirm"), id="act.confirm"),
        Binding("x", "decide('dismiss')", N_("Dismiss"), id="act.dismiss"),
        Binding("w", "open_case", N_("Open a case"), show=False, id="act.open_case"),
        Binding("o", "owner", N_("Its account"), show=False, id="go.owner"),
        Binding("u", "used_by", N_("Its finding"), show=False, id="go.used_by"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A case is about a breach, and offered where somebody may act."""
        if action == "open_case":
            row = self.lines.row if self.is_mounted else None
            return self.may_office and row is not None and row.level == "breach"
        return super().check_action(action, parameters)

    def action_open_case(self) -> None:
        """A case of rectification from the alert under the cursor."""
        row = self.lines.row
        if row is not None:
            self.ask_form(open_forms(alert=row.id), row.name or row.account, [safe(row.says)])

    def action_used_by(self) -> None:
        """The finding the alert rests on, with its evidence."""
        row = self.lines.row
        if row is not None and ":" not in row.account:
            up = Place("account", row.account, safe(row.name), up=self.place)
            self.console_app.go(Place("finding", f"{row.account}\n{row.indicator}", row.indicator, up=up))
