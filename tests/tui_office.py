"""Inspections and cases of the world that the console is tried on."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from mediawatch.core.bodies import Document, KeptAnswer, kept
from mediawatch.core.campaign import Stage, Verdict
from mediawatch.core.model import Outcome
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
from mediawatch.core.rectification import State
from mediawatch.core.views import Row
from tests.tui_rows import NOW, make_row

ANSWERS = (
    b'{"ok":1,"data":{"list":[{"text":"\\u505c\\u6c34\\u901a\\u77e5","id":1}]}}',
    "<html><title>停水通知</title><script>alert(1)</script></html>".encode("gb18030"),
    b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
)
"""What platforms answered: JSON, a page in the encoding of older sites, a picture."""


class Office:
    """Part of `World`."""

    rows: tuple[Row, ...]
    hostile: str
    zh: bool
    refuses: Exception | None
    done: list[tuple[str, str, str, str]]

    def __init__(self) -> None:
        self.tried: list[tuple[str, dict[str, Any], str]] = []
        self.said: list[tuple[str, dict[str, Any], str]] = []
        self.kept: dict[str, bytes] = {}

    def _asked(self) -> None:
        raise NotImplementedError

    async def office(self, name: str, said: dict[str, Any], by: str, dry_run: bool) -> dict[str, Any]:
        """Written down; a trial apart from what is done."""
        if self.refuses:
            raise self.refuses
        (self.tried if dry_run else self.said).append((name, said, by))
        if not dry_run:
            self.done.append((name, said.get("id", ""), by, said.get("note", "")))
        if name.startswith("inspect"):
            told = {"drawn": "30", "seed": self.hostile or said.get("seed", "")}
            return {"campaign": said["id"], "stage": "drawn", "told": told}
        case = {"id": self.hostile or "case-1", "account": "acc-0007", "state": "notified", "due": said.get("due")}
        return {"cases": [{**case, "receipt_due": "2026-11-25", "earlier": [], "step": ""}]}

    def keep(self, body: bytes) -> str:
        """A file of proof."""
        digest = hashlib.sha256(body).hexdigest()
        self.kept[digest] = body
        return digest

    def answer(self, digest: str) -> KeptAnswer:
        """One of `ANSWERS`, by its digest."""
        self._asked()
        if self.hostile:
            return kept(digest, self.hostile.encode("utf-8", "replace"))
        return kept(digest, {hashlib.sha256(body).hexdigest(): body for body in ANSWERS}[digest])

    def documents(
        self,
        kind: str,
        subject: str,
        now: datetime,
        *,
        form: str = "",
        issuer: str = "",
        to: str = "",
        due: date | None = None,
    ) -> tuple[Document, ...]:
        """One that says what was asked for."""
        self._asked()
        return (Document(name=f"{subject}-{kind}.{form or 'zip'}", body=f"{issuer} {to} {due or ''}".strip().encode()),)

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
            work=WorkView(since=NOW, until=NOW, reminders=0, alerts=0, reports=0),
            acts=() if over else ("look", "judge"),
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
        acts = () if line.closed_at else ("notify", "report", "recheck", "escalate")
        return CaseView(line=line, problem=line.says, alert="a", opened_by="王", trace=(move,), acts=acts)
