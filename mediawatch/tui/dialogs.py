"""What opens above a screen: who acts and why, one choice out of several, the help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Key
from textual.widgets import Input, Static

from mediawatch.core.standing import Standing
from mediawatch.locale import N_
from mediawatch.tui.cells import fit, safe
from mediawatch.tui.entry import Entry
from mediawatch.tui.foot import Foot
from mediawatch.tui.pane import Spoken
from mediawatch.tui.terms import standing

THRESHOLD = 10
"""An act on more than so many at once asks for their number to be typed."""

_NAMED = 8  # names a dialog lists
_KEYS = "1234567890abdefghijklmnoprstuvwxyz"  # for the lines of a choice
MOST_CHOICES = 20
"""Lines of one choice that a screen should offer."""

_MEANINGS = (
    N_("proven by what the platform itself showed"),
    N_("it looks like a fail; a person decides, nobody is accused"),
    N_("still in order, and the deadline is near"),
    N_("we could not look well enough to say; nobody is accused"),
    N_("in order, proven until the time shown"),
)

_EVERYWHERE = (
    ("Up Down j k", N_("move")),
    ("PgUp PgDn", N_("a screen up or down")),
    ("Home End g G", N_("first, last")),
    ("Left Right h l", N_("another column of a list")),
    ("Esc", N_("one step back, close a message, clear the filter")),
    ("Ctrl+P", N_("all commands")),
)


def keys_shown(bindings: dict[str, ActiveBinding], every: bool = False) -> tuple[ActiveBinding, ...]:
    """The keys that a person should know, one for each action; `every` one, or those of the footer.

    Textual's own have no id; those that move are told without a description, under `_EVERYWHERE`.
    """
    by_action = {
        (active.binding.action, active.binding.id): active
        for active in reversed(bindings.values())
        if active.enabled and active.binding.id and active.binding.description and (active.binding.show or every)
    }
    return tuple(reversed(by_action.values()))


class Word(NamedTuple):
    """Who acts, and what they say about it."""

    by: str
    note: str


class ActDialog(Spoken[Word | None]):
    """Asks who acts and why, names all it is about, and wants their number typed where they are many."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Cancel"), key_display="Esc", id="dialog.cancel")
    ]

    def __init__(
        self, title: str, names: Sequence[str], about: Sequence[str], by: str, *, note: str, needed: bool
    ) -> None:
        """note: what the second field is called. needed: whether it must be filled in."""
        super().__init__(classes="dialog")
        self.headline, self.names, self.about, self.by = title, tuple(names), about, by
        self.note, self.needed = note, needed

    @property
    def many(self) -> bool:
        """Whether the number has to be typed."""
        return len(self.names) > THRESHOLD

    def compose(self) -> ComposeResult:
        _ = self.words
        with VerticalScroll(classes="sheet", can_focus=False):
            yield Static(Text(self._title(), style="bold"))
            for line in self.about:
                yield Static(Text(line))
            if len(self.names) > 1:
                yield Static(Text(self._list()))
            yield Static(Text(_("Who")), classes="label")
            yield Entry(self.by, id="by", compact=True, max_length=60)
            yield Static(Text(self.note), classes="label")
            yield Entry(id="note", compact=True, max_length=300)
            if self.many:
                yield Static(Text(_("Type their number, {n}, to go on").format(n=len(self.names))), classes="label")
                yield Entry(id="count", compact=True, max_length=9)
            yield Static(Text(""), id="missing")
            yield Static(Text(_("Enter does it, Tab changes the field, Esc cancels")), classes="label")

    def _title(self) -> str:
        if len(self.names) == 1:
            return f"{self.headline}: {safe(self.names[0])}"
        return f"{self.headline}: " + self.words("{n} at once").format(n=len(self.names))

    def _list(self) -> str:
        text = ", ".join(fit(name, 30).rstrip() for name in self.names[:_NAMED])
        left = len(self.names) - _NAMED
        return text if left <= 0 else text + self.words(", and {n} more").format(n=left)

    def on_mount(self) -> None:
        self.query_one("#note" if self.by else "#by", Input).focus()

    def on_input_submitted(self) -> None:
        by, note = (self.query_one(f"#{which}", Input).value.strip() for which in ("by", "note"))
        if not by or (self.needed and not note):
            wanted = N_("The record needs a name and a reason.") if self.needed else N_("The record needs a name.")
            self._refuse(self.words(wanted), "#by" if not by else "#note")
        elif self.many and self.query_one("#count", Input).value.strip() != str(len(self.names)):
            self._refuse(self.words("The number is not right."), "#count")
        else:
            self.dismiss(Word(by, note))

    def _refuse(self, why: str, field: str) -> None:
        self.query_one("#missing", Static).update(Text(why))
        self.query_one(field, Input).focus()

    def action_leave(self) -> None:
        self.dismiss(None)


class ChooseDialog(Spoken[str | None]):
    """One of several lines, each by a key of its own; `None` when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Cancel"), key_display="Esc", id="dialog.cancel")
    ]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(classes="dialog")
        self.headline = title
        self.choices = dict(zip(_KEYS, choices, strict=False))

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet", can_focus=False):
            yield Static(Text(self.headline, style="bold"))
            for key, (_value, label) in self.choices.items():
                yield Static(Text(f"  {key}  {label}"), id=f"choice-{key}")
            yield Static(Text(self.words("Press a key of the list, or Esc")), classes="label")

    def on_key(self, event: Key) -> None:
        if event.character in self.choices:
            event.stop()
            self.dismiss(self.choices[event.character][0])

    def action_leave(self) -> None:
        self.dismiss(None)


class HelpDialog(Spoken[None]):
    """What the screen below shows, its keys, and what the marks mean."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,enter,q", "leave", N_("Close"), key_display="Esc", id="help.close"),
    ]

    def __init__(self, below: dict[str, ActiveBinding], title: str, about: str) -> None:
        super().__init__(classes="dialog")
        self.below, self.headline, self.about = below, title, about

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet -tall"):
            yield Static(self._text())
        yield Foot()

    def _text(self) -> Text:
        _ = self.words
        text = Text(_(self.headline) + "\n", style="bold")
        if self.about:
            text.append(f"  {_(self.about)}\n", style="not bold")
        text.append("\n" + _("Keys of this screen") + "\n")
        for active in keys_shown(self.below, every=True):
            shown = self.app.get_key_display(active.binding)
            text.append(f"  {fit(shown, 18)}{active.binding.description}\n", style="not bold")
        text.append("\n" + _("Everywhere") + "\n")
        for keys, meaning in _EVERYWHERE:
            text.append(f"  {fit(keys, 18)}{_(meaning)}\n", style="not bold")
        text.append("\n" + _("Outcomes") + "\n")
        for code, meaning in zip(Standing, _MEANINGS, strict=True):
            text.append(f"  {fit(standing(code, _), 11)}{_(meaning)}\n", style="not bold")
        return text

    def action_leave(self) -> None:
        self.dismiss(None)
