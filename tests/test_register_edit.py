"""Acts on the register as people and scripts use them: add, set, remove, import, export; their history in a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.cli import cli
from mediawatch.core.formulas import neutral, restored
from mediawatch.register.enroll import enroll
from mediawatch.register.rows import table_of
from mediawatch.register.shapes import ACCOUNTS
from mediawatch.settings import load
from mediawatch.sheets import csv_bytes
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.empty_store import new_store
from tests.store_world import START

BY_HAND = """\
units:
  - {id: city, name: 某市, contacts: [{name: 王五, phone: 0571-1}]}
accounts:
  - id: gov
    name: "=某市发布"
    kind: weibo
    unit: city
    tags: [重点, a b, "x|y"]
    state: closing
    state_since: 2026-01-02
    filing: {main: false, filed_on: 2024-03-01, contact: 张三, app_stores: [一 二]}
    targets:
      - {adapter: weibo, uid: "5000609535"}
      - {adapter: feed, url: "https://bridge.example/1.xml", covers: []}
  - id: site
    name: 某市人民政府
    kind: website
    targets:
      - {adapter: website, url: "https://www.city.gov.cn/"}
      - {adapter: links, url: "https://www.city.gov.cn/", budget: 30}
      - adapter: columns
        url: "https://www.city.gov.cn/"
        columns: [{name: 动态, interval: six_months, url: "https://www.city.gov.cn/a/"}]
  - {id: we, name: 某市微信, kind: wechat, targets: [{adapter: feed, url: "https://bridge.example/2.xml"}]}
"""
NATIONAL = """\
某市政务新媒体登记表,,,,,
序号,账号名称,平台类型,链接,主办单位,备案日期,状态,粉丝数
1,某区发布,新浪微博,https://weibo.com/u/1895096900,某区政府,2024年3月1日,正常,5
2,某区抖音,抖音,https://www.douyin.com/user/abc,某区政府,2024/3/1,正常,5
3,某区微信,微信公众号,,某区政府,,已注销,
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    (tmp_path / "accounts.yaml").write_text(BY_HAND, encoding="utf-8")
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["accounts", *args])


def written(folder: Path) -> str:
    path = folder / "accounts.d/accounts.csv"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_an_account_is_added_by_its_address_and_people_s_file_stays_as_it_is(here: Path) -> None:
    add = ("add", "https://weibo.com/u/2418724427", "--name", "某县发布", "--unit", "city", "--note", "新开")
    dry = run(*add, "--dry-run")
    assert dry.exit_code == 0
    assert "weibo-2418724427" in dry.stdout
    assert not (here / "accounts.d").exists()
    assert run(*add).exit_code == 0
    assert (here / "accounts.yaml").read_text(encoding="utf-8") == BY_HAND
    found = {account.id: account for account in load().accounts}
    assert found["weibo-2418724427"].targets[0].address == {"uid": "2418724427"}
    assert found["weibo-2418724427"].filing.link == "https://weibo.com/u/2418724427"
    again = run(*add)
    assert again.exit_code == 2
    assert "registered already" in again.stderr


def test_an_address_that_is_registered_under_another_id_is_refused(here: Path) -> None:
    refused = run("add", "https://m.weibo.cn/u/5000609535", "--name", "x")
    assert (refused.exit_code, refused.stderr.partition(":")[0]) == (2, "gov")


