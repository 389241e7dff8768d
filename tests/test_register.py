"""The register into a real store: at the start, and again when the files change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mediawatch.register import enroll, reload
from mediawatch.settings import SettingsError, load
from mediawatch.store.store import Store

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def write(folder: Path, *ids: str, settings: str = "") -> tuple[Path, Path]:
    accounts = "".join(
        f"  - {{id: {one}, name: n, kind: weibo, targets: [{{adapter: weibo, uid: '{1_000_000_000 + ord(one)}'}}]}}\n"
        for one in ids
    )
    (folder / "a.yaml").write_text(f"accounts:\n{accounts}", encoding="utf-8")
    (folder / "m.yaml").write_text(settings, encoding="utf-8")
    return folder / "a.yaml", folder / "m.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/x.db", now=NOW)
    yield opened
    opened.close()


def test_new_accounts_are_due_at_once(store: Store, tmp_path: Path) -> None:
    enrolled = enroll(store, load(*write(tmp_path, "a", "b")), NOW)
    assert enrolled.added == ("a", "b")
    assert store.due_platforms(NOW) == {"weibo": 2}


def test_a_first_sweep_is_spread_over_the_time_the_settings_say(store: Store, tmp_path: Path) -> None:
    files = write(tmp_path, *"abcdefgh", settings="daemon: {first_sweep: 1h}")
    enroll(store, load(*files), NOW)
    halfway = store.due_platforms(NOW + timedelta(minutes=30)).get("weibo", 0)
    assert 0 < halfway < 8
    assert store.due_platforms(NOW + timedelta(hours=1)) == {"weibo": 8}


def test_the_same_files_again_change_nothing(store: Store, tmp_path: Path) -> None:
    files = write(tmp_path, "a")
    enroll(store, load(*files), NOW)
    _, again = reload(store, *files, {}, NOW + timedelta(days=1))
    assert (again.added, again.changed, again.removed) == ((), (), ())


def test_a_reload_adds_and_removes(store: Store, tmp_path: Path) -> None:
    enroll(store, load(*write(tmp_path, "a", "b")), NOW)
    loaded, changed = reload(store, *write(tmp_path, "b", "c"), {}, NOW)
    assert (changed.added, changed.removed) == (("c",), ("a",))
    assert [account.id for account in loaded.accounts] == ["b", "c"]


def test_a_bad_reload_applies_nothing(store: Store, tmp_path: Path) -> None:
    enroll(store, load(*write(tmp_path, "a")), NOW)
    with pytest.raises(SettingsError, match="unknown key"):
        reload(store, *write(tmp_path, "b", settings="typo: 1"), {}, NOW)
    assert store.due_platforms(NOW) == {"weibo": 1}
    _, after = reload(store, *write(tmp_path, "a"), {}, NOW)
    assert (after.added, after.removed) == ((), ())
