"""The circular and its annexes: what they say, in every format, read back from the bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from docx import Document

from mediawatch.cli import cli
from mediawatch.core.campaign import Stage
from mediawatch.core.model import Account
from mediawatch.reports import circular as document
from mediawatch.reports.formats import FORMATS, Format, rendered
from mediawatch.reports.paper import Annex, Chart, Link, Paper, Table
from mediawatch.store.places import own_place
from mediawatch.store.store import Store
from tests.office import Office, city
from tests.papers import (
    FAIL,
    UNKNOWN,
    Page,
    campaign,
    docx_text,
    issue,
    many,
    member,
    opened,
    read_back,
    sheets,
    two_quarters,
)
from tests.papers import told as told_of
from tests.stories import HOUR

EXPORT_ROW = (
    *("序号", "地区", "主办单位", "主管单位", "平台", "账号名称", "账号ID/链接", "备案编号", "问题类别"),
    *("问题描述", "监测时间点", "最近更新日期", "超期天数", "首次发现时间", "证据编号", "是否复核"),
    *("整改期限", "整改情况"),
)


def invoked(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = two_quarters(tmp_path_factory.mktemp("papers"))
    yield store
    store.close()


def paper(store: Store) -> Paper:
    return document.paper(told_of(store, "2020-q4", issuer="某市人民政府办公室", to="各县（区）人民政府"))


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_the_same(store: Store, form: str) -> None:
    text = read_back(form, rendered(paper(store), form))  # type: ignore[arg-type]
    assert "草稿，未经审签，不得公开" in text
    for name in ("某某交警", "张三138******78", "看不见", "另有问题"):
        assert name in text, name
    assert "13812345678" not in text, "personal numbers are masked"


def test_what_could_not_be_seen_is_counted_apart_and_never_listed_as_failed(store: Store) -> None:
    told = paper(store)
    lists = {annex.title: annex for annex in told.annexes}
    failed = lists["不合格政务新媒体名单"].blocks[0]
    assert isinstance(failed, Table)
    assert [row[5] for row in failed.rows] == ["某某交警", "张三138******78"]
    assert "不合格政府网站名单" not in lists
    unseen = lists["未能判定账号名单（不作为不合格）"].blocks[0]
    assert isinstance(unseen, Table)
    assert [row[2] for row in unseen.rows] == ["看不见"]
    overall = next(block for block in told.blocks if isinstance(block, Table))
    heads, media = overall.head, next(row for row in overall.rows if row[0] == "政务新媒体")
    shown = dict(zip(heads, media, strict=True))
    assert (shown["登记数"], shown["抽查数"], shown["不合格数"], shown["未能判定"]) == (6, 5, 2, 1)
    assert shown["合格率"] == "50.0%", "two of the four that were determined"


def test_the_circular_keeps_the_layout_of_those_that_are_published(store: Store) -> None:
    text = read_back("html", rendered(paper(store), "html"))
    parts = (
        *("一、上期问题复查情况", "二、总体情况", "三、存在问题", "四、未能判定情况"),
        *("五、日常监测与提醒", "六、问责情况", "七、工作要求"),
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "对上期（2020-q3）不合格的1个账号逐一复查：已合格0个，仍不合格1个" in text
    assert "“某某交警”（微博，某市人民政府办公室）" in text
    assert "历次检查合格率" in text
    assert "抽查账号全部合格的地区（1个）：北京 110000" in text
    assert "（期限为建议，以签发为准）" in text
    assert "系统内没有本期问责记录。【待填：如另有问责，请补充】" in text
    assert not re.search("下载量|排名|排行|活跃用户", text), "no ranking of apps by use"


def test_only_a_checked_wording_is_shown_as_official(store: Store) -> None:
    clauses = paper(store).annexes[-1].blocks[-1]
    assert isinstance(clauses, Table)
    marks = {row[4]: row[2] for row in clauses.rows}
    assert marks, "the clauses of what was found are cited"
    for confidence, text in marks.items():
        assert str(text).startswith("（不作为条文引用）") is (confidence != "条文已核对"), confidence


def test_the_annex_is_the_export_row_of_offices(store: Store) -> None:
    found = sheets(rendered(document.annexes_alone(told_of(store, "2020-q4")), "xlsx"))
    rows = found["不合格新媒体"]
    assert tuple(rows[2]) == EXPORT_ROW
    first = dict(zip(EXPORT_ROW, rows[3], strict=True))
    assert first["序号"] == 1
    assert first["地区"] == "甘肃 620700"
    assert first["超期天数"] == 26
    assert first["最近更新日期"] == "2020-09-21"
    assert first["首次发现时间"] == "2020-10-05"
    assert first["监测时间点"] == "2020-10-31 18:00"
    assert [row[0] for row in rows][:2] == ["草稿，未经审签，不得公开", "附件2 不合格政务新媒体名单"]


def test_an_inspection_that_is_not_frozen_makes_a_provisional_draft_and_one_not_judged_none(tmp_path: Path) -> None:
    store = opened(tmp_path)
    campaign(store, "open", [member("a1", FAIL)], stage=Stage.JUDGED)
    assert "数字为阶段性结果" in document.paper(told_of(store, "open")).mark
    campaign(store, "early", [member("a1", FAIL)], stage=Stage.LOOKING)
    with pytest.raises(ValueError, match="before it is judged"):
        told_of(store, "early")
    with pytest.raises(KeyError):
        told_of(store, "never")
    store.close()


def test_the_page_of_a_letter_is_that_of_the_standard(store: Store) -> None:
    """GB/T 9704: margins 37/35/28/26 mm, 三号仿宋 by name, also for Chinese letters; tables repeat their head rows."""
    body = rendered(paper(store), "docx")
    written = Document(io.BytesIO(body))
    page = written.sections[0]
    sides = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(side.mm) for side in sides] == [37, 35, 28, 26]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert [section.page_width > section.page_height for section in written.sections][1:] == [True] * 5
    xml = zipfile.ZipFile(io.BytesIO(body)).read("word/document.xml").decode()
    assert 'w:eastAsia="仿宋_GB2312"' in xml
    assert 'w:eastAsia="黑体"' in xml
    assert 'w:eastAsia="方正小标宋简体"' in xml
    assert xml.count("<w:tblHeader/>") == xml.count("<w:tbl>") == len(written.tables)
    first = next(one for one in written.paragraphs if one.text.startswith("依据"))
    assert (first.runs[0].font.size.pt, first.paragraph_format.first_line_indent.pt) == (16, 32)
    assert written.sections[0].header.paragraphs[0].text == "草稿，未经审签，不得公开"
    assert written.sections[0].even_page_header.paragraphs[0].text == "草稿，未经审签，不得公开"
    assert written.paragraphs[-1].paragraph_format.line_spacing.pt == 1, "a full last page is followed by no empty one"
    signed, day = (
        next(one for one in written.paragraphs if one.text == text) for text in ("某市人民政府办公室", "2020年11月26日")
    )
    assert day.paragraph_format.right_indent.pt == 64, "four letters from the edge"
    assert signed.paragraph_format.right_indent.pt < day.paragraph_format.right_indent.pt, "centred above it"


def test_the_page_in_html_loads_nothing_and_runs_nothing(store: Store) -> None:
    body = rendered(paper(store), "html")
    page = Page(body)
    style = re.search(r"<style>(.*?)</style>", body.decode(), re.S)
    assert style is not None
    hashed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert page.metas["Content-Security-Policy"].startswith(f"default-src 'none'; style-src 'sha256-{hashed}';")
    assert not {"script", "iframe", "link", "form", "object"} & set(page.tags)
    assert "svg" in page.tags


def test_the_document_exists_in_english_too(store: Store) -> None:
    text = read_back("docx", rendered(document.paper(told_of(store, "2020-q4", "en")), "docx"))
    assert "DRAFT: not signed off, not for publication" in text
    assert "1. Last time's problems, checked again" in text
    for own in ("不合格", "合格率", "未能判定", "附件", "待填", "其他问题", "微博", "市级"):
        assert own not in text, own


# --- the national circular of 2020 ------------------------------------------------------------------------------------


def test_the_national_circular_of_2020_comes_out_of_a_register(tmp_path: Path) -> None:
    """328 websites, 91.8 %; 728 new media, 417 local and 311 of departments, 91.9 %; one more that was not seen."""
    store = opened(tmp_path)
    members = [
        *many(328, 27, "w", kind="website", level="city"),
        *many(417, 40, "m", kind="weibo", level="province"),
        *many(311, 19, "d", kind="wechat", level="national"),
        member("app", UNKNOWN, kind="app"),
    ]
    campaign(store, "2020-national", members)
    text = read_back("html", rendered(document.paper(told_of(store, "2020-national")), "html"))
    store.close()
    assert "政府网站：登记328个，抽查328个，抽查比例100.0%；合格301个，不合格27个，合格率91.8%；未能判定0个" in text
    assert "政务新媒体：登记729个，抽查729个，抽查比例100.0%；合格669个，不合格59个，合格率91.9%；未能判定1个" in text
    assert "依据政府网站与政务新媒体检查指标（2019）" in text


# --- hostile names ----------------------------------------------------------------------------------------------------

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "{=SUM(1)}",
    "@SUM(1)",
    "<script>alert(1)</script>",
    "\x00\x1b[2J\u202e倒\ud800\ufffe",
    "]]></w:t></w:p>",
    "{{ ''.__class__ }}",
    "javascript:alert(1)",
    "a\r\nb",
    "长" * 40_000,
)


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_go_through_every_document(form: str) -> None:
    rows = tuple((number, name) for number, name in enumerate(HOSTILE))
    table = Table(sheet=HOSTILE[0], caption=HOSTILE[3], head=("n", "name"), rows=rows)
    made = Paper(
        language="zh_CN", title=HOSTILE[3], mark=HOSTILE[5], to=HOSTILE[4], signed=HOSTILE[6], day=issue().day,
        blocks=(table,), annexes=(Annex(title=HOSTILE[0], blocks=(table,)),),
    )  # fmt: skip
    body = rendered(made, form)  # type: ignore[arg-type]
    text = read_back(form, body)
    for name in (HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[5], HOSTILE[6], HOSTILE[7]):
        assert name in text, name
    assert not [one for one in text if not one.isprintable() and one != "\n"]
    if form == "html":
        assert "script" not in Page(body).tags
        assert Page(body).links == []
    else:
        parts = zipfile.ZipFile(io.BytesIO(body))
        whole = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels")))
        assert "<f>" not in whole, "no cell is a formula"
        assert "<hyperlink " not in whole
        assert 'TargetMode="External"' not in whole


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_of_accounts_and_units_go_through_a_circular(form: Format, tmp_path: Path) -> None:
    names = [name.encode("utf-8", "ignore").decode()[:5000] for name in HOSTILE]
    failed = [
        member(f"h{number}", FAIL, name=name, sponsor=name, supervisor=name, region="62'\"<&")
        for number, name in enumerate(names)
    ]
    unseen = [member(f"u{number}", UNKNOWN, name=name, sponsor=name) for number, name in enumerate(names)]
    store = opened(tmp_path)
    campaign(store, "hostile", [*failed, *unseen], title=HOSTILE[3])
    made = document.paper(told_of(store, "hostile", issuer=HOSTILE[0], to=HOSTILE[3]))
    store.close()
    body = rendered(made, form)
    text = read_back(form, body)
    for name in (HOSTILE[0], HOSTILE[1], HOSTILE[3], HOSTILE[5], HOSTILE[6]):
        assert name in text, name
    assert not [one for one in text if not one.isprintable() and one != "\n"]
    assert form != "html" or not {"script", "a"} & set(Page(body).tags)


def test_without_matplotlib_the_numbers_of_a_chart_stand_in_a_table(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    body = rendered(paper(store), "docx")
    charted = next(block for block in paper(store).blocks if isinstance(block, Chart))
    heads = [[cell.text for cell in table.rows[0].cells] for table in Document(io.BytesIO(body)).tables]
    assert list(charted.labels) in heads
    assert not [name for name in zipfile.ZipFile(io.BytesIO(body)).namelist() if name.startswith("word/media")]


def test_only_http_becomes_a_link() -> None:
    cells = [
        (Link(text=url, url=url),)
        for url in ("https://e.example/1", "javascript:alert(1)", "data:text/html,x", 'http://e.example/"onload="x')
    ]
    made = Paper(language="en", title="t", blocks=(Table(head=("a",), rows=tuple(cells)),))
    assert Page(rendered(made, "html")).links == ["https://e.example/1", 'http://e.example/"onload="x']
    assert "javascript:alert(1)" in docx_text(rendered(made, "docx"))


# --- on the command line ----------------------------------------------------------------------------------------------


async def test_an_office_writes_its_circular_and_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Office(tmp_path, {"accounts": city(6, 2)}, grain=HOUR * 8) as story:
        await story.inspects("2026-q1", "day 3", "day 18 18:00")
        story.does("inspect.freeze", id="2026-q1")
    monkeypatch.chdir(tmp_path)
    asked = ["report", "circular", "2026-q1", "--lang", "zh_CN"]
    past = invoked(*asked, "--due", "2020-01-01")
    assert (past.exit_code, "2020-01-01 is past" in past.output) == (2, True)
    tried = invoked(*asked, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "would be: 2026-q1-circular.docx" in tried.output
    assert not list(tmp_path.glob("*.docx"))  # noqa: ASYNC240
    assert invoked(*asked).exit_code == 0
    text = docx_text((tmp_path / "2026-q1-circular.docx").read_bytes())
    assert "政务新媒体：登记6个，抽查6个，抽查比例100.0%；合格5个，不合格1个，合格率83.3%" in text
    again = invoked(*asked)
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    unknown = invoked("report", "circular", "2026-q9")
    assert (unknown.exit_code, unknown.output) == (2, "there is no campaign 2026-q9\n")
    (tmp_path / "papers").mkdir()
    assert invoked("report", "annex", "2026-q1", "--out", "papers").exit_code == 0
    assert (tmp_path / "papers" / "2026-q1-annex.xlsx").exists()


def test_a_document_names_the_account_and_not_how_it_is_looked_at() -> None:
    def found_at(kind: str, *targets: tuple[str, dict[str, str]], **filing: str) -> str:
        told = [{"id": f"a/{n}", "account": "a", "adapter": name, "platform": name, "address": address, "covers": []}
                for n, (name, address) in enumerate(targets)]  # fmt: skip
        known = {"id": "a", "name": "a", "kind": kind, "targets": told, "filing": filing}
        return own_place(Account.model_validate(known))

    bridge = ("feed", {"url": "http://10.1.2.3:1200/feed/7.xml"})
    assert found_at("wechat", bridge, ("wechat.backend", {"fakeid": "Mzk5"})) == "wechat.backend fakeid=Mzk5"
    assert found_at("wechat", bridge) == ""
    assert found_at("weibo", ("weibo", {"uid": "99"}), link="https://weibo.com/u/99") == "https://weibo.com/u/99"
    assert (
        found_at("website", ("website", {"url": "https://www.example.gov.cn/"}))
        == "website url=https://www.example.gov.cn/"
    )
