"""`doctor` says what is wrong with the place and what to do, and changes nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mediawatch.cli import cli
from mediawatch.clock import wall_clock
from mediawatch.house import held_store
from mediawatch.place import Place, looked_over
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from tests.shell import write

ACCOUNTS = {
    "accounts": [
        {"id": "a", "name": "某县公路", "kind": "weibo", "targets": [{"adapter": "weibo", "uid": "99000001"}]},
    ]
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settle(tmp_path)
    return tmp_path


def settle(folder: Path, **settings: Any) -> None:
    write(folder, json.dumps(ACCOUNTS, ensure_ascii=False), {"language": "en", **settings})
    (folder / "mediawatch.yaml").chmod(0o600)
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
    with held_store(found.settings, wall_clock()) as store:
        enroll(store, found, wall_clock())


def call(folder: Path, *words: str) -> Result:
    files = ["--accounts", str(folder / "accounts.yaml"), "--settings", str(folder / "mediawatch.yaml")]
    return CliRunner().invoke(cli, ["doctor", *words, *files], catch_exceptions=False)


def state(result: Result, name: str) -> tuple[str, bool]:
    """How a check went, and whether it says what to do."""
    found = {one["name"]: one for one in map(json.loads, result.stdout.splitlines())}
    return found[name]["state"], found[name]["do"] is not None


def test_a_sound_place_is_said_to_be_sound_and_nothing_is_changed(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    result = call(folder, "--offline", "--json")
    assert result.exit_code == 0, result.output
    for name in ("python", "sqlite", "time zone", "data folder", "disk", "store", "settings file"):
        assert state(result, name) == ("ok", False), name
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert {
        path for path in after if after[path] != before.get(path) and not path.name.endswith(("-shm", "-wal"))
    } == set()
    assert "ok    store: sound" in call(folder, "--offline").stdout


def test_files_that_others_may_read_are_named_with_the_command_that_mends_it(folder: Path) -> None:
    (folder / "mediawatch.yaml").chmod(0o644)
    (database,) = folder.rglob("*.db")
    database.chmod(0o644)
    result = call(folder, "--offline", "--json")
    assert (result.exit_code, state(result, "data folder"), state(result, "settings file")) == (
        1,
        ("fail", True),
        ("warn", True),
    )
    assert f"chmod -R go-rwx {database}" in call(folder, "--offline").stdout


def test_a_place_that_trusts_no_authority_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(call(folder, "--offline", "--json"), "authorities") == ("ok", False)
    (folder / "none").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "none" / "cert.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder / "none"))
    result = call(folder, "--offline", "--json")
    assert (result.exit_code, state(result, "authorities")) == (1, ("fail", True))


def test_a_full_disk_a_damaged_store_and_no_store_are_told_apart(folder: Path) -> None:
    settle(folder, alerts={"least_free": "900000GB"})
    full = call(folder, "--offline", "--json")
    assert (full.exit_code, state(full, "disk"), state(full, "store")) == (1, ("fail", True), ("ok", False))
    (database,) = folder.rglob("*.db")
    database.write_bytes(b"not a database at all")
    damaged = call(folder, "--offline", "--json")
    assert (damaged.exit_code, state(damaged, "store")) == (1, ("fail", True))
    database.unlink()
    assert state(call(folder, "--offline", "--json"), "store") == ("ok", False)


def test_a_clock_that_went_back_is_found_out_by_the_records_last_sign_of_life(folder: Path) -> None:
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
    with held_store(found.settings, wall_clock()) as store, store.writing() as ledger:
        ledger.remember("alive_at", (wall_clock() + timedelta(days=1)).isoformat())
    result = call(folder, "--offline", "--json")
    assert (result.exit_code, state(result, "clock")) == (1, ("fail", True))


def test_holidays_that_are_not_known_are_a_warning_before_the_year_and_a_fault_in_it(folder: Path) -> None:
    found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})

    def calendar(now: str) -> str:
        checks = looked_over(Place(found, datetime.fromisoformat(now), {}))
        return next(check.state for check in checks if check.name == "working days")

    assert calendar("2025-06-01T12:00+08:00") == "ok"
    assert calendar("2090-06-01T12:00+08:00") == "fail"


def test_the_ways_to_the_platforms_are_tried_and_an_address_inside_is_not_connected_to(folder: Path) -> None:
    settle(folder, platforms={"weibo": {"base_url": "http://127.0.0.1:9"}})
    inside = call(folder, "--json")
    assert (inside.exit_code, state(inside, "way to weibo")) == (1, ("fail", True))
    assert "is not allowed" in inside.stdout
    settle(folder, platforms={"weibo": {"base_url": "http://127.0.0.1:9"}}, wire={"allow_private": ["127.0.0.0/8"]})
    assert "cannot be connected to" in call(folder, "--json").stdout
