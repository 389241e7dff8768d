"""Acts of the office from any screen: a form, what it would do, and only then the act; inspections, cases, proof.

What an act means is the office's business (`mediawatch.office`). It must never do more than was shown and agreed to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from mediawatch.locale import N_
from mediawatch.tui.form_dialog import Agreed, FormDialog
from mediawatch.tui.forms import REGISTER, Form
from mediawatch.tui.guard import said_by
from mediawatch.tui.office_answers import told_lines
from mediawatch.tui.pane import Pane
from mediawatch.tui.source import Keeps

Answer = TypeVar("Answer")
MOST_PROOF = 16 * 1024 * 1024
"""Bytes of one file of proof."""


class OfficeActing(Pane[Answer], Generic[Answer]):
    """A screen from which the office acts."""

    @property
    def may_office(self) -> bool:
        """Whether the office's acts are offered."""
        return self.console_app.may_act and self.console_app.acts.office is not None

    def ask_form(self, form: Form, name: str, about: Sequence[str] = ()) -> None:
        """Asks for what the act needs, shows what it would do, and does it."""

        async def tries(agreed: Agreed) -> Sequence[str]:
            return told_lines(await self._perform(form, agreed, dry_run=True), self.console_app.scene())

        dialog = FormDialog(form, name, about, self.console_app.by, tries)
        self.app.push_screen(dialog, lambda agreed: self._agreed(form, agreed))

    def _agreed(self, form: Form, agreed: Agreed | None) -> None:
        if agreed is not None:
            self.console_app.by = agreed.by
            self.run_worker(self._carry(form, agreed), exit_on_error=False)

    async def _carry(self, form: Form, agreed: Agreed) -> None:
        _ = self.words
        try:
            answer = await self._perform(form, agreed, dry_run=False)
        except Exception as error:
            self.console_app.log_fault(error)
            self.tell(_("Not done: {error}").format(error=said_by(error)))
        else:
            lines = told_lines(answer, self.console_app.scene())
            done = N_("Written; a daemon takes it up when it reloads.") if "file" not in answer else N_("Written.")
            said = _(done) if form.act.startswith(REGISTER) else _("Done; it is in the record.")
            self.notify("\n".join((said, *lines)), markup=False, timeout=6)
        self.read()

    async def _perform(self, form: Form, agreed: Agreed, *, dry_run: bool) -> dict[str, Any]:
        console = self.console_app
        act = console.acts.register if form.act.startswith(REGISTER) else console.acts.office
        if act is None:
            raise PermissionError(self.words(N_("This console may not act.")))
        given = dict(agreed.said)
        for field in form.fields:
            if field.file and field.key in given:
                keep = _digest if dry_run or console.acts.keep is None else console.acts.keep
                given[field.key] = await console.ask(partial(_kept, keep, given[field.key]))
        return await act(form.act, given, agreed.by, dry_run)


def _kept(keep: Keeps, files: Sequence[str]) -> list[str]:
    return [keep(_read(one)) for one in files]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _read(file: str) -> bytes:
    with Path(file).open("rb") as stream:
        body = stream.read(MOST_PROOF + 1)
    if len(body) > MOST_PROOF:
        raise ValueError(f"{file}: more than {MOST_PROOF // 1024 // 1024} MiB")
    return body
