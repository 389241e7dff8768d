"""What documents are made of: frozen views that a verb gathers and `reports/` puts on paper. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import AwareDatetime, Field

from mediawatch.core.campaign import Verdict, percent
from mediawatch.core.model import Evidence, Finding, Value
from mediawatch.core.office_views import CampaignView, CaseView, TallyView
from mediawatch.core.rulebook import Indicator, Language, Rulebook

FORMS_BY_WEIGHT = ("other", "talk", "written", "criticised", "warning", "moved")
"""Forms of accountability from light to heavy, as the yearly form lists them; `other` is the lightest."""


class Issue(Value):
    """Who issues a document, to whom, on what day; empty where a person must still say so."""

    language: Language
    issuer: str = ""
    to: str = ""
    day: date


class Held(Value):
    """One person held to account, as a case's trace has it. who: for counting alone, never shown."""

    who: str
    form: str
    at: AwareDatetime


class Circular(Value):
    """A campaign as a circular tells of it. due: the end of the term; proposed: no case has one yet.

    held: accountability by form, each person once, from the freeze of the register to the day of the draft.
    """

    issue: Issue
    view: CampaignView
    due: date | None
    proposed: bool
    held: dict[str, int] = {}


class Quarter(Value):
    """The checks of one quarter, or of a year. total: in the register at the last check; times: drawn and judged
    accounts, counted once in each quarter. campaigns: which."""

    name: str
    campaigns: tuple[str, ...]
    websites: TallyView | None
    media: TallyView | None
    held: dict[str, int] = {}


class SupervisionYear(Value):
    """The yearly form of supervision (监管年度报表). quarters: four of them; the year is their sum."""

    issue: Issue
    year: int
    quarters: tuple[Quarter, ...]
    whole: Quarter
    opened: int
    closed: int


class Output(Value):
    """What one account put out in a year. followers: the last count of the year, and its day.

    since: from when on the record is whole, where that is not the beginning of the year.
    """

    account: str
    name: str
    kind: str
    sponsor: str
    posts: int | None
    followers: int | None = None
    counted_on: date | None = None
    since: date | None = None


class WorkYear(Value):
    """The block of the yearly form of work (工作年度报表) on new media; of one sponsor or of all."""

    issue: Issue
    year: int
    sponsor: str
    outputs: tuple[Output, ...]


class Letter(Value):
    """The notice to a unit about a case. title, number, veto: of the line of the standard that it is about; empty where
    a person opened it for something that no line says. clauses: those that may be shown as official wording."""

    issue: Issue
    case: CaseView
    title: str = ""
    number: str = ""
    veto: bool = False
    clauses: tuple[str, ...] = ()


_WHENCE: Any = Field(exclude_if=lambda said: not said)  # covered by the hash where it is there


class LookRecord(Value):
    """One look as the record holds it: what its hash covers, and the hash (docs/evidence-pack.md)."""

    target: str
    account: str
    platform: str
    at: str
    reason: str | None
    detail: str
    facts: str | None
    posts: int
    newest_at: str | None
    digests: str
    asked: str = ""  # JSON list of `core.model.Asked`; empty, and in no hash, for looks from before it was kept
    prev_hash: str
    hash: str
    site: str = _WHENCE
    exit: str = _WHENCE
    setup: int = _WHENCE


class Pack(Value):
    """All that a finding rests on. chain: every look of every target up to the instant, from old to new.

    setups: with what those were made, by number. answers: kept answers by digest; missing: those that are no longer
    kept. place: the targets as people may see them.
    """

    issue: Issue
    finding: Finding
    indicator: Indicator
    rulebook: Rulebook
    says: str
    evidence: Evidence
    places: tuple[str, ...]
    chain: tuple[LookRecord, ...]
    setups: dict[int, dict[str, str | int]] = {}
    answers: dict[str, bytes]
    missing: tuple[str, ...] = ()
    verdict: Verdict | None = None
    decided: tuple[str, ...] = ()


def heaviest(held: Iterable[Held]) -> dict[str, int]:
    """How many were held to account by each form: one person once, by the heaviest (国办函〔2018〕12号)."""
    by_person: dict[str, str] = {}
    for one in held:
        before = by_person.get(one.who)
        if before is None or FORMS_BY_WEIGHT.index(one.form) > FORMS_BY_WEIGHT.index(before):
            by_person[one.who] = one.form
    found: dict[str, int] = {}
    for form in by_person.values():
        found[form] = found.get(form, 0) + 1
    return found


def summed(label: str, tallies: Iterable[TallyView]) -> TallyView:
    """One line of counts out of several that share no account."""
    tallies = tuple(tallies)
    counted = ("registered", "checked", "passed", "failed", "undetermined", "undecided", "problems", "again")
    total = {name: sum(getattr(one, name) for one in tallies) for name in counted}
    share = percent(total["checked"], total["registered"])
    return TallyView(
        key=label,
        label=label,
        share=share,
        pass_rate=percent(total["passed"], total["passed"] + total["failed"]),
        **total,
    )
