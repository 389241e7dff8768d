"""The yearly forms and the letter to a unit: what the record fills in, and what it leaves to a person."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document

from mediawatch.cli import cli
from mediawatch.core.calendar import SHANGHAI
from mediawatch.core.rectification import Act, Case, State, move
from mediawatch.core.report_views import FORMS_BY_WEIGHT, Held, heaviest
from mediawatch.core.trace import Move
from mediawatch.reporting import letter, supervision_year, work_year
from mediawatch.reports import notice
from mediawatch.reports import supervision_year as form
from mediawatch.reports import work_year as work_form
from mediawatch.reports.formats import rendered
from mediawatch.store.store import Store
from tests.office import Office, city
from tests.papers import FAIL, PASS, UNKNOWN, campaign, docx_text, issue, many, member, opened, sheets
from tests.stories import HOUR


def quarter(number: int) -> datetime:
    """Noon in Shanghai in the middle of a quarter of 2020."""
    return datetime(2020, 3 * number - 1, 15, 12, tzinfo=SHANGHAI).astimezone(UTC)


def held_to_account(store: Store, case: str, *acts: tuple[datetime, str, str], account: str = "w0000") -> None:
    """A case, and what was done to whom in it."""
    first = Case(id=case, account=account, unit="某局", state=State.OVERDUE, opened_at=quarter(1), opened_by="王芳")
    with store.writing() as ledger:
        ledger.cases.add(
            first, Move(subject=f"case:{case}", act="open", before="", after="overdue", by="王芳", at=quarter(1))
        )
        for at, person, how in acts:
            told = {"step": "account", "person": person, "form": how}
            after, line = move(first, Act.ESCALATE, "王芳", at, told=told, step="account")
            ledger.cases.save(after, line)


def test_a_person_counts_once_in_a_quarter_by_the_heaviest_form() -> None:
    at = quarter(1)
    told = [
        Held(who=who, form=how, at=at)
        for who, how in (("a", "talk"), ("a", "criticised"), ("a", "written"), ("b", "other"))
    ]
    assert heaviest(told) == {"criticised": 1, "other": 1}
    assert heaviest([]) == {}
    assert len(set(FORMS_BY_WEIGHT)) == 6


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Four quarters: two inspections in the second; a site that could not be seen once is seen in the other."""
    store = opened(tmp_path_factory.mktemp("years"))
    campaign(store, "q1", [*many(40, 4, "w", kind="website"), *many(60, 6, "m")], at=quarter(1))
    sites = [member(f"w{number:04d}", None if number < 20 else UNKNOWN, kind="website") for number in range(40)]
    campaign(store, "q2a", sites, at=quarter(2))
    again = [member(f"w{number:04d}", PASS if number >= 20 else None, kind="website") for number in range(40)]
    campaign(store, "q2b", again, at=quarter(2) + timedelta(days=10))
    campaign(store, "q4", [member("w0000", FAIL, kind="website")], at=quarter(4))
    held_to_account(
        store, "2020-0001",
        (quarter(1), "李四", "talk"), (quarter(1) + timedelta(days=3), "李 四",
            "criticised"), (quarter(3), "李四", "talk"),
    )  # fmt: skip
    held_to_account(store, "2020-0002", (quarter(1), "李四", "warning"), account="m0000")
    held_to_account(store, "2019-0009", (quarter(1) - timedelta(days=200), "旧人", "moved"), account="m0001")
    return store


