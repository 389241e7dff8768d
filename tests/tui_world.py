"""A world to look at: a real `Source` over frozen views, made of numbers alone: every run shows the same screen."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from functools import cache

from mediawatch.core.calendar import day_of, days_between, midnight_after
from mediawatch.core.campaign import Stage, Verdict
from mediawatch.core.filtering import Filter, matches, searchable
from mediawatch.core.list_views import AlertPage, Change, Group
from mediawatch.core.model import Finality, Finding, Outcome, Reason
from mediawatch.core.office_views import (
    CampaignLine,
    CampaignView,
    CaseLine,
    CaseView,
    FindingRow,
    MoveView,
    TallyView,
    UnseenRow,
    WorkView,
)
from mediawatch.core.reading import EVERYTHING
from mediawatch.core.receiver_views import ReceiverView
from mediawatch.core.rectification import State
from mediawatch.core.regions import DIGITS, named
from mediawatch.core.review import Choice
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
    SessionView,
    UnitView,
)
from mediawatch.tui.source import Acts

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


@cache
def searched(row: Row) -> str:
    """What a filter looks into."""
    return searchable(row.name, row.account, row.sponsor, row.region, spelled=(row.name, row.sponsor))


def labels(row: Row) -> dict[str, tuple[str, ...]]:
    """A row of the board by its labels."""
    plain = {key: (str(getattr(row, key)),) for key in ("kind", "level", "region", "sponsor", "outcome", "name")}
    reason = (str(row.reason),) if row.reason else ()
    return {**plain, "id": (row.account,), "reason": reason, "platform": (row.kind,), "state": (str(row.state),)}


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
        self.decided: list[tuple[str, str, str, str]] = []
        self.done: list[tuple[str, str, str, str]] = []
        self.refuses: Exception | None = None
        self.hostile = ""
        self.incident = True

    def clock(self) -> datetime:
        return NOW

    @property
    def acts(self) -> Acts:
        """Everything that a console may do, written down here."""
        return Acts(self.acknowledge, self.decide, self.mute, self.office)

    async def acknowledge(self, alert_id: str, by: str, note: str) -> None:
        if self.broken:
            raise self.broken
        self.acknowledged.append((alert_id, by, note))
        self.taken[alert_id] = (by, note)

    async def decide(self, alert_id: str, choice: Choice, by: str, reason: str) -> None:
        if self.refuses:
            raise self.refuses
        self.decided.append((alert_id, choice, by, reason))

    async def mute(self, account: str, by: str, reason: str) -> None:
        self.done.append(("mute", account, by, reason))

    async def office(self, name: str, said: dict[str, str], by: str) -> None:
        self.done.append((name, said["id"], by, said["note"]))

    def _asked(self) -> None:
        self.threads.add(threading.get_ident())
        if self.broken:
            raise self.broken

    def page(
        self,
        now: datetime,
        *,
        offset: int = 0,
        limit: int = 50,
        contains: str = "",
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
        only: Filter = EVERYTHING,
        descending: bool = False,
        after: str = "",
        before: str = "",
    ) -> Page:
        self._asked()
        self.rows_asked.append(limit)
        matching = [
            row
            for row in self.rows
            if (not outcomes or row.outcome in outcomes)
            and (not only.terms or matches(only, searched(row), labels(row)))
        ]
        matching.sort(key=lambda row: row.account)
        orders = {
            "days_left": lambda row: (_RANK[row.outcome], 9999 if row.days_left is None else row.days_left),
            "outcome": lambda row: _RANK[row.outcome],
        }
        matching.sort(key=orders.get(sort, lambda row: getattr(row, sort)), reverse=descending)
        rows = tuple(matching[offset : offset + limit])
        return Page(rows=rows, offset=offset, matching=len(matching), total=len(self.rows))

    def groups(self, now: datetime, by: str, only: Filter = EVERYTHING) -> tuple[Group, ...]:
        self._asked()
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if matches(only, searched(row), labels(row)):
                key = row.sponsor if by == "sponsor" else row.region[: DIGITS[by]]
                found.setdefault(key, []).append(row)
        return tuple(
            Group(
                key=key,
                name=key if by == "sponsor" else named(key, "zh_CN" if self.zh else "en"),
                total=len(rows),
                by_outcome={code: sum(row.outcome is code for row in rows) for code in Outcome},
            )
            for key, rows in found.items()
        )

    def units(self, now: datetime) -> tuple[UnitView, ...]:
        return ()

    def sessions(self, now: datetime) -> tuple[SessionView, ...]:
        self._asked()
        holds = now + timedelta(days=40)
        return (
            SessionView(name="weibo-1", platform="weibo", owner=self.hostile or "值班室", state="refused",
                        expires_at=holds, refused_at=now - timedelta(hours=2), looks_today=118, budget=500),
            SessionView(name="weibo-2", platform="weibo", state="expiring", expires_at=now + timedelta(days=2)),
            SessionView(name="feed-1", platform="feed", owner="", state="ok", expires_at=holds, seen_at=now),
        )  # fmt: skip

    def receivers(self, now: datetime) -> tuple[ReceiverView, ...]:
        self._asked()
        since = now - timedelta(hours=1)
        return (
            ReceiverView(name="city-duty", kind="wecom", sent_at=now - timedelta(minutes=4), answer="ok"),
            ReceiverView(
                name="province", kind="dingtalk", owed=3, owed_since=since, failed=7, failing_since=since,
                error=self.hostile or "errcode 90030", said=self.hostile,
            ),
            ReceiverView(name=self.hostile or "old-office"),
        )  # fmt: skip

    def campaigns(self, now: datetime) -> tuple[CampaignLine, ...]:
        self._asked()
        return tuple(self.campaign(one, now).line for one in ("2026q3", "2026q4"))

    def campaign(self, campaign: str, now: datetime) -> CampaignView:
        self._asked()
        over = campaign == "2026q3"
        row = make_row(7)
        move = MoveView(
            at=NOW - timedelta(days=21), by=self.hostile or "王", act="draw", does="抽样" if self.zh else "draws",
            before="planned", after="drawn", note=self.hostile,
        )  # fmt: skip
        unseen = UnseenRow(
            account="acc-0017", name=self.hostile or "西塘应急", kind="weibo", unit="x", verdict=Verdict.UNDETERMINED,
            why=(self.hostile or "login_required",),
        )  # fmt: skip
        line = CampaignLine(
            id=campaign, title=self.hostile or ("2026年三季度抽查" if over else "2026年四季度抽查"),
            stage=Stage.FROZEN if over else Stage.LOOKING, rulebook="national-2019", population=300, drawn=100,
            overall=self._tally("", 7), begins_at=NOW - timedelta(days=30),
            judged_at=NOW - timedelta(days=20 if over else 5), waiting=0 if over else 2, digest="9f2c" if over else "",
            frozen_at=NOW - timedelta(days=18) if over else None,
        )  # fmt: skip
        names = ("微博", "微信") if self.zh else ("Weibo", "WeChat")
        return CampaignView(
            line=line, edition="e", rulebook_title=self.hostile or "national-2019", population_at=NOW,
            population_digest="77aa", by=("platform",), ratios=("1/3",), seed="2026-08-14",
            ordered_by=self.hostile or "王", ordered_at=NOW,
            by_platform=(self._tally(names[0], 7), self._tally(names[1], 0)), by_region=(self._tally("浙江", 7),),
            by_level=(), by_unit=(self._tally("西塘市公安局", 1),), by_reason=(), by_clause=(),
            rechecked=self._tally("", 1), trend=(), failures=(self._failure(row),), problems=(), unseen=(unseen,),
            waiting=(), statements=(), trace=(move,),
            work=WorkView(since=NOW, until=NOW, reminders=0, alerts=0, reports=0), acts=(),
        )  # fmt: skip

    def _tally(self, label: str, failed: int) -> TallyView:
        return TallyView(
            key=label, label=label and (self.hostile or label), registered=300, checked=100, share="33.33",
            passed=100 - failed, failed=failed, undetermined=4, undecided=0, problems=1, again=1,
            pass_rate=f"{100 - failed}.00",
        )  # fmt: skip

    def _failure(self, row: Row) -> FindingRow:
        return FindingRow(
            place_in_sample=3, account=row.account, name=self.hostile or row.name, kind=row.kind, unit=row.sponsor,
            sponsor=row.sponsor, supervisor="", region=row.region, level=row.level, place="weibo uid=500007",
            because="stale", indicator="stale", number="1.2", title="内容更新" if self.zh else "regular posts",
            severity="veto", says=self.hostile or row.says, standing="stands", judged_at=NOW,
        )  # fmt: skip

    def cases(
        self, now: datetime, *, live_only: bool = False, campaign: str = "", account: str = ""
    ) -> tuple[CaseLine, ...]:
        self._asked()
        bad = [row for row in self.rows if row.outcome is Outcome.FAIL]
        lines = [
            CaseLine(
                id=f"case-{row.account}", account=row.account, name=row.name, unit=row.sponsor, indicator="stale",
                title="内容更新" if self.zh else "regular posts", campaign="2026q3",
                state=(State.RECTIFYING, State.OVERDUE, State.CLOSED)[number % 3], says=self.hostile or row.says,
                opened_at=NOW - timedelta(days=12), due=(NOW + timedelta(days=3 - 5 * number)).date(),
                days_left=3 - 5 * number, repeat=number, closed_at=NOW if number % 3 == 2 else None,
            )
            for number, row in enumerate(bad)
        ]  # fmt: skip
        return tuple(
            one
            for one in lines
            if (not account or one.account == account) and not (live_only and one.closed_at is not None)
        )

    def case(self, case: str, now: datetime) -> CaseView:
        line = next(one for one in self.cases(now) if one.id == case)
        move = MoveView(
            at=NOW - timedelta(days=12), by=self.hostile or "王", act="open", does="立案" if self.zh else "opens",
            before="", after="detected", note=self.hostile,
        )  # fmt: skip
        acts = () if line.closed_at else ("report", "recheck")
        return CaseView(line=line, problem=line.says, alert="a", opened_by="王", trace=(move,), acts=acts)

    def log(
        self, now: datetime, *, only: Filter = EVERYTHING, before: str = "", limit: int = 100
    ) -> tuple[LookView, ...]:
        self._asked()
        rows = sorted(self.rows, key=lambda row: row.tried_at or now, reverse=True)[:limit]
        return tuple(
            LookView(
                target=f"{row.account}-1", account=row.account, mark=row.account, adapter=row.kind, platform=row.kind,
                at=row.tried_at or now, ok=row.reason is None, reason=row.reason, detail=self.hostile, posts=20,
            )
            for row in rows
        )  # fmt: skip

    def changes(self, since: datetime, until: datetime, limit: int = 100) -> tuple[Change, ...]:
        self._asked()
        says = self.hostile or ("连续两次查看一致" if self.zh else "two looks agree")
        bad = [row for row in self.rows if row.outcome is Outcome.FAIL]
        found = [
            Change(at=NOW - timedelta(hours=2, minutes=18), what="incident", account="weibo", name="weibo", says=says),
            Change(at=NOW - timedelta(days=40), what="joined", account="acc-0001", name=self.hostile or "云溪发布"),
        ]
        for number, row in enumerate(bad):
            at = NOW - timedelta(hours=5 + number)
            found.append(
                Change(at=at, what="opened", account=row.account, name=row.name, indicator="stale", says=row.says)
            )
            found.append(
                Change(at=at + timedelta(hours=1), what="acknowledged", account=row.account, name=row.name,
                       indicator="stale", by=self.hostile or "王", says=says)
            )  # fmt: skip
        found = [one for one in found if since < one.at <= until]
        return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:limit])

    def instants(self, since: datetime, until: datetime, limit: int = 1000) -> tuple[datetime, ...]:
        return tuple(sorted(one.at for one in self.changes(since, until, limit)))

    def counts(self, now: datetime, only: Filter = EVERYTHING) -> Counts:
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

    def alert_page(
        self,
        now: datetime,
        *,
        only: Filter = EVERYTHING,
        live_only: bool = True,
        sort: str = "opened_at",
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> AlertPage:
        found = self.alerts(now, live_only)
        return AlertPage(alerts=found[offset : offset + limit], offset=offset, matching=len(found), total=len(found))

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


class Waiting(World):
    """A world in which the first alert waits for a person until somebody has decided."""

    def __init__(self, accounts: int = 30, language: str = "zh_CN") -> None:
        super().__init__(accounts, language)

    def alerts(self, now: datetime, live_only: bool) -> tuple[AlertView, ...]:
        first, *others = super().alerts(now, live_only)
        finding = Finding(
            account=first.account,
            indicator="stale",
            outcome=Outcome.FAIL,
            judged_at=NOW,
            holds_until=NOW,
            finality=Finality.CANDIDATE,
            proof=((f"{first.account}-1", NOW - timedelta(minutes=7)),),
            values={"days": 51},
        )
        review = "confirmed" if self.decided else "waiting"
        return (first.model_copy(update={"review": review, "finding": finding}), *others)
