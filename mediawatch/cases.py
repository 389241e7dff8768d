"""Rectification cases: people's acts, from a finding to 销号. What clocks and looks decide is in `followup.py`.

Every act is one transaction and a line of the trace. It must never close a case that nothing and nobody saw put right,
and never look by itself: a re-check makes the account due and waits for the finding.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, Field

from mediawatch.core import rectification
from mediawatch.core.alerting import State as AlertState
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.campaign import Stage, Verdict, failing, unit_of
from mediawatch.core.model import Account, Finding, Value
from mediawatch.core.rectification import Act, Case, State, escalation, move, term
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Indicator, Words
from mediawatch.core.trace import Move
from mediawatch.core.wording import sentence
from mediawatch.core.workdays import WorkdaysUnknown
from mediawatch.followup import PROGRAM, look, moved, quiet, remind
from mediawatch.policy import Policy
from mediawatch.store.store import Ledger


class Open(Value):
    """A case from an alert, from the failures of a frozen campaign (of one account, where named), or by hand."""

    alert: str = ""
    campaign: str = ""
    account: str = ""
    indicator: str = ""
    problem: str = Field(default="", max_length=2000)


class Notice(Value):
    """The unit is told: by `due`, or so many working days later; without both the house's term."""

    id: str
    due: date | None = None
    days: int | None = Field(default=None, ge=1, le=250)
    note: str = ""


class Receipt(Value):
    """The unit signs for it; `measures` and `person` where it says at once what it does and who."""

    id: str
    measures: str = ""
    person: str = ""
    note: str = ""


class Report(Value):
    """The unit reports; `proof` are digests of the files it sent."""

    id: str
    note: str = Field(min_length=1, max_length=4000)
    proof: tuple[str, ...] = ()


class Recheck(Value):
    """Looks again; or, with `cured`, a person's own word on what they saw, with the reason."""

    id: str
    cured: bool | None = None
    note: str = ""


class Publication(Value):
    """A circular named the case, or all cases of a campaign."""

    id: str = ""
    campaign: str = ""
    at: AwareDatetime | None = None
    note: str = ""


class Escalation(Value):
    """One step further: see `rectification.STEPS`. person, form: who was held to account, and how (`FORMS`)."""

    id: str
    step: str
    person: str = ""
    form: str = ""
    note: str = ""


class Noted(Value):
    """An act that needs nothing but words."""

    id: str
    note: str = ""


class Moved(Value):
    """The cases as they stand after an act."""

    cases: tuple[Case, ...]


# --- people's acts ----------------------------------------------------------------------------------------------------


def open_(ledger: Ledger, policy: Policy, said: Open, by: str, now: datetime) -> Moved:
    """Opens what is asked for. Raises KeyError for what is unknown, ValueError where there is nothing to do."""
    if said.campaign:
        opened = _of_campaign(ledger, policy, said, by, now)
    elif said.alert:
        opened = [_of_alert(ledger, policy, said, by, now)]
    else:
        account = _account(ledger, said.account)
        if not said.problem.strip():
            raise ValueError("a case that is opened by hand needs its problem in words")
        book = policy.books.get(account.rulebook)
        if said.indicator and (book is None or book.on(day_of(now)).line(said.indicator) is None):
            raise ValueError(f"the rulebook of {account.id} has no line {said.indicator}")
        case = _case(ledger, account, said.indicator, by, now, state=State.CONFIRMED, problem=said.problem)
        opened = [_add(ledger, policy, case, by, now, said.problem)]
    return Moved(cases=tuple(opened))


def confirm(ledger: Ledger, policy: Policy, said: Noted, by: str, now: datetime) -> Moved:
    """A person has checked a detected fault: it is one."""
    return Moved(cases=(moved(ledger, ledger.cases.one(said.id), Act.CONFIRM, by, now, _words(said.note)),))


def dismiss(ledger: Ledger, policy: Policy, said: Noted, by: str, now: datetime) -> Moved:
    """It was none (误报)."""
    case = ledger.cases.one(said.id)
    quiet(ledger, case, now)
    return Moved(cases=(moved(ledger, case, Act.DISMISS, by, now, _words(said.note), due=None),))


def notify(ledger: Ledger, policy: Policy, said: Notice, by: str, now: datetime) -> Moved:
    """The term begins. Raises ValueError also for a year whose working days are not known."""
    case = ledger.cases.one(said.id)
    try:
        due = said.due or term(policy.workdays, now, said.days or policy.terms.report)
        receipt = min(due, term(policy.workdays, now, policy.terms.receipt))
    except WorkdaysUnknown as error:
        raise ValueError(str(error)) from None
    if now >= midnight_after(due):
        raise ValueError(f"the term must not end before it begins: {due}")
    quiet(ledger, case, now)
    changes: dict[str, Any] = {
        "due": due,
        "receipt_due": receipt,
        "notified_at": case.notified_at or now,
        "received_at": None,
    }
    told = {"due": due.isoformat(), "receipt_due": receipt.isoformat()}
    return Moved(cases=(moved(ledger, case, Act.NOTIFY, by, now, said.note, told=told, **changes),))


