"""What clocks and looks decide about rectification cases, without a person: terms that end, re-checks, relapses.

It must never close a case, and never take a case back on what a person must confirm or has dismissed, or on one look
alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mediawatch import notify as telling
from mediawatch.core.alerting import Alert, alert_id
from mediawatch.core.alerting import State as AlertState
from mediawatch.core.calendar import day_of
from mediawatch.core.campaign import unit_of
from mediawatch.core.office_words import overdue_says
from mediawatch.core.rectification import Act, Case, lapsed, move, proves
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import judge_line
from mediawatch.core.schedule import Due
from mediawatch.core.wording import say
from mediawatch.policy import Policy
from mediawatch.store.past import Past
from mediawatch.store.store import Ledger

PROGRAM = "mediawatch"
"""Who acts where a clock or a look decides."""


def tick(ledger: Ledger, policy: Policy, now: datetime) -> int:
    """Reviews that were decided, terms that ended, looks that prove something, faults that came back. May run any
    number of times; returns how many cases moved."""
    return (
        _follow(ledger, now)
        + _lapse(ledger, policy, now)
        + _looked(ledger, policy, now)
        + _relapse(ledger, policy, now)
    )


def _lapse(ledger: Ledger, policy: Policy, now: datetime) -> int:
    cases = [case for case in ledger.cases.lapsing(now) if lapsed(case, now)]
    for case in cases:
        moved(ledger, case, Act.LAPSE, PROGRAM, now, told={"due": str(case.due)})
        remind(ledger, policy, case, "overdue", now)
    return len(cases)


def _follow(ledger: Ledger, now: datetime) -> int:
    """A case follows what people decide about its alert: it waits for that, and is over where they take it back."""
    count = 0
    for case, state, review in ledger.cases.reviewed():
        if review is Review.DISMISSED:
            quiet(ledger, case, now)
            moved(ledger, case, Act.DISMISS, PROGRAM, now, f"alert {case.alert} was dismissed", due=None)
        elif review is Review.CONFIRMED or (review is Review.NOT_NEEDED and state is AlertState.OPEN):
            moved(ledger, case, Act.CONFIRM, PROGRAM, now, f"alert {case.alert} is confirmed")
        else:
            continue
        count += 1
    return count


def _looked(ledger: Ledger, policy: Policy, now: datetime) -> int:
    count = 0
    for case, tried_at in ledger.cases.looked_at():
        book = _book(ledger, policy, case, now)
        evidence = ledger.evidence(case.account, now)
        finding = judge_line(book, evidence, case.indicator) if book else None
        case = case.model_copy(update={"checked_at": tried_at})
        if finding is None or book is None:  # it is not asked any more, as of one that is closed: a person decides
            ledger.cases.save(case)
            continue
        line = book.indicator(case.indicator)
        if line.id in ledger.dismissed(case.account, (finding,), now):  # a person has looked, and time proves nothing
            ledger.cases.save(case)
            continue
        act, changes = proves(case, finding, evidence, line.rule, policy.cadence.recheck)
        if act is not None:
            moved(ledger, case, act, PROGRAM, now, say(line, finding, policy.language), **changes)
            count += 1
            continue
        ledger.cases.save(case.model_copy(update=changes))
        if changes.get("good_at") is not None:  # a second look, apart from the first, must agree
            look(ledger, case, changes["good_at"] + policy.cadence.recheck)
    return count


def _relapse(ledger: Ledger, policy: Policy, now: datetime) -> int:
    count = 0
    for case, alert in ledger.cases.relapsed():
        within = case.closed_at is not None and alert.opened_at - case.closed_at <= timedelta(days=policy.terms.relapse)
        others = ledger.cases.find(account=case.account, indicator=case.indicator)
        account = ledger.account(case.account)
        if account is None or unit_of(account, ledger.unit_chain(account.id)) != case.unit:
            continue  # whoever has it by now does not answer for that
        if within and not any(one.open for one in others):
            unseen = {"fixed_at": None, "cleared_at": None, "closed_at": None}
            changes: dict[str, Any] = {**unseen, "alert": alert.id, "finding": alert.finding}
            moved(ledger, case, Act.RELAPSE, PROGRAM, now, f"alert {alert.id}", **changes)
            count += 1
    return count


def look(ledger: Ledger, case: Case, at: datetime) -> None:
    """The account is looked at again at that instant, through the normal path."""
    account = ledger.account(case.account)
    if account is not None and case.indicator:
        ledger.bring_forward({target.id: Due.exactly(at) for target in account.targets})


def _book(ledger: Ledger, policy: Policy, case: Case, now: datetime) -> Rulebook | None:
    """The inspection's own; else that of the account when the case was opened, in its present edition: to be asked by
    another book since puts nothing right."""
    if case.campaign:
        return ledger.campaigns.one(case.campaign).plan.rulebook
    found_by = policy.books.get(Past(ledger).account(case.account, case.opened_at).rulebook)
    return found_by and found_by.on(day_of(now))


def remind(ledger: Ledger, policy: Policy, case: Case, indicator: str, now: datetime) -> None:
    """A reminder under the case's own name; the one before it is over."""
    quiet(ledger, case, now)
    subject = f"case:{case.id}"
    alert = Alert(
        id=alert_id(subject, indicator, "reminder", now),
        subject=subject,
        indicator=indicator,
        level="reminder",
        state=AlertState.OPEN,
        since=now,
        opened_at=now,
        confirmed_at=now,
        detail=overdue_says(case, indicator, policy.language),
    )
    ledger.save_alert(alert)
    telling.owe(ledger, alert, policy, now)


def quiet(ledger: Ledger, case: Case, now: datetime) -> None:
    """The reminders about a case are over."""
    for alert in ledger.live_alerts(f"case:{case.id}"):
        ledger.save_alert(alert.model_copy(update={"state": AlertState.RESOLVED, "resolved_at": now}))


def moved(
    ledger: Ledger,
    case: Case,
    act: Act,
    by: str,
    now: datetime,
    note: str = "",
    *,
    told: dict[str, str] | None = None,
    **changes: Any,
) -> Case:
    """The case after an act, written down with its line of the trace. Raises ValueError, in words."""
    after, line = move(case, act, by, now, note, told=told, **changes)
    ledger.cases.save(after, line)
    return after
