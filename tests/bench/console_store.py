"""A store of many accounts for the benchmark of the console, made through the store's own write path.

A province's register as it is: cities and counties, several accounts to a unit, one in ten failing or close to it, each
with a standing answer, some with looks and posts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from mediawatch.core.alerting import Alert, State
from mediawatch.core.flapping import remembered
from mediawatch.core.model import Account, Feed, Finding, Observation, Outcome, Post, Profile, Target
from mediawatch.store.answers import SPOKEN, board_values, standing_values
from mediawatch.store.store import Store
from mediawatch.store.tables import STANDING

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
DAY = timedelta(days=1)
CITIES = ("贵阳市", "六盘水市", "遵义市", "安顺市", "毕节市", "铜仁市", "黔西南州", "黔东南州", "黔南州")
OFFICES = (
    "人民政府办公室",
    "公安局",
    "教育局",
    "卫生健康局",
    "交通运输局",
    "文化和旅游局",
    "市场监督管理局",
    "气象局",
    "税务局",
    "民政局",
)
SAYS = ("发布", "在线", "微博", "之窗", "政务", "服务号", "小助手")
_BATCH = 500


def accounts(number: int) -> Iterator[Account]:
    """So many accounts; the same ones each time."""
    for index in range(number):
        city = CITIES[index % len(CITIES)]
        county = index // len(CITIES) % 11
        office = OFFICES[index // 99 % len(OFFICES)]
        unit = f"{city}{f'第{county}区' if county else ''}{office}"
        name, kind = f"acc-{index:06}", ("weibo", "wechat", "app")[index % 3]
        target = Target(
            id=f"{name}/1", account=name, adapter="weibo", platform="weibo",
            address={"uid": f"{5_000_000_000 + index}"}, covers=frozenset({"posts", "profile"}),
        )  # fmt: skip
        yield Account(
            id=name, name=f"{unit}{SAYS[index % 7]}{index}", kind=kind, sponsor=unit, targets=(target,),
            region=f"52{index % len(CITIES) + 1:02}{county:02}", level="county" if county else "city",
            rulebook="national-2019", tags=("重点",) if index % 50 == 0 else (),
        )  # fmt: skip


def finding(index: int, name: str) -> Finding:
    """One in twenty fails, one in twenty is close to it, one in ten is unknown."""
    outcome = (
        (Outcome.FAIL, Outcome.AT_RISK, Outcome.UNKNOWN, Outcome.UNKNOWN)[index % 20]
        if index % 20 < 4
        else Outcome.PASS
    )
    ahead = timedelta(days=-(index % 40) - 1) if outcome is Outcome.FAIL else timedelta(days=index % 14, hours=1)
    newest = NOW + ahead - 15 * DAY
    return Finding(
        account=name, indicator="U1", outcome=outcome, judged_at=NOW,
        since=NOW + ahead if outcome is Outcome.FAIL else None,
        holds_until=NOW + timedelta(days=1), deadline=NOW + ahead,
        values={"days": 14, "days_silent": max(0, (NOW - newest).days), "newest": newest.date().isoformat()},
        proof=((f"{name}/1", NOW),) if outcome is Outcome.FAIL else (),
    )  # fmt: skip


def make(path: Path, number: int) -> None:
    """Makes the store; a thousand of its accounts have been looked at and have posts.

    Enrolled and looked at as the daemon does; the standing answers are put in as plain rows, many at once.
    """
    looked = max(1, number // 1000)
    store = Store.open(f"sqlite:///{path}", now=NOW - 30 * DAY)
    try:
        known = list(accounts(number))
        store.enroll(known, NOW - 30 * DAY, lambda target: NOW + DAY if _index(target.id) % looked else NOW - DAY)
        while claims := store.claim_targets({"weibo": _BATCH}, NOW, timedelta(minutes=5)):
            with store.writing() as ledger:
                for claim in claims:
                    ledger.record(claim, _look(claim.target), ())
        told = [finding(index, one.id) for index, one in enumerate(known)]
        with store.copying() as connection:
            for start in range(0, number, _BATCH):
                some = told[start : start + _BATCH]
                connection.execute(
                    insert(STANDING),
                    [standing_values(one.account, one, "edition", remembered("", one.outcome)) for one in some],
                )
                connection.execute(SPOKEN, [{"one": one.account, **board_values((one,))} for one in some])
        with store.writing() as ledger:
            for index, one in enumerate(told):
                if one.outcome is Outcome.FAIL:
                    ledger.save_alert(_alert(index, one))
    finally:
        store.close()


def _index(target: str) -> int:
    return int(target[4:10])


def _look(target: Target) -> Observation:
    posts = tuple(
        Post(key=f"{target.id}-{day}", at=NOW - day * DAY, title=f"第{day}条：今日要闻与通知公告")
        for day in range(3, 12)
    )
    feed = Feed(profile=Profile(name="某市发布", followers=1000), posts=posts)
    return Observation(target=target.id, account=target.account, at=NOW, seen=feed, digests=("ab" * 32,))


def _alert(index: int, told: Finding) -> Alert:
    return Alert(
        id=f"al{index:06}", subject=told.account, indicator="U1", level="breach", state=State.OPEN,
        since=told.since, opened_at=NOW - timedelta(minutes=index % 5000), confirmed_at=NOW, finding=told,
    )  # fmt: skip
