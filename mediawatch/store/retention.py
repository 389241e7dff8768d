"""Which raw answers are still needed, and the tombstones of those that are not: in small steps, each a transaction.

An answer is held while an alert, a case or an inspection may rest on it. What is taken away leaves its digest behind:
the chain of looks stays whole, and what was pruned is told from what is missing. It must not touch the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, union, update

from mediawatch.core.model import Observation
from mediawatch.store import batches
from mediawatch.store.columns import among
from mediawatch.store.keeping_tables import ANSWER, PRUNING, TOMBSTONE
from mediawatch.store.office_tables import CAMPAIGN, CAMPAIGN_MEMBER, RECTIFICATION, TRACE
from mediawatch.store.tables import ALERT, OBSERVATION, TARGET
from mediawatch.store.telling_tables import ACT
from mediawatch.store.upserts import Upserts

BEFORE = timedelta(days=31)  # what a finding was judged on may be so much older than the alert
_FOREVER = datetime(9999, 12, 30, tzinfo=UTC)
_KNOWN = select(ANSWER.c.digest).where(among(ANSWER.c.digest, "digests"))
_HOLD = update(ANSWER).where(ANSWER.c.digest == bindparam("one")).values(held=bindparam("pass"))


@dataclass(frozen=True)
class Pruning:
    """One pruning as it stands in the record. size: bytes on the disk."""

    id: int
    at: datetime
    by: str
    why: str
    answers: int
    size: int
    root: str
    ended_at: datetime | None


@dataclass
class _Rest:
    """What of one account is rested on: spans of time, single looks, single answers."""

    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    looks: set[tuple[str, datetime]] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)

    def covers(self, target: str, at: datetime) -> bool:
        return (target, at) in self.looks or any(since <= at <= until for since, until in self.spans)


def note(connection: Connection, upsert: Upserts, looked: Iterable[Observation]) -> None:
    """Writes down which answers looks brought."""
    last: dict[str, datetime] = {}
    for one in looked:
        for digest in one.digests:
            last[digest] = max(one.at, last.get(digest, one.at))
    batches.run(
        connection, upsert.answer, [{"digest": one, "last_at": at, "held": 0} for one, at in sorted(last.items())]
    )


class Retention:
    """The answers of one store, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, now: datetime, before: datetime | None, by: str, why: str) -> int:
        """A new pruning, or the one of that kind that was begun and not ended. Returns its number."""
        begun = select(func.max(PRUNING.c.id)).where(PRUNING.c.ended_at.is_(None), PRUNING.c.why == why)
        open_ = self._connection.execute(begun).scalar()
        if open_ is not None:
            return int(open_)
        values = {
            "at": now,
            "by": by,
            "why": why,
            "before": before,
            "answers": 0,
            "size": 0,
            "root": "",
            "ended_at": None,
        }
        return int(self._connection.execute(insert(PRUNING).values(values).returning(PRUNING.c.id)).scalar_one())

    def hold(self, pruning: int, before: datetime, proof: datetime, after: str, most: int) -> str | None:
        """Marks what `most` accounts behind `after` still need of the looks before `before`.

        proof: alerts that were resolved before it need nothing any more. Returns the last account, `None` at the end.
        """
        holders = union(
            select(ALERT.c.subject.label("account")).where(*_needed(proof)),
            select(RECTIFICATION.c.account),
            select(CAMPAIGN_MEMBER.c.account).where(CAMPAIGN_MEMBER.c.place > 0),
        ).subquery()
        asked = select(holders.c.account).where(holders.c.account > after).order_by(holders.c.account).limit(most)
        accounts = list(self._connection.execute(asked).scalars())
        if not accounts:
            return None
        held = _resting(self._connection, accounts, proof, before)
        if held:
            self._connection.execute(_HOLD, [{"one": digest, "pass": pruning} for digest in sorted(held)])
        return str(accounts[-1])

    def old(self, pruning: int, after: datetime, before: datetime, most: int | None) -> list[tuple[str, datetime]]:
        """Answers that nothing rests on and no look from `before` on brought, the oldest first, with their last look.

        after: that of the last one before these: what is held is not walked through again.
        """
        since, held = ANSWER.c.last_at >= after, ANSWER.c.held == pruning
        asked = select(ANSWER.c.digest, ANSWER.c.last_at).where(since, ANSWER.c.last_at < before, ~held)
        return [
            (row.digest, row.last_at) for row in self._connection.execute(asked.order_by(ANSWER.c.last_at).limit(most))
        ]

    def of_account(self, account: str, before: datetime | None = None) -> list[str]:
        """The digests of all answers about an account that are kept; before: of those last brought before it."""
        targets = select(TARGET.c.id).where(TARGET.c.account == account)
        looks = select(OBSERVATION.c.digests).where(OBSERVATION.c.target.in_(targets))
        named = sorted({digest for text in self._connection.execute(looks).scalars() for digest in json.loads(text)})
        kept = select(ANSWER.c.digest).where(ANSWER.c.digest == bindparam("one"))
        if before is not None:
            kept = kept.where(ANSWER.c.last_at < before)
        return [digest for digest in named if self._connection.execute(kept, {"one": digest}).first() is not None]

    def resting_on(self, account: str, proof: datetime) -> set[str]:
        """Of an account's answers those that an alert, a case or an inspection may rest on; proof: as in `hold`."""
        return _resting(self._connection, [account], proof, _FOREVER)

    def of_others(self, account: str, digests: Collection[str]) -> set[str]:
        """Of these answers those that looks at other accounts brought, too. Walks through all their looks."""
        others = select(OBSERVATION.c.digests).where(
            OBSERVATION.c.target.not_in(select(TARGET.c.id).where(TARGET.c.account == account))
        )
        wanted, found = set(digests), set[str]()
        if wanted:
            for text in self._connection.execute(others, execution_options={"yield_per": 1000}).scalars():
                found.update(wanted.intersection(json.loads(text)))
        return found

    def nameless(self, digests: Collection[str]) -> set[str]:
        """Those of these that neither a look nor a case names: what a kill left of looks that were never written down.

        What was buried is among them, if its file has not gone yet.
        """
        left = set(digests).difference(self._connection.execute(_KNOWN, {"digests": list(digests)}).scalars())
        return left - papers(self._connection) if left else left

    def bury(self, pruning: int, digests: Sequence[str]) -> None:
        """Tombstones for answers; their files may go once this is written."""
        if digests:
            self._connection.execute(insert(TOMBSTONE), [{"digest": digest, "pruning": pruning} for digest in digests])
            self._connection.execute(
                delete(ANSWER).where(ANSWER.c.digest == bindparam("one")), [{"one": one} for one in digests]
            )

    def buried(self, pruning: int) -> Iterator[str]:
        """The digests that a pruning took away, in order; those that have come back since are among them."""
        asked = select(TOMBSTONE.c.digest).where(TOMBSTONE.c.pruning == pruning).order_by(TOMBSTONE.c.digest)
        yield from self._connection.execute(asked, execution_options={"yield_per": 1000}).scalars()

    def end(self, pruning: int, now: datetime, size: int) -> Pruning:
        """Closes a pruning with the hash over what it took away. size: bytes that its files had."""
        number, root = self._root(pruning)
        self._connection.execute(
            update(PRUNING).where(PRUNING.c.id == pruning).values(answers=number, root=root, ended_at=now, size=size)
        )
        return next(one for one in self.prunings() if one.id == pruning)

    def prunings(self) -> tuple[Pruning, ...]:
        """Every pruning, from old to new."""
        names = ("id", "at", "by", "why", "answers", "size", "root", "ended_at")
        found = self._connection.execute(select(PRUNING).order_by(PRUNING.c.id))
        return tuple(Pruning(**{name: getattr(row, name) for name in names}) for row in found)

    def wrong(self) -> list[str]:
        """What does not agree between prunings, their tombstones and people's acts; nothing where all is as it was.

        The acts are under the trail and the seals: a pruning that none of them tells of was made by another hand.
        """
        acts = select(ACT.c.note).where(ACT.c.act.in_(("prune", "purge")))
        told = {root for note in self._connection.execute(acts).scalars() if (root := _root_told(note))}
        problems = []
        for one in self.prunings():
            if one.ended_at is None:
                continue
            if self._root(one.id) != (one.answers, one.root):
                problems.append(f"pruning {one.id} took away other answers than are written down")
            elif one.answers and one.root not in told:
                problems.append(f"pruning {one.id} stands among nobody's acts")
        return problems

    def let_go(self) -> frozenset[str]:
        """The digests of all answers that were taken away and have not come back."""
        asked = select(TOMBSTONE.c.digest).where(TOMBSTONE.c.digest.not_in(select(ANSWER.c.digest)))
        return frozenset(self._connection.execute(asked).scalars())

    def why_gone(self, digest: str) -> Pruning | None:
        """The last pruning that took an answer away; `None` where none did."""
        last = select(func.max(TOMBSTONE.c.pruning)).where(TOMBSTONE.c.digest == digest)
        number = self._connection.execute(last).scalar()
        return next((one for one in self.prunings() if one.id == number), None)

    def _root(self, pruning: int) -> tuple[int, str]:
        before = select(PRUNING.c.root).where(PRUNING.c.id < pruning).order_by(PRUNING.c.id.desc()).limit(1)
        hashed, number = hashlib.sha256((self._connection.execute(before).scalar() or "").encode()), 0
        for digest in self.buried(pruning):
            hashed.update(f"\n{digest}".encode())
            number += 1
        return number, hashed.hexdigest()