def test_an_account_without_a_direct_channel_says_so_and_takes_one_later(here: Path) -> None:
    added = run("add", "https://www.douyin.com/user/abc", "--name", "某市抖音")
    assert "bridge" in added.stderr
    feed = ("add", "https://bridge.example/3.xml", "--to", "video-abc")
    assert run(*feed).exit_code == 0
    (video,) = [account for account in load().accounts if account.id == "video-abc"]
    assert [target.adapter for target in video.targets] == ["feed"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("add", "https://weibo.com/somename", "--name", "x"), "not the uid"),
        (("add", "https://weibo.com/u/1895096900"), "`name` is missing"),
        (("add", "https://weibo.com/u/1895096900", "--name", "x", "--unit", "none"), "unknown unit `none`"),
        (("set", "gov", "name=x"), "gov stands in accounts.yaml:4 and differs (name); change it there"),
        (("set", "nobody", "name=x"), "no account 'nobody'"),
        (("set", "gov", "nme=x"), "unknown field `nme`; did you mean `name`?"),
        (("remove", "gov"), "gov stands in accounts.yaml:4; take it out there"),
        (("remove", "nobody"), "nobody is no account of the register"),
        (("remove",), "name accounts, or units with --unit"),
        (("remove", "--unit", "city"), "unit city is written by hand; take it out there"),
        (("remove", "--unit", "none"), "no unit 'none'"),
        (("import", "none.csv"), "none.csv:1:1: there is no such file"),
        (("export", "x.pdf"), "must end in .csv or .xlsx"),
        (("show", "nobody"), "no account 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(here: Path, args: tuple[str, ...], said: str) -> None:
    refused = run(*args)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert not (here / "accounts.d/accounts.csv").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_of_an_office_is_taken_in_with_its_own_heads_and_words(here: Path, encoding: str) -> None:
    (here / "n.csv").write_bytes(NATIONAL.encode(encoding))
    taken = run("import", "n.csv", "--note", "季报")
    assert taken.exit_code == 0, taken.stderr
    assert "序号、粉丝数" in taken.stderr
    found = {account.name: account for account in load().accounts}
    weibo = found["某区发布"]
    assert (weibo.id, weibo.kind, str(weibo.filing.filed_on)) == ("weibo-1895096900", "weibo", "2024-03-01")
    assert (found["某区抖音"].id, found["某区抖音"].targets) == ("video-abc", ())
    assert found["某区微信"].state == "closed"
    before = written(here)
    again = run("import", "n.csv")
    assert "nothing to change: 0 added, 0 changed, 0 removed, 3 unchanged" in again.stderr
    assert written(here) == before


def test_every_wrong_row_is_told_with_row_and_column_and_nothing_is_taken_in(here: Path) -> None:
    bad = (
        NATIONAL.replace("2024年3月1日", "2024-13-01").replace("user/abc", "video/1")
        + "4,,新浪微博,https://weibo.com/u/1,,,,\n"
    )
    (here / "n.csv").write_text(bad, encoding="utf-8")
    refused = run("import", "n.csv")
    assert refused.exit_code == 2
    told = [line.partition(": ")[0] for line in refused.stderr.splitlines() if line.startswith("n.csv")]
    assert told == ["n.csv:3:6", "n.csv:4:4", "n.csv:6:1", "n.csv:6:4"]
    assert not (here / "accounts.d").exists()


def test_a_row_changes_its_columns_and_leaves_the_others(here: Path) -> None:
    (here / "n.csv").write_text(NATIONAL, encoding="utf-8")
    run("import", "n.csv")
    run("set", "weibo-1895096900", "tags=重点", "unit=city")
    (here / "m.csv").write_text("id,name,sponsor\nweibo-1895096900,某区发布厅,\n", encoding="utf-8")
    changed = run("import", "m.csv", "--json")
    assert sorted(json.loads(line)["field"] for line in changed.stdout.splitlines()) == ["name", "sponsor"]
    (found,) = [account for account in load().accounts if account.id == "weibo-1895096900"]
    assert (found.name, found.sponsor, found.unit, found.tags) == ("某区发布厅", "", "city", ("重点",))
    assert len(found.targets) == 1


def test_a_unit_goes_once_nothing_names_it(here: Path) -> None:
    (here / "u.csv").write_text("id,name,parent\nold,某局,city\n", encoding="utf-8")
    assert run("import", "u.csv").exit_code == 0
    run("add", "https://weibo.com/u/2418724427", "--name", "某县发布", "--unit", "old")
    refused = run("remove", "--unit", "old")
    assert (refused.exit_code, "unknown unit `old`" in refused.stderr) == (2, True)
    run("set", "weibo-2418724427", "unit=city")
    assert "dry run" in run("remove", "--unit", "old", "--dry-run").stderr
    assert {unit.id for unit in load().units} == {"city", "old"}
    assert run("remove", "--unit", "old").exit_code == 0
    assert {unit.id for unit in load().units} == {"city"}


def test_replace_removes_what_the_file_no_longer_names(here: Path) -> None:
    (here / "n.csv").write_text(NATIONAL, encoding="utf-8")
    run("import", "n.csv")
    (here / "n.csv").write_text("\n".join(NATIONAL.splitlines()[:3]), encoding="utf-8")
    assert "2 removed" in run("import", "n.csv", "--replace").stderr
    assert {account.id for account in load().accounts} == {"gov", "site", "we", "weibo-1895096900"}


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
@pytest.mark.parametrize("heads", ["names", "zh_CN"])
def test_what_is_exported_is_taken_in_again_exactly(here: Path, name: str, heads: str) -> None:
    assert run("export", name, "--heads", heads).exit_code == 0
    same = run("import", name, "--dry-run")
    assert same.exit_code == 0, same.stderr
    assert "0 added, 0 changed, 0 removed, 3 unchanged" in same.stderr
    before = load()
    (here / "accounts.yaml").unlink()
    if name.endswith("csv"):
        (here / "u.csv").write_text(
            "id,name,parent,contact_name,contact_phone\ncity,某市,,王五,0571-1\n", encoding="utf-8"
        )
        assert run("import", "u.csv").exit_code == 0
    assert run("import", name).exit_code == 0
    after = load()
    assert sorted(after.accounts, key=lambda one: one.id) == sorted(before.accounts, key=lambda one: one.id)
    assert after.units == before.units


def test_an_export_for_others_names_no_people_and_runs_no_formula(here: Path) -> None:
    run("export", "out.csv", "--without-people")
    text = (here / "out.csv").read_text(encoding="utf-8-sig")
    assert "张三" not in text
    assert ",'=某市发布," in text
    assert "contact" not in text.splitlines()[0]


def test_a_workbook_with_numbers_and_dates_as_spreadsheets_keep_them(here: Path) -> None:
    from datetime import datetime

    with xlsxwriter.Workbook(str(here / "n.xlsx")) as book:
        sheet = book.add_worksheet("账号")
        sheet.write_row(0, 0, ["账号名称", "平台", "平台账号ID", "备案日期", "行政区划代码"])
        sheet.write_row(1, 0, ["某区发布", "微博", 1895096900])
        sheet.write_datetime(1, 3, datetime(2024, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001
        sheet.write_number(1, 4, 330100)
    assert run("import", "n.xlsx").exit_code == 0
    (found,) = [account for account in load().accounts if account.name == "某区发布"]
    assert (found.id, found.region, str(found.filing.filed_on)) == ("weibo-1895096900", "330100", "2024-03-01")
    assert found.targets[0].address == {"uid": "1895096900"}


def test_merged_cells_and_a_head_of_two_rows_are_read_as_people_see_them(here: Path) -> None:
    with xlsxwriter.Workbook(str(here / "n.xlsx")) as book:
        sheet = book.add_worksheet("台账")
        sheet.merge_range(0, 0, 0, 5, "某市政务新媒体台账")
        for column, head in enumerate(["账号名称", "平台类型", "链接", "主办单位"]):
            sheet.merge_range(1, column, 2, column, head)
        sheet.merge_range(1, 4, 1, 5, "联系方式")
        sheet.write_row(2, 4, ["联系人", "联系电话"])
        for row in range(3):
            sheet.write_row(3 + row, 0, [f"某县{row}", "新浪微博", f"https://weibo.com/u/500060954{row}"])
            sheet.write_number(3 + row, 5, 13800000000 + row)
        sheet.merge_range(3, 3, 5, 3, "某县人民政府办公室")
        sheet.merge_range(3, 4, 4, 4, "张三")
        sheet.write(5, 4, "李四")
    assert run("import", "n.xlsx").exit_code == 0
    found = [account for account in load().accounts if account.name.startswith("某县")]
    assert {one.sponsor for one in found} == {"某县人民政府办公室"}
    assert [(one.filing.contact, one.filing.contact_phone) for one in found] == [
        ("张三", "13800000000"),
        ("张三", "13800000001"),
        ("李四", "13800000002"),
    ]


def test_a_number_that_lost_digits_is_told_and_nothing_is_taken_in(here: Path) -> None:
    head = ["账号名称", "平台", "平台账号ID", "备案编号"]
    with xlsxwriter.Workbook(str(here / "n.xlsx")) as book:
        sheet = book.add_worksheet("账号")
        sheet.write_row(0, 0, head)
        sheet.write_row(1, 0, ["某区发布", "微博", 1895096900, 123456789012345678])
    (here / "n.csv").write_text(f"{','.join(head)}\n某区发布,微博,1895096900,1.23457E+17\n", encoding="utf-8")
    for name, place in (("n.xlsx", "n.xlsx[账号]:2:4"), ("n.csv", "n.csv:2:4")):
        refused = run("import", name)
        assert (refused.exit_code, f"{place}: a spreadsheet program made a number of it" in refused.stderr) == (2, True)
    assert "某区发布" not in {account.name for account in load().accounts}


@pytest.mark.parametrize("cell", ["45352", "1709251200", "2024", "明天"])
def test_a_number_is_no_day(here: Path, cell: str) -> None:
    (here / "n.csv").write_text(
        f"账号名称,平台,平台账号ID,备案日期\n某区发布,微博,1895096900,{cell}\n", encoding="utf-8"
    )
    refused = run("import", "n.csv")
    assert (refused.exit_code, "n.csv:2:4: filing.filed_on: must be a day, like 2026-03-01" in refused.stderr) == (
        2,
        True,
    )


def test_rare_characters_of_gbk_tables_stay_whole(here: Path) -> None:
    text = "账号名称,平台,平台账号ID,主办单位\n㐂镇发布,微博,1895096900,𠮷镇人民政府\n"
    (here / "n.csv").write_bytes(text.encode("gb18030"))
    assert run("import", "n.csv").exit_code == 0
    assert [one.sponsor for one in load().accounts if one.name == "㐂镇发布"] == ["𠮷镇人民政府"]


@given(st.text(max_size=30))
def test_a_cell_is_text_for_a_spreadsheet_and_itself_again(text: str) -> None:
    assert restored(neutral(text)) == text
    assert neutral(text).lstrip()[:1] not in {"=", "@", "＝", "＠", "＋", "－"}


# --- history ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(here: Path) -> Iterator[Store]:
    opened = new_store(here / "mediawatch.db", START)
    yield opened
    opened.close()


def test_the_history_tells_who_changed_what_and_why(here: Path, store: Store) -> None:
    enroll(store, load(), START)
    run("add", "https://weibo.com/u/2418724427", "--name", "某县发布", "--by", "张三", "--note", "新开")
    run("set", "weibo-2418724427", "contact=李四", "region=330100", "--by", "李四", "--note", "补登")
    run("set", "weibo-2418724427", "contact=赵六", "region=330102", "--by", "李四")
    enroll(store, load(), START + timedelta(hours=1))
    enroll(store, load(), START + timedelta(hours=2))
    (here / "accounts.yaml").write_text(BY_HAND.replace("某市微信", "某市微信号"), encoding="utf-8")
    enroll(store, load(), START + timedelta(hours=3))
    query = Query(store, {}, "zh_CN")
    told = [(one.field, one.before, one.after, one.by, one.note) for one in query.register_history("weibo-2418724427")]
    assert told == [
        ("", "", "某县发布", "张三", "新开"),
        ("region", "", "330100", "李四", "补登"),
        ("contact", "", "…", "李四", "补登"),
        ("region", "330100", "330102", "李四", ""),
        ("contact", "…", "…", "李四", ""),
    ]
    by_hand = [(one.field, one.before, one.after, one.by) for one in query.register_history("we")]
    assert by_hand == [("", "", "某市微信", ""), ("name", "某市微信", "某市微信号", "")]
    assert [line.split()[2] for line in run("history", "we").stdout.splitlines()[1:]] == ["account", "name"]


def test_a_name_of_a_person_that_was_changed_by_hand_is_noted_and_not_kept(here: Path, store: Store) -> None:
    enroll(store, load(), START)
    (here / "accounts.yaml").write_text(BY_HAND.replace("张三", "李四"), encoding="utf-8")
    enroll(store, load(), START)
    told = Query(store, {}, "zh_CN").register_history("gov")
    assert [(one.field, one.before, one.after) for one in told[1:]] == [("contact", "…", "…")]


def test_channels_that_come_and_go_are_in_the_history(here: Path, store: Store) -> None:
    enroll(store, load(), START)
    (here / "accounts.yaml").write_text(
        BY_HAND.replace("bridge.example/2.xml", "bridge.example/9.xml"), encoding="utf-8"
    )
    enroll(store, load(), START)
    (change,) = Query(store, {}, "zh_CN").register_history("we")[1:]
    assert change.field == "targets"
    assert ("2.xml" in change.before, "9.xml" in change.after) == (True, True)


def test_a_journal_that_ends_in_half_a_line_is_read_and_continued(here: Path) -> None:
    run("add", "https://weibo.com/u/2418724427", "--name", "某县发布")
    journal = here / "accounts.d/journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"id": "ha')
    run("set", "weibo-2418724427", "region=330100")
    problems = run("list")
    assert "journal.jsonl:2:1: is no entry" in problems.stderr


def test_a_large_table_is_one_row_for_each_account() -> None:
    data = {"id": "a", "name": "n", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "1"}]}
    head, rows = table_of([{**data, "id": str(number)} for number in range(1000)], ACCOUNTS)
    assert (head, len(rows)) == (["id", "name", "kind", "adapter", "uid"], 1000)
    assert csv_bytes(head, rows).count(b"\n") == 1001
