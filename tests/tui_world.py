"""A world to look at: a real `Source` over frozen views, made of numbers alone: every run shows the same screen."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.model import Finality, Finding, Outcome, Reason
from mediawatch.core.rulebook import Citation
from mediawatch.core.views import (
    AccountView,
    AlertView,
    Counts,
    Judged,
    LookView,
    Page,
    PlatformView,
    PostView,
    Row,
)

NOW = datetime(2026, 11, 23, 6, 32, 5, tzinfo=UTC)
_PLACES = ("云溪", "江口", "临泉", "青石", "白沙", "东岭", "南屏", "西塘", "北渡", "金坝")
_OFFICES = ("人民政府办公室", "公安局", "交通运输局", "卫生健康委员会", "应急管理局", "教育局", "融媒体中心")
_NAMES = ("发布", "公安", "交通", "健康", "应急", "教育", "融媒")
_KINDS = ("weibo", "wechat", "weibo", "app", "wechat")
_RANK = {Outcome.FAIL: 0, Outcome.AT_RISK: 1, Outcome.UNKNOWN: 2, Outcome.PASS: 3}


def make_row(number: int, language: str = "zh_CN") -> Row:
    """The account of that number: a few fail, are at risk or cannot be seen; the rest is in order."""
    now, zh = NOW, language == "zh_CN"
    place, office = _PLACES[number % 10], number % 7
    who = {
        "account": f"acc-{number:04}",
        "name": f"{place}{_NAMES[office]}" + (f"{number}" if number >= 70 else ""),
        "kind": _KINDS[number % 5],
        "sponsor": f"{place}市{_OFFICES[office]}",
        "region": f"33{number % 10:02}00",
        "level": "city",
        "indicator": "stale",
    }
    look = now - timedelta(seconds=12 + 37 * (number % 60))
    if number % 100 == 7:
        newest = now - timedelta(days=30 + number * 3)
        over = days_between(newest, now) - 14
        return Row(
            **who,
            outcome=Outcome.FAIL,
            newest_post_at=newest,
            days_silent=over + 14,
            days_left=-over,
            holds_until=now,
            says=f"已{over + 14}天未更新，超过14天" if zh else f"nothing new for {over + 14} days, 14 are allowed",
            looked_at=look,
            tried_at=look,
        )
    if number % 60 == 11:
        silent = 12 + number % 2
        newest = now - timedelta(days=silent)
        return Row(
            **who,
            outcome=Outcome.AT_RISK,
            newest_post_at=newest,
            days_silent=silent,
            days_left=14 - silent,
            holds_until=now + timedelta(days=2),
            says=f"已{silent}天未更新，{14 - silent}天后超期"
            if zh
            else f"nothing new for {silent} days, 14 are allowed",
            looked_at=look,
            tried_at=look,
        )
    if who["kind"] == "weibo" and number % 30 == 17:
        return Row(
            **who,
            outcome=Outcome.UNKNOWN,
            newest_post_at=now - timedelta(days=16),
            days_silent=16,
            holds_until=now,
            reason=Reason.LOGIN_REQUIRED,
            says="期限后没有看到内容" if zh else "nothing could be seen since the deadline",
            looked_at=now - timedelta(days=3),
            tried_at=look,
        )
    newest = now - timedelta(hours=number % 200)
    return Row(
        **who,
        outcome=Outcome.PASS,
        newest_post_at=newest,
        days_silent=days_between(newest, now),
        days_left=14 - days_between(newest, now),
        holds_until=newest + timedelta(days=14),
        says="更新正常" if zh else "posts regularly",
        looked_at=look,
        tried_at=look,
    )


class World:
    """Implements `mediawatch.tui.source.Source` over values in memory, and keeps account of what was asked."""

    def __init__(self, accounts: int = 300, language: str = "zh_CN") -> None:
        self.zh = language == "zh_CN"
        self.rows = tuple(make_row(number, language) for number in range(accounts))
        self.acknowledged: list[tuple[str, str, str]] = []
        self.rows_asked: list[int] = []
        self.threads: set[int] = set()
        self.broken: Exception | None = None
        self.taken: dict[str, tuple[str, str]] = {}
        self.hostile = ""
        self.incident = True

    def clock(self) -> datetime:
        return NOW

    async def acknowledge(self, alert_id: str, by: str, note: str) -> None:
        if self.broken:
            raise self.broken
        self.acknowledged.append((alert_id, by, note))
        self.taken[alert_id] = (by, note)

    def _asked(self) -> None:
        self.threads.add(threading.get_ident())
        if self.broken:
            raise self.broken

    def page(
        self,
        now: datetime,
        *,
        offset: int,
        limit: int,
        contains: str = "",
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
    ) -> Page:
        self._asked()
        self.rows_asked.append(limit)
        low = contains.lower()
        matching = [
            row
            for row in self.rows
            if (not outcomes or row.outcome in outcomes)
            and any(low in t.lower() for t in (row.name, row.account, row.sponsor))
        ]
        orders = {
            "days_left": lambda row: (
                _RANK[row.outcome],
                9999 if row.days_left is None else row.days_left,
                row.account,
            ),
            "newest_post_at": lambda row: (row.newest_post_at, row.account),
            "looked_at": lambda row: (row.looked_at, row.account),
            "name": lambda row: row.name,
        }
        matching.sort(key=orders[sort])
        rows = tuple(matching[offset : offset + limit])
        return Page(rows=rows, offset=offset, matching=len(matching), total=len(self.rows))

    def counts(self, now: datetime) -> Counts:
        self._asked()
        return Counts(
            total=len(self.rows),
            by_outcome={code: sum(row.outcome is code for row in self.rows) for code in Outcome},
            alerts_open=len(self.alerts(now, True)),
            notices_owed=1,
            last_look_at=NOW - timedelta(seconds=12),
        )

    def account(self, account_id: str, now: datetime) -> AccountView:
        self._asked()
        row = next(row for row in self.rows if row.account == account_id)
        newest = row.newest_post_at or now
        posts = tuple(
            PostView(
                at=newest - timedelta(hours=17 * number),
                title=self.hostile or f"{row.name}：关于第{number + 1}号事项的通知",
                url=f"https://posts.example/{number}",
                pinned=number == 3,
                repost=number % 6 == 5,
                first_seen_at=newest - timedelta(hours=17 * number - 1),
            )
            for number in range(40)
        )
        looks = tuple(
            LookView(
                target=f"{row.account}-1",
                adapter=row.kind,
                platform=row.kind,
                at=now - timedelta(minutes=7 + 40 * number),
                ok=number % 5 != 2,
                reason=Reason.LOGIN_REQUIRED if number % 5 == 2 else None,
                detail=(self.hostile or "ok=-100") if number % 5 == 2 else "",
                posts=0 if number % 5 == 2 else 20,
                trusted=number != 2,
            )
            for number in range(12)
        )
        deadline = midnight_after(day_of(newest) + timedelta(days=14))
        finding = Finding(
            account=row.account,
            indicator="stale",
            outcome=row.outcome,
            judged_at=now,
            since=deadline if row.outcome is Outcome.FAIL else newest,
            holds_until=row.holds_until or now,
            deadline=deadline,
            values={"days": row.days_silent},
        )
        empty = finding.model_copy(
            update={
                "indicator": "empty_shell",
                "outcome": Outcome.UNKNOWN,
                "finality": Finality.CANDIDATE,
                "reason": row.reason or Reason.CAPTCHA,
                "missing": ("mass_sent",),
                "deadline": None,
                "since": None,
            }
        )
        return AccountView(
            row=row,
            supervisor=self.hostile or "某省人民政府办公厅",
            rulebook="national-2019",
            targets=(f"{row.kind} uid=50000{row.account[-4:]}", "feed https://bridge.example/feeds/1.xml"),
            findings=(
                Judged(
                    finding=finding,
                    number="1.2",
                    title="内容更新" if self.zh else "regular posts",
                    says=self.hostile or row.says,
                    severity="veto",
                    cites=(
                        Citation(text="国办秘函〔2019〕19号", clause=self.hostile or "附件2", confidence="verified"),
                    ),
                    rulebook="national-2019",
                ),
                Judged(
                    finding=empty,
                    number="1.3",
                    title="空壳账号" if self.zh else "empty shell",
                    says="看不到群发内容，无法判断。" if self.zh else "mass-sent messages cannot be seen; not judged",
                    severity="veto",
                    cites=(Citation(text="国办秘函〔2019〕19号", clause="附件2", confidence="corroborated"),),
                    rulebook="national-2019",
                ),
            ),
            posts=posts,
            looks=looks,
            missing=("mass_sent",),
            next_due_at=now + timedelta(hours=5),
        )

    def alerts(self, now: datetime, live_only: bool) -> tuple[AlertView, ...]:
        self._asked()
        alerts = [
            AlertView(
                id=f"alert-{row.account}",
                account=row.account,
                name=row.name,
                indicator="stale",
                level="breach" if row.outcome is Outcome.FAIL else "reminder",
                state="open",
                since=row.newest_post_at,
                opened_at=now - timedelta(hours=5 + int(row.account[-2:])),
                confirmed_at=now - timedelta(hours=5),
                acknowledged_at=now if f"alert-{row.account}" in self.taken else None,
                acknowledged_by=self.taken.get(f"alert-{row.account}", ("", ""))[0],
                note=self.taken.get(f"alert-{row.account}", ("", ""))[1],
                says=self.hostile or row.says,
                told=2,
                owed=1 if row.account.endswith("07") else 0,
            )
            for row in self.rows
            if row.outcome in (Outcome.FAIL, Outcome.AT_RISK)
        ]
        over = AlertView(
            id="alert-over",
            account="platform:weibo",
            name="",
            indicator="incident",
            level="incident",
            state="resolved",
            since=now - timedelta(days=9),
            opened_at=now - timedelta(days=9),
            confirmed_at=now - timedelta(days=9),
            resolved_at=now - timedelta(days=8),
            says="平台整体不可见" if self.zh else "the whole platform cannot be seen",
            told=2,
        )
        return tuple(alerts) if live_only else (*alerts, over)

    def platforms(self, now: datetime, window: timedelta) -> tuple[PlatformView, ...]:
        self._asked()
        down = {
            "incident_since": now - timedelta(hours=2, minutes=18),
            "incident": self.hostile or ("灯塔账号看不到" if self.zh else "canaries not seen"),
            "reasons": {"login_required": 41, "rate_limited": 6},
        }
        return (
            PlatformView(platform="weibo", looks=47, seen=0, **(down if self.incident else {})),
            PlatformView(platform="feed", looks=60, seen=60, last_seen_at=now),
            PlatformView(platform="appstore", looks=12, seen=11, last_seen_at=now),
        )