def papers(connection: Connection) -> set[str]:
    """The digests of all files that were handed in as proof of a case; they are kept with the answers."""
    handed_in = select(TRACE.c.proof).where(TRACE.c.proof != "[]")
    return {digest for text in connection.execute(handed_in).scalars() for digest in json.loads(text)}


def _root_told(note: str) -> str:
    try:
        return str(json.loads(note)["root"])
    except (ValueError, KeyError, TypeError):
        return ""


def _resting(connection: Connection, accounts: Sequence[str], proof: datetime, before: datetime) -> set[str]:
    """The answers of looks before `before` that something rests on."""
    rests = _rests(connection, accounts, proof)
    first = min((since for rest in rests.values() for since in _begins(rest)), default=_FOREVER)
    looks = select(OBSERVATION.c.account, OBSERVATION.c.target, OBSERVATION.c.at, OBSERVATION.c.digests).where(
        OBSERVATION.c.target.in_(select(TARGET.c.id).where(TARGET.c.account.in_(accounts))),
        OBSERVATION.c.at >= first,
        OBSERVATION.c.at < before,
    )
    held = {digest for rest in rests.values() for digest in rest.answers}
    for row in connection.execute(looks):
        if rests[row.account].covers(row.target, row.at):
            held.update(json.loads(row.digests))
    return held


