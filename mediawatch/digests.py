"""The digests that are owed become messages: read from the record, frozen as they are, sent like any other.

It must not decide whom they are for (`core/digest.py`), must not send, and must tell of no fail before it stands.
"""

from __future__ import annotations

from datetime import datetime

from mediawatch.core.digest import Plan, audience, key, period, summary
from mediawatch.core.filtering import Filter, Label
from mediawatch.core.model import Outcome
from mediawatch.core.published import as_it_stands, breaches_of
from mediawatch.core.units import below
from mediawatch.core.views import Digest, DigestLine, Message, Row
from mediawatch.policy import Policy
from mediawatch.store.query import Query
from mediawatch.store.store import Store

_BAD = frozenset({Outcome.FAIL, Outcome.AT_RISK})
_UNKNOWN = frozenset({Outcome.UNKNOWN})


def owe_digests(store: Store, policy: Policy, now: datetime) -> int:
    """Composes every digest that is owed and was not composed before. Returns how many are new."""
    owed = 0
    for plan in policy.digests:
        over = period(plan, now, policy.telling.working)
        if over is None or not _is_due(store, plan, over[1], now):
            continue
        for unit, receiver in audience(plan, policy.units):
            id_ = key(plan, unit, receiver, over[1])
            with store.recalling() as ledger:
                if ledger.outbox.knows(id_):
                    continue
            message = _message(store, policy, plan, id_, unit, receiver, over, now)
            with store.writing() as ledger:
                owed += ledger.outbox.add(message, now)
        with store.writing() as ledger:
            ledger.remember(f"digest:{plan.name}", over[1].isoformat())
    return owed


def _is_due(store: Store, plan: Plan, to: datetime, now: datetime) -> bool:
    """Whether the digests of that period are not all composed yet; of a time before this record there are none."""
    with store.recalling() as ledger:
        done, began = ledger.remembered(f"digest:{plan.name}"), ledger.remembered("created_at")
    if done is not None and datetime.fromisoformat(done) >= to:
        return False
    return began is None or to > datetime.fromisoformat(began)


def _message(
    store: Store,
    policy: Policy,
    plan: Plan,
    id_: str,
    unit: str,
    receiver: str,
    over: tuple[datetime, datetime],
    now: datetime,
) -> Message:
    digest = digest_of(store, policy, plan, unit, *over, now)
    return Message(
        id=id_,
        receiver=receiver,
        at=now,
        unit=unit,
        unit_name=digest.unit_name,
        units=1 if unit else 0,
        cause="digest",
        summary=digest.summary,
        link=policy.telling.link,
        digest=digest,
    )


def digest_of(
    store: Store, policy: Policy, plan: Plan, unit: str, since: datetime, to: datetime, now: datetime
) -> Digest:
    """How a unit and all below it stand; the whole register for no unit. The worst first, as on the board; a fail that
    does not stand yet, such as a candidate that waits for a person, is counted as unknown, and comes last; of a hint
    that does not, nothing is told."""
    units, only = None, Filter()
    if unit:
        units = below(policy.units, unit)
        only = Filter(terms=(Label(key="unit", values=tuple(one.casefold() for one in sorted(units))),))
    query = Query(store, policy.books, policy.language)
    counts = query.counts(now, only)
    known = breaches_of(query.alerts(now, True), candidates=policy.tell_candidates)
    by_outcome = dict(counts.by_outcome)
    most = sum(by_outcome.get(one, 0) for one in _BAD)
    bad, unseen = (
        query.page(now, only=only, outcomes=of, limit=up) for of, up in ((_BAD, most), (_UNKNOWN, plan.lines))
    )
    told = [as_it_stands(row, known) for row in bad.rows]
    for row, as_told in zip(bad.rows, told, strict=True):
        by_outcome[row.outcome] -= 1
        by_outcome[as_told.outcome] = by_outcome.get(as_told.outcome, 0) + 1
    stand, early = ([row for row in told if row.outcome in of] for of in (_BAD, _UNKNOWN))
    lines = [*stand, *unseen.rows, *early][: plan.lines]
    with store.recalling() as ledger:
        tally = ledger.tally(units, since, to)
        answered = ledger.answers([row.account for row in lines], now)
        blind = tuple(sorted(ledger.open_incidents()))
        seal = ledger.seal() if not unit else None
    return Digest(
        period=plan.every,
        unit=unit,
        unit_name=policy.units[unit].name if unit in policy.units else "",
        since=since,
        to=to,
        summary=summary(by_outcome, tally.opened, tally.resolved, tally.unacknowledged, policy.language),
        accounts=counts.total,
        by_outcome=by_outcome,
        opened=tally.opened,
        resolved=tally.resolved,
        standing=tally.standing,
        unacknowledged=tally.unacknowledged,
        reminders=tally.reminders,
        held_back=tally.spared,
        blind=blind,
        seal=seal.hash if seal is not None else "",
        lines=tuple(_line(row, policy, answered.get(row.account, ("", ""))) for row in lines),
        more=len(stand) + len(early) + unseen.matching - len(lines),
    )


def _line(row: Row, policy: Policy, answer: tuple[str, str]) -> DigestLine:
    return DigestLine(
        account=row.account,
        name=row.name,
        unit=row.unit,
        unit_name=policy.units[row.unit].name if row.unit in policy.units else "",
        kind=row.kind,
        outcome=row.outcome,
        says=row.says,
        days_silent=row.days_silent,
        days_left=row.days_left,
        acknowledged_by=answer[0],
        note=answer[1],
    )
