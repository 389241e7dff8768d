"""Invented accounts and looks for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from mediawatch.core.alerting import Alert, State
from mediawatch.core.model import (
    Account,
    Evidence,
    Failure,
    Feed,
    Finding,
    Observation,
    Outcome,
    Post,
    Profile,
    Reason,
    Target,
)
from mediawatch.core.routing import Owed
from mediawatch.core.schedule import Due
from mediawatch.core.views import Notice
from mediawatch.deliver import next_messages
from mediawatch.policy import Policy
from mediawatch.receivers import webhook
from mediawatch.receivers.receiver import Receiver
from mediawatch.store.outbox import Delivery
from mediawatch.store.store import Claim, Store
from mediawatch.telling import Configured

START = datetime(2026, 3, 1, 4, tzinfo=UTC)  # noon in Shanghai
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEASE = 5 * MINUTE
POLICY = Policy(books={}, language="en")


def account(name: str, /, *, adapters: Sequence[str] = ("weibo",), canary: bool = False, **more: str) -> Account:
    targets = tuple(
        Target(
            id=f"{name}/{adapter}/1",
            account=name,
            adapter=adapter,
            platform=adapter,
            address={"uid": f"75194016680{len(name)}", "zone": "亚洲"},
            covers=frozenset({"posts", "profile"}),
        )
        for adapter in adapters
    )
    known = {"name": f"{name}发布", "kind": "weibo", "sponsor": "某市人民政府办公室"}
    return Account(id=name, canary=canary, targets=targets, **{**known, **more})


def enrolled(store: Store, *accounts: Account, now: datetime = START) -> None:
    store.enroll(accounts, now, lambda target: now)


def claim(store: Store, now: datetime = START, *, platform: str = "weibo") -> Claim:
    """The one target of the platform that is due."""
    (one,) = store.claim_targets({platform: 5}, now, LEASE)
    return one


def post(key: str, at: datetime | None, **more: object) -> Post:
    return Post.model_validate({"key": key, "at": at, "title": f"第{key}条", **more})


def saw(one: Claim, at: datetime, *posts: Post) -> Observation:
    feed = Feed(profile=Profile(name="某市发布", followers=7), posts=posts)
    return Observation(target=one.target.id, account=one.account.id, at=at, seen=feed, digests=("ab" * 32,))


def failed(one: Claim, at: datetime, reason: Reason = Reason.BLOCKED, detail: str = "") -> Observation:
    failure = Failure(reason=reason, detail=detail)
    return Observation(target=one.target.id, account=one.account.id, at=at, failure=failure)


def look(store: Store, at: datetime, *posts: Post, reason: Reason | None = None, platform: str = "weibo") -> Claim:
    """One whole look at the one due target of the platform; it is due again a minute later."""
    one = claim(store, at, platform=platform)
    with store.writing() as ledger:
        assert ledger.record(one, failed(one, at, reason) if reason else saw(one, at, *posts), ())
        assert ledger.reschedule(one, Due.exactly(at + MINUTE))
    return one


def evidence(store: Store, who: str, now: datetime) -> Evidence:
    with store.writing() as ledger:
        return ledger.evidence(who, now)


def finding(who: str, outcome: Outcome, at: datetime = START, indicator: str = "stale", **more: object) -> Finding:
    known = {"account": who, "indicator": indicator, "outcome": outcome, "judged_at": at, "holds_until": at}
    return Finding.model_validate({**known, **more})


def alert(who: str, name: str = "alert-1", **more: object) -> Alert:
    known = {"id": name, "subject": who, "indicator": "stale", "level": "breach", "state": State.OPEN}
    times = {"since": START, "opened_at": START, "confirmed_at": START}
    return Alert.model_validate({**known, **times, "finding": finding(who, Outcome.FAIL), **more})


def promise(one: Alert, receiver: str, step: str = "0", due_at: datetime = START) -> tuple[Owed, Notice]:
    key = f"{one.id}/{step}/{receiver}"
    owed = Owed(key=key, alert=one.id, receiver=receiver, cause="first", due_at=due_at)
    return owed, Notice(id=f"msg_{key}", alert=one.id, cause="first", level=one.level, opened_at=START, says="停更")


def claim_messages(
    store: Store,
    now: datetime,
    *receivers: str,
    policy: Policy = POLICY,
    room: int = 99,
    kind: Receiver = webhook.RECEIVER,
) -> list[Delivery]:
    """The messages of these receivers that are to be sent now, claimed; each lists as many notices as `kind` does."""
    settings = webhook.Settings(url=SecretStr("https://duty.example/"), secret=(SecretStr("s"),), members=kind.members)
    known = {name: Configured(name, kind, settings) for name in receivers}
    rooms = dict.fromkeys(receivers, room)
    return next_messages(store, policy, known, rooms, now, LEASE, at_once=True)