def _needed(proof: datetime) -> tuple[Any, ...]:
    return ALERT.c.level != "incident", or_(ALERT.c.resolved_at.is_(None), ALERT.c.resolved_at >= proof)


def _rests(connection: Connection, accounts: Sequence[str], proof: datetime) -> dict[str, _Rest]:
    rests = {account: _Rest() for account in accounts}
    alerts = select(ALERT).where(ALERT.c.subject.in_(accounts), *_needed(proof))
    for row in connection.execute(alerts):
        rest = rests[row.subject]
        rest.spans.append((min(row.since or row.opened_at, row.opened_at) - BEFORE, row.resolved_at or _FOREVER))
        told = json.loads(row.finding) if row.finding else {}
        rest.looks |= {(target, datetime.fromisoformat(at)) for target, at in told.get("proof", ())}
    for row in connection.execute(select(RECTIFICATION).where(RECTIFICATION.c.account.in_(accounts))):
        rests[row.account].spans.append((row.opened_at - BEFORE, _FOREVER))
    drawn = (
        select(CAMPAIGN_MEMBER.c.account, CAMPAIGN_MEMBER.c.result, CAMPAIGN.c.begins_at, CAMPAIGN.c.judged_at)
        .join(CAMPAIGN, CAMPAIGN.c.id == CAMPAIGN_MEMBER.c.campaign)
        .where(CAMPAIGN_MEMBER.c.account.in_(accounts), CAMPAIGN_MEMBER.c.place > 0)
    )
    for row in connection.execute(drawn):
        rests[row.account].spans.append((row.begins_at - BEFORE, row.judged_at + timedelta(days=1)))
        rests[row.account].answers |= set(json.loads(row.result).get("answers", ())) if row.result else set()
    return rests


def _begins(rest: _Rest) -> Iterator[datetime]:
    yield from (since for since, _ in rest.spans)
    yield from (at for _, at in rest.looks)
