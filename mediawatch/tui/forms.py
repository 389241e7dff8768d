"""What each act of the office asks of a person: its fields, and how what is typed is read. Pure.

A form must not know what an act does: whether it is taken is said by the act itself, which is tried first.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mediawatch.core.calendar import day_of
from mediawatch.core.filtering import level
from mediawatch.core.office_words import FORMS, STEPS
from mediawatch.core.rulebook import Language
from mediawatch.core.rulebook import Words as Named
from mediawatch.core.sampling import read_ratio
from mediawatch.locale import N_
from mediawatch.tui.columns import Scene
from mediawatch.tui.commanding import NoCommand, instant

REGISTER = "accounts."
"""How the acts with the register begin."""

Reads = Callable[[str], Any]


class Misread(ValueError):
    """What was typed into a field cannot be read. Its text is of the catalogue, with `{text}` for what was typed."""

    typed = ""


@dataclass(frozen=True)
class Field:
    """One line to fill in. key: its name in what is said. label, hint: of the catalogue. value: what stands there.

    choices: the words that may stand there, by what they mean; typed as a word or as its number. many: typed lines
    apart by blanks become a list. file: paths of files of proof.
    """

    key: str
    label: str
    read: Reads = str
    value: str = ""
    needed: bool = False
    hint: str = ""
    choices: Mapping[str, Named] = field(default_factory=dict)
    file: bool = False

    def hinted(self, scene: Scene) -> str:
        """What stands in the empty field."""
        if self.choices:
            return " ".join(f"{n}={one.in_(scene.language)}" for n, one in enumerate(self.choices.values(), start=1))
        return scene.words(self.hint)


@dataclass(frozen=True)
class Form:
    """act: the name of an act of the office. title: of the catalogue. fixed: what is said without being asked."""

    act: str
    title: str
    fields: tuple[Field, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""


def said(form: Form, typed: Mapping[str, str], language: Language) -> dict[str, Any]:
    """What is said by an act, of what was typed into its form. Raises Misread."""
    given: dict[str, Any] = dict(form.fixed)
    for one in form.fields:
        text = typed.get(one.key, "").strip()
        if not text:
            continue
        try:
            given[one.key] = _chosen(one, text, language) if one.choices else one.read(text)
        except Misread as wrong:
            wrong.typed = text
            raise
    return given


def missing(form: Form, typed: Mapping[str, str]) -> Field | None:
    """The first field that must be filled in and is not."""
    return next((one for one in form.fields if one.needed and not typed.get(one.key, "").strip()), None)


# --- how fields are read ----------------------------------------------------------------------------------------------


def _chosen(one: Field, text: str, language: Language) -> str:
    codes = list(one.choices)
    plain = level(text).casefold()
    for number, code in enumerate(codes, start=1):
        if plain in (str(number), code, one.choices[code].in_(language).casefold()):
            return code
    raise Misread(N_("{text}: type one of the words or its number"))


def day(text: str) -> str:
    """A day of Shanghai."""
    try:
        return date.fromisoformat(level(text)).isoformat()
    except ValueError:
        raise Misread(N_("{text} is no day such as 2026-06-30")) from None


def number(text: str) -> int:
    """A whole number."""
    try:
        return int(level(text))
    except ValueError:
        raise Misread(N_("{text} is no number")) from None


def begin(text: str) -> str:
    """The first instant of a day, or an instant."""
    return _instant(text, begins=True)


def end(text: str) -> str:
    """The last second of a day, or an instant."""
    return _instant(text, begins=False)


def _instant(text: str, *, begins: bool) -> str:
    try:
        return instant(level(text), begins=begins).isoformat()
    except NoCommand as wrong:
        raise Misread(str(wrong)) from None


def ratios(text: str) -> list[dict[str, Any]]:
    """`30%`, or `30% level=city,platform=app:100%`."""
    try:
        return [read_ratio(one).model_dump(mode="json") for one in level(text).split()]
    except ValueError:
        raise Misread(N_("{text}: write 30%, or level=city,platform=app:100%")) from None


def strata(text: str) -> list[str]:
    """`level,platform,region`, or `none`."""
    words = [one.strip() for one in level(text).split(",") if one.strip()]
    return [] if words == ["none"] else words


def paths(text: str) -> list[str]:
    """Paths of files, parted by semicolons; `~` is the home folder."""
    return [str(Path(one.strip()).expanduser()) for one in text.replace("；", ";").split(";") if one.strip()]


# --- the forms --------------------------------------------------------------------------------------------------------

_NOTE = Field("note", N_("Note"))
_REASON = Field("note", N_("Reason"), needed=True)
_YES = {"yes": Named(zh_CN="是", en="yes"), "no": Named(zh_CN="否", en="no")}


def _proof(can: bool) -> tuple[Field, ...]:
    return (Field("proof", N_("Proof"), paths, hint=N_("paths of files, parted by ;"), file=True),) if can else ()


def _case_forms(proof: bool) -> dict[str, Form]:
    files = _proof(proof)
    measures = Field("measures", N_("Measures"), hint=N_("what the unit does, where it says so"))
    person = Field("person", N_("Carried out by"))
    return {
        "confirm": Form("case.confirm", N_("Confirm"), (_REASON,)),
        "dismiss": Form("case.dismiss", N_("Dismiss"), (_REASON,)),
        "notify": Form(
            "case.notify",
            N_("Notify the unit"),
            (
                Field("due", N_("Report due"), day, hint=N_("a day; empty: the usual term in working days")),
                Field("days", N_("Or working days"), number),
                replace(_NOTE, hint=N_("by what letter")),
            ),
        ),
        "receive": Form("case.receive", N_("The unit signs for it"), (measures, person, _NOTE)),
        "plan": Form("case.plan", N_("The unit's measures"), (replace(measures, needed=True), person, _NOTE)),
        "report": Form(
            "case.report", N_("The unit reports"), (Field("note", N_("Its words"), needed=True), *files)
        ),
        "recheck": Form("case.recheck", N_("Look again"), (_NOTE,)),
        "cured": Form("case.recheck", N_("I saw it put right"), (_REASON,), {"cured": True}),
        "not_cured": Form("case.recheck", N_("I saw it not put right"), (_REASON,), {"cured": False}),
        "close": Form("case.close", N_("Close the case"), (_NOTE,)),
        "publish": Form(
            "case.publish",
            N_("Named in a circular"),
            (Field("at", N_("Published"), begin, hint=N_("a day or time; empty: now")), _NOTE),
        ),
        "escalate": Form(
            "case.escalate",
            N_("Escalate"),
            (
                Field("step", N_("Step"), needed=True, choices={k: v for k, v in STEPS.items() if k != "overdue"}),
                Field("person", N_("Held to account")),
                Field("form", N_("In which form"), choices=FORMS),
                _NOTE,
            ),
        ),
    }  # fmt: skip


def case_form(act: str, case: str, *, proof: bool) -> Form | None:
    """The form of a step of a case, by the act's name in `CaseView.acts`. proof: whether files can be kept."""
    form = _case_forms(proof).get(act)
    return form and replace(form, fixed={"id": case, **form.fixed})


