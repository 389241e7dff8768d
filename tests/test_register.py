"""The register into a real store: at the start, and again when the files change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mediawatch.register.enroll import enroll
from mediawatch.settings import SettingsError, load
from mediawatch.store.enroll import Enrolled
from mediawatch.store.store import Store
from tests.empty_store import new_store

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def write(folder: Path, *ids: str, settings: str = "") -> tuple[Path, Path]:
    accounts = "".join(
        f"  - {{id: {one}, name: n, kind: weibo, targets: [{{adapter: weibo, uid: '{1_000_000_000 + ord(one)}'}}]}}\n"
        for one in ids
    )
    (folder / "a.yaml").write_text(f"accounts:\n{accounts}", encoding="utf-8")
    (folder / "m.yaml").write_text(settings, encoding="utf-8")
    return folder / "a.yaml", folder / "m.yaml"


def entered(store: Store, *files: Path, at: datetime = NOW) -> Enrolled:
    return enroll(store, load(*files), at)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "x.db", NOW)
    yield opened
    opened.close()


def test_new_accounts_are_due_at_once(store: Store, tmp_path: Path) -> None:
    enrolled = entered(store, *write(tmp_path, "a", "b"))
    assert enrolled.added == ("a", "b")
    assert store.due_platforms(NOW) == {"weibo": 2}


def test_a_first_sweep_is_spread_over_the_time_the_settings_say(store: Store, tmp_path: Path) -> None:
    files = write(tmp_path, *"abcdefgh", settings="daemon: {first_sweep: 1h}")
    entered(store, *files)
    halfway = store.due_platforms(NOW + timedelta(minutes=30)).get("weibo", 0)
    assert 0 < halfway < 8
    assert store.due_platforms(NOW + timedelta(hours=1)) == {"weibo": 8}


def test_the_same_files_again_change_nothing(store: Store, tmp_path: Path) -> None:
    files = write(tmp_path, "a")
    entered(store, *files)
    again = entered(store, *files, at=NOW + timedelta(days=1))
    assert (again.added, again.changed, again.removed) == ((), (), ())


def test_a_reload_adds_and_removes(store: Store, tmp_path: Path) -> None:
    entered(store, *write(tmp_path, "a", "b"))
    changed = entered(store, *write(tmp_path, "b", "c"))
    assert (changed.added, changed.removed) == (("c",), ("a",))


def test_a_bad_reload_applies_nothing(store: Store, tmp_path: Path) -> None:
    entered(store, *write(tmp_path, "a"))
    with pytest.raises(SettingsError, match="unknown key"):
        entered(store, *write(tmp_path, "b", settings="typo: 1"))
    assert store.due_platforms(NOW) == {"weibo": 1}
    after = entered(store, *write(tmp_path, "a"))
    assert (after.added, after.removed) == ((), ())
