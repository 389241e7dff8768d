"""Invented campaigns in a real store, with counts as a test wants them, and documents read back."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import python_calamine
from docx import Document

from mediawatch.core.campaign import Line, Member, Plan, Result, Stage, standing_of, verdict_of
from mediawatch.core.model import Account, Finding, Outcome
from mediawatch.core.report_views import Circular, Issue
from mediawatch.core.rulebook import Language, Rulebook
from mediawatch.core.sampling import Candidate, Draw, Drawn, Ratio
from mediawatch.policy import Policy
from mediawatch.reporting import circular
from mediawatch.rulebook_file import load_rulebook
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.empty_store import new_store
from tests.store_world import account

T = datetime(2020, 10, 31, 10, tzinfo=UTC)
NOW = T + timedelta(days=26)
FAIL, PASS, UNKNOWN = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN
BOOK: Rulebook = load_rulebook("national-2019")
POLICY = Policy(books={BOOK.id: BOOK}, language="zh_CN")


def member(
    id_: str,
    /,
    outcome: Outcome | None = PASS,
    indicator: str = "U1",
    severity: str = "veto",
    at: datetime = T,
    **more: Any,
) -> tuple[Member, Result | None]:
    """An account of the population, and what was seen of it; without an outcome it was not drawn."""
    one: Account = account(id_, **{"region": "110000", "level": "city", **more})
    if outcome is None:
        return Member(account=one, unit=one.sponsor), None
    values = {"days_silent": 40, "days": 14, "newest": "2020-09-21", "last_day": "2020-10-05"}
    said = {"account": id_, "indicator": indicator, "outcome": outcome, "judged_at": at, "holds_until": at}
    found = Finding.model_validate({**said, "severity": severity, "values": values, "since": at - timedelta(days=26)})
    line = Line(finding=found, standing=standing_of(found, twice=True), twice=True)
    lines = [line]
    if severity != "veto":
        held = found.model_copy(update={"indicator": "U1", "outcome": PASS, "severity": "veto"})
        lines.append(Line(finding=held, standing="not_failed", twice=True))
    result = Result(account=one, lines=tuple(lines), verdict=verdict_of(lines), newest_at=at - timedelta(days=40))
    return Member(account=one, unit=one.sponsor, because="drawn"), result


def many(count: int, failed: int, prefix: str, **more: Any) -> list[tuple[Member, Result | None]]:
    return [member(f"{prefix}{number:04d}", FAIL if number < failed else PASS, **more) for number in range(count)]


def campaign(
    store: Store,
    id_: str,
    members: list[tuple[Member, Result | None]],
    *,
    at: datetime = T,
    previous: str = "",
    stage: Stage = Stage.FROZEN,
    title: str = "",
) -> None:
    """Writes a campaign down as if it had gone its way."""
    plan = Plan(
        id=id_, title=title, rulebook=BOOK, population_at=at - timedelta(days=60), begins_at=at - timedelta(days=30),
        judged_at=at, ratios=(Ratio(ratio="100%"),), previous=previous, ordered_by="王芳",
        ordered_at=at - timedelta(days=60),
    )  # fmt: skip
    drawn = [(one, result) for one, result in members if result is not None]
    placed = [one.model_copy(update={"place": place}) for place, (one, _) in enumerate(drawn, start=1)]
    candidates = tuple(Candidate(account=one.account.id) for one, _ in members)
    told = tuple(Drawn(account=one.account.id, because="drawn", stratum=()) for one in placed)
    store.enroll([one.account for one, _ in members], at - timedelta(days=61), lambda target: at)
    with store.writing() as ledger:
        ledger.campaigns.add(plan, "ab" * 32, [one for one, _ in members])
        ledger.campaigns.save_draw(
            Draw(
                campaign=id_, population_at=plan.population_at.isoformat(), population_digest="ab" * 32, by=(),
                ratios=plan.ratios, seed="2026022812345", population=candidates, drawn=told,
            ),
            placed,
        )  # fmt: skip
        ledger.campaigns.save_results(id_, [result for _, result in drawn if result is not None])
        ledger.campaigns.set_stage(
            id_, stage, **({"digest": "cd" * 32, "frozen_at": at} if stage is Stage.FROZEN else {})
        )


def two_quarters(folder: Path) -> Store:
    """Two quarters: in the second one fails again, one fails anew, one cannot be seen, one has another problem."""
    store = opened(folder)
    campaign(
        store, "2020-q3", [member("a1", FAIL), member("a2"), member("w1", kind="website")], at=T - timedelta(days=90)
    )
    again, result = member("a1", FAIL, name="某某交警", region="620700")
    campaign(
        store,
        "2020-q4",
        [
            (again.model_copy(update={"failed_before": True}), result),
            member("a3", FAIL, "A3L", kind="app", name="张三13812345678", region="620700", sponsor="某县人民政府"),
            member("a4", UNKNOWN, kind="app", name="看不见", region="620700"),
            member("a5", FAIL, "U6", "serious", name="另有问题", region="110000"),
            member("a2"),
            member("a6", None),
            member("w1", kind="website"),
        ],
        previous="2020-q3",
        title="2020年第四季度",
    )
    return store


def opened(folder: Path) -> Store:
    return new_store(folder / "papers.db", NOW - timedelta(days=2000))


def issue(language: Language = "zh_CN", **more: Any) -> Issue:
    return Issue(language=language, day=date(2020, 11, 26), **more)


def told(store: Store, id_: str, language: Language = "zh_CN", now: datetime = NOW, **more: Any) -> Circular:
    query = Query(store, {BOOK.id: BOOK}, language)
    return circular(store, query, POLICY, id_, issue(language, **more), now)


# --- reading back -----------------------------------------------------------------------------------------------------


def docx_text(body: bytes) -> str:
    """All paragraphs and cells, in order."""
    document = Document(io.BytesIO(body))
    texts = [node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t")]
    return "\n".join(texts)


def sheets(body: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.load_workbook(io.BytesIO(body))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


class Page(HTMLParser):
    """What a browser would see of a page: texts, links, attributes of metas, tags."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.metas: dict[str, str] = {}
        self._silent = False
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._silent = tag == "style"
        if tag == "a":
            self.links.append(given["href"])
        if "http-equiv" in given:
            self.metas[given["http-equiv"]] = given["content"]
        assert not [name for name in given if name.startswith("on")], given

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data.strip())

    @property
    def text(self) -> str:
        return "\n".join(filter(None, self.texts))


def read_back(form: str, body: bytes) -> str:
    readers: dict[str, Callable[[bytes], str]] = {"docx": docx_text, "html": lambda raw: Page(raw).text}
    if form in readers:
        return readers[form](body)
    return "\n".join(str(cell) for rows in sheets(body).values() for row in rows for cell in row)
