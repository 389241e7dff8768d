"""What each act with the register asks of a person: an address, a file, and how it is meant. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mediawatch.core.rulebook import Words as Named
from mediawatch.locale import N_
from mediawatch.tui.forms import REGISTER, Field, Form

_YES = {"yes": Named(zh_CN="是", en="yes"), "no": Named(zh_CN="否", en="no")}
_HEADS = {"names": Named(zh_CN="字段名", en="names"), "zh_CN": Named(zh_CN="中文", en="Chinese")}


def file(text: str) -> str:
    """A path; `~` is the home folder."""
    return str(Path(text.strip()).expanduser())


_NOTE = Field("note", N_("Note"), hint=N_("why; kept in the history"))
_FORMS: Mapping[str, Form] = {
    "add": Form(
        f"{REGISTER}add",
        N_("Register an account"),
        (
            Field("url", N_("Address"), needed=True, hint=N_("as a browser has it")),
            Field("name", N_("Name")),
            Field("sponsor", N_("Sponsor")),
            Field("unit", N_("unit"), hint=N_("its id")),
            Field("region", N_("Region"), hint="330100"),
            Field("level", N_("Level"), hint="national province city county town"),
            Field("kind", N_("Kind"), hint=N_("where the address does not tell")),
            Field("feed", N_("Feed"), hint=N_("of a bridge that shows it, as one more channel")),
            Field("covers", N_("It can see"), hint="posts"),
            Field("onto", N_("To account"), hint=N_("its id: one more channel of it, no account")),
            _NOTE,
        ),
    ),
    "import": Form(
        f"{REGISTER}import",
        N_("Take in a table"),
        (
            Field("file", N_("File"), file, needed=True, hint="accounts.xlsx"),
            Field("replace", N_("Others go"), value="no", choices=_YES),
            _NOTE,
        ),
        about=N_("CSV or XLSX: all of it, or nothing where a row is wrong."),
    ),
    "export": Form(
        f"{REGISTER}export",
        N_("Write the register to a file"),
        (
            Field("file", N_("File"), file, needed=True, hint="accounts.xlsx"),
            Field("heads", N_("Heads"), value="names", choices=_HEADS),
            Field("people", N_("With people"), value="no", choices=_YES),
        ),
        about=N_("As it is taken in again. No file is written over."),
    ),
    "reconcile": Form(
        f"{REGISTER}reconcile",
        N_("Hold the filing against it"),
        (Field("file", N_("File"), file, needed=True, hint="filing.xlsx"),),
        about=N_("An export of the national filing, CSV or XLSX. It changes nothing."),
    ),
}
TITLES: Mapping[str, str] = {name: form.title for name, form in _FORMS.items()}
"""What can be done with the register, by name, in words of the catalogue."""


def register_form(name: str, given: str = "") -> Form:
    """The form of one of `TITLES`. given: what is known already for its first field."""
    form = _FORMS[name]
    first, *others = form.fields
    return replace(form, fields=(replace(first, value=given), *others))
