"""A world to look at: a real `Source` over frozen views, made of numbers alone: every run shows the same screen."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime, timedelta
from functools import cache

from mediawatch.core.calendar import day_of, midnight_after
from mediawatch.core.filtering import Filter, matches, searchable
from mediawatch.core.list_views import AlertPage, Change, Group, UnitView
from mediawatch.core.model import Finality, Finding, Outcome, Reason
from mediawatch.core.reading import ALERT_KEYS, EVERYTHING
from mediawatch.core.receiver_views import ReceiverView
from mediawatch.core.reconcile import Difference
from mediawatch.core.regions import DIGITS, named
from mediawatch.core.review import Choice
from mediawatch.core.rulebook import Citation
from mediawatch.core.standing import Standing
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
)
from mediawatch.tui.source import Acts
from tests.tui_office import ANSWERS, Office
from tests.tui_rows import NOW, make_row

_RANK = {standing: place for place, standing in enumerate(Standing)}


@cache
def searched(row: Row) -> str:
    """What a filter looks into."""
    return searchable(row.name, row.account, row.sponsor, row.region, spelled=(row.name, row.sponsor))


def labels(row: Row) -> dict[str, tuple[str, ...]]:
    """A row of the board by its labels."""
    plain = {key: (str(getattr(row, key)),) for key in ("kind", "level", "region", "sponsor", "name", "state")}
    reason = (str(row.reason),) if row.reason else ()
    stands = (str(row.standing),)
    return {**plain, "outcome": stands, "id": (row.account,), "reason": reason, "platform": (row.kind,)}


def window_of(keys: list[str], offset: int, limit: int, after: str, before: str) -> tuple[int, int]:
    """Where a window begins and ends in a list of which the keys are the marks; from a row that has gone, by number."""
    if after in keys:
        offset = keys.index(after) + 1
    elif before in keys:
        limit, offset = min(limit, keys.index(before)), max(0, keys.index(before) - limit)
    return offset, offset + limit


class World(Office):
    """Implements `mediawatch.tui.source.Source` over values in memory, and keeps account of what was asked."""

    def __init__(self, accounts: int = 300, language: str = "zh_CN") -> None:
        super().__init__()
        self.zh = language == "zh_CN"
        self.rows = tuple(make_row(number, language) for number in range(accounts))
        self.acknowledged: list[tuple[str, str, str]] = []
        self.rows_asked: list[int] = []
        self.marks_asked: list[tuple[str, str]] = []
        self.threads: set[int] = set()
        self.broken: Exception | None = None
        self.taken: dict[str, tuple[str, str]] = {}
        self.decided: list[tuple[str, str, str, str]] = []
        self.done: list[tuple[str, str, str, str]] = []
        self.refuses: Exception | None = None
        self.hostile = ""
        self.filed = (
            Difference(code="missing", account="acc-0207", name="西塘应急207", kind="weibo", sponsor="西塘市"),
            Difference(code="filed_late", account="acc-0011", name="江口应急", lines=(4,), shown="2026-03-01", days=7),
            Difference(code="extra", name="某县发布", kind="wechat", sponsor="某县政府", lines=(2, 9)),
        )
        self.incident = True

    def clock(self) -> datetime:
        return NOW

    @property
    def acts(self) -> Acts:
        """Everything that a console may do, written down here."""
        return Acts(
            self.acknowledge, self.decide, self.mute, self.office, self.keep, self.office, lambda file: self.filed
        )  # fmt: skip

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
        marked: bool = False,
    ) -> Page:
        self._asked()
        self.rows_asked.append(limit)
        self.marks_asked.append((after, before))
        matching = self._board(outcomes, sort, only, descending)
        begin, end = window_of([row.account for row in matching], offset, limit, after, before)
        rows = tuple(matching[begin:end])
        marks = tuple(row.account for row in rows)
        return Page(rows=rows, offset=offset, matching=len(matching), total=len(self.rows), marks=marks)

    def ids(
        self,
        now: datetime,
        *,
        outcomes: frozenset[Outcome] = frozenset(),
        sort: str = "days_left",
        only: Filter = EVERYTHING,
        descending: bool = False,
        offset: int = 0,
        limit: int = 1000,
    ) -> tuple[str, ...]:
        self._asked()
        return tuple(row.account for row in self._board(outcomes, sort, only, descending))[offset : offset + limit]

    def _board(self, outcomes: frozenset[Outcome], sort: str, only: Filter, descending: bool) -> list[Row]:
        matching = [
            row
            for row in self.rows
            if (not outcomes or row.outcome in outcomes)
            and (not only.terms or matches(only, searched(row), labels(row)))
        ]
        matching.sort(key=lambda row: row.account)
        orders = {
            "days_left": lambda row: (_RANK[row.standing], 9999 if row.days_left is None else row.days_left),
            "outcome": lambda row: _RANK[row.standing],
        }
        matching.sort(key=orders.get(sort, lambda row: getattr(row, sort)), reverse=descending)
        return matching

    def groups(self, now: datetime, by: str, only: Filter = EVERYTHING) -> tuple[Group, ...]:
        self._asked()
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if matches(only, searched(row), labels(row)):
                key = row.region[: DIGITS[by]] if by in DIGITS else labels(row).get(by, ("",))[0]
                found.setdefault(key, []).append(row)
        return tuple(
            Group(
                key=key,
                name=named(key, "zh_CN" if self.zh else "en") if by in DIGITS else key,
                total=len(rows),
                by_outcome={code: sum(row.outcome is code for row in rows) for code in Outcome},
                candidates=sum(row.candidate for row in rows),
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
            candidates=sum(row.candidate for row in self.rows),
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
                digests=() if number % 5 == 2 else (hashlib.sha256(ANSWERS[number % 3]).hexdigest(),),
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
                answered=f"alert-{row.account}" in self.taken,
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
        after: str = "",
        before: str = "",
    ) -> AlertPage:
        every = self.alerts(now, live_only)
        found = [
            one
            for one in every
            if matches(
                only,
                searchable(one.name, one.account, one.indicator, spelled=(one.name,)),
                {key: (str(getattr(one, key, "")),) for key in ALERT_KEYS},
            )
        ]
        orders = {"level": lambda one: ("incident", "breach", "reminder").index(one.level)}
        found.sort(key=lambda one: one.opened_at, reverse=True)
        found.sort(key=orders.get(sort, lambda one: getattr(one, sort)), reverse=descending)
        found.sort(key=lambda one: one.resolved_at is not None)
        begin, end = window_of([one.id for one in found], offset, limit, after, before)
        shown = tuple(found[begin:end])
        marks = tuple(one.id for one in shown)
        return AlertPage(alerts=shown, offset=offset, matching=len(found), total=len(every), marks=marks)

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
        self.rows = tuple(row.model_copy(update={"candidate": row.account == "acc-0007"}) for row in self.rows)

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
