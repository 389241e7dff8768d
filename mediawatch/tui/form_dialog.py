"""A form above a screen: what an act of the office needs, tried first, and done only after what it would do was shown.

It must not act by itself: the trial is given to it, and what was agreed to is given back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Static

from mediawatch.locale import N_
from mediawatch.tui.cells import safe
from mediawatch.tui.entry import Entry
from mediawatch.tui.forms import Form, Misread, missing, said
from mediawatch.tui.guard import all_said_by
from mediawatch.tui.pane import Spoken


@dataclass(frozen=True)
class Agreed:
    """Who acts, and what is said by it."""

    by: str
    said: dict[str, Any]


Tries = Callable[[Agreed], Awaitable[Sequence[str]]]
"""Tries an act without doing it: what it would do, in lines. Raises what is to be shown."""


class FormDialog(Spoken[Agreed | None]):
    """Enter tries what is typed; Enter once more, with nothing changed, does it. `None` when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Cancel"), key_display="Esc", id="dialog.cancel")
    ]

    def __init__(self, form: Form, name: str, about: Sequence[str], by: str, tries: Tries | None) -> None:
        """name: of what it is about. tries: `None` where there is nothing to try, and one Enter is enough."""
        super().__init__(classes="dialog")
        self.form, self.named, self.about, self.by, self.tries = form, name, tuple(about), by, tries
        self._tried: Agreed | None = None
        self._trying = False

    def compose(self) -> ComposeResult:
        _, scene = self.words, self.console_app.scene()
        with VerticalScroll(classes="sheet", can_focus=False):
            title = ": ".join(filter(None, (_(self.form.title), safe(self.named))))
            yield Static(Text(title, style="bold"))
            for line in filter(None, (*self.about, _(self.form.about))):
                yield Static(Text(line))
            with Horizontal(classes="field"):
                yield Static(Text(_("Who")), classes="label")
                yield Entry(self.by, id="by", compact=True, max_length=60)
            for one in self.form.fields:
                with Horizontal(classes="field"):
                    yield Static(Text(_(one.label)), classes="label")
                    hint = one.hinted(scene)
                    yield Entry(one.value, id=f"field-{one.key}", compact=True, max_length=2000, placeholder=hint)
            yield Static(Text(""), id="missing")
            yield Static(Text(""), id="trial")
            yield Static(Text(self._keys()), id="keys", classes="label")

    def _keys(self) -> str:
        _ = self.words
        if self._tried is not None:
            return _("Enter does it, any change tries again, Esc cancels")
        if self.tries is None:
            return _("Enter does it, Tab changes the field, Esc cancels")
        return _("Enter shows what it would do, Tab changes the field, Esc cancels")

    def on_mount(self) -> None:
        empty = next((one for one in self.form.fields if not one.value), None)
        self.query_one(f"#field-{empty.key}" if empty and self.by else "#by", Input).focus()

    def on_input_changed(self) -> None:
        self._forget()

    def _forget(self) -> None:
        if self._tried is not None:
            self._tried = None
            self._tell("#trial", "")
            self._tell("#keys", self._keys())

    def _tell(self, which: str, text: str) -> None:
        self.query_one(which, Static).update(Text(text))

    def on_input_submitted(self) -> None:
        _, by = self.words, self.query_one("#by", Input).value.strip()
        typed = {one.key: self.query_one(f"#field-{one.key}", Input).value for one in self.form.fields}
        if not by:
            self._refuse(_("The record needs a name."), "by")
            return
        if (empty := missing(self.form, typed)) is not None:
            self._refuse(_("Something is missing: {text}").format(text=_(empty.label)), f"field-{empty.key}")
            return
        try:
            agreed = Agreed(by, said(self.form, typed, self.console_app.language))
        except Misread as wrong:
            self._tell("#missing", _(str(wrong)).format(text=safe(wrong.typed)))
            return
        if self.tries is None or agreed == self._tried:
            self.dismiss(agreed)
        elif not self._trying:
            self._trying = True
            self.run_worker(self._try(agreed), exit_on_error=False)

    async def _try(self, agreed: Agreed) -> None:
        _ = self.words
        self._tell("#missing", "")
        try:
            assert self.tries is not None
            lines = await self.tries(agreed)
        except Exception as error:
            self.console_app.log_fault(error)
            self._tell("#missing", _("It would not be taken: {error}").format(error="\n  ".join(all_said_by(error))))
        else:
            self._tried = agreed
            self._tell("#trial", "\n".join((_("It would be:"), *(f"  {line}" for line in lines))))
            self._tell("#keys", self._keys())
            self.query_one("#keys", Static).scroll_visible(animate=False)
        finally:
            self._trying = False

    def _refuse(self, why: str, field: str) -> None:
        self._tell("#missing", why)
        self.query_one(f"#{field}", Input).focus()

    def action_leave(self) -> None:
        self.dismiss(None)
