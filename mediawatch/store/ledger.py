"""One write transaction: what was seen, what follows from it, whom it is owed to, and when to look again.

A `Ledger` lives inside `with store.writing()`. All that is written through it becomes true at once or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select, update

from mediawatch.core.model import (
    Account,
    Evidence,
    Finding,
    Hit,
    Look,
    Observation,
    Unit,
)
from mediawatch.core.rules.rule import PARTS
from mediawatch.core.schedule import Due
from mediawatch.core.seals import Seal
from mediawatch.core.trace import Move
from mediawatch.core.wire import Validator
from mediawatch.store import ahead, answers, batches, hits, lasting, looks, rows, seals, settled, traces, units
from mediawatch.store import claim as leases
from mediawatch.store import evidence as looking
from mediawatch.store.alert_ledger import AlertLedger
from mediawatch.store.answers import Judged, Lines, Relined, Saved
from mediawatch.store.claim import Claim
from mediawatch.store.columns import among, changing
from mediawatch.store.inspections import Campaigns
from mediawatch.store.lasting import NOT_LASTING, Lasting
from mediawatch.store.looks import Kept, Looked
from mediawatch.store.rectifications import Cases
from mediawatch.store.retention import Retention
from mediawatch.store.settled import Settled
from mediawatch.store.tables import ACCOUNT, INCIDENT, OBSERVATION, POST, STANDING, TARGET

_ANSWERS = select(STANDING.c.account, STANDING.c.indicator, STANDING.c.finding).where(
    among(STANDING.c.account, "accounts"), among(STANDING.c.indicator, "lines")
)
_STAYS = changing(ACCOUNT, "settled_at")
_INCIDENT = select(INCIDENT.c.platform, INCIDENT.c.opened_at, INCIDENT.c.closed_at, INCIDENT.c.detail).where(
    INCIDENT.c.platform == bindparam("platform"), INCIDENT.c.closed_at.is_(None)
)
_SIGHTS = select(TARGET.c.id, TARGET.c.last_seen_at).where(among(TARGET.c.id, "targets"))
_HAVE_POSTED = (
    select(POST.c.target)
    .where(POST.c.account.in_(select(TARGET.c.account).where(among(TARGET.c.id, "targets"))))
    .where(among(POST.c.target, "targets"))
    .distinct()
)
_NEWEST_SHOWN = (
    select(POST.c.at)
    .where(POST.c.account == TARGET.c.account, POST.c.target == TARGET.c.id, POST.c.at <= bindparam("now"))
    .where(POST.c.last_seen_at >= bindparam("since"))
    .order_by(POST.c.order_at.desc())
    .limit(1)
    .scalar_subquery()
)
_SHOWN_SINCE = select(TARGET.c.id, _NEWEST_SHOWN.label("at")).where(among(TARGET.c.id, "targets"))
NOBODY: Mapping[str, Lasting] = {}


@dataclass(frozen=True)
class PlatformIncident:
    """A spell in which a platform could not be seen; open while `closed_at` is `None`."""

    platform: str
    opened_at: datetime
    closed_at: datetime | None
    detail: str


class Ledger(AlertLedger):
    """The writes of one transaction, and the reads they depend on. Not to be kept after it.

    setup: with what its looks were made; see `setups.py`.
    """

    def __init__(self, connection: Connection, setup: int = 0) -> None:
        super().__init__(connection)
        self._setup = setup

    @property
    def campaigns(self) -> Campaigns:
        """The inspections."""
        return Campaigns(self._connection)

    @property
    def cases(self) -> Cases:
        """The rectification cases."""
        return Cases(self._connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """This transaction, for a reader that asks a store: see `store.past`."""
        yield self._connection

    @property
    def retention(self) -> Retention:
        """The raw answers that are kept, and those that are not any more."""
        return Retention(self._connection)

    def trace(self, move: Move) -> None:
        """Adds one line to the trace of a campaign or a case."""
        traces.add(self._connection, move)

    def seal(self) -> Seal | None:
        """The newest seal over the record."""
        return seals.last(self._connection)

    def add_seal(self, now: datetime) -> Seal:
        """Seals all that stands in the record and is settled."""
        return seals.add(self._connection, now)

    def unstamped(self) -> Seal | None:
        """The newest seal, where it has no time stamp yet."""
        return seals.unstamped(self._connection)

    def add_stamp(self, seal: int, stamp: str) -> None:
        """Puts a time stamp (base64) beside a seal that has none."""
        seals.add_stamp(self._connection, seal, stamp)

    # --- looks ---------------------------------------------------------------------------------------------------

    def record(self, claim: Claim, observation: Observation, validators: tuple[Validator, ...]) -> bool:
        """`record_all` of one look: False, and nothing is written, where the claim's lease was lost."""
        (new,) = self.record_all([Looked(claim, observation, validators)])
        return new is not None

    def record_all(self, looked: Sequence[Looked]) -> list[Kept | None]:
        """Writes down many looks, of as many targets. For each what it changed, and `None` where its lease was lost:
        then nothing of it is written."""
        return looks.record_all(self._connection, self._upsert, looked, self._setup)

    def save_hits(self, found: Sequence[tuple[str, Hit]]) -> None:
        """Writes down what the screens found in new posts, each with its account."""
        hits.save(self._connection, found)

    def unit_chain(self, account_id: str) -> tuple[Unit, ...]:
        """The unit that answers for the account and those above it, nearest first; none where none is registered."""
        return units.chain_of(self._connection, account_id)

    def take(self, target: str, now: datetime, lease: timedelta) -> Claim | None:
        """A claim on one target, due or not, for a word that comes from elsewhere; `None` where somebody holds it."""
        return leases.take(self._connection, target, now, lease)

    def reschedule_all(self, looks: Iterable[tuple[Claim, Due]]) -> None:
        """`reschedule` of many; those whose lease was lost stay with their new holder."""
        leases.end_all(self._connection, looks)

    def reschedule(self, claim: Claim, due: Due) -> bool:
        """Ends the lease; the target is due again as `due` says. False where the lease was lost."""
        return leases.end(self._connection, claim, due)

    def bring_back(self, now: datetime, most: timedelta) -> int:
        """Makes due what lies further ahead than any plan reaches: see `ahead.py`."""
        return ahead.bring_back(self._connection, now, most)

    def rest(self, claim: Claim) -> bool:
        """Ends the lease; the target is never due by itself. False where the lease was lost."""
        return leases.end(self._connection, claim, None)

    def bring_forward(self, due: Mapping[str, Due]) -> int:
        """Makes free targets due as given, by id, where they are due later. Returns how many changed."""
        return leases.bring_forward(self._connection, due)

    def hasten(self, platform: str, since: datetime, to: datetime, due: Callable[[str], datetime]) -> int:
        """Brings forward to `due(target id)` the platform's free targets whose last look lies in `since` ≤ at < `to`.

        Returns how many; a target that is due earlier stays.
        """
        asked = select(TARGET.c.id, TARGET.c.next_due).where(
            *(TARGET.c.platform == platform, TARGET.c.removed_at.is_(None), TARGET.c.lease_token.is_(None)),
            *(TARGET.c.last_tried_at >= since, TARGET.c.last_tried_at < to),
        )
        sooner = [
            {"one": row.id, "next_due": at}
            for row in self._connection.execute(asked)
            if (at := due(row.id)) < row.next_due
        ]
        if sooner:
            self._connection.execute(changing(TARGET, "next_due"), sooner)
        return len(sooner)

    # --- what a judgement rests on -------------------------------------------------------------------------------

    def account(self, account_id: str) -> Account | None:
        """The account with its live targets, also one that has left the register."""
        return rows.accounts(self._connection, [account_id]).get(account_id)

    def accounts(self, account_ids: Collection[str]) -> dict[str, Account]:
        """The accounts of those ids, as `account` gives each; unknown ones are left out."""
        return rows.accounts(self._connection, sorted(account_ids))

    def evidence_of(
        self, account_ids: Collection[str], now: datetime, reads: Collection[str] = PARTS
    ) -> dict[str, Evidence]:
        """`evidence` of many, for rules, in as many statements as for one; unknown accounts are left out. reads: what
        it holds of `PARTS`; the rest is left empty."""
        return {one.account.id: one for one in self.each_evidence(account_ids, now, reads)}

    def each_evidence(
        self, account_ids: Collection[str], now: datetime, reads: Collection[str] = PARTS
    ) -> Iterator[Evidence]:
        """The same one by one: whoever goes through many needs not hold them all, which is a good deal faster."""
        accounts = rows.accounts(self._connection, sorted(account_ids))
        return looking.each_evidence(self._connection, list(accounts.values()), now, reads, bare=True)

    def counts_of(self, accounts: Sequence[Account], now: datetime) -> dict[str, Evidence]:
        """By account, of its evidence the daily counts alone."""
        return looking.counts_of(self._connection, accounts, now)

    def evidence(self, account_id: str, now: datetime) -> Evidence:
        """All that a rule may look at, as it stood at `now`. Raises KeyError for an unknown account."""
        return looking.evidence(self._connection, account_id, now)

    def recent_looks(self, platform: str, since: datetime, most: int | None = None) -> tuple[Look, ...]:
        """The last `most` looks at the platform from `since` on (all for `None`) and its canaries', old to new."""
        return looking.recent_looks(self._connection, platform, since, most)

    def post_seen_at(self, target: str, key: str) -> datetime | None:
        """When a look at the target last showed the post of that key; `None` where none ever did."""
        asked = select(POST.c.last_seen_at).where(POST.c.target == target, POST.c.key == key)
        found: datetime | None = self._connection.execute(asked).scalar()
        return found

    def last_sights(self, targets: Collection[str]) -> dict[str, datetime | None]:
        """By target: the last look that showed anything, `None` where none ever did."""
        return dict(batches.read(self._connection, _SIGHTS, {"targets": sorted(targets)})) if targets else {}

    def incident_marks(self, platforms: Collection[str]) -> dict[str, str]:
        """By platform, a mark that is another one after any incident of it has begun or ended."""
        return settled.incidents(self._connection, platforms)

    def still_settled(self, editions: Mapping[str, str], marks: Mapping[str, str], now: datetime) -> dict[str, Settled]:
        """Accounts whose answers a look that shows nothing new leaves as they are.

        editions: by account, of the book it is judged by. marks: by account, that of its platform's incidents.
        """
        return settled.still(self._connection, editions, marks, now)

    def settle(self, found: Mapping[str, Settled], now: datetime) -> None:
        """From `now` on these accounts are settled, until anything is judged or told of them anew."""
        rows_ = [{"one": one, "settled": settled.text_of(what), "settled_at": now} for one, what in found.items()]
        batches.run(self._connection, answers.SETTLED, rows_)

    def stay_settled(self, accounts: Iterable[str], now: datetime) -> None:
        """At `now` their answers were found to stand as they are."""
        rows_ = [{"one": one, "settled_at": now} for one in sorted(accounts)]
        batches.run(self._connection, _STAYS, rows_)

    def to_judge(self, editions: Collection[str], now: datetime) -> list[str]:
        """The accounts on the board whose answers may be others by now: see `lasting.to_judge`."""
        return lasting.to_judge(self._connection, editions, now)

    def given_by(self, edition: str, now: datetime) -> list[tuple[str, str]]:
        """The accounts whose answers stand, by an edition that holds no more, and their kinds; `lasting.given_by`."""
        return lasting.given_by(self._connection, edition, now)

    def have_posted(self, targets: Collection[str]) -> frozenset[str]:
        """Those of the targets that have ever shown a post."""
        if not targets:
            return frozenset()
        found = batches.read(self._connection, _HAVE_POSTED, {"targets": sorted(targets)})
        return frozenset(target for (target,) in found)

    def shown_since(self, targets: Collection[str], since: datetime, now: datetime) -> dict[str, datetime]:
        """By target: the date of the newest post that it has shown since then, of those that have one."""
        asked = {"targets": sorted(targets), "since": since, "now": now}
        found = batches.read(self._connection, _SHOWN_SINCE, asked) if targets else ()
        return {id_: at for id_, at in found if at is not None}

    def listed_at(self, targets: Collection[str], since: datetime) -> dict[str, datetime]:
        """By target: the last look since then at which its store listed the app, of those that have one."""
        if not targets:
            return {}
        asked = (
            select(OBSERVATION.c.target, func.max(OBSERVATION.c.at).label("at"))
            .where(OBSERVATION.c.target.in_(targets), OBSERVATION.c.at >= since)
            .where(OBSERVATION.c.facts.startswith('{"kind":"listing","present":true'))
            .group_by(OBSERVATION.c.target)
        )
        return {row.target: row.at for row in self._connection.execute(asked)}

    # --- what follows --------------------------------------------------------------------------------------------

    def save_findings(self, account_id: str, findings: Sequence[Finding], edition: str) -> frozenset[str]:
        """The standing answers of an account become these; the one that speaks for it goes on the board.

        An outcome that has not changed keeps the `since` it began with, unless the new one lies after the last
        judgement: then it ended and began again while nobody judged. An answer that is the one that stands, but for
        when it was given, stays as it is written. Returns the indicators whose fail a person has dismissed; it does not
        speak for the account.
        """
        return self.save_all({account_id: (tuple(findings), edition)})[account_id].dismissed

    def save_all(
        self, judged: Mapping[str, tuple[tuple[Finding, ...], str]], keeps: Mapping[str, Lasting] = NOBODY
    ) -> dict[str, Saved]:
        """`save_findings` of many accounts: by account the findings and the edition of their book; keeps: until when
        judging them again gives the same, where that is known."""
        each = (Judged(one, *told, keeps.get(one, NOT_LASTING)) for one, told in judged.items())
        return self.save_each(judged.keys(), each)

    def save_each(self, accounts: Collection[str], each: Iterable[Judged]) -> dict[str, Saved]:
        """The same of these accounts one by one, as each of them is judged: none is held longer than it takes."""
        return answers.save_each(self._connection, self._upsert, accounts, each)

    def save_lines(self, judged: Mapping[str, Relined], lines: Lines, now: datetime) -> None:
        """The answers to some lines of accounts become these, the others stand by the new edition as well."""
        answers.save_lines(self._connection, self._upsert, judged, lines, now)

    def save_some(self, judged: Mapping[str, tuple[tuple[Finding, ...], str]]) -> None:
        """Some of the answers of accounts become these; the others stand, and none of these speaks for its account."""
        answers.save_some(self._connection, self._upsert, judged)

    def speak_again(self, account_id: str, now: datetime) -> None:
        """The board follows what people decided: a dismissed fail does not speak for the account."""
        answers.speak_again(self._connection, account_id, now)

    def standing(self, account_id: str, indicator: str) -> Finding | None:
        """The answer that stands for an account and an indicator, or `None` where there is none."""
        return self.standing_of([(account_id, indicator)]).get((account_id, indicator))

    def standing_of(self, asked: Collection[tuple[str, str]]) -> dict[tuple[str, str], Finding]:
        """The same for many; those without one are left out."""
        both = {"accounts": sorted({one for one, _ in asked}), "lines": sorted({line for _, line in asked})}
        found = self._connection.execute(_ANSWERS, both) if asked else ()
        answers = (((row[0], row[1]), rows.finding_of(row[2])) for row in found if (row[0], row[1]) in asked)
        return {key: finding for key, finding in answers if finding is not None}

    # --- platforms -----------------------------------------------------------------------------------------------

    def incident(self, platform: str) -> PlatformIncident | None:
        """The platform's open incident."""
        found = batches.read(self._connection, _INCIDENT, {"platform": platform})
        return PlatformIncident(*found[0]) if found else None

    def open_incident(self, platform: str, at: datetime, detail: str, looks: Sequence[Look] = ()) -> PlatformIncident:
        """Opens an incident as of `at`, which may lie before now; `looks` are what it rests on.

        Where one is open already, that one stands.
        """
        standing = self.incident(platform)
        if standing is not None:
            return standing
        shown = rows.canonical([[look.target, look.at.isoformat()] for look in looks])
        values = {"platform": platform, "opened_at": at, "closed_at": None, "detail": detail, "looks": shown}
        self._connection.execute(insert(INCIDENT), values)
        return PlatformIncident(platform, at, None, detail)

    def close_incident(self, platform: str, at: datetime) -> bool:
        """Ends the platform's incident: looks from `at` on are trusted again. False where none is open."""
        open_ = INCIDENT.c.closed_at.is_(None)
        ended = update(INCIDENT).where(INCIDENT.c.platform == platform, open_).values(closed_at=at)
        return bool(self._connection.execute(ended).rowcount)
