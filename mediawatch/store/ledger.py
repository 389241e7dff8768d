"""One write transaction: what was seen, what follows from it, whom it is owed to, and when to look again.

A `Ledger` lives inside `with store.writing()`. All that is written through it becomes true at once or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, Update, bindparam, delete, insert, select, update

from mediawatch.core import flapping
from mediawatch.core.model import (
    Account,
    Blame,
    Evidence,
    Feed,
    Finding,
    Hit,
    Look,
    Observation,
    Outcome,
    Post,
    Unit,
    worst,
)
from mediawatch.core.schedule import Due
from mediawatch.core.seen import Seen, reach, shows
from mediawatch.core.trace import Move
from mediawatch.core.wire import Validator
from mediawatch.store import claim as leases
from mediawatch.store import evidence as looking
from mediawatch.store import hits, profiles, reviews, rows, traces, units
from mediawatch.store.alert_ledger import AlertLedger
from mediawatch.store.chain import link
from mediawatch.store.claim import Claim
from mediawatch.store.enroll import CLOCK_SLIP, RANK
from mediawatch.store.inspections import Campaigns
from mediawatch.store.rectifications import Cases
from mediawatch.store.tables import ACCOUNT, FAR, INCIDENT, OBSERVATION, POST, STANDING, TARGET, storable

_HELD = (
    select(
        *(TARGET.c[name] for name in ("lease_token", "head", "fails", "validators", "last_seen_at", "last_tried_at")),
        *(ACCOUNT.c[name] for name in ("newest_post_at", "looked_at", "tried_at", "watched_since")),
    )
    .join(ACCOUNT, ACCOUNT.c.id == TARGET.c.account)
    .where(TARGET.c.id == bindparam("one"))
    .with_for_update()
)
_OBSERVED = insert(OBSERVATION)
_STANDING = select(STANDING).where(STANDING.c.account == bindparam("one"))


def _set(table: Table, *names: str) -> Update:
    """Statements are built once: building one costs more than running it."""
    return update(table).where(table.c.id == bindparam("one")).values({name: bindparam(name) for name in names})


_LOOKED_TARGET = _set(TARGET, "head", "fails", "validators", "last_tried_at", "last_seen_at")
_LOOKED_ACCOUNT = _set(ACCOUNT, "newest_post_at", "tried_at", "looked_at", "watched_since")
_SPOKEN = _set(ACCOUNT, "outcome", "rank", "indicator", "deadline", "order_at", "holds_until", "reason", "finding")


@dataclass(frozen=True)
class PlatformIncident:
    """A spell in which a platform could not be seen; open while `closed_at` is `None`."""

    platform: str
    opened_at: datetime
    closed_at: datetime | None
    detail: str


class Ledger(AlertLedger):
    """The writes of one transaction, and the reads they depend on. Not to be kept after it."""

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

    def trace(self, move: Move) -> None:
        """Adds one line to the trace of a campaign or a case."""
        traces.add(self._connection, move)

    # --- looks ---------------------------------------------------------------------------------------------------

    def record(self, claim: Claim, observation: Observation, validators: tuple[Validator, ...]) -> bool:
        """Writes down one look. False, and nothing is written, where the claim's lease was lost.

        `validators` replace the kept ones only where the look saw something.
        """
        if (observation.target, observation.account) != (claim.target.id, claim.target.account):
            raise ValueError("an observation belongs to the target that was claimed for it")
        held = self._connection.execute(_HELD, {"one": claim.target.id}).one_or_none()
        if held is None or held.lease_token != claim.token:
            return False
        record = _record(claim, observation, held.head)
        self._connection.execute(_OBSERVED, record)
        posts = observation.seen.posts if isinstance(observation.seen, Feed) else ()
        self._save_posts(claim, posts, observation.at)
        profiles.record(self._connection, self._upsert, claim, observation)
        at, saw = observation.at, observation.seen is not None
        sight = observation.seen is not None and shows(observation.seen)
        answered = saw or (observation.failure is not None and observation.failure.reason.blame is Blame.ACCOUNT)
        target = {
            "one": claim.target.id,
            "head": record["hash"],
            "fails": 0 if answered else held.fails + 1,
            "validators": rows.validators_text(validators) if saw else held.validators,
            "last_tried_at": _latest(held.last_tried_at, at),
            "last_seen_at": _latest(held.last_seen_at, at) if sight else held.last_seen_at,
        }
        self._connection.execute(_LOOKED_TARGET, target)
        dated = [post.at for post in posts if post.at is not None and post.at <= at + CLOCK_SLIP]
        since = held.watched_since
        account = {
            "one": claim.account.id,
            "newest_post_at": _latest(held.newest_post_at, *dated),
            "tried_at": _latest(held.tried_at, at),
            "looked_at": _latest(held.looked_at, at) if saw else held.looked_at,
            "watched_since": since if not saw else at if since is None else min(since, at),
        }
        self._connection.execute(_LOOKED_ACCOUNT, account)
        return True

    def _save_posts(self, claim: Claim, posts: Iterable[Post], at: datetime) -> None:
        values = [_post_values(claim, post, at) for post in {storable(post.key): post for post in posts}.values()]
        if values:
            self._connection.execute(self._upsert.post, values)

    def new_posts(self, account_id: str, keys: Collection[str]) -> frozenset[str]:
        """Those of these keys that no post of the account has had before."""
        return hits.new_posts(self._connection, account_id, keys)

    def save_hits(self, account_id: str, found: Sequence[Hit]) -> None:
        """Writes down what the screens found in new posts."""
        hits.save(self._connection, account_id, found)

    def unit_chain(self, account_id: str) -> tuple[Unit, ...]:
        """The unit that answers for the account and those above it, nearest first; none where none is registered."""
        return units.chain_of(self._connection, account_id)

    def take(self, target: str, now: datetime, lease: timedelta) -> Claim | None:
        """A claim on one target, due or not, for a word that comes from elsewhere; `None` where somebody holds it."""
        return leases.take(self._connection, target, now, lease)

    def reschedule(self, claim: Claim, due: Due) -> bool:
        """Ends the lease; the target is due again as `due` says. False where the lease was lost."""
        return leases.end(self._connection, claim, due)

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
            self._connection.execute(_set(TARGET, "next_due"), sooner)
        return len(sooner)

    # --- what a judgement rests on -------------------------------------------------------------------------------

    def account(self, account_id: str) -> Account | None:
        """The account with its live targets, also one that has left the register."""
        return rows.accounts(self._connection, [account_id]).get(account_id)

    def evidence(self, account_id: str, now: datetime) -> Evidence:
        """All that a rule may look at, as it stood at `now`. Raises KeyError for an unknown account."""
        return looking.evidence(self._connection, account_id, now)

    def recent_looks(self, platform: str, since: datetime) -> tuple[Look, ...]:
        """Every look at the platform from `since` on, from old to new."""
        return looking.recent_looks(self._connection, platform, since)

    def post_seen_at(self, target: str, key: str) -> datetime | None:
        """When a look at the target last showed the post of that key; `None` where none ever did."""
        asked = select(POST.c.last_seen_at).where(POST.c.target == target, POST.c.key == key)
        found: datetime | None = self._connection.execute(asked).scalar()
        return found

    def last_sights(self, targets: Collection[str]) -> dict[str, datetime | None]:
        """By target: the last look that showed anything, `None` where none ever did."""
        asked = select(TARGET.c.id, TARGET.c.last_seen_at).where(TARGET.c.id.in_(targets))
        return {row.id: row.last_seen_at for row in self._connection.execute(asked)}

    # --- what follows --------------------------------------------------------------------------------------------

    def save_findings(self, account_id: str, findings: Sequence[Finding], edition: str) -> frozenset[str]:
        """The standing answers of an account become these; the one that speaks for it goes on the board.

        An outcome that has not changed keeps the `since` it began with, unless the new one lies after the last
        judgement: then it ended and began again while nobody judged. Returns the indicators whose fail a person has
        dismissed; it does not speak for the account.
        """
        before = {row.indicator: row for row in self._connection.execute(_STANDING, {"one": account_id})}
        kept = tuple(_with_since(finding, before.get(finding.indicator)) for finding in findings)
        gone = before.keys() - {finding.indicator for finding in kept}
        if gone:
            old = delete(STANDING).where(STANDING.c.account == account_id, STANDING.c.indicator.in_(sorted(gone)))
            self._connection.execute(old)
        if kept:
            rows_ = [_standing(account_id, one, edition, before.get(one.indicator)) for one in kept]
            self._connection.execute(self._upsert.standing, rows_)
        dismissed = (
            reviews.dismissed(self._connection, account_id, kept, kept[0].judged_at) if kept else frozenset[str]()
        )
        self._speak(account_id, kept, dismissed)
        return dismissed

    def speak_again(self, account_id: str, now: datetime) -> None:
        """The board follows what people decided: a dismissed fail does not speak for the account."""
        stored = (rows.finding_of(row.finding) for row in self._connection.execute(_STANDING, {"one": account_id}))
        kept = tuple(finding for finding in stored if finding is not None)
        self._speak(account_id, kept, reviews.dismissed(self._connection, account_id, kept, now))

    def _speak(self, account_id: str, findings: Iterable[Finding], dismissed: frozenset[str]) -> None:
        speaking = tuple(finding for finding in findings if finding.indicator not in dismissed)
        self._connection.execute(_SPOKEN, {"one": account_id, **_board(worst(speaking))})

    def standing(self, account_id: str, indicator: str) -> Finding | None:
        """The answer that stands for an account and an indicator, or `None` where there is none."""
        asked = select(STANDING.c.finding).where(STANDING.c.account == account_id, STANDING.c.indicator == indicator)
        return rows.finding_of(self._connection.execute(asked).scalar())

    # --- platforms -----------------------------------------------------------------------------------------------

    def incident(self, platform: str) -> PlatformIncident | None:
        """The platform's open incident."""
        asked = select(INCIDENT).where(INCIDENT.c.platform == platform, INCIDENT.c.closed_at.is_(None))
        row = self._connection.execute(asked).one_or_none()
        return None if row is None else PlatformIncident(row.platform, row.opened_at, row.closed_at, row.detail)

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


