"""What an inspection saw of an account: judged at T from the record, its candidates queued, decisions written in.

It must never look, and never tell anybody: a candidate of an inspection is for those alone who read the review queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mediawatch.core.alerting import Alert, State, alert_id, confirmed
from mediawatch.core.calendar import day_of, told_at
from mediawatch.core.campaign import (
    Line,
    Plan,
    Result,
    Statement,
    counts,
    impersonal,
    in_window,
    settled,
    standing_of,
    verdict_of,
)
from mediawatch.core.model import Account, Evidence, Finality, Finding
from mediawatch.core.rectification import ONE_LOOK, TOLD_FOR_A_TIME
from mediawatch.core.review import Review
from mediawatch.core.rules import judge as judged_by
from mediawatch.core.wording import say
from mediawatch.policy import Policy
from mediawatch.store.store import Ledger

_SILENCE = ONE_LOOK | {"empty_shell"}


def judged(ledger: Ledger, policy: Policy, plan: Plan, known: Account, evidence: Evidence, now: datetime) -> Result:
    """One account of the sample as it stood at T, judged by the campaign's own book; its candidates enter the review
    queue, and so does a fail that somebody has dismissed before: time alone is no new evidence; and a silence of which
    the record has shown posts since."""
    account = impersonal(known)
    evidence = evidence.model_copy(update={"account": account})
    findings = judged_by(plan.rulebook, evidence)
    dismissed = ledger.dismissed(account.id, findings, plan.judged_at)
    lines = []
    for finding in findings:
        twice = confirmed(finding, policy.cadence.recheck) and in_window(finding, plan)
        doubted = finding.finality is Finality.CANDIDATE or finding.indicator in dismissed
        doubted = doubted or refuted(ledger, plan, account, finding, _newest(evidence))
        alert = _candidate_alert(ledger, policy, plan, account, finding, now) if counts(finding) and doubted else ""
        standing = standing_of(finding, twice=twice, review=Review.WAITING if alert else Review.NOT_NEEDED)
        lines.append(Line(finding=finding, standing=standing, twice=twice, alert=alert))
    proof = {place for line in lines for place in line.finding.proof if counts(line.finding)}
    return Result(
        account=account,
        lines=tuple(lines),
        verdict=verdict_of(lines),
        newest_at=_newest(evidence),
        heads=ledger.campaigns.heads(account, plan.judged_at),
        answers=tuple(
            sorted({one for seen in evidence.looks if (seen.target, seen.at) in proof for one in seen.digests})
        ),
    )


def refuted(ledger: Ledger, plan: Plan, account: Account, finding: Finding, newest_at: datetime | None) -> bool:
    """Whether a silence up to T is none by what was first seen after it: a platform may have shown an old copy."""
    silence = counts(finding) and plan.rulebook.indicator(finding.indicator).rule in _SILENCE
    return silence and ledger.campaigns.shown_since(account.id, newest_at, plan.judged_at)


def _newest(evidence: Evidence) -> datetime | None:
    return max((post.at for post in evidence.posts if post.at is not None and post.at <= evidence.now), default=None)


def _candidate_alert(
    ledger: Ledger, policy: Policy, plan: Plan, account: Account, finding: Finding, now: datetime
) -> str:
    """The alert under which people decide about a candidate: that of the account's own book where it asks the same,
    was there at T, and was not confirmed before the looks; otherwise one of the campaign's own, of which nobody is told
    but who reads the queue."""
    own = ledger.campaigns.standing_alert(account.id, finding.indicator, plan.judged_at)
    decidable = own is not None and (
        own.review in (Review.CONFIRMED, Review.DISMISSED) or (own.live and own.review is Review.WAITING)
    )
    same = decidable and _same_line(policy, plan, account, finding.indicator)
    if own is not None and same and not _over_since(own, plan, finding):
        return own.id
    subject = f"inspection:{plan.id}/{account.id}"
    id_ = alert_id(subject, finding.indicator, "breach", plan.judged_at)
    if not ledger.campaigns.reviews([id_]):
        indicator = plan.rulebook.indicator(finding.indicator)
        ledger.save_alert(
            Alert(
                id=id_,
                subject=subject,
                indicator=finding.indicator,
                level="breach",
                state=State.PENDING,  # for ever: a pending alert owes nobody anything
                since=finding.since,
                opened_at=now,
                edition=plan.rulebook.edition,
                finding=finding,
                detail=f"{plan.id} {account.name}: {say(indicator, finding, policy.language)}",
                review=Review.WAITING,
            )
        )
    return id_


def _over_since(own: Alert, plan: Plan, finding: Finding) -> bool:
    """Whether people confirmed before the look window what nobody has seen within it: it may be over by now. What has
    happened stays so."""
    early = own.review is Review.CONFIRMED and own.reviewed_at is not None and own.reviewed_at < plan.begins_at
    rule = plan.rulebook.indicator(finding.indicator).rule
    return early and not in_window(finding, plan) and rule not in TOLD_FOR_A_TIME


def _same_line(policy: Policy, plan: Plan, account: Account, indicator: str) -> bool:
    book = policy.books.get(account.rulebook)
    own = book.on(day_of(plan.judged_at)).line(indicator) if book is not None else None
    return own == plan.rulebook.indicator(indicator)


def settle(
    ledger: Ledger, results: Iterable[Result], statements: tuple[Statement, ...], *, leave: bool = False
) -> tuple[Result, ...]:
    """The results as people's decisions have them by now; see `core.campaign.settled`."""
    results = tuple(results)
    reviews = ledger.campaigns.reviews({line.alert for one in results for line in one.lines if line.alert})
    return tuple(settled(one, reviews, statements, leave=leave) for one in results)


def with_words(ledger: Ledger, result: Result, statements: tuple[Statement, ...]) -> Result:
    """The result with who decided what about each line, as it is frozen."""
    lines = []
    for line in result.lines:
        said = [
            f"{told_at(one.at)} {one.by}: {one.choice}: {one.reason}"
            for one in (ledger.decisions(line.alert) if line.alert else ())
        ]
        said += [
            f"{one.decided_at and told_at(one.decided_at)} {one.decided_by}: statement {one.number} "
            f"{'upheld' if one.upheld else 'rejected'}: {one.reason}"
            for one in statements
            if one.account == result.account.id and one.indicator in ("", line.finding.indicator)
            if counts(line.finding)
        ]
        lines.append(line.model_copy(update={"decided": tuple(said)}))
    return result.model_copy(update={"lines": tuple(lines)})
