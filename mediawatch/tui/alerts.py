"""The alerts: what is open, who took it up, who was told; and the console's acts: acknowledge, confirm, dismiss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widget import Widget

from mediawatch.core.review import Choice
from mediawatch.core.views import AlertView
from mediawatch.locale import N_, Words
from mediawatch.tui.account import AccountPane
from mediawatch.tui.cells import Piece, age, fit, minute, row_of, safe
from mediawatch.tui.dialogs import AcknowledgeDialog, Acknowledgement, DecisionDialog
from mediawatch.tui.guard import said_by
from mediawatch.tui.lines import Lines
from mediawatch.tui.pane import KEYS, Pane
from mediawatch.tui.source import Source
from mediawatch.tui.terms import term
from mediawatch.tui.tones import Toned

_LEVELS = {"breach": ("X", "fail"), "incident": ("X", "fail"), "reminder": ("!", "at_risk")}
_OWN = ("platform:", "session:")  # how the subjects of our own troubles begin


class AlertsPane(Pane[tuple[AlertView, ...]]):
    """The list of alerts."""

    AUTO_FOCUS = "Lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", N_("Acknowledge")),
        Binding("c", "decide('confirm')", N_("Confirm")),
        Binding("x", "decide('dismiss')", N_("Dismiss")),
        Binding("v", "live", N_("All/live")),
        Binding("escape", "back", N_("Back"), key_display="Esc"),
        *KEYS,
    ]

    def __init__(self) -> None:
        super().__init__()
        self.live_only = True
        self.alerts: tuple[AlertView, ...] | None = None
        self.now: datetime | None = None

    def body(self) -> Iterable[Widget]:
        yield Toned(id="scope")
        yield Lines[AlertView](
            key=lambda alert: alert.id,
            heading=lambda width: alert_heading(width, self.words),
            draw=lambda alert, width: alert_line(alert, self.now or self.console_app.clock(), width, self.words),
        )
        yield Toned(id="detail")

    @property
    def lines(self) -> Lines[AlertView]:
        """The list of alerts."""
        return self.query_one(Lines)

    def question(self, source: Source, now: datetime) -> Callable[[], tuple[AlertView, ...]]:
        live_only = self.live_only
        return lambda: source.alerts(now, live_only)

    def show(self, answer: tuple[AlertView, ...], now: datetime) -> None:
        self.alerts, self.now = answer, now
        self.lines.give(answer, 0, len(answer))
        self.draw_scope()

    def on_resize(self) -> None:
        super().on_resize()
        self.draw_scope()
        self.draw_detail()

    def draw_scope(self) -> None:
        """Which alerts are listed, and how many."""
        scope = self.query_one("#scope", Toned)
        title = self.words("alerts not resolved") if self.live_only else self.words("all alerts, resolved ones too")
        pieces: list[Piece] = [(title, "strong")]
        if self.alerts is not None:
            pieces.append((f"  {len(self.alerts):,}", "strong"))
            if not self.alerts:
                pieces.append((f"   {self.words('none')}", ""))
        scope.update(row_of(pieces, scope.tones()))

    def on_lines_moved(self) -> None:
        self.draw_detail()
        self.refresh_bindings()

    def draw_detail(self) -> None:
        """The alert under the cursor in full words."""
        detail = self.query_one("#detail", Toned)
        width = detail.size.width or self.size.width
        tones = detail.tones()
        lines = alert_detail(self.lines.row, width, self.words)
        detail.update(Text("\n").join(row_of(line, tones) for line in lines))

    # --- keys -----------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A console that may only read offers no act, and only a candidate that waits can be decided."""
        if action == "decide":
            waits = self.is_mounted and (alert := self.lines.row) is not None and alert.review == "waiting"
            return waits and self.console_app.decides is not None and not self.console_app.read_only
        return not (action == "acknowledge" and self.console_app.read_only)

    def on_lines_chosen(self) -> None:
        alert = self.lines.row
        if alert is not None and not alert.account.startswith(_OWN):
            self.app.push_screen(AccountPane(alert.account, safe(alert.name)))

    def action_live(self) -> None:
        self.live_only = not self.live_only
        self.lines.begin_anew()
        self.read()

    def action_acknowledge(self) -> None:
        alert = self.lines.row
        if alert is None:
            return
        # The dialog keeps the alert it was opened for: a refresh behind it changes nothing.
        dialog = AcknowledgeDialog(safe(alert.name or alert.account), safe(alert.says), self.console_app.by)
        self.app.push_screen(dialog, lambda answer: self._acknowledged(alert.id, answer))

    def action_decide(self, choice: Choice) -> None:
        """Asks who decides and why; Enter on the line shows all the evidence before."""
        alert = self.lines.row
        if alert is None or alert.review != "waiting":
            return
        dialog = DecisionDialog(choice, safe(alert.name or alert.account), safe(alert.says), self.console_app.by)
        self.app.push_screen(dialog, lambda answer: self._decided(alert.id, choice, answer))

    def _decided(self, alert_id: str, choice: Choice, answer: Acknowledgement | None) -> None:
        if answer is not None:
            self.console_app.by = answer.by
            self.run_worker(self._decide(alert_id, choice, answer), exit_on_error=False)

    async def _decide(self, alert_id: str, choice: Choice, answer: Acknowledgement) -> None:
        decides = self.console_app.decides
        if decides is None:
            return
        try:
            await decides(alert_id, choice, answer.by, answer.note)
        except Exception as error:
            self.console_app.log_fault(error)
            self.tell(self.words("Not decided: {error}").format(error=said_by(error)))
        else:
            self.notify(self.words("Decided; it is in the record."), markup=False, timeout=4)
            self.read()

    def _acknowledged(self, alert_id: str, answer: Acknowledgement | None) -> None:
        if answer is not None:
            self.console_app.by = answer.by
            self.run_worker(self._acknowledge(alert_id, answer), exit_on_error=False)

    async def _acknowledge(self, alert_id: str, answer: Acknowledgement) -> None:
        try:
            await self.console_app.acts(alert_id, answer.by, answer.note)
        except Exception as error:
            self.console_app.log_fault(error)
            self.tell(self.words("Not acknowledged: {error}").format(error=said_by(error)))
        else:
            self.notify(self.words("Acknowledged."), markup=False, timeout=4)
            self.read()


