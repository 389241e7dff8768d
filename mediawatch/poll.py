"""One poll, from a due target to its next due time. Read this first.

`look` asks and reads, many at once; `absorb` records, judges, decides whom to tell and when to look again, in one
transaction. Nothing here reads a clock, and nothing that could not be seen is ever held against an account.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mediawatch import notify
from mediawatch.adapters import ADAPTERS
from mediawatch.core import alerting
from mediawatch.core.alerting import State
from mediawatch.core.model import Failure, Finding, Observation, Reason
from mediawatch.core.rules import judge
from mediawatch.core.schedule import next_due, retry_due
from mediawatch.core.wire import Failed, Validator, Wires
from mediawatch.isolation import Readers
from mediawatch.policy import Policy
from mediawatch.store.claim import Claim
from mediawatch.store.store import Ledger, Store

log = logging.getLogger("mediawatch")


@dataclass(frozen=True)
class Looked:
    """What one look brought, and what the next look may use to ask only for changes."""

    claim: Claim
    observation: Observation
    validators: tuple[Validator, ...]


async def look(claim: Claim, wires: Wires, readers: Readers, now: datetime) -> Looked:
    """Asks the platform and reads the answer. Whatever goes wrong becomes a reason; nothing is raised."""
    target = claim.target
    adapter = ADAPTERS[target.adapter]
    address = adapter.address.model_validate(target.address)
    # "Unchanged" is good enough for an account that is proven; a finding against one rests on a whole new answer.
    proven = claim.deadline is not None and now < claim.deadline
    wire = wires.open(target.platform, now, claim.validators if proven else ())
    seen, failure = None, None
    try:
        async with wire:
            seen = await readers.read(adapter, address, await adapter.fetch(address, wire))
    except Failed as failed:
        failure = failed.failure
    except Exception as error:  # a defect of ours in one adapter: that target backs off, nobody else waits
        log.exception("our own code failed on %s", target.id)
        failure = Failure(reason=Reason.UNREADABLE, detail=f"our own code failed: {type(error).__name__}")
    digests = tuple(exchange.digest for exchange in wire.exchanges)
    observation = Observation(
        target=target.id, account=target.account, at=now, seen=seen, failure=failure, digests=digests
    )
    return Looked(claim, observation, wire.validators)


def absorb(store: Store, looked: Sequence[Looked], policy: Policy, now: datetime) -> int:
    """Records a few hundred looks and all that follows from them, in one transaction. Returns how many counted.

    A look whose lease was lost changes nothing: somebody else has looked since.
    """
    with store.writing() as ledger:
        kept = [one for one in looked if ledger.record(one.claim, one.observation, one.validators)]
        ended = notify.watch_platforms(ledger, {one.claim.target.platform for one in kept}, policy, now)
        for one in kept:
            findings, waiting = _conclude(ledger, one, policy, now)
            ledger.reschedule(one.claim, _due(one, findings, waiting, policy, now))
        notify.look_again(ledger, ended, policy, now)
    return len(kept)


def _conclude(ledger: Ledger, one: Looked, policy: Policy, now: datetime) -> tuple[tuple[Finding, ...], bool]:
    """Judges the account and moves its alerts. Returns the findings, and whether an alert waits for a second look."""
    account = one.claim.account
    if account.canary:
        return (), False
    book = policy.book_of(account)
    findings = judge(book, ledger.evidence(account.id, now))
    ledger.save_findings(account.id, findings, book.edition)
    live = ledger.live_alerts(account.id)
    changed = alerting.transition(live, findings, now, policy.cadence.recheck, book.edition)
    for alert in changed:
        ledger.save_alert(alert)
        notify.owe(ledger, alert, policy, now)
    after = {alert.id: alert for alert in (*live, *changed)}
    return findings, any(alert.state is State.PENDING for alert in after.values())


def _due(one: Looked, findings: tuple[Finding, ...], waiting: bool, policy: Policy, now: datetime) -> datetime:
    """The one scheduling decision, in its three cases: a failed look, a canary, and a look that answered."""
    claim, failure = one.claim, one.observation.failure
    if claim.account.canary:  # the first to notice that a platform is back
        return now + policy.cadence.canary
    if failure is not None:
        return retry_due(claim.target.id, claim.fails + 1, now, policy.cadence, retry_after=failure.retry_after)
    return next_due(claim.target.id, findings, now, policy.cadence, confirming=waiting)