def open_forms(*, alert: str = "", account: str = "", campaign: str = "") -> Form:
    """A case from an alert, the cases of a frozen inspection, or a case by hand."""
    if campaign:
        return Form("case.open", N_("Open the cases of its failures"), fixed={"campaign": campaign})
    if alert:
        problem = Field("problem", N_("Problem"), hint=N_("empty: in the words of the alert"))
        return Form("case.open", N_("Open a case"), (problem,), {"alert": alert})
    fields = (Field("problem", N_("Problem"), needed=True), Field("indicator", N_("Indicator"), hint=N_("if any")))
    return Form("case.open", N_("Open a case"), fields, {"account": account})


def campaign_form(act: str, campaign: str, statements: Sequence[int] = (), *, proof: bool = False) -> Form | None:
    """The form of a step of an inspection. statements: the numbers of those that nobody has decided. proof: whether
    files can be kept."""
    known = {
        "draw": Form(
            "inspect.draw",
            N_("Draw the sample"),
            (Field("seed", N_("Seed"), value=secrets.token_hex(16), needed=True),),
            about=N_("The seed is published with the draw, so that anybody can make it again."),
        ),
        "look": Form("inspect.look", N_("Open the look window"), (_NOTE,)),
        "judge": Form("inspect.judge", N_("Judge the sample"), (_NOTE,)),
        "statement": Form(
            "inspect.statement",
            N_("A unit's statement"),
            (
                Field("account", N_("Account"), needed=True, hint=N_("its id")),
                Field("indicator", N_("Indicator"), hint=N_("empty: all of its lines")),
                Field("text", N_("Its words"), needed=True),
                *_proof(proof),
            ),
        ),
        "rule": Form(
            "inspect.rule",
            N_("Decide a statement"),
            (
                Field("number", N_("Statement"), number, value=str(statements[0]) if statements else "", needed=True),
                Field("upheld", N_("Upheld"), needed=True, choices=_YES),
                Field("reason", N_("Reason"), needed=True),
            ),
        ),
        "freeze": Form(
            "inspect.freeze",
            N_("Freeze it"),
            (Field("leave", N_("Leave undecided"), choices=_YES, hint="no"), _NOTE),
            about=N_("A digest is taken over everything, and nothing of it is changed again."),
        ),
        "open": open_forms(campaign=campaign),
        "publish": Form(
            "case.publish",
            N_("Its circular was published"),
            (Field("at", N_("Published"), begin, hint=N_("a day or time; empty: now")), _NOTE),
            {"campaign": campaign},
        ),
    }
    form = known.get(act)
    key = "campaign" if form and form.act.startswith("case.") else "id"
    return form and replace(form, fixed={key: campaign, **form.fixed})


def order_form(scene: Scene, rulebook: str, previous: str) -> Form:
    """The order of a new inspection: a month to look, from today on."""
    today = day_of(scene.now)
    return Form(
        "inspect.new",
        N_("Order an inspection"),
        (
            Field("id", N_("Id"), needed=True, hint="2026q4"),
            Field("title", N_("Title")),
            Field("rulebook", N_("Rulebook"), value=rulebook, needed=True),
            Field("begins_at", N_("Looks from"), begin, value=today.isoformat(), needed=True),
            Field("judged_at", N_("Judged as of"), end, value=(today + timedelta(days=30)).isoformat(), needed=True),
            Field("ratios", N_("How much"), ratios, value="30%", needed=True, hint="30% level=city:100%"),
            Field("by", N_("Strata"), strata, value="level,platform,region", needed=True),
            Field("previous", N_("After inspection"), value=previous, hint=N_("its failures are drawn first")),
        ),
        about=N_("The accounts in use now are frozen as its population."),
    )