# --- the words of a line, pure ---------------------------------------------------------------------------------------


def _columns(width: int, _: Words) -> list[tuple[str, int]]:
    states = max(cell_len(f"X {term(level, _)}") for level in _LEVELS)
    state = max(cell_len(_("State")), *(cell_len(term(code, _)) for code in ("pending", "open", "resolved")))
    fixed = [
        (_("Level"), max(states, cell_len(_("Level")))),
        (_("State"), max(state, cell_len(_("taken up")))),
        (_("Opened"), max(cell_len(_("{n}m ago").format(n=59)), cell_len(_("Opened")))),
        (_("Told"), max(5, cell_len(_("Told")))),
    ]
    room = max(10, width - sum(cells for _title, cells in fixed) - 2 * 5)
    name = room * 2 // 5
    return [fixed[0], fixed[1], (_("Account"), name), fixed[2], fixed[3], (_("Why"), room - name)]


def alert_heading(width: int, _: Words) -> Sequence[Piece]:
    """The heading line."""
    return [(" " + "  ".join(fit(title, cells) for title, cells in _columns(width - 1, _)), "")]


def alert_line(alert: AlertView, now: datetime, width: int, _: Words) -> Sequence[Piece]:
    """The cells of one alert. `Told` is accepted/promised."""
    mark, tone = _LEVELS.get(alert.level, ("!", "at_risk"))
    waits = alert.review == "waiting" and not alert.resolved_at
    state = (
        term("waiting", _)
        if waits
        else _("taken up")
        if alert.acknowledged_at and not alert.resolved_at
        else term(alert.state, _)
    )
    quiet = "dim" if alert.resolved_at else ""
    cells: list[Piece] = [
        (f"{mark} {term(alert.level, _)}", quiet or tone),
        (state, quiet or ("" if alert.acknowledged_at else "strong")),
        (alert.name or alert.account, quiet),
        (age(alert.opened_at, now, _), quiet),
        (f"{alert.told}/{alert.told + alert.owed}", quiet or ("at_risk" if alert.owed else "")),
        (alert.says or alert.indicator, quiet),
    ]
    pieces: list[Piece] = []
    for (text, style), (_title, width_of) in zip(cells, _columns(width, _), strict=True):
        pieces += [(fit(text, width_of), style), ("  ", "")]
    return pieces[:-1]


def alert_detail(alert: AlertView | None, width: int, _: Words) -> list[list[Piece]]:
    """Two lines in full words about the alert under the cursor."""
    if alert is None:
        return [[("", "")], [("", "")]]
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
    return [
        [(fit(first, width), "strong")],
        [(fit(" | ".join(filter(None, (*said, taken, *times))), width), "")],
    ]