def receive(ledger: Ledger, policy: Policy, said: Receipt, by: str, now: datetime) -> Moved:
    """The unit signs for the notice, and may say what it does."""
    case, first = move(ledger.cases.one(said.id), Act.RECEIVE, by, now, said.note, received_at=now)
    moves = [first]
    if said.measures.strip():
        told = {"measures": said.measures, "person": said.person}
        case, second = move(case, Act.PLAN, by, now, said.measures, told=told)
        moves.append(second)
    ledger.cases.save(case, *moves)
    return Moved(cases=(case,))


def plan(ledger: Ledger, policy: Policy, said: Receipt, by: str, now: datetime) -> Moved:
    """The unit says what it does, and who, after it has signed. Raises ValueError where it says nothing."""
    case, told = ledger.cases.one(said.id), {"measures": _words(said.measures), "person": said.person}
    return Moved(cases=(moved(ledger, case, Act.PLAN, by, now, said.note or said.measures, told=told),))


def report(ledger: Ledger, policy: Policy, said: Report, by: str, now: datetime) -> Moved:
    """The unit's report with its proof; the account is looked at again at once, through the normal path."""
    case = ledger.cases.one(said.id)
    case, first = move(case, Act.REPORT, by, now, said.note, proof=said.proof, reported_at=now)
    case, second = move(case, Act.RECHECK, PROGRAM, now, cleared_at=None, recheck_at=now, checked_at=None, good_at=None)
    ledger.cases.save(case, first, second)
    quiet(ledger, case, now)
    look(ledger, case, now)
    return Moved(cases=(case,))


def recheck(ledger: Ledger, policy: Policy, said: Recheck, by: str, now: datetime) -> Moved:
    """Looks again; or takes down what a person saw, which ends the re-check."""
    case = ledger.cases.one(said.id)
    if said.cured is None:
        fresh: dict[str, Any] = {"recheck_at": now, "checked_at": None, "good_at": None, "cleared_at": None}
        look(ledger, case, now)
        return Moved(cases=(moved(ledger, case, Act.RECHECK, by, now, said.note, **fresh),))
    if said.cured:
        seen: dict[str, Any] = {
            "fixed_at": case.fixed_at or now,
            "cleared_at": now if case.state is State.RECHECK else None,
        }
        return Moved(cases=(moved(ledger, case, Act.CURED, by, now, _words(said.note), **seen),))
    unseen: dict[str, Any] = {"fixed_at": None, "cleared_at": None, "good_at": None}
    return Moved(cases=(moved(ledger, case, Act.NOT_CURED, by, now, _words(said.note), **unseen),))


def close(ledger: Ledger, policy: Policy, said: Noted, by: str, now: datetime) -> Moved:
    """销号. Raises ValueError where nothing and nobody has seen it put right."""
    case = ledger.cases.one(said.id)
    if case.state is State.RECHECK and case.cleared_at is None:
        raise ValueError(
            f"case {case.id} cannot be closed: no look since its report shows it put right; wait for the re-check,"
            " or say what you saw yourself (case recheck --cured)"
        )
    return Moved(cases=(moved(ledger, case, Act.CLOSE, by, now, said.note, closed_at=now, checked_at=now, due=None),))


def publish(ledger: Ledger, policy: Policy, said: Publication, by: str, now: datetime) -> Moved:
    """A circular named it; what was put right before that stays known (`fixed_at`)."""
    at = said.at or now
    if at > now:
        raise ValueError("a publication to come cannot be noted yet")
    named = [ledger.cases.one(said.id)] if said.id else ledger.cases.find(campaign=said.campaign or "-")
    cases = [case for case in named if case.state is not State.DISMISSED and case.published_at is None]
    if not cases:
        raise ValueError("there is no case to publish: none there, or all were named before")
    named = [moved(ledger, case, Act.PUBLISH, by, now, said.note, published_at=at) for case in cases]
    return Moved(cases=tuple(named))


def escalate(ledger: Ledger, policy: Policy, said: Escalation, by: str, now: datetime) -> Moved:
    """督办 通报 约谈 问责 关停: one step further, told to those who get reminders."""
    case = ledger.cases.one(said.id)
    person = said.person.strip()
    if bool(said.form) != bool(person) or (said.form and said.form not in rectification.FORMS):
        raise ValueError(f"accountability needs a person and one of {', '.join(rectification.FORMS)}")
    step = escalation(case, said.step)
    told = {name: text for name, text in (("step", step), ("person", person), ("form", said.form)) if text}
    case, line = move(case, Act.ESCALATE, by, now, said.note, told=told, step=step)
    ledger.cases.save(case, line)
    remind(ledger, policy, case, step, now)
    return Moved(cases=(case,))


