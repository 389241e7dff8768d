"""What follows from a look: the account is judged, its alerts move, and the next look has its time.

Everything is written through one ledger, in the transaction of the look itself. It must not look, and it must not send.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mediawatch import notify
from mediawatch.adapters import ADAPTERS
from mediawatch.core import alerting, flapping
from mediawatch.core.alerting import State
from mediawatch.core.model import Account, Blame, Failure, Finding
from mediawatch.core.rules import judge
from mediawatch.core.schedule import Cadence, Due, next_due, retry_due
from mediawatch.policy import Policy
from mediawatch.store.claim import Claim
from mediawatch.store.store import Ledger


@dataclass(frozen=True)
class Concluded:
    """The findings that stand now, and whether an alert waits for a second look to confirm it."""

    findings: tuple[Finding, ...] = ()
    waiting: bool = False


def conclude(ledger: Ledger, account: Account, policy: Policy, now: datetime) -> Concluded:
    """Judges the account on the record as it stands, moves its alerts and promises what is owed about them."""
    if account.canary:
        return Concluded()
    book = policy.book_of(account)
    findings = judge(book, ledger.evidence(account.id, now))
    dismissed = ledger.save_findings(account.id, findings, book.edition)
    live = ledger.live_alerts(account.id)
    changed = alerting.transition(live, findings, now, policy.cadence.recheck, book.edition, dismissed)
    asked = {finding.indicator for finding in findings}
    changed += tuple(alerting.no_longer_asked(alert, now) for alert in live if alert.indicator not in asked)
    turned = flapping.transition(live, findings, ledger.histories(account.id), now, policy.language)
    for alert in (*turned, *changed):
        ledger.save_alert(alert)
        notify.owe(ledger, alert, policy, now)
    if turned:  # what their flapping held back
        ledger.ask_again(now, account.id)
    after = {alert.id: alert for alert in (*live, *changed)}
    return Concluded(findings, any(alert.state is State.PENDING for alert in after.values()))


def due(
    claim: Claim,
    failure: Failure | None,
    concluded: Concluded,
    cadence: Cadence,
    now: datetime,
    wanted: Iterable[Due] = (),
) -> Due:
    """The one scheduling decision, in its three cases: a canary, a look that failed, and a look that answered.

    wanted: when inspections want the target looked at."""
    target, every = claim.target.id, ADAPTERS[claim.target.adapter].every
    if claim.account.canary:  # the first to notice that a platform is back
        return Due.exactly(now + cadence.canary)
    if failure is not None and failure.reason.blame is not Blame.ACCOUNT:
        again = retry_due(target, claim.fails + 1, now, cadence, retry_after=failure.retry_after, every=every)
        return Due(at=again, by=claim.look_by)  # what had to be looked at first still has
    confirming = concluded.waiting or failure is not None
    return next_due(target, concluded.findings, now, cadence, confirming=confirming, every=every, wanted=wanted)