def test_the_form_of_supervision_is_filled_in_by_quarters_and_year(store: Store) -> None:
    view = supervision_year(store, 2020, issue(issuer="某省人民政府办公厅"))
    found = sheets(rendered(form.paper(view), "xlsx"))
    rows = {str(row[0]): row[1:6] for row in found["总体"] if row[0]}
    assert rows["网站总数"] == [40.0, 40.0, "-", 1.0, 1.0]
    assert rows["抽查网站数量"] == [40.0, 20.0, "-", 1.0, 61.0]
    assert rows["抽查比例"][:2] == ["100.0%", "50.0%"]
    assert rows["不合格网站数量"] == [4.0, 0.0, "-", 1.0, 5.0]
    assert rows["抽查合格率"] == ["90.0%", "100.0%", "-", "0.0%", "91.8%"]
    assert rows["其中未能判定（不计入不合格）"][1] == 0, "seen in the second inspection of the quarter"
    assert rows["检查批次"][1] == "q2a, q2b"
    assert rows["通报批评"] == [0.0, 0.0, 0.0, 0.0, 0.0], "the heavier form of the same quarter counts"
    assert rows["警告或记过处分"] == [1.0, 0.0, 0.0, 0.0, 1.0]
    assert rows["约谈"] == [0.0, 0.0, 1.0, 0.0, 1.0]
    assert rows["合计"] == [1.0, 0.0, 1.0, 0.0, 2.0]
    media = {str(row[0]): row[1:] for row in found["政务新媒体抽查情况"]}
    assert media["不合格账号数量"][0] == 6
    text = docx_text(rendered(form.paper(view), "docx"))
    assert "李" not in text, "people are counted, not named"
    assert text.count("【待填：人工填写】") == 4
    assert "无官方年度报表" in text
    assert "栏目名称未与官方表样核对" in text
    empty = supervision_year(store, 2018, issue())
    assert (empty.whole.websites, empty.whole.held) == (None, {})


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of a small city, one case with a term."""

    async def live(folder: Path) -> None:
        accounts = city(3, 2)
        async with Office(folder, {"accounts": accounts}, grain=HOUR * 8) as story:
            await story.inspects("2026-q1", "day 3", "day 18 18:00")
            story.does("inspect.freeze", id="2026-q1")
            (case,) = story.does("case.open", campaign="2026-q1")["cases"]
            with pytest.raises(ValueError, match="has no term"):
                letter(story.store, story.query, story.policy, case["id"], issue(), story.now)
            story.does("case.notify", id=case["id"], days=6)
            written = notice.paper(letter(story.store, story.query, story.policy, case["id"], issue(), story.now))
            (folder / "notice.docx").write_bytes(rendered(written, "docx"))
            view = work_year(story.store, 2026, issue())
            (folder / "work.xlsx").write_bytes(rendered(work_form.paper(view), "xlsx"))
            with pytest.raises(ValueError, match="no account of 无此单位"):
                work_year(story.store, 2026, issue(), "无此单位")

    folder = tmp_path_factory.mktemp("month")
    asyncio.run(live(folder))
    return folder


def test_the_form_of_work_is_filled_in_with_what_polls_know(lived: Path) -> None:
    rows = sheets((lived / "work.xlsx").read_bytes())["总体"]
    head = next(place for place, row in enumerate(rows) if row[0] == "主办单位")
    told = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 : head + 4]]
    assert [one["平台"] for one in told] == ["微博"] * 3
    posts = [one["信息发布量"] for one in told]
    assert all(isinstance(one, float) and one > 0 for one in posts), posts
    assert all(isinstance(one["关注量/订阅数"], float) for one in told)
    assert all("仅含2026年" in str(one["备注"]) for one in told), "the year began before it was watched"


def test_what_is_not_public_is_left_to_a_person(tmp_path: Path) -> None:
    store = opened(tmp_path)
    campaign(store, "q1", [member("g1", kind="wechat"), member("p1", kind="app"), member("w1", kind="website")])
    view = work_year(store, 2020, issue())
    assert [one.account for one in view.outputs] == ["g1"], "apps and websites have forms of their own"
    text = docx_text(rendered(work_form.paper(view), "docx"))
    assert text.count("【待填：人工填写】") == 2
    assert "订阅数不公开" in text
    store.close()


def test_the_letter_names_the_case_its_terms_and_no_unchecked_clause(lived: Path) -> None:
    body = (lived / "notice.docx").read_bytes()
    text = docx_text(body)
    assert "政务新媒体整改通知书" in text
    assert "请于2026年3月30日前完成整改" in text
    assert "请于2026年3月24日前签收回执" in text
    assert "监测时间点前2周内无更新" not in text, "a wording of ours is quoted nowhere"
    assert "案件编号：2026-00001" in text
    slip = Document(io.BytesIO(body)).tables[-1]
    assert [row.cells[0].text for row in slip.rows][1:] == [
        "案件编号",
        "签收单位",
        "签收人",
        "签收日期",
        "整改措施",
        "整改责任人",
    ]


def test_yearly_forms_and_letters_come_from_the_command_line(lived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lived)
    for words, name in (
        (("supervision-year", "2026"), "supervision-2026.xlsx"),
        (("work-year", "2026", "--format", "docx"), "work-2026.docx"),
        (("notice", "2026-00001"), "2026-00001-notice.docx"),
    ):
        ran = CliRunner().invoke(cli, ["report", *words, "--issuer", "某市人民政府办公室"])
        assert (ran.exit_code, ran.stdout) == (0, f"{name}\n"), ran.output
        assert (lived / name).stat().st_size > 3000
    assert CliRunner().invoke(cli, ["report", "notice", "2026-99999"]).exit_code == 2
    assert CliRunner().invoke(cli, ["report", "work-year", "1999"]).exit_code == 2
