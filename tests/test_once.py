"""`once`: one look at every target, one line for each account, an exit code that scripts can use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediawatch.store.lock import OneWriter
from tests.shell import Sim, call, lines, write
from tests.stories import DAY, MINUTE, START, weibo
from tests.test_doctor import ACCOUNTS

FIELDS = {
    *("account", "name", "kind", "outcome", "indicator", "newest_post_at", "days_silent"),
    *("holds_until", "reason", "says"),
}
WORLD = {
    "accounts": [
        weibo("well", every="1d"),
        weibo("late", "day -10 10:00", number=2),
        weibo("silent", "day -40 10:00", number=3),
        weibo("hidden", every="1d", number=4),
    ],
    "troubles": [{"mode": "hidden_posts", "where": "hidden", "from": "day -50"}],
}


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with Sim(WORLD) as served:
        yield served


def only(sim: Sim, folder: Path, *accounts: str) -> Path:
    """A folder whose register holds only these accounts."""
    import json

    sim.write(folder)
    register = json.loads((folder / "accounts.yaml").read_text("utf-8"))["accounts"]
    (folder / "accounts.yaml").write_text(json.dumps({"accounts": [one for one in register if one["id"] in accounts]}))
    return folder


@pytest.mark.parametrize(
    ("accounts", "code"),
    [
        (("well", "late"), 0),
        (("well", "silent"), 1),
        (("well", "silent", "hidden"), 1),
        (("well", "hidden"), 3),
    ],
)
def test_the_exit_code_says_the_worst(sim: Sim, tmp_path: Path, accounts: tuple[str, ...], code: int) -> None:
    result = call(only(sim, tmp_path, *accounts), "once", "--now", START.isoformat())
    assert result.exit_code == code, result.stderr
    assert len(result.stdout.splitlines()) == len(accounts)
    assert result.stderr == ""


def test_required_reposts_are_decided_for_the_tasks_that_a_book_names(tmp_path: Path) -> None:
    """C7 from the file of a book to its finding: met, not met, still to be met."""
    told = [{"at": f"day -{day} 10:00", "title": "全省防汛通知" if day == 5 else f"动态{day}"} for day in range(1, 20)]
    world = {"accounts": [weibo("met", *told), weibo("missed", *told[5:], number=2)]}
    first = (START - 6 * DAY).isoformat()
    (tmp_path / "county.yaml").write_text(
        "id: county\ntitle: {zh_CN: 本县, en: County}\nin_force_from: 2026-01-01\nextends: yangling\n"
        "override: {C7: {params: {tasks: ["
        f"{{name: 防汛, from: '{first}', hours: 48, words: [防汛]}}]}}}}}}\n",
        encoding="utf-8",
    )
    with Sim(world) as sim:
        done = call(sim.write(tmp_path, rulebook="./county.yaml"), "once", "--now", START.isoformat())
    assert done.stderr == ""
    told_of = [one for one in lines(call(tmp_path, "findings", "--json")) if one["finding"]["indicator"] == "C7"]
    assert {one["finding"]["account"]: one["finding"]["outcome"] for one in told_of} == {
        "met": "pass",
        "missed": "fail",
    }
    assert "防汛" in next(one["says"] for one in told_of if one["finding"]["outcome"] == "fail")


def test_every_line_of_json_has_the_fields_of_the_contract(sim: Sim, tmp_path: Path) -> None:
    result = call(sim.write(tmp_path), "once", "--now", START.isoformat(), "--json")
    rows = {row["account"]: row for row in lines(result)}
    assert set(rows) == {"well", "late", "silent", "hidden"}
    assert all(set(row) >= FIELDS for row in rows.values())
    assert {id_: row["outcome"] for id_, row in rows.items()} == {
        "silent": "fail",
        "late": "at_risk",
        "hidden": "unknown",
        "well": "pass",
    }
    silent = rows["silent"]
    assert (silent["indicator"], silent["days_silent"], silent["kind"]) == ("U1", 40, "weibo")
    assert "40" in silent["says"]
    assert rows["hidden"]["reason"] == "login_required"
    assert rows["late"]["holds_until"].startswith("2026-03-0") or rows["late"]["holds_until"].startswith("2026-03-")


def test_problems_come_first(sim: Sim, tmp_path: Path) -> None:
    result = call(sim.write(tmp_path), "once", "--now", START.isoformat(), "--lang", "en")
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == ["to check", "at risk", "unknown", "pass"]


def test_it_judges_as_of_the_instant_that_is_given(sim: Sim, tmp_path: Path) -> None:
    now = START + 14 * DAY  # the sim's own clock stands: what it shows is two weeks old
    rows = lines(call(only(sim, tmp_path, "well"), "once", "--now", now.isoformat(), "--json"))
    assert [(row["outcome"], row["days_silent"]) for row in rows] == [("at_risk", 14)]
    later = now + DAY
    rows = lines(call(tmp_path, "once", "--now", later.isoformat(), "--json"))
    assert [(row["outcome"], row["days_silent"]) for row in rows] == [("fail", 15)]


@pytest.mark.parametrize("now", ["yesterday", "2026-03-02", "2026-03-02T10:00:00"])
def test_an_instant_without_a_zone_is_a_usage_error(sim: Sim, tmp_path: Path, now: str) -> None:
    folder = sim.write(tmp_path)
    result = call(folder, "once", "--now", now)
    assert result.exit_code == 2
    assert not (folder / "mediawatch.db").exists()


def test_one_good_look_is_an_outcome_and_a_second_confirms_the_alert(sim: Sim, tmp_path: Path) -> None:
    folder = only(sim, tmp_path, "silent")
    assert call(folder, "once", "--now", START.isoformat()).exit_code == 1
    assert [alert["state"] for alert in lines(call(folder, "alerts", "list", "--json"))] == ["pending"]
    assert call(folder, "once", "--now", (START + 6 * MINUTE).isoformat()).exit_code == 1
    (alert,) = lines(call(folder, "alerts", "list", "--json"))
    assert (alert["state"], alert["account"], alert["level"]) == ("open", "silent", "breach")
    assert not sim.server.received, "it tells nobody"


def test_another_process_that_holds_the_store_is_exit_4_and_nothing_is_changed(sim: Sim, tmp_path: Path) -> None:
    folder = sim.write(tmp_path)
    with OneWriter(folder / "mediawatch.db.lock"):
        result = call(folder, "once")
    assert result.exit_code == 4
    assert "holds this store" in result.stderr
    assert not (folder / "mediawatch.db").exists()


@pytest.mark.parametrize("key", ["data_dir", "database"])
def test_a_place_that_cannot_be_written_is_told_in_one_line_with_whom_the_system_sees(tmp_path: Path, key: str) -> None:
    (tmp_path / "taken").touch()
    where = {"data_dir": str(tmp_path / "taken" / "data"), "database": f"sqlite:///{tmp_path}/taken/mediawatch.db"}
    write(tmp_path, ACCOUNTS, {"data_dir": str(tmp_path / "data"), key: where[key]})
    result = call(tmp_path, "once")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{tmp_path}/taken/")
    assert line.endswith(f" (as user {os.geteuid()})")


def test_where_no_host_resolves_our_own_network_is_down_and_nobody_is_accused(tmp_path: Path) -> None:
    accounts = [
        {"id": f"a{n}", "name": f"某县{n}", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": f"990000000{n}"}]}
        for n in range(3)
    ]
    settings = {
        "database": f"sqlite:///{tmp_path}/mediawatch.db",
        "data_dir": str(tmp_path / "data"),
        "platforms": {"weibo": {"base_url": "http://nowhere.invalid", "per_minute": 60_000, "at_once": 8}},
    }
    write(tmp_path, {"accounts": accounts}, settings)
    result = call(tmp_path, "once", "--json")
    assert result.exit_code == 3
    assert {(row["outcome"], row["reason"]) for row in lines(result)} == {("unknown", "own_network")}
    assert result.stderr.count("own network down") == 1
