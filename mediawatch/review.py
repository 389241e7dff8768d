"""A person decides about a candidate: the decision is written down, the alert moves, and whoever is owed it is told.

Nobody is told of a candidate before that (`review.tell_candidates` of the settings), because a list is all that a
machine has seen, and one wrong accusation costs an office more than a day's delay. It must never judge by itself.
"""

from __future__ import annotations

from datetime import datetime

from mediawatch import notify
from mediawatch.core.alerting import Alert, State
from mediawatch.core.review import Choice, Decision, Review, confirmed_by, same_person, standing
from mediawatch.policy import Policy
from mediawatch.store.store import Ledger, Store


def decide(
    store: Store,
    policy: Policy,
    alert_id: str,
    choice: Choice,
    by: str,
    reason: str,
    now: datetime,
    until: datetime | None = None,
) -> Alert:
    """Confirms or dismisses a candidate, in one transaction. Returns the alert as it then stands.

    A dismissed one is over, and stays so until the evidence changes or `until` has passed. Where two people must
    confirm, the first confirmation is kept and the alert waits on. Raises KeyError for an unknown alert, ValueError
    (in words) where there is nothing to decide, or for a second confirmation by the same person.
    """
    with store.writing() as ledger:
        alert = ledger.alert(alert_id)
        decisions = ledger.decisions(alert_id)
        _check(alert, decisions, choice, by, reason, now, until)
        finding = ledger.standing(alert.subject, alert.indicator) or alert.finding
        decision = Decision(
            alert=alert.id,
            account=alert.subject,
            indicator=alert.indicator,
            since=finding.since if finding else alert.since,
            choice=choice,
            by=by,
            reason=reason,
            at=now,
            expires_at=until,
        )
        ledger.decide(decision)
        decided = _moved(alert, (*decisions, decision), _people(ledger, policy, alert), now)
        if decided is not alert:
            ledger.save_alert(decided)
            notify.owe(ledger, decided, policy, now)
        ledger.speak_again(alert.subject, now)
        return decided


def _check(
    alert: Alert,
    decisions: tuple[Decision, ...],
    choice: Choice,
    by: str,
    reason: str,
    now: datetime,
    until: datetime | None,
) -> None:
    if alert.review is Review.NOT_NEEDED:
        raise ValueError(f"alert {alert.id} is no candidate: it needs no review")
    if alert.state is State.RESOLVED:
        raise ValueError(f"alert {alert.id} is over")
    if not by.strip() or not reason.strip():
        raise ValueError("a decision needs a name and a reason")
    if choice == "confirm":
        if until is not None:
            raise ValueError("only a dismissal ends at a time; a confirmation stands while the evidence does")
        if alert.review is Review.CONFIRMED:
            raise ValueError(f"alert {alert.id} is confirmed already")
        if any(same_person(by, one) for one in confirmed_by(decisions)):
            raise ValueError(f"{by} has confirmed it already; a second person must")
    elif until is not None and until <= now:
        raise ValueError("the time until which it is dismissed has passed already")


def _moved(alert: Alert, decisions: tuple[Decision, ...], people: int, now: datetime) -> Alert:
    stands = standing(decisions, people)
    if stands is Review.DISMISSED:
        last = decisions[-1]
        over = {"state": State.RESOLVED, "resolved_at": now, "detail": f"dismissed by {last.by}: {last.reason}"}
        return alert.model_copy(update={**over, "review": stands, "reviewed_at": now})
    if stands is Review.CONFIRMED:
        return alert.model_copy(update={"review": stands, "reviewed_at": now})
    return alert


def _people(ledger: Ledger, policy: Policy, alert: Alert) -> int:
    account = ledger.account(alert.subject)
    if account is None and alert.finding is not None:  # an inspection's candidate: its own book is not the account's
        return 2 if alert.finding.severity in policy.two_person else 1
    return policy.people_for(account.rulebook if account else "", alert.indicator)
