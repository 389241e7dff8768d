"""Our own machine fails: its disk takes no answer, its system starts no reader, the store's file is not what it was.

Each is a clear state of its own. It is told once, accuses nobody, resolves nothing, and is made no worse.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from mediawatch.adapters import ADAPTERS
from mediawatch.cli import cli
from mediawatch.core.model import Blame, Reason
from mediawatch.core.wire import Failed
from mediawatch.house import held_store
from mediawatch.isolation import Readers
from mediawatch.settings_values import Settings
from tests.empty_store import empty_store
from tests.store_world import START
from tests.stories import Story, weibo


def broken(folder: Path) -> Path:
    """The folder of answers becomes a file, so that the disk takes none. Where the folder is meanwhile."""
    aside = folder / "aside"
    (folder / "answers").rename(aside)
    (folder / "answers").write_bytes(b"")
    return aside


async def test_a_disk_that_takes_no_answer_is_told_once_and_accuses_nobody(tmp_path: Path) -> None:
    """One account is silent and found out before; one falls silent for good while nothing can be kept."""
    accounts = [weibo("silent", "day -30 10:00", number=1), weibo("late", "day -3 10:00", number=2)]
    accounts += [weibo(f"alive{one}", every="1d", number=3 + one) for one in range(4)]
    world = {"accounts": accounts}
    async with Story(tmp_path, world, grain=timedelta(hours=2), cadence={"latest": "1d"}) as story:
        await story.until("day 5 12:00")
        before = story.alerts(subject="silent")
        aside = broken(tmp_path)
        await story.until("day 14 12:00")
        (told,) = story.alerts("fault")
        assert (told.subject, told.live, "cannot be kept" in told.detail) == ("own:machine", True, True)
        assert story.alerts("incident") == [], "no platform is blamed"
        assert story.accused() == {"silent"}
        assert [one.state for one in story.alerts(subject="silent")] == [one.state for one in before]
        assert story.findings("late")["U1"].outcome.value == "unknown"
        assert story.told_of("platform:own:machine").count(("duty", "first")) == 1
        (tmp_path / "answers").unlink()
        aside.rename(tmp_path / "answers")
        await story.until("day 17 12:00")
        (told,) = story.alerts("fault")
        assert not told.live
        assert story.accused() == {"silent", "late"}
        assert {story.outcomes(f"alive{one}")["U1"] for one in range(4)} == {"pass"}


async def test_an_incident_does_not_end_because_we_could_keep_nothing(tmp_path: Path) -> None:
    accounts = [weibo(f"a{one}", every="1d", number=one + 1) for one in range(6)]
    down = {"mode": "http_432", "where": "weibo", "from": "day 2", "to": "day 9"}
    world = {"accounts": accounts, "troubles": [down]}
    async with Story(tmp_path, world, grain=timedelta(hours=2), cadence={"latest": "1d"}) as story:
        await story.until("day 4 12:00")
        (dark,) = story.alerts("incident")
        aside = broken(tmp_path)
        await story.until("day 7 12:00")
        assert story.alerts("incident") == [dark]
        (tmp_path / "answers").unlink()
        aside.rename(tmp_path / "answers")
        await story.until("day 11 12:00")
        assert [one.live for one in story.alerts("incident")] == [False]
    assert story.accused() == set()


async def test_a_reader_that_the_system_does_not_start_is_our_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediawatch.isolation.sys.executable", "/no/such/python")
    readers = Readers(workers=1)
    feed = ADAPTERS["feed"]
    with pytest.raises(Failed) as raised:
        await readers.read(feed, feed.address.model_validate({"url": "http://h.example/"}), ())
    readers.close()
    assert (raised.value.failure.reason, raised.value.failure.reason.blame) == (Reason.OWN_MACHINE, Blame.US)


KILLED = """
import os, signal, sys
from pathlib import Path
from mediawatch.store.blobs import Blobs
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Blobs(Path(sys.argv[1])).keep(b"an answer")
"""


def test_what_a_kill_left_half_written_goes_at_a_later_start_and_nothing_else(tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    done = subprocess.run([sys.executable, "-c", KILLED, str(answers)], check=False)
    assert done.returncode == -signal.SIGKILL
    (half,) = [file for file in answers.rglob("*") if file.is_file()]
    young, database = answers / ".one.z.0123abcd.part", tmp_path / ".m.db.0123abcd.new-wal"
    theirs = (answers / "notes.part", tmp_path / ".profile", tmp_path / ".x.0123abcd.part.bak")
    link = tmp_path / ".link.0123abcd.part"
    for file in (young, database, *theirs):
        file.write_bytes(b"x")
    link.symlink_to(theirs[0])
    for file in (half, database, *theirs):
        os.utime(file, (START.timestamp(), START.timestamp()))
    os.utime(link, (START.timestamp(), START.timestamp()), follow_symlinks=False)
    settings = Settings(database=f"sqlite:///{tmp_path}/m.db", data_dir=tmp_path)
    with held_store(settings, datetime.now(UTC)):
        assert not half.exists()
        assert not database.exists()
        assert all(file.exists() for file in (young, link, *theirs))


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_from_tomorrow'")
        connection.commit()


def damaged(file: Path) -> None:
    body = file.read_bytes()
    file.write_bytes(body[:100] + b"\x5a" * 4000 + body[4100:])


def gone_to_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


STATES: dict[str, tuple[Callable[[Path], object], str]] = {
    "zero-length": (lambda file: file.write_bytes(b""), "is an empty file, not a database; remove it to start a new"),
    "another file": (lambda file: file.write_bytes(b"accounts: []\n"), "is not a SQLite database"),
    "cut off": (lambda file: file.write_bytes(file.read_bytes()[:5000]), "is damaged; bring back a backup"),
    "damaged": (damaged, "is damaged; bring back a backup"),
    "newer": (newer, "was written by a newer mediawatch (revision 9999_from_tomorrow); nothing was changed"),
    "a folder": (gone_to_a_folder, "is not a file"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_store_that_is_not_well_is_named_and_left_as_it_is(state: str, tmp_path: Path) -> None:
    file = tmp_path / "m.db"
    empty_store(file, START)
    change, words = STATES[state]
    change(file)
    shutil.copytree(tmp_path, before := tmp_path.with_name(f"{tmp_path.name}-before"))
    (tmp_path / "accounts.yaml").write_text(
        "accounts: [{id: a, name: 甲, kind: weibo, targets: [{adapter: weibo, uid: '1000000001'}]}]", "utf-8"
    )
    settings = tmp_path / "mediawatch.yaml"
    settings.write_text(f"database: sqlite:///{file}\ndata_dir: {tmp_path}\n", "utf-8")
    for command in ("once", "run", "verify"):
        done = CliRunner().invoke(
            cli, [command, "--accounts", str(tmp_path / "accounts.yaml"), "--settings", str(settings)]
        )
        assert (done.exit_code, words in done.output) == (2, True), f"{command}: {done.output}"
        assert "Traceback" not in done.output
    if file.is_file():
        assert file.read_bytes() == (before / "m.db").read_bytes()
