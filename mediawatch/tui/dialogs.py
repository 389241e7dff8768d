"""What opens above a screen: the note of an acknowledgement, and the help."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Footer, Input, Static

from mediawatch.core.review import Choice
from mediawatch.locale import N_
from mediawatch.tui.cells import fit
from mediawatch.tui.entry import Entry
from mediawatch.tui.pane import Spoken
from mediawatch.tui.terms import ORDER, outcome

_MEANINGS = (
    N_("proven by what the platform itself showed"),
    N_("still in order, and the deadline is near"),
    N_("we could not look well enough to say; nobody is accused"),
    N_("in order, proven until the time shown"),
)

_EVERYWHERE = (
    ("Up Down j k", N_("move")),
    ("PgUp PgDn Space", N_("a screen up or down")),
    ("Home End g G", N_("first, last")),
    ("Esc", N_("one step back, close a message, clear the filter")),
    ("Ctrl+P", N_("all commands")),
)


def keys_shown(bindings: dict[str, ActiveBinding]) -> tuple[ActiveBinding, ...]:
    """The keys that a person should know, one for each action."""
    by_action = {
        active.binding.action: active
        for active in reversed(bindings.values())
        if active.enabled and active.binding.show and active.binding.description
    }
    return tuple(reversed(by_action.values()))


class Acknowledgement(NamedTuple):
    """Who takes an alert up, and what they say about it."""

    by: str
    note: str


class AcknowledgeDialog(Spoken[Acknowledgement | None]):
    """Asks for a name and a note; `None` when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", N_("Cancel"), key_display="Esc")]

    def __init__(self, name: str, says: str, by: str) -> None:
        super().__init__(classes="dialog")
        self.subject, self.says, self.by = name, says, by

    def compose(self) -> ComposeResult:
        _ = self.words
        with Vertical(classes="sheet"):
            yield Static(Text(_("Acknowledge: {name}").format(name=self.subject), style="bold"))
            yield Static(Text(self.says))
            yield Static(Text(_("It stops the escalation; the alert stays open until the account is in order.")))
            yield Static(Text(_("Who")), classes="label")
            yield Entry(self.by, id="by", compact=True, max_length=60)
            yield Static(Text(_("Note")), classes="label")
            yield Entry(id="note", compact=True, max_length=300)
            yield Static(Text(""), id="missing")
            yield Static(Text(_("Enter acknowledges, Tab changes the field, Esc cancels")), classes="label")

    def on_mount(self) -> None:
        self.query_one("#note" if self.by else "#by", Input).focus()

    def on_input_submitted(self) -> None:
        by, note = (self.query_one(f"#{which}", Input).value.strip() for which in ("by", "note"))
        if not by:
            self.query_one("#missing", Static).update(Text(self.words("Who takes it up? The record needs a name.")))
            self.query_one("#by", Input).focus()
            return
        self.dismiss(Acknowledgement(by, note))

    def action_leave(self) -> None:
        self.dismiss(None)


class DecisionDialog(Spoken[Acknowledgement | None]):
    """Asks who confirms or dismisses a candidate, and why; `None` when it is left. A reason is required."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", N_("Cancel"), key_display="Esc")]

    def __init__(self, choice: Choice, name: str, says: str, by: str) -> None:
        super().__init__(classes="dialog")
        self.choice, self.subject, self.says, self.by = choice, name, says, by

    def compose(self) -> ComposeResult:
        _ = self.words
        confirm = self.choice == "confirm"
        title = _("Confirm: {name}") if confirm else _("Dismiss: {name}")
        with Vertical(classes="sheet"):
            yield Static(Text(title.format(name=self.subject), style="bold"))
            yield Static(Text(self.says))
            yield Static(Text(_("Receivers are told from now on.") if confirm else _("Nobody is told; it is over.")))
            yield Static(Text(_("Who")), classes="label")
            yield Entry(self.by, id="by", compact=True, max_length=60)
            yield Static(Text(_("Reason")), classes="label")
            yield Entry(id="note", compact=True, max_length=300)
            yield Static(Text(""), id="missing")
            yield Static(Text(_("Enter decides, Tab changes the field, Esc cancels")), classes="label")

    def on_mount(self) -> None:
        self.query_one("#note" if self.by else "#by", Input).focus()

    def on_input_submitted(self) -> None:
        by, reason = (self.query_one(f"#{which}", Input).value.strip() for which in ("by", "note"))
        if by and reason:
            self.dismiss(Acknowledgement(by, reason))
            return
        self.query_one("#missing", Static).update(Text(self.words("The record needs a name and a reason.")))
        self.query_one("#note" if by else "#by", Input).focus()

    def action_leave(self) -> None:
        self.dismiss(None)


class HelpDialog(Spoken[None]):
    """The keys of the screen below, and what the marks mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,enter,q", "leave", N_("Close"), key_display="Esc"),
    ]

    def __init__(self, below: dict[str, ActiveBinding]) -> None:
        super().__init__(classes="dialog")
        self.below = below

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet -tall"):
            yield Static(self._text())
        yield Footer(show_command_palette=False)

    def _text(self) -> Text:
        _ = self.words
        text = Text(_("Outcomes") + "\n", style="bold")
        for code, meaning in zip(ORDER, _MEANINGS, strict=True):
            text.append(f"  {fit(outcome(code, _), 11)}{_(meaning)}\n", style="not bold")
        text.append("\n" + _("Keys of this screen") + "\n")
        for active in keys_shown(self.below):
            shown = self.app.get_key_display(active.binding)
            text.append(f"  {fit(shown, 18)}{active.binding.description}\n", style="not bold")
        text.append("\n" + _("Everywhere") + "\n")
        for keys, meaning in _EVERYWHERE:
            text.append(f"  {fit(keys, 18)}{_(meaning)}\n", style="not bold")
        return text

    def action_leave(self) -> None:
        self.dismiss(None)
