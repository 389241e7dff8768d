"""The commands that show what the screens show: the same filters, any order, any form, any past instant."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mediawatch.cli import cli
from mediawatch.clock import wall_clock
from mediawatch.house import policy_of, writing_store
from mediawatch.office import act
from mediawatch.settings import load
from tests.store_world import alert

ACCOUNTS = """
accounts:
  - {id: a, name: 杭州发布, kind: weibo, region: "330100", targets: [{adapter: weibo, uid: "1000000001"}]}
  - {id: b, name: "=1+1 宁波", kind: weibo, region: "330200", targets: [{adapter: weibo, uid: "1000000002"}]}
  - {id: c, name: 贵阳发布, kind: weibo, region: "520100", targets: [{adapter: weibo, uid: "1000000003"}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS, encoding="utf-8")
    (tmp_path / "mediawatch.yaml").write_text("language: en\n", encoding="utf-8")
    found = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml")
    with writing_store(found, wall_clock()) as store, store.writing() as ledger:
        ledger.save_alert(alert("a", "a1"))
        ledger.save_alert(alert("c", "c1", indicator="gone"))
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def ids(result: Result, key: str = "account") -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line)[key] for line in result.stdout.splitlines()]


def test_a_listing_is_narrowed_as_in_the_console_and_put_in_order(folder: Path) -> None:
    assert ids(run("accounts", "list", "--json", "--filter", "hzfb")) == ["a"]
    assert ids(run("accounts", "list", "--json", "--filter", "-l region=33 !杭州")) == ["b"]
    assert ids(run("accounts", "list", "--json", "--sort", "account", "--reverse")) == ["c", "b", "a"]
    assert ids(run("alerts", "list", "--json", "--filter", "-l region=52"), "id") == ["c1"]
    assert sorted(ids(run("alerts", "list", "--json", "--sort", "indicator"), "id")) == ["a1", "c1"]
    assert ids(run("areas", "--json", "--filter", "发布"), "key") == ["33", "52"]
    assert ids(run("areas", "--json", "--by", "city", "--filter", "-l region=33"), "key") == ["3301", "3302"]
    assert run("log", "--json").stdout == ""
    assert ids(run("platforms", "--json"), "platform") == ["weibo"]


def test_every_screen_has_a_command_with_the_same_filters_forms_and_past(folder: Path) -> None:
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml")
    with writing_store(found, wall_clock()) as store:
        act(store, policy_of(found), "case.open", b'{"alert": "c1"}', "Li", wall_clock())
    assert ids(run("case", "list", "--json", "--filter", "-l account=c,state=confirmed")) == ["c"]
    assert ids(run("case", "list", "--json", "--filter", "gyfb !杭州")) == ["c"]
    assert ids(run("case", "list", "--json", "--filter", "-l account=a")) == []
    assert json.loads(run("explain", "c", "--json").stdout)["row"]["account"] == "c"
    gone = run("explain", "c", "--as-of", "2020-01-01")
    assert (gone.exit_code, gone.stdout) == (2, ""), "it was in no register then"
    for words in (("case", "list"), ("inspect", "list"), ("receivers", "list"), ("review", "list"), ("sessions",)):
        for form in ("--json", "--csv", "--table"):
            result = run(*words, form, "--as-of", "2020-01-01")
            assert (result.exit_code, result.stderr) == (0, ""), words
    assert run("review", "list", "--filter", "-l colour=red").exit_code == 2


def test_lists_that_are_read_whole_are_narrowed_and_put_in_order_too(folder: Path) -> None:
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml")
    with writing_store(found, wall_clock()) as store:
        for body in (b'{"alert": "c1"}', b'{"account": "a", "problem": "by hand"}'):
            act(store, policy_of(found), "case.open", body, "Li", wall_clock())
    assert ids(run("case", "list", "--json", "--sort", "account")) == ["a", "c"]
    assert ids(run("case", "list", "--json", "--sort", "account", "--reverse")) == ["c", "a"]
    (case,) = ids(run("case", "list", "--json", "--filter", "-l account=a"), "id")
    assert run("case", "show", case, "--csv").stdout.splitlines()[0] == "at,by,does,note,proof"
    assert json.loads(run("case", "show", case, "--json").stdout)["line"]["account"] == "a"
    assert "by hand" in run("case", "show", case).stdout
    for words in (("case", "show", case), ("inspect", "show", "q3"), ("inspect", "show", "q3", "--draw")):
        gone = run(*words, "--as-of", "2020-01-01")
        assert (gone.exit_code, gone.stdout) == (2, ""), words
    assert ids(run("areas", "--json", "--sort", "key", "--reverse"), "key") == ["52", "33"]
    assert ids(run("platforms", "--json", "--filter", "-l state=down"), "platform") == []
    assert ids(run("platforms", "--json", "--filter", "weib", "--sort", "coverage"), "platform") == ["weibo"]
    assert run("sessions", "--json", "--filter", "-l state=ok", "--sort", "owner").exit_code == 0
    assert set(ids(run("changes", "--json", "--filter", "-l what=joined"), "name")) == {
        "杭州发布",
        "=1+1 宁波",
        "贵阳发布",
    }
    assert run("changes", "--csv").stdout.startswith("at,what,account")


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(folder: Path) -> None:
    result = run("accounts", "list", "--csv", "--sort", "account")
    head, *lines = csv.reader(io.StringIO(result.stdout))
    assert head[2] == "account"
    assert [line[2] for line in lines] == ["杭州发布", "'=1+1 宁波", "贵阳发布"]


def test_the_pulse_tells_the_whole_in_numbers(folder: Path) -> None:
    told = json.loads(run("pulse", "--json").stdout)
    assert told["counts"]["total"] == 3
    assert [one["what"] for one in told["changes"]].count("joined") == 3
    assert "alerts open" in run("pulse").stdout
    assert run("pulse", "--csv").stdout.startswith("what,value\naccounts,3\n")


def test_a_past_instant_is_shown_as_it_stood_and_a_future_one_is_refused(folder: Path) -> None:
    assert run("accounts", "list", "--json", "--as-of", "2020-01-01").stdout == ""
    assert json.loads(run("pulse", "--json", "--as-of", "2020-01-01").stdout)["counts"]["total"] == 0
    late = run("accounts", "list", "--as-of", "2199-01-01")
    assert (late.exit_code, late.stdout) == (2, "")
    assert "not yet" in late.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("accounts", "list", "--filter", "(a+)+b"), "--filter: "),
        (("accounts", "list", "--filter", "-l colour=red"), "--filter: "),
        (("accounts", "list", "--sort", "colour"), "colour"),
        (("accounts", "list", "--url", "http://127.0.0.1:9"), "a token is needed"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_message(folder: Path, words: tuple[str, ...], says: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
