"""Documents from a screen: a circular and its annexes, a notice, an evidence pack, written as new files, as drafts.

What stands in them is the source's business; it must never publish anything, nor write over a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mediawatch.core.bodies import Document
from mediawatch.locale import N_
from mediawatch.tui.cells import safe
from mediawatch.tui.dialogs import ChooseDialog
from mediawatch.tui.files import write_new
from mediawatch.tui.form_dialog import Agreed, FormDialog
from mediawatch.tui.forms import Field, Form, day
from mediawatch.tui.guard import said_by
from mediawatch.tui.pane import Pane

KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "circular": (N_("Circular"), ("docx", "html", "xlsx")),
    "annex": (N_("Annexes"), ("xlsx", "docx", "html")),
    "notice": (N_("Notice"), ("docx", "html")),
    "evidence": (N_("Evidence pack"), ("zip",)),
    "supervision-year": (N_("Yearly form of supervision"), ("xlsx", "docx", "html")),
    "work-year": (N_("Yearly form of work"), ("xlsx", "docx", "html")),
}
"""Each document: its name, and the forms it may take, the usual one first."""
_ISSUED = frozenset({"circular", "notice", "supervision-year", "work-year"})


@dataclass(frozen=True)
class Issued:
    """By whom a document is issued, to whom, and with which term; what is open is left open in it."""

    issuer: str = ""
    to: str = ""
    due: date | None = None


_OPEN = Issued()


def choose_document(pane: Pane[Any], subjects: Mapping[str, str]) -> None:
    """Asks which document in which form, and who issues it to whom. subjects: what each kind would be about."""
    _ = pane.words

    def chosen(line: str | None) -> None:
        if line is not None:
            kind, form = line.split()
            _ask_issuer(pane, kind, subjects[kind], form)

    lines = [(f"{kind} {form}", f"{_(KINDS[kind][0])}  {form.upper()}") for kind in subjects for form in KINDS[kind][1]]
    pane.app.push_screen(ChooseDialog(_("Which document?"), lines), chosen)


def _ask_issuer(pane: Pane[Any], kind: str, subject: str, form: str) -> None:
    if kind not in _ISSUED:
        write_document(pane, kind, subject, form)
        return

    def answered(agreed: Agreed | None) -> None:
        if agreed is not None:
            said = dict(agreed.said)
            due = date.fromisoformat(said.pop("due")) if "due" in said else None
            write_document(pane, kind, subject, form, Issued(due=due, **said))

    fields = (
        Field("issuer", N_("Issued by"), hint=N_("left open where it is empty")),
        Field("to", N_("To"), hint=N_("left open where it is empty")),
    )
    term = Field("due", N_("Report due"), day, hint=N_("a day; empty: that of its cases"))
    form_of = Form(kind, KINDS[kind][0], (*fields, term) if kind == "circular" else fields)
    pane.app.push_screen(FormDialog(form_of, subject, (), pane.console_app.by, None), answered)


def write_document(pane: Pane[Any], kind: str, subject: str, form: str = "", issued: Issued = _OPEN) -> None:
    """Writes it into the folder of exports, and says where, or why not."""
    pane.run_worker(_write(pane, kind, subject, "" if form == "zip" else form, issued), exit_on_error=False)


async def _write(pane: Pane[Any], kind: str, subject: str, form: str, issued: Issued) -> None:
    console, _ = pane.console_app, pane.words
    source, now = console.source, console.clock()

    def written() -> list[tuple[Document, str]]:
        more = {"due": issued.due} if issued.due is not None else {}
        found = source.documents(kind, subject, now, form=form, issuer=issued.issuer, to=issued.to, **more)
        return [(one, str(write_new(console.folder, one.name, one.body)[0])) for one in found]

    pane.notify(_("Writing ..."), markup=False, timeout=2)
    try:
        files = await console.ask(written)
    except Exception as error:
        console.log_fault(error)
        pane.tell(_("Not written: {error}").format(error=said_by(error)))
        return
    named = ", ".join(f"{safe(path)} ({len(one.body):,})" for one, path in files)
    pane.tell(_("Written as a draft: {files}").format(files=named))
