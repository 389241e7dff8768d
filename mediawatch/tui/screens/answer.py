"""The screen of one kept answer: what a platform said, byte for byte, shown so that nothing of it acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from mediawatch.core.bodies import KeptAnswer
from mediawatch.core.office_views import MoveView
from mediawatch.core.views import AccountView, LookView
from mediawatch.locale import N_
from mediawatch.tui.answer_page import SUFFIX, answer_lines
from mediawatch.tui.cells import safe, second
from mediawatch.tui.dialogs import MOST_CHOICES, ChooseDialog
from mediawatch.tui.files import write_new
from mediawatch.tui.guard import said_by
from mediawatch.tui.page_pane import PagePane
from mediawatch.tui.pane import Pane
from mediawatch.tui.places import Place
from mediawatch.tui.source import Source


class AnswerPane(PagePane[KeptAnswer]):
    """`subject` of its place: the digest of the answer."""

    ABOUT = N_("What was answered, byte for byte, under the digest that the finding names. It is only shown.")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "save", N_("Save to a file"), id="answer.save"),
    ]

    def question(self, source: Source, now: datetime) -> Callable[[], KeptAnswer]:
        digest, known = self.place.subject, self.view

        def ask() -> KeptAnswer:
            if known is not None:  # its name is the digest of its bytes: it never changes
                return known
            try:
                return source.answer(digest)
            except KeyError:
                raise LookupError(self.words("this answer is no longer kept")) from None

        return ask

    def show(self, answer: KeptAnswer, now: datetime) -> None:
        if answer is not self.view:
            self.view = answer
            self.paper.write(lambda width: answer_lines(answer, self.words))

    def as_text(self) -> str:
        return "" if self.view is None else f"SHA-256 {self.view.digest} {self.view.media} {self.view.size:,}"

    async def action_save(self) -> None:
        """Saves the bytes as a new file, in the folder of exports."""
        view, _, console = self.view, self.words, self.console_app
        if view is None:
            return
        if not view.whole:
            self.tell(_("Not saved: only the first {n} bytes came here.").format(n=f"{len(view.body):,}"))
            return
        name = f"answer-{view.digest[:16]}.{SUFFIX.get(view.media, 'bin')}"
        try:
            path, known = await console.ask(lambda: write_new(console.folder, name, view.body))
        except OSError as error:
            console.log_fault(error)
            self.tell(_("Not saved: {error}").format(error=said_by(error)))
        else:
            said = _("It is there already: {file}") if known else _("Saved: {file}")
            self.tell(said.format(file=safe(str(path))))


def choose_proof(pane: Pane[Any], trace: Sequence[MoveView]) -> None:
    """Asks which file of proof is to be shown, the last ones first, and goes there."""
    moves = [one for one in reversed(trace) if one.proof]
    lines = {
        digest: f"{second(one.at)}  {safe(one.does)}  {safe(digest)[:12]}" for one in moves for digest in one.proof
    }
    _choose(pane, list(lines.items())[:MOST_CHOICES], pane.words("No file of proof was kept."))


def choose_answer(pane: Pane[Any], view: AccountView, proof: tuple[tuple[str, datetime], ...]) -> None:
    """Asks which kept answer is to be shown, the ones that prove it first, and goes there."""
    named = set(proof)
    looks = sorted(view.looks, key=lambda look: ((look.target, look.at) not in named, -look.at.timestamp()))
    lines = [(digest, _line(pane, look, digest)) for look in looks for digest in look.digests]
    first = dict(reversed(lines))  # each once, told as of where it comes first
    order = dict.fromkeys(digest for digest, _said in lines)
    lines = [(digest, first[digest]) for digest in order][:MOST_CHOICES]
    _choose(pane, lines, pane.words("No answer was kept of these looks."))


def _choose(pane: Pane[Any], lines: list[tuple[str, str]], none: str) -> None:
    if not lines:
        pane.tell(none)
    elif len(lines) == 1:
        _go(pane, lines[0][0])
    else:
        chosen = ChooseDialog(pane.words("Which kept answer?"), lines)
        pane.app.push_screen(chosen, lambda digest: _go(pane, digest))


def _line(pane: Pane[Any], look: LookView, digest: str) -> str:
    saw = pane.words("saw {n} posts").format(n=look.posts) if look.ok else safe(look.reason or "")
    return f"{second(look.at)}  {safe(look.adapter)}  {saw}  {safe(digest)[:12]}"


def _go(pane: Pane[Any], digest: str | None) -> None:
    if digest is not None:
        label = pane.words("answer {digest}").format(digest=safe(digest)[:12])
        pane.console_app.go(Place("answer", digest, label, up=pane.place))
