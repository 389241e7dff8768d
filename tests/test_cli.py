"""Every command of the contract: names, options, exit codes; data on stdout, narration on stderr."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediawatch import __version__
from mediawatch.cli import COMMANDS
from tests.shell import Sim, call, lines, started, write
from tests.stories import START, weibo

NOW = START.isoformat()
GOOD = {
    "accounts": [{"id": "a", "name": "某市发布", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "99000001"}]}]
}
READS = [("accounts", "list"), ("findings",), ("alerts", "list"), ("explain", "silent")]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a store in which one account passes and one fails."""
    world = {"accounts": [weibo("well", every="1d"), weibo("silent", "day -40 10:00", number=2)]}
    with Sim(world) as sim:
        folder = sim.write(tmp_path_factory.mktemp("watched"))
        assert call(folder, "once", "--now", NOW).exit_code == 1
        yield folder


# --- the whole -------------------------------------------------------------------------------------------------------


def test_the_help_names_every_command_of_the_contract() -> None:
    result = call(None, "--help")
    assert result.exit_code == 0
    contract = {
        "run",
        "demo",
        "tui",
        "once",
        "check",
        "explain",
        "accounts",
        "findings",
        "alerts",
        "serve-sim",
        "version",
    }
    assert set(COMMANDS) >= contract
    assert all(f"  {name} " in result.stdout for name in contract)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_help_of_its_own(name: str) -> None:
    result = call(None, name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


@pytest.mark.parametrize(
    "words", [("nonsense",), ("once", "--nonsense"), ("explain",), ("alerts", "ack"), ("run", "--cycles", "0")]
)
def test_wrong_usage_is_exit_2(words: tuple[str, ...]) -> None:
    result = call(None, *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


def test_version() -> None:
    assert call(None, "version").stdout == call(None, "--version").stdout == f"mediawatch {__version__}\n"


def test_a_process_of_its_own_ends_with_the_same_codes() -> None:
    with started("version") as good, started("nonsense") as bad:
        assert good.communicate(timeout=30) == (f"mediawatch {__version__}\n", "")
        out, err = bad.communicate(timeout=30)
        assert (good.returncode, bad.returncode, out) == (0, 2, "")
        assert "Traceback" not in err


# --- check and bad input ---------------------------------------------------------------------------------------------

BROKEN = """accounts:
  - id: a
    name: 某市发布
    kind: weibo
    sponser: 某市人民政府
    targets: [{adapter: weibo}]
  - id: b
    name: 某县发布
    kind: telegraph
    targets: [{adapter: weibo, uid: "99000001"}]
  - {id: a, name: 又一个, kind: weibo, targets: [{adapter: weibo, uid: "99000002"}]}
"""


def test_check_lists_every_problem_with_its_place_and_ends_with_2(tmp_path: Path) -> None:
    write(tmp_path, BROKEN, "wire: {timeout: soon}\ncolour: red\n")
    result = call(tmp_path, "check")
    assert result.exit_code == 2
    assert result.stdout == ""
    places = re.findall(r"(accounts|mediawatch)\.yaml:(\d+):(\d+): (.*)", result.stderr)
    assert {(file, int(line)) for file, line, *_ in places} == {
        ("accounts", 5),
        ("accounts", 6),
        ("accounts", 9),
        ("accounts", 11),
        ("mediawatch", 1),
        ("mediawatch", 2),
    }
    assert "sponsor" in result.stderr, "it says what was probably meant"
    problems = lines(call(tmp_path, "check", "--json"))
    assert len(problems) == len(places)
    assert all(set(problem) == {"file", "line", "column", "message"} for problem in problems)


def test_check_counts_what_it_found_good(tmp_path: Path) -> None:
    write(tmp_path, GOOD, {})
    result = call(tmp_path, "check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("ok: 1 accounts, 1 targets")
    (counted,) = lines(call(tmp_path, "check", "--json"))
    assert counted["accounts"] == counted["targets"] == 1


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    receiver = {
        "type": "webhook",
        "url": "http://user:geheim@example.org/x?token=geheim",
        "secret": "geheim",
        "colour": 1,
    }
    write(tmp_path, GOOD, {"receivers": {"duty": receiver}, "database": "mysql://root:geheim@db/x"})
    result = call(tmp_path, "check")
    assert result.exit_code == 2
    assert "geheim" not in result.output


@pytest.mark.parametrize(
    ("accounts", "settings"),
    [
        (BROKEN, {}),
        ("accounts: [", {}),
        ("accounts:\n\t- id: a", {}),
        (GOOD, "database: [1"),
        (GOOD, {"databse": "sqlite:///x.db"}),
        (GOOD, {"ladder": [{"after": "0s", "to": ["nobody"]}]}),
        (GOOD, {"receivers": {"duty": {"type": "wecom", "url": "${MEDIAWATCH_NO_SUCH_VARIABLE}"}}}),
    ],
    ids=["register", "yaml", "tab", "settings yaml", "wrong key", "unknown receiver", "missing variable"],
)
def test_bad_settings_start_nothing(tmp_path: Path, accounts: object, settings: object) -> None:
    write(tmp_path, accounts, settings)
    before = sorted(tmp_path.iterdir())
    for words in (("once",), ("run", "--cycles", "1"), *READS, ("alerts", "ack", "x"), ("check",)):
        result = call(tmp_path, *words)
        assert (result.exit_code, result.stdout) == (2, ""), words
        assert re.search(r"\.yaml:\d+:\d+: ", result.stderr), words
    assert sorted(tmp_path.iterdir()) == before


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    result = call(None, "check", "--accounts", str(tmp_path / "none.yaml"), "--settings", str(tmp_path / "no.yaml"))
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr
    assert "no.yaml" in result.stderr


@pytest.mark.parametrize("words", [("once",), ("run", "--cycles", "1"), ("accounts", "list"), ("alerts", "ack", "x")])
def test_a_database_of_a_newer_version_is_refused_and_untouched(
    watched: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    database = tmp_path / "mediawatch.db"
    with sqlite3.connect(watched / "mediawatch.db") as old, sqlite3.connect(database) as new:
        old.backup(new)
        new.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    new.close()
    settings = json.loads((watched / "mediawatch.yaml").read_text("utf-8"))
    settings |= {"database": f"sqlite:///{database}", "data_dir": str(tmp_path / "data")}
    write(tmp_path, (watched / "accounts.yaml").read_text("utf-8"), settings)
    before = database.read_bytes()
    result = call(tmp_path, *words)
    assert result.exit_code == 2
    assert "newer mediawatch" in result.stderr
    assert database.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"certainly no database\n" * 100], ids=["empty", "another file"])
def test_a_file_that_is_no_database_of_ours_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, GOOD, {"database": f"sqlite:///{tmp_path}/x.db", "data_dir": str(tmp_path / "data")})
    (tmp_path / "x.db").write_bytes(content)
    result = call(tmp_path, "once")
    assert result.exit_code == 2
    assert (tmp_path / "x.db").read_bytes() == content


# --- what the record says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", READS)
def test_commands_that_read_say_so_where_there_is_no_store_yet(tmp_path: Path, words: tuple[str, ...]) -> None:
    write(tmp_path, GOOD, {"database": f"sqlite:///{tmp_path}/none.db", "data_dir": str(tmp_path / "data")})
    result = call(tmp_path, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("words", READS)
def test_what_is_read_is_on_stdout_in_either_language(watched: Path, words: tuple[str, ...], language: str) -> None:
    result = call(watched, *words, "--lang", language)
    assert (result.exit_code, result.stderr) == (0, "")
    spoken = {"zh_CN": ("不合格", "内容不更新"), "en": ("fail", "not updated")}
    assert any(word in result.stdout for word in spoken[language])
    assert not any(word in result.stdout.splitlines()[0] for word in spoken["en" if language == "zh_CN" else "zh_CN"])
    assert "40" in result.stdout or "2026-01-21" in result.stdout


def test_accounts_list_as_json(watched: Path) -> None:
    rows = lines(call(watched, "accounts", "list", "--json"))
    assert [row["account"] for row in rows] == ["silent", "well"], "problems first"
    assert rows[0]["outcome"] == "fail"


def test_findings_are_one_for_each_account_and_indicator(watched: Path) -> None:
    found = [one["finding"] for one in lines(call(watched, "findings", "--json"))]
    assert {(one["account"], one["indicator"]) for one in found} >= {
        (a, i) for a in ("silent", "well") for i in ("U1", "U6", "A6")
    }
    only = lines(call(watched, "findings", "--json", "--account", "well"))
    assert {one["finding"]["account"] for one in only} == {"well"}
    assert all(one["says"] and one["cites"] for one in only)


def test_explain_says_why_until_when_and_what_was_seen(watched: Path) -> None:
    (view,) = lines(call(watched, "explain", "silent", "--json"))
    assert view["row"]["outcome"] == "fail"
    assert {one["finding"]["indicator"] for one in view["findings"]} >= {"U1", "U6", "A6"}
    assert [look["ok"] for look in view["looks"]] == [True]
    assert len(view["looks"][0]["digests"]) == 2
    assert len(view["posts"]) == 1
    text = call(watched, "explain", "silent", "--lang", "en").stdout
    assert "国办秘函〔2019〕19号" in text
    assert "proof: " in text
    assert re.search(r"to check \[our class: sleeping\]", text), text


@pytest.mark.parametrize("words", [("explain", "nobody"), ("findings", "--account", "nobody")])
def test_an_unknown_account_is_exit_2(watched: Path, words: tuple[str, ...]) -> None:
    result = call(watched, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nobody" in result.stderr


def test_an_alert_is_acknowledged_without_a_daemon(watched: Path) -> None:
    (alert,) = lines(call(watched, "alerts", "list", "--json"))
    result = call(watched, "alerts", "ack", alert["id"], "--by", "李", "--note", "已联系")
    assert (result.exit_code, result.stdout) == (0, "")
    (alert,) = lines(call(watched, "alerts", "list", "--json"))
    assert (alert["acknowledged_by"], alert["note"]) == ("李", "已联系")
    assert call(watched, "alerts", "ack", "0123456789abcdef").exit_code == 2


def test_the_console_needs_a_terminal(watched: Path) -> None:
    result = call(watched, "tui")
    assert result.exit_code == 2
    assert "terminal" in result.stderr


# --- the simulator ---------------------------------------------------------------------------------------------------


def test_the_demo_without_a_terminal_prints_the_board(tmp_path: Path) -> None:
    with started("demo", "--for", "6s", "--lang", "zh_CN", TMPDIR=str(tmp_path)) as process:  # all were looked at
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "云泽公路" in out
    assert "不合格" in out
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir()), "it leaves nothing behind"


def test_the_simulator_writes_the_settings_with_which_it_is_watched(tmp_path: Path) -> None:
    with started(
        "serve-sim", "--port", "0", "--write", str(tmp_path), "--starts-at", NOW, "--speed", "0.001"
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        settings = json.loads((tmp_path / "mediawatch.yaml").read_text("utf-8"))
        settings |= {"database": f"sqlite:///{tmp_path}/mediawatch.db", "data_dir": str(tmp_path / "data")}
        write(tmp_path, (tmp_path / "accounts.yaml").read_text("utf-8"), settings)
        result = call(tmp_path, "once", "--now", NOW, "--json")
        assert result.exit_code == 1, result.stderr
        rows = {row["account"]: row["outcome"] for row in lines(result)}
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert len(rows) > 50
    assert rows["yunze-highway"] == "fail"
    assert rows["yunze-news"] == "pass"
    assert rows["lanzhou-archive"] == "unknown"


def test_an_unknown_world_is_a_usage_error() -> None:
    for command in ("demo", "serve-sim"):
        result = call(None, command, "--world", "atlantis")
        assert result.exit_code == 2
        assert "atlantis" in result.stderr
