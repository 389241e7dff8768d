"""Acts on one row or on all that is marked and shown: acknowledge, mute, look again, confirm, dismiss.

A dialog names what it is about before anything is done, and a refresh behind it changes nothing of that. What is marked
but hidden by the filter is left alone. The acts themselves are the source's business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

from mediawatch.core.review import Choice
from mediawatch.locale import N_
from mediawatch.tui.dialogs import ActDialog, Word
from mediawatch.tui.guard import said_by
from mediawatch.tui.listing import Listing
from mediawatch.tui.source import Source

Row = TypeVar("Row")
Act = Callable[[str, Word], Awaitable[object]]


@dataclass(frozen=True)
class Subject:
    """What an act is about: an id, its name for people, and what is said of it."""

    id: str
    name: str
    says: str = ""


class Acting(Listing[Row], Generic[Row]):
    """A list whose rows can be acted on. A subclass says which alerts and accounts its rows stand for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", N_("Acknowledge"), id="act.acknowledge"),
        Binding("z", "mute", N_("Mute"), show=False, id="act.mute"),
        Binding("R", "look_again", N_("Look again"), show=False, id="act.look_again"),
    ]

    def alerts_of(self, source: Source, now: datetime, rows: Sequence[Row]) -> tuple[Subject, ...]:
        """The alerts that an acknowledgement of these rows is about; runs in the reader's thread."""
        raise NotImplementedError

    def accounts_of(self, rows: Sequence[Row]) -> tuple[Subject, ...]:
        """The accounts that these rows are about, each once."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A console that may only read, or looks back, offers no act; nor does one that has no means for it."""
        console = self.console_app
        means = {
            "acknowledge": console.acts.acknowledge,
            "mute": console.acts.mute,
            "look_again": console.acts.office,
            "decide": console.acts.decide,
        }
        if action in means:
            return console.may_act and means[action] is not None
        return super().check_action(action, parameters)

    async def action_acknowledge(self) -> None:
        """Takes up the alerts of what is marked, or of the row."""
        acknowledge = self.console_app.acts.acknowledge
        rows = await self.subjects()
        console = self.console_app
        source, now = console.source, console.clock()
        found = await console.ask(lambda: self.alerts_of(source, now, rows))
        if acknowledge is not None:
            self._ask(
                N_("Acknowledge"),
                found,
                N_("It stops the escalation; the alert stays open until the account is in order."),
                N_("Note"),
                lambda alert, word: acknowledge(alert, word.by, word.note),
            )

    async def action_mute(self) -> None:
        """Mutes the accounts of what is marked, or of the row, until tomorrow."""
        mute = self.console_app.acts.mute
        if mute is not None:
            self._ask(
                N_("Mute for a day"),
                self.accounts_of(await self.subjects()),
                N_("Nobody is told of their alerts for 24 hours; they are still looked at and judged."),
                N_("Reason"),
                lambda account, word: mute(account, word.by, word.note),
                needed=True,
            )

    async def action_look_again(self) -> None:
        """Has the accounts of what is marked, or of the row, looked at as soon as their platforms allow."""
        office = self.console_app.acts.office
        if office is not None:
            self._ask(
                N_("Look again"),
                self.accounts_of(await self.subjects()),
                N_("They are due at once; each platform's pace still holds."),
                N_("Note"),
                lambda account, word: office("account.look", {"id": account, "note": word.note}, word.by, False),
            )

    def decide(self, choice: Choice, subjects: Sequence[Subject]) -> None:
        """Confirms or dismisses candidates."""
        decide = self.console_app.acts.decide
        if decide is not None:
            confirm = choice == "confirm"
            self._ask(
                N_("Confirm") if confirm else N_("Dismiss"),
                subjects,
                N_("Receivers are told from now on.") if confirm else N_("Nobody is told; it is over."),
                N_("Reason"),
                lambda alert, word: decide(alert, choice, word.by, word.note),
                needed=True,
            )

    # --- the dialog and what follows from it ----------------------------------------------------------------------

    def _ask(
        self, title: str, subjects: Sequence[Subject], means: str, note: str, act: Act, *, needed: bool = False
    ) -> None:
        _ = self.words
        if not subjects:
            hidden = N_("What is marked is hidden by the filter; nothing was done.")
            self.tell(_(hidden) if self.marks else _("There is nothing here to act on."))
            return
        about = [*([subjects[0].says] if len(subjects) == 1 and subjects[0].says else []), _(means)]
        names = [subject.name for subject in subjects]
        dialog = ActDialog(_(title), names, about, self.console_app.by, note=_(note), needed=needed)
        self.app.push_screen(dialog, lambda word: self._answered(title, subjects, act, word))

    def _answered(self, title: str, subjects: Sequence[Subject], act: Act, word: Word | None) -> None:
        if word is not None:
            self.console_app.by = word.by
            self.run_worker(self._carry_out(title, subjects, act, word), exit_on_error=False)

    async def _carry_out(self, title: str, subjects: Sequence[Subject], act: Act, word: Word) -> None:
        _, failed, last = self.words, 0, ""
        for subject in subjects:
            try:
                await act(subject.id, word)
            except Exception as error:
                self.console_app.log_fault(error)
                failed, last = failed + 1, said_by(error)
        done = len(subjects) - failed
        if failed:
            said = _("{act}: {failed} of {n} failed: {error}")
            self.tell(said.format(act=_(title), failed=failed, n=len(subjects), error=last))
        if done:
            self.marks.clear()
            said = _("{act}: done for {n}; it is in the record.").format(act=_(title), n=done)
            self.notify(said, markup=False, timeout=4)
            self.draw_scope()
        self.read()
