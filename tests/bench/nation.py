"""A store as a nation leaves it behind: accounts that were looked at week by week, with their posts, looks and answers.

Two hundred lives are recorded and judged as the daemon does it; all others are copies of their rows. Data for benches.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import text

from mediawatch.conclude import conclude, due
from mediawatch.core.model import Account, Feed, Observation, Post, Profile, Target
from mediawatch.core.rulebook import Rulebook
from mediawatch.policy import Policy
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.looks import Looked
from mediawatch.store.store import Store
from tests.bench.traces import DAY, Life, lives, moment

LIVES = 200
SWEEPS = (28, 35, 42, 49, 56, 63)  # days on which all are looked at
SHOWN = 10  # posts on one page
NOW = moment(63 * DAY) + timedelta(hours=1)
BOOKS = {"national-2019": load_rulebook("national-2019")}
_COPIED = ("observation", "post", "profile", "profile_day", "standing")
_OWN = ("id", "account", "target")


def stricter() -> Rulebook:
    """The national book with ten days in place of fourteen."""
    national = BOOKS["national-2019"]
    ten = (
        one.model_copy(update={"params": {**one.params, "days": 10}}) for one in national.indicators if one.id == "U1"
    )
    lines = {one.id: one for one in (*national.indicators, *ten)}
    return national.model_copy(update={"indicators": tuple(lines.values())})


def accounts(number: int) -> list[Account]:
    """So many accounts of Weibo, in their order: account `n` lives as life `n % LIVES` does."""
    return [
        Account(
            id=(name := f"acc-{index:06}"),
            name=f"第{index}号发布",
            kind="weibo",
            sponsor=f"第{index // 30}局",
            region=f"52{index % 9 + 1:02}00",
            level="county",
            targets=(
                Target(id=f"{name}/1", account=name, adapter="weibo", platform="weibo",
                       address={"uid": f"{5_000_000_000 + index}"}, covers=frozenset({"posts", "profile"})),
            ),
        )
        for index in range(number)
    ]  # fmt: skip


def _look(life: Life, target: Target, seconds: float, at: datetime) -> Observation:
    until = int(np.searchsorted(life.posts, seconds, side="right"))
    posts = tuple(
        Post(key=f"{target.id}-{number}", at=moment(float(life.posts[number])), title=f"第{number}条：今日要闻")
        for number in range(max(0, until - SHOWN), until)
    )
    feed = Feed(profile=Profile(name="发布", followers=1000 + until, posts=until), posts=tuple(reversed(posts)))
    return Observation(target=target.id, account=target.account, at=at, seen=feed, digests=(f"{until:064x}",))


def make(path: Path, number: int) -> Store:
    """The store, open."""
    known = accounts(number)
    store = Store.open(f"sqlite:///{path}", now=moment(0))
    policy = Policy(books=BOOKS)
    first = known[:LIVES]
    store.enroll(first, moment(0), lambda target: moment(0))
    living = dict(zip((account.id for account in first), lives(0, LIVES), strict=False))
    for day in SWEEPS:
        now = moment(day * DAY)
        store.make_due(now)
        claims = store.claim_targets({"weibo": LIVES}, now, timedelta(minutes=5))
        with store.writing() as ledger:
            looks = [Looked(one, _look(living[one.account.id], one.target, day * DAY, now), ()) for one in claims]
            ledger.record_all(looks)
            conclude(ledger, [one.account for one in claims], policy, now)
        store.release(claims)
    store.enroll(known, moment(0), lambda target: NOW + timedelta(days=1))
    _copy(store, known)
    return store


def look_at_some(store: Store, number: int, looks: int) -> None:
    """So many looks, from the claims to the next due times, spread over the nation: each shows the page of a day later,
    with whatever is new on it."""
    policy, living = Policy(books=BOOKS), list(lives(0, LIVES))
    step = max(1, number // looks)
    store.make_due(NOW, [f"acc-{index * step:06}" for index in range(looks)])
    seconds = (NOW - moment(0)).total_seconds() + DAY
    while claims := store.claim_targets({"weibo": 300}, NOW, timedelta(minutes=5)):
        looked = [
            Looked(one, _look(living[int(one.account.id[4:]) % LIVES], one.target, seconds, NOW), ()) for one in claims
        ]
        with store.writing() as ledger:
            ledger.record_all(looked)
            judged = conclude(ledger, [one.account for one in claims], policy, NOW)
            ledger.reschedule_all([(one.claim, due(one, judged, {}, policy, NOW)) for one in looked])


def _copy(store: Store, known: list[Account]) -> None:
    """Everybody else's record is that of the life it is like."""
    pairs = [(account.id, known[index % LIVES].id) for index, account in enumerate(known) if index >= LIVES]
    with store.copying() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE pair (account TEXT, life TEXT)")
        if not pairs:
            return
        connection.exec_driver_sql("INSERT INTO pair VALUES (?, ?)", pairs)
        for table in _COPIED:
            names = [row.name for row in connection.execute(text(f"PRAGMA table_info({table})"))]
            kept = [f'"{name}"' for name in names if name not in _OWN]
            target = ["pair.account || '/1'"] if "target" in names else []
            into = ["account", *(["target"] if target else []), *kept]
            out = ["pair.account", *target, *(_told(f"{table}.{name}", "pair.life", "pair.account") for name in kept)]
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(into)}) SELECT {', '.join(out)}"
                f" FROM pair JOIN {table} ON {table}.account = pair.life"
            )
        told = ("outcome", "rank", "indicator", "deadline", "order_at", "holds_until", "reason", "finding")
        looked = ("newest_post_at", "looked_at", "tried_at", "watched_since", "settled_at", "keeps_until", "kept_by")
        own = (f"{name} = " + _told(f"life.{name}", "life.id", "account.id") for name in (*told, *looked))
        connection.exec_driver_sql(
            f"UPDATE account SET {', '.join(own)}"
            " FROM pair JOIN account AS life ON life.id = pair.life WHERE account.id = pair.account"
        )


def _told(column: str, life: str, account: str) -> str:
    """A column as it is of the copy: an answer names its own account, or each would count as another one."""
    return f"replace({column}, {life}, {account})" if column.endswith(("finding", '"finding"')) else column