def _record(claim: Claim, observation: Observation, before: str) -> dict[str, Any]:
    seen, failure = observation.seen, observation.failure
    feed = seen if isinstance(seen, Feed) else None
    newest = feed.newest if feed else None
    record: dict[str, Any] = {
        "target": claim.target.id,
        "account": claim.account.id,
        "platform": claim.target.platform,
        "at": observation.at,
        "saw": seen is not None,
        "reason": failure.reason.value if failure else None,
        "detail": storable(failure.detail) if failure else "",
        "facts": storable(_facts(seen)) if seen else None,
        "posts": len(feed.posts) if feed else 0,
        "newest_at": newest.at if newest else None,
        "digests": rows.canonical(observation.digests),
        "prev_hash": before,
    }
    return {**record, "hash": link(record)}


def _facts(seen: Seen) -> str:
    """What was seen, without its posts: of a list, how far back it reached."""
    if isinstance(seen, Feed):
        seen = seen.model_copy(update={"oldest_at": reach(seen)})
    return seen.model_dump_json(exclude={"posts"})


def _post_values(claim: Claim, post: Post, at: datetime) -> dict[str, Any]:
    copied = ("key", "at", "title", "url", "pinned", "repost", "original", "digest")
    return {
        **{name: getattr(post, name) for name in copied},
        "account": claim.account.id,
        "target": claim.target.id,
        "order_at": post.at or at,
        "first_seen_at": at,
        "last_seen_at": at,
    }


