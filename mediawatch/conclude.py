"""What follows from a look: the account is judged, its alerts move, and the next look has its time.

Everything is written through one ledger, in the transaction of the look itself. It must not look, and it must not send.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mediawatch import __version__, notify
from mediawatch.adapters import ADAPTERS
from mediawatch.core import alerting, flapping
from mediawatch.core.alerting import Alert, State
from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.model import Account, Blame, Evidence, Feed, Finding, Observation, Outcome
from mediawatch.core.review import Review
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import judge
from mediawatch.core.schedule import Due, next_due, retry_due
from mediawatch.core.settled import answers_by_counts, keeps, settles
from mediawatch.core.vantage import waits
from mediawatch.policy import Policy
from mediawatch.store.lasting import Lasting, by
from mediawatch.store.looks import Looked
from mediawatch.store.settled import Settled
from mediawatch.store.store import Ledger

_LEASE = timedelta(minutes=1)


@dataclass(frozen=True)
class Concluded:
    """The findings that stand now, and whether an alert waits for a second look to confirm it.

    Of an account that is settled, only those that prove anything ahead.
    """

    findings: tuple[Finding, ...] = ()
    waiting: bool = False


def conclude(
    ledger: Ledger, accounts: Iterable[Account], policy: Policy, now: datetime, unchanged: Collection[str] = ()
) -> dict[str, Concluded]:
    """Judges accounts on the record as it stands, moves their alerts and promises what is owed about them.

    unchanged: accounts of which nothing new was seen; those that are settled (`core.settled`) are left as they stand.
    By account id; canaries are not judged, and left out.
    """
    on = {account.id: account for account in accounts if not account.canary}
    books = {id_: policy.book_of(account, now) for id_, account in on.items()}
    marks = ledger.incident_marks({target.platform for account in on.values() for target in account.targets})
    still = _still(ledger, {id_: account for id_, account in on.items() if id_ in unchanged}, books, marks, now)
    evidence = ledger.evidence_of(books.keys() - still.keys(), now)
    judged = {id_: judge(books[id_], seen) for id_, seen in evidence.items()}
    kept = {id_: lasting(books[id_], evidence[id_], findings, marks) for id_, findings in judged.items()}
    saved = ledger.save_all({id_: (findings, books[id_].edition) for id_, findings in judged.items()}, kept)
    live = ledger.live_alerts_of(judged.keys())
    settled, moved, flapped, doubted = {}, [], [], []
    for id_, findings in judged.items():
        standing = live.get(id_, ())
        changed = _moved(standing, findings, books[id_], saved[id_].dismissed, policy, now)
        turned = flapping.transition(standing, findings, saved[id_].histories, now, policy.language)
        moved += [*turned, *changed]
        flapped += [id_] if turned else []
        doubted += [id_] if _waits_again(standing, changed) else []
        after = {alert.id: alert for alert in (*standing, *changed)}
        still[id_] = Concluded(findings, any(alert.state is State.PENDING for alert in after.values()))
        steady = not standing and not changed and not any("f" in told for told in saved[id_].histories.values())
        if steady and (stands := settles(books[id_], evidence[id_], findings)) is not None:
            settled[id_] = Settled(edition=edition_of(books[id_]), incidents=_mark(on[id_], marks), **stands.__dict__)
    ledger.save_alerts(moved)
    for id_ in doubted:  # by the alerts as they stand now, the board calls it failed no longer
        ledger.speak_again(id_, now)
    notify.owe_all(ledger, moved, policy, now)
    for id_ in flapped:  # what their flapping held back
        ledger.ask_again(now, id_)
    ledger.settle(settled, now)
    return still


def _waits_again(standing: Iterable[Alert], changed: Iterable[Alert]) -> bool:
    """Whether what was told waits for a person again."""
    before = {alert.id: alert.review for alert in standing}
    return any(one.review is Review.WAITING and before.get(one.id, one.review) is not one.review for one in changed)


def _still(
    ledger: Ledger,
    accounts: Mapping[str, Account],
    books: Mapping[str, Rulebook],
    marks: Mapping[str, str],
    now: datetime,
) -> dict[str, Concluded]:
    """Those whose answers are known to be what they were."""
    editions = {id_: edition_of(books[id_]) for id_ in accounts}
    found = ledger.still_settled(editions, {id_: _mark(account, marks) for id_, account in accounts.items()}, now)
    counted = {id_: accounts[id_] for id_, kept in found.items() if kept.counts_until <= now}
    anew: dict[str, Settled] = {}
    answers: dict[str, tuple[tuple[Finding, ...], str]] = {}
    for id_, evidence in ledger.counts_of(list(counted.values()), now).items() if counted else ():
        findings = answers_by_counts(books[id_], evidence)
        if all(finding.outcome is Outcome.PASS for finding in findings):
            answers[id_] = (findings, books[id_].edition)
            anew[id_] = replace(found[id_], counts_until=midnight_after(day_of(now)))
        else:  # a matter for the whole judgement
            del found[id_]
    ledger.save_some(answers)
    ledger.settle(anew, now)
    ledger.stay_settled(found.keys() - anew.keys(), now)
    return {id_: Concluded(kept.ahead) for id_, kept in found.items()}


def lasting(book: Rulebook, evidence: Evidence, findings: tuple[Finding, ...], marks: Mapping[str, str]) -> Lasting:
    """Until when, and by what, these findings need not be judged again. marks: see `Ledger.incident_marks`."""
    mine = {target.platform: marks[target.platform] for target in evidence.account.targets}
    return Lasting(keeps(book, evidence, findings), by(edition_of(book), mine))


def edition_of(book: Rulebook) -> str:
    """Of the book and of the rules: another version of the program may judge otherwise."""
    return f"{book.edition} {__version__}"


def _mark(account: Account, marks: Mapping[str, str]) -> str:
    return ",".join(sorted(marks[target.platform] for target in account.targets))


def _moved(
    standing: tuple[Alert, ...],
    findings: tuple[Finding, ...],
    book: Rulebook,
    dismissed: frozenset[str],
    policy: Policy,
    now: datetime,
) -> tuple[Alert, ...]:
    """The alerts that these findings open, confirm or end, and those that are not asked about any more."""
    asked = {finding.indicator for finding in findings}
    every = policy.cadence
    return (
        *alerting.transition(standing, findings, now, every.recheck, book.edition, dismissed, every.unwatched),
        *(alerting.no_longer_asked(alert, now) for alert in standing if alert.indicator not in asked),
    )


def take_in(ledger: Ledger, policy: Policy, looked: Observation, now: datetime) -> tuple[Finding, ...]:
    """What a person brings is a look like any other: written down, and its account judged. Returns what follows.

    Raises ValueError, in words, while somebody else looks.
    """
    claim = ledger.take(looked.target, now, _LEASE)
    if claim is None:
        raise ValueError(f"{looked.account} is being looked at just now; try again in a moment")
    taken = Looked(claim, observation=looked, validators=())
    ledger.record_all([taken])
    concluded = conclude(ledger, [claim.account], policy, now)
    if ADAPTERS[claim.target.adapter].brought:
        ledger.rest(claim)
    else:
        wanted = ledger.campaigns.appointments([(claim.target.id, claim.account.id)], now)
        ledger.reschedule(claim, due(taken, concluded, wanted, policy, now))
    return concluded.get(claim.account.id, Concluded()).findings


def due(
    looked: Looked,
    concluded: Mapping[str, Concluded],
    wanted: Mapping[str, Iterable[Due]],
    policy: Policy,
    now: datetime,
) -> Due:
    """The one scheduling decision, by cases: a canary, a look that failed, one that another exit must agree with, and
    any other that answered.

    concluded: by account. wanted: by target, when inspections want it looked at.
    """
    claim, failure = looked.claim, looked.observation.failure
    target, every = claim.target.id, ADAPTERS[claim.target.adapter].every
    cadence = policy.cadence_at(claim.target.platform)
    if claim.account.canary:  # the first to notice that a platform is back
        return Due.exactly(now + cadence.canary)
    if failure is not None and failure.reason.blame is not Blame.ACCOUNT:
        again = retry_due(target, claim.fails + 1, now, cadence, retry_after=failure.retry_after, every=every)
        return Due(at=again, by=claim.look_by)  # what had to be looked at first still has
    stands = concluded.get(claim.account.id, Concluded())
    if claim.place.exit and waits(stands.findings):
        return Due(at=(again := now + cadence.recheck), by=again, elsewhere=claim.place.exit)
    confirming = stands.waiting or failure is not None
    open_ = any(one.outcome is Outcome.UNKNOWN for one in stands.findings)
    return next_due(
        target,
        stands.findings,
        now,
        cadence,
        confirming=confirming,
        every=every,
        wanted=wanted.get(target, ()),
        first=claim.last is None,
        partial=open_ and not _speaks_of_silence(looked),
    )


def _speaks_of_silence(looked: Looked) -> bool:
    """Whether it showed something else than a list that is cut short, without dates, or older than the one before."""
    seen, repeats = looked.observation.seen, looked.last
    if not isinstance(seen, Feed) or looked.goes_back:
        return not isinstance(seen, Feed)
    dated = seen.newest is not None if repeats is None else repeats.newest_at is not None
    return seen.complete and dated
