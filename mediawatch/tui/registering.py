"""Acts with the register from the board: add, import, export, and the filing held against it.

Nothing is written that was not shown first, and what is written is the register's own folder: it must touch no file of
people's.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from mediawatch.tui.dialogs import ChooseDialog
from mediawatch.tui.form_dialog import Agreed, FormDialog
from mediawatch.tui.office_acting import OfficeActing
from mediawatch.tui.places import Place
from mediawatch.tui.register_forms import TITLES, register_form

Answer = TypeVar("Answer")


class Registering(OfficeActing[Answer], Generic[Answer]):
    """A screen from which the register is changed."""

    @property
    def may_register(self) -> bool:
        """Whether the register's files are at hand, and may be changed."""
        return self.console_app.may_act and self.console_app.acts.register is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offered where it can be done."""
        return self.may_register if action == "register" else super().check_action(action, parameters)

    def action_register(self) -> None:
        """Chooses what to do with the register."""
        _ = self.words
        lines = [(name, _(title)) for name, title in TITLES.items()]
        self.app.push_screen(ChooseDialog(_("The register"), lines), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name is not None:
            self.act_on_register(name)

    def act_on_register(self, name: str, given: str = "") -> None:
        """One of `TITLES`; given: the address or file that is known already."""
        form = register_form(name, given)
        if name != "reconcile":
            self.ask_form(form, "")
        elif given:
            self._compare(given)
        else:
            self.app.push_screen(FormDialog(form, "", (), self.console_app.by, None), self._compared)

    def _compared(self, agreed: Agreed | None) -> None:
        if agreed is not None:
            self._compare(agreed.said["file"])

    def _compare(self, file: str) -> None:
        self.console_app.go(Place("differences", file, file.rpartition("/")[2], up=self.place))
