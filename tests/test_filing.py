"""What is filed of an account: read from YAML and tables, kept, shown without names of people, documented whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mediawatch.core.filing import PERSONAL, UNFILED, Filing
from mediawatch.core.register_words import COLUMNS, VALUES, field_of
from mediawatch.register.enroll import enroll
from mediawatch.register.entry import Entry
from mediawatch.register.shapes import ACCOUNTS
from mediawatch.settings import SettingsError, load
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.empty_store import new_store
from tests.store_world import START
from tests.test_accounts_file import OK, load_yaml, one
from tests.test_docs import rows, section, ticked

FILED = "filing: {main: true, filed_on: 2024-03-01, contact: 张三, contact_phone: 0571-1, app_stores: [华为, 小米]}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "x.db", START)
    yield opened
    opened.close()


def test_a_filing_is_read_from_yaml_and_from_a_table_alike(tmp_path: Path) -> None:
    from_yaml = one(tmp_path, f"{OK}, {FILED}").filing
    table = "id,name,kind,adapter,uid,main,filed_on,contact,contact_phone,app_stores\n"
    cells = "a,n,weibo,weibo,1000000001,true,2024-03-01,张三,0571-1,华为|小米\n"
    assert load_yaml(tmp_path, "include: [t.csv]", t=table + cells).accounts[0].filing == from_yaml
    assert (from_yaml.main, from_yaml.filed_on, from_yaml.app_stores) == (True, date(2024, 3, 1), ("华为", "小米"))
    assert one(tmp_path, OK).filing is UNFILED


def test_a_wrong_filing_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"a\.yaml:1:105: accounts\[0\]\.filing\.link: must be an http"):
        one(tmp_path, f"{OK}, filing: {{link: x}}")
    table = "id,name,kind,adapter,uid,sponsor_uscc\na,n,weibo,weibo,1000000001,91110000600037341K\n"
    with pytest.raises(SettingsError, match=r"t\.csv:2:6: filing\.sponsor_uscc: is no unified social credit code"):
        load_yaml(tmp_path, "include: [t.csv]", t=table)


def test_an_account_without_a_channel_is_registered_and_warned_of(tmp_path: Path) -> None:
    found = load_yaml(tmp_path, "accounts: [{id: a, name: n, kind: wechat, targets: []}]")
    assert [account.id for account in found.accounts] == ["a"]
    assert "never judged until a channel is added" in str(found.warnings[0])


def test_the_store_keeps_a_filing_and_pages_leave_out_who_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"accounts: [{{{OK}, {FILED}}}]", encoding="utf-8")
    (tmp_path / "m.yaml").write_text("", encoding="utf-8")
    found = load(tmp_path / "a.yaml", tmp_path / "m.yaml")
    enroll(store, found, START)
    with store.writing() as ledger:
        assert ledger.evidence("a", START).account.filing == found.accounts[0].filing
    shown = Query(store, found.rulebooks, "zh_CN").account("a", START).filing
    assert shown.filed_on == date(2024, 3, 1)
    assert "张三" not in repr(shown)
    assert enroll(store, found, START).changed == ()


def test_every_field_of_the_filing_has_words_a_column_and_a_line_in_the_documents() -> None:
    documented = {ticked(row[0])[0]: row for row in rows(section("docs/settings.md", "## filing"))}
    assert documented.keys() == Filing.model_fields.keys()
    assert all(documented[name][1] == COLUMNS[name].zh_CN for name in Filing.model_fields)
    assert COLUMNS.keys() == (Entry.model_fields.keys() | Filing.model_fields.keys()) - {"targets", "filing"}
    assert COLUMNS.keys() <= ACCOUNTS.columns
    assert Filing.model_fields.keys() > PERSONAL
    assert not Filing.model_fields.keys() & ACCOUNTS.part.keys(), "a column would mean two things"


def test_head_rows_of_offices_name_fields_and_no_name_means_two() -> None:
    assert [field_of(head) for head in ("账号名称", " 主办 单位：", "*平台类型", "uid", "公众号名称", "天气")] == [
        "name",
        "sponsor",
        "kind",
        "platform_id",
        "name",
        "",
    ]
    assert VALUES["kind"]["新浪微博"] == "weibo"
    assert VALUES["state"]["已注销"] == "closed"
