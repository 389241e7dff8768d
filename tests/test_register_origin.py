"""A register that the store holds as its files say it is not read again; whatever changes it is."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mediawatch import __version__, entering
from mediawatch.clock import wall_clock
from mediawatch.house import load_known, policy_of, writing_store
from mediawatch.register.folder import ACCOUNTS_TABLE, Folder
from mediawatch.settings import SettingsError, load
from mediawatch.store.store import Store

ROW = "{id},{id}发布,weibo,某局,weibo,75000{id}\n"
HEAD = "id,name,kind,sponsor,adapter,uid\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register of three accounts in a table, with a unit; entered in a store."""
    write(tmp_path / "accounts.yaml", {"units": [{"id": "u", "name": "某市"}], "include": ["table.csv"]})
    write(tmp_path / "mediawatch.yaml", {"database": f"sqlite:///{tmp_path}/m.db", "data_dir": str(tmp_path)})
    (tmp_path / "table.csv").write_text(HEAD + "".join(ROW.format(id=name) for name in ("10", "11", "12")))
    enter(tmp_path)
    return tmp_path


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    path.chmod(0o600)


def enter(folder: Path) -> None:
    found = load(*files(folder), {})
    with writing_store(found, wall_clock()):
        pass


def files(folder: Path) -> tuple[Path, Path]:
    return folder / "accounts.yaml", folder / "mediawatch.yaml"


def stored(folder: Path) -> set[str]:
    store = Store.open(f"sqlite:///{folder}/m.db", now=wall_clock(), read_only=True)
    with store.recalling() as ledger:
        known = set(ledger.accounts([str(number) for number in range(10, 20)]))
    store.close()
    return known


def test_what_has_not_changed_is_not_read_again_and_stays_as_it_is(folder: Path) -> None:
    found = load_known(*files(folder), {})
    assert found.unread
    assert found.accounts == ()
    assert [unit.id for unit in found.units] == ["u"]
    assert policy_of(found).units.keys() == {"u"}
    with writing_store(found, wall_clock()) as store:
        assert store.watched() == 3
    assert load_known(*files(folder), {}).unread  # and the store still knows what it was read from


def other_table(folder: Path) -> None:
    (folder / "table.csv").write_text(HEAD + ROW.format(id="10"))


def other_file(folder: Path) -> None:
    path = folder / "accounts.yaml"
    path.write_text(path.read_text("utf-8").replace("某市", "另市"), "utf-8")


def by_command(folder: Path) -> None:
    kept = Folder(folder / "accounts.yaml")
    kept.path.mkdir()
    (kept.path / ACCOUNTS_TABLE).write_text(HEAD + ROW.format(id="13"))


def other_canary(folder: Path) -> None:
    path = folder / "mediawatch.yaml"
    write(path, json.loads(path.read_text()) | {"platforms": {"weibo": {"canaries": ["99999"]}}})


def entered_otherwise(folder: Path) -> None:
    store = Store.open(f"sqlite:///{folder}/m.db", now=wall_clock())
    store.enroll([], wall_clock(), lambda target: wall_clock())
    store.close()


@pytest.mark.parametrize("change", [other_table, other_file, by_command, other_canary, entered_otherwise])
def test_whatever_changes_the_register_has_it_read_again(folder: Path, change: Callable[[Path], None]) -> None:
    change(folder)
    assert not load_known(*files(folder), {}).unread


def test_another_version_reads_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediawatch.register.origin.__version__", f"{__version__}.1")
    assert not load_known(*files(folder), {}).unread


def test_a_large_register_is_entered_by_a_process_of_its_own(folder: Path) -> None:
    (folder / "table.csv").write_text(HEAD + "".join(ROW.format(id=name) for name in ("10", "14")))
    entering.enter_apart(*files(folder))
    assert stored(folder) >= {"10", "14"}
    assert load_known(*files(folder), {}).unread
    (folder / "table.csv").write_text(HEAD + ROW.format(id="10").replace("weibo", "no such kind"))
    with pytest.raises(SettingsError, match=r"table.csv:2"):
        entering.enter_apart(*files(folder))
    assert stored(folder) >= {"10", "14"}


PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from mediawatch.entering import end_with_our_parent
if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_our_parent) as apart:
        print(apart.submit(os.getpid).result(), flush=True)
        apart.submit(time.sleep, 60).result()
"""


def test_a_process_of_its_own_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.read()  # until whoever held the other end of the pipe is gone
    parent.stdout.close()
    with contextlib.suppress(FileNotFoundError):
        state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
        assert state in "ZX", "it is over"


def test_a_start_has_a_process_of_its_own_for_the_register_only_where_it_must_be_read(folder: Path) -> None:
    asked: list[Path] = []

    def apart() -> None:
        asked.append(folder)
        entering.enter_apart(*files(folder))

    assert load_known(*files(folder), {}, apart=apart).unread
    assert not asked
    (folder / "table.csv").write_text(HEAD + ROW.format(id="12"))
    found = load_known(*files(folder), {}, apart=apart)
    assert (found.unread, len(asked)) == (True, 1), "what it read stays with the process that read it"


def test_how_large_a_register_is_is_seen_from_the_tables_beside_it(folder: Path) -> None:
    assert not entering.is_large(folder / "accounts.yaml")
    (folder / "table.csv").write_text("x" * entering.LARGE)
    assert entering.is_large(folder / "accounts.yaml")