# --- what they are made of --------------------------------------------------------------------------------------------


def _of_campaign(ledger: Ledger, policy: Policy, said: Open, by: str, now: datetime) -> list[Case]:
    stored = ledger.campaigns.one(said.campaign)
    if stored.stage is not Stage.FROZEN:
        raise ValueError(f"campaign {said.campaign} is not frozen yet: its failures are not final")
    found = [case for case in ledger.cases.find() if case.open or said.campaign in (case.campaign, *case.also)]
    known = {(case.account, case.indicator): case for case in found}
    opened: list[Case] = []
    again: list[Case] = []
    results = ledger.campaigns.results(said.campaign)
    reviews = ledger.campaigns.reviews({line.alert for result in results for line in failing(result) if line.alert})
    for result in results:
        if result.verdict is not Verdict.FAILED or said.account not in ("", result.account.id):
            continue
        for line in failing(result):
            if reviews.get(line.alert) is Review.DISMISSED:  # taken back since the freeze
                continue
            standing = known.get((result.account.id, line.finding.indicator))
            if standing is not None:  # one that is open already stands in nobody's way
                if said.campaign not in (standing.campaign, *standing.also):
                    also, told = (*standing.also, said.campaign), {"campaign": said.campaign}
                    again.append(moved(ledger, standing, Act.FOUND, by, now, told=told, also=also))
                continue
            case = _case(
                ledger,
                result.account,
                line.finding.indicator,
                by,
                now,
                state=State.CONFIRMED,
                says=_said(stored.plan.rulebook.indicator(line.finding.indicator), line.finding),
                campaign=said.campaign,
                alert=line.alert,
                finding=line.finding,
            )
            opened.append(_add(ledger, policy, case, by, now, ""))
    if not opened and not again:
        raise ValueError(f"campaign {said.campaign} has no failure without a case")
    return [*opened, *again]


def _of_alert(ledger: Ledger, policy: Policy, said: Open, by: str, now: datetime) -> Case:
    alert = ledger.alert(said.alert)
    if alert.level != "breach" or alert.review is Review.DISMISSED:
        raise ValueError(f"alert {alert.id} is no breach that a case could be about")
    if alert.state is AlertState.RESOLVED and (alert.confirmed_at is None or alert.review is Review.WAITING):
        raise ValueError(f"alert {alert.id} ended before it stood: nothing has confirmed it")
    account = _account(ledger, alert.subject)
    book = policy.books.get(account.rulebook)
    line = book.on(day_of(alert.opened_at)).line(alert.indicator) if book else None
    says = _said(line, alert.finding) if line and alert.finding and not said.problem else None
    words = said.problem if said.problem or says else alert.detail
    state = State.CONFIRMED
    if alert.review is Review.WAITING:
        state = State.PENDING_REVIEW
    elif alert.state is AlertState.PENDING:
        state = State.DETECTED
    known = {"problem": words, "says": says, "alert": alert.id, "finding": alert.finding}
    return _add(ledger, policy, _case(ledger, account, alert.indicator, by, now, state=state, **known), by, now, words)


def _case(ledger: Ledger, account: Account, indicator: str, by: str, now: datetime, **known: object) -> Case:
    unit = unit_of(account, ledger.unit_chain(account.id))
    told = {"account": account.id, "name": account.name, "unit": unit, "indicator": indicator}
    return Case.model_validate({"id": ledger.cases.next_id(now), **told, "opened_at": now, "opened_by": by, **known})


def _add(ledger: Ledger, policy: Policy, case: Case, by: str, now: datetime, note: str) -> Case:
    before = ledger.cases.find(account=case.account, indicator=case.indicator)
    standing = [one.id for one in before if one.open]
    if standing and case.indicator:
        raise ValueError(f"case {standing[0]} about {case.account} {case.indicator} is open already")
    case = case.model_copy(update={"earlier": rectification.repeats(case, before, policy.terms.repeat)})
    told = {"earlier": ", ".join(case.earlier)} if case.earlier else {}
    first = Move(
        subject=f"case:{case.id}", act="open", before="", after=case.state.value, by=by, at=now, note=note, told=told
    )
    ledger.cases.add(case, first)
    return case


def _said(line: Indicator, finding: Finding) -> Words:
    """The problem in words, in every language that a reader may ask for."""
    return Words(zh_CN=sentence(line, finding, "zh_CN"), en=sentence(line, finding, "en"))


def _words(note: str) -> str:
    if not note.strip():
        raise ValueError("this needs a reason in words")
    return note


def _account(ledger: Ledger, account: str) -> Account:
    found = ledger.account(account)
    if found is None:
        raise KeyError(f"account {account}")
    return found