def _with_since(finding: Finding, before: Any) -> Finding:
    if before is None or before.outcome != finding.outcome.value or before.since is None:
        return finding
    if finding.since is not None and before.judged_at < finding.since < finding.judged_at:
        return finding
    return finding.model_copy(update={"since": before.since})


def _standing(account_id: str, finding: Finding, edition: str, before: Any) -> dict[str, Any]:
    return {
        "account": account_id,
        "indicator": finding.indicator,
        "outcome": finding.outcome.value,
        "since": finding.since,
        "judged_at": finding.judged_at,
        "edition": edition,
        "finding": finding.model_dump_json(),
        "history": flapping.remembered(before.history if before is not None else "", finding.outcome),
    }


def _board(finding: Finding | None) -> dict[str, Any]:
    outcome = finding.counts_as if finding else Outcome.UNKNOWN
    deadline = finding.deadline if finding and outcome is finding.outcome else None  # a hint has none
    return {
        "outcome": outcome.value,
        "rank": RANK[outcome],
        "indicator": finding.indicator if finding else "",
        "deadline": deadline,
        "order_at": deadline or FAR,
        "holds_until": finding.holds_until if finding else None,
        "reason": finding.reason.value if finding and finding.reason else None,
        "finding": finding.model_dump_json() if finding else None,
    }


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
