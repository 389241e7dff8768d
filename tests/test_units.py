"""Units: the tree of offices as files hold it, every fault with its place, and the tree in a real store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from mediawatch.cli import cli
from mediawatch.core.model import Contact, Outcome, Unit
from mediawatch.core.units import below, chain, circles
from mediawatch.register.enroll import enroll
from mediawatch.settings import Loaded, SettingsError, load
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from tests.empty_store import new_store
from tests.store_world import START

TREE = """\
units:
  - {id: prov, name: 某省政府办公厅, level: province}
  - {id: city, name: 某市政府办公室, parent: prov, level: city, region: "330100", uscc: 91110000600037341L,
     contacts: [{name: 张三, role: 联络员, phone: 0571-12345678, email: a@example.gov.cn}], receivers: [duty]}
  - {id: bureau, name: 某市公路局, parent: city}
"""
POST = "targets: [{adapter: weibo, uid: '1000000001'}]"
ACCOUNTS = f"accounts: [{{id: a, name: n, kind: weibo, unit: bureau, {POST}}}]\n"
DUTY = (
    "receivers: {duty: {type: webhook, url: 'https://x.example/1', secret: '${S}'}}\nladder: [{after: 0s, to: [duty]}]"
)


def loaded(folder: Path, text: str, **files: str) -> Loaded:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    (folder / "m.yaml").write_text(DUTY, encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return load(folder / "a.yaml", folder / "m.yaml", {"S": "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})


def refused(folder: Path, text: str, **files: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text, **files)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_units_become_a_tree_of_values(tmp_path: Path) -> None:
    found = loaded(tmp_path, TREE + ACCOUNTS)
    units = {unit.id: unit for unit in found.units}
    assert units["city"].contacts == (
        Contact(name="张三", role="联络员", phone="0571-12345678", email="a@example.gov.cn"),
    )
    assert units["city"].receivers == ("duty",)
    assert [unit.id for unit in chain(units, found.accounts[0].unit)] == ["bureau", "city", "prov"]


def test_a_table_of_units_says_the_same_as_yaml(tmp_path: Path) -> None:
    table = (
        "id,name,parent,level,region,uscc,receivers,contact_name,contact_role,contact_phone,contact_email\n"
        "prov,某省政府办公厅,,province,,,,,,,\n"
        "city,某市政府办公室,prov,city,330100,91110000600037341L,duty,张三,联络员,0571-12345678,a@example.gov.cn\n"
        "bureau,某市公路局,city,,,,,,,,\n"
        "city,某市政府办公室,prov,city,330100,91110000600037341L,duty,李四,,,\n"
    )
    units = loaded(tmp_path, f"include: [u.csv]\n{ACCOUNTS}", u=table).units
    assert [unit.contacts[0].name for unit in units if unit.contacts] == ["张三"]
    (city,) = [unit for unit in units if unit.id == "city"]
    assert [contact.name for contact in city.contacts] == ["张三", "李四"]
    in_yaml = {unit.id: unit for unit in loaded(tmp_path, TREE + ACCOUNTS).units}
    assert city.model_copy(update={"contacts": city.contacts[:1]}) == in_yaml["city"]
    assert {unit.id for unit in units} == in_yaml.keys()


def test_a_workbook_holds_both_tables(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "r.xlsx"))
    sheets = {
        "账号": [["id", "name", "kind", "adapter", "uid", "unit"], ["a", "n", "weibo", "weibo", 1000000001, "city"]],
        "单位": [["id", "name", "parent"], ["city", "某市", ""]],
        "说明": [],
    }
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, cells in enumerate(rows):
            sheet.write_row(line, 0, cells)
    book.close()
    found = loaded(tmp_path, "include: [r.xlsx]")
    assert found.accounts[0].targets[0].address == {"uid": "1000000001"}
    assert [unit.id for unit in found.units] == ["city"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"accounts: [{{id: a, name: n, kind: weibo, unit: burea, {POST}}}]\n{TREE}",
         ["a.yaml:1:48: accounts[0].unit: unknown unit `burea`; did you mean `bureau`?"]),
        (TREE.replace("parent: city", "parent: town") + ACCOUNTS,
         ["a.yaml:5:39: units[2].parent: unknown unit `town`; known: bureau, city, prov"]),
        (TREE.replace("level: province", "parent: bureau") + ACCOUNTS,
         ["a.yaml:2:39: units[0].parent: `prov` would stand above itself",
          "a.yaml:3:39: units[1].parent: `city` would stand above itself",
          "a.yaml:5:39: units[2].parent: `bureau` would stand above itself"]),
        (TREE.replace("91110000600037341L", "91110000600037341K") + ACCOUNTS,
         ["a.yaml:3:82: units[1].uscc: is no unified social credit code (统一社会信用代码): 18 letters, "
          "the last a check"]),
        (TREE.replace("[duty]", "[duti]") + ACCOUNTS,
         ["a.yaml:4:100: units[1].receivers[0]: unknown receiver `duti`; did you mean `duty`?"]),
        (TREE.replace("a@example.gov.cn", "none") + ACCOUNTS,
         ["a.yaml:4:68: units[1].contacts[0].email: must be an address like office@example.gov.cn"]),
        (TREE.replace("id: bureau", "id: city") + ACCOUNTS,
         ["a.yaml:5:10: units[2].id: `city` is used already, at a.yaml:3",
          "a.yaml:6:48: accounts[0].unit: unknown unit `bureau`; known: city, prov"]),
    ],
)  # fmt: skip
def test_a_wrong_unit_is_told_with_its_place(tmp_path: Path, text: str, said: list[str]) -> None:
    assert refused(tmp_path, text) == said


def test_a_fault_in_a_table_of_units_names_row_and_column(tmp_path: Path) -> None:
    table = "id,name,parent,contact_name,contact_phone\nu,单位,v,,\nw,单位,,张,no\n"
    assert refused(tmp_path, f"include: [u.csv]\n{ACCOUNTS.replace('bureau', 'u')}", u=table) == [
        "u.csv:2:3: parent: unknown unit `v`; known: u",
        "u.csv:3:5: contacts[0].phone: must be a telephone number",
    ]


def test_a_tree_knows_its_circles_and_what_lies_below() -> None:
    def tree(**parents: str) -> dict[str, Unit]:
        return {one: Unit(id=one, name=one, parent=parent) for one, parent in parents.items()}

    assert circles(tree(a="", b="a", c="b").values()) == frozenset()
    assert circles(tree(a="b", b="a", c="b", d="d", e="").values()) == {"a", "b", "d"}
    assert below(tree(a="", b="a", c="b", d=""), "a") == {"a", "b", "c"}
    assert [unit.id for unit in chain(tree(a="b", b="a"), "a")] == ["a", "b"]
    assert chain({}, "a") == ()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "x.db", START)
    yield opened
    opened.close()


def test_the_tree_is_shown_before_anybody_has_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    account = {"id": "a", "name": "某县发布", "kind": "weibo", "unit": "county", "targets": []}
    units = [{"id": "city", "name": "某市"}, {"id": "county", "name": "某县", "parent": "city"}]
    (tmp_path / "accounts.yaml").write_text(json.dumps({"units": units, "accounts": [account]}), encoding="utf-8")
    shown = CliRunner().invoke(cli, ["accounts", "units", "--json"])
    assert shown.exit_code == 0, shown.output
    told = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [(one["id"], one["depth"], one["accounts"], one["by_outcome"]["unknown"]) for one in told] == [
        ("city", 0, 0, 1),
        ("county", 1, 1, 1),
    ]


def test_units_are_enrolled_with_the_accounts_and_can_be_read(store: Store, tmp_path: Path) -> None:
    found = loaded(tmp_path, TREE + ACCOUNTS)
    enroll(store, found, START)
    assert store.units() == {unit.id: unit for unit in found.units}
    with store.writing() as ledger:
        assert [unit.name for unit in ledger.unit_chain("a")] == ["某市公路局", "某市政府办公室", "某省政府办公厅"]
        assert ledger.unit_chain("nobody") == ()
    query = Query(store, found.rulebooks, "zh_CN")
    shown = query.units(START)
    assert [(unit.id, unit.depth, unit.accounts, unit.by_outcome[Outcome.UNKNOWN]) for unit in shown] == [
        ("prov", 0, 0, 1),
        ("city", 1, 0, 1),
        ("bureau", 2, 1, 1),
    ]
    assert "张三" not in repr(shown)
    assert query.account("a", START).row.unit == "bureau"


def test_a_reload_changes_moves_and_removes_units(store: Store, tmp_path: Path) -> None:
    enroll(store, loaded(tmp_path, TREE + ACCOUNTS), START)
    changed = TREE.replace("parent: city", "parent: prov").replace("某省政府办公厅", "省府办")
    enrolled = enroll(store, loaded(tmp_path, changed + ACCOUNTS.replace("unit: bureau", "unit: city")), START)
    assert enrolled.changed == ("a",)
    units = store.units()
    assert (units["prov"].name, units["bureau"].parent) == ("省府办", "prov")
    enroll(store, loaded(tmp_path, ACCOUNTS.replace("unit: bureau, ", "")), START)
    assert store.units() == {}
