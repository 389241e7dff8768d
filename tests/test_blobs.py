"""Raw answers on disk, and the lock that lets one process write."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mediawatch.core.wire import Answered, Keeper
from mediawatch.store import files as files_of_ours
from mediawatch.store.blobs import Blobs
from mediawatch.store.errors import StoreBusy
from mediawatch.store.lock import OneWriter


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_kept_comes_back_and_is_one_copy(tmp_path: Path) -> None:
    blobs: Keeper = Blobs(tmp_path / "blobs")
    body = "昨天没有更新".encode() * 1000
    digest = blobs.keep(body)
    assert digest == hashlib.sha256(body).hexdigest() == blobs.keep(body)
    assert blobs.recall(digest) == body
    (kept,) = files(tmp_path)
    assert kept.relative_to(tmp_path / "blobs").parts[:2] == (digest[:2], digest[2:4])
    assert kept.stat().st_size < len(body) / 10
    assert blobs.recall(blobs.keep(b"")) == b""


def test_many_are_kept_at_once_each_as_it_came_and_the_disk_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    really = files_of_ours.sync_disk
    monkeypatch.setattr("mediawatch.store.blobs.sync_disk", lambda path: (synced.append(path), really(path)))
    blobs, bodies = Blobs(tmp_path), [str(number).encode() * 500 for number in range(5)]
    packed = gzip.compress(bodies[0])
    answers = [Answered(bodies[0], packed), *map(Answered, bodies[1:]), Answered(bodies[1])]
    digests = blobs.keep_all(answers)
    assert digests == [hashlib.sha256(one.body).hexdigest() for one in answers]
    assert [blobs.recall(digest) for digest in digests] == [one.body for one in answers]
    assert len(files(tmp_path)) == 5
    assert (tmp_path / digests[0][:2] / digests[0][2:4] / f"{digests[0]}.z").read_bytes() == packed
    assert synced == ([tmp_path] if files_of_ours.can_sync_disk() else [])
    blobs.keep_all(answers)
    assert len(synced) <= 1, "what is there is not written again"


def test_what_a_power_cut_left_empty_is_written_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.keep(b"body")
    (kept,) = files(tmp_path)
    kept.write_bytes(b"")
    assert blobs.recall(digest) is None
    assert blobs.recall(blobs.keep_all([Answered(b"body")])[0]) == b"body"


def test_many_of_which_one_cannot_be_written_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    if not files_of_ours.can_sync_disk():
        pytest.skip("this system syncs each file by itself")
    monkeypatch.setattr("mediawatch.store.blobs.sync_disk", full)
    with pytest.raises(OSError, match="space"):
        Blobs(tmp_path).keep_all([Answered(str(number).encode()) for number in range(5)])
    assert files(tmp_path) == []


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Blobs(tmp_path / "data" / "blobs").keep(b"body")
    finally:
        os.umask(before)
    for path in (tmp_path / "data").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.is_file() else 0o700)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


@pytest.mark.parametrize("digest", ["", "ab", "../../../etc/passwd", "AB" * 32, "ab" * 32])
def test_what_was_never_kept_is_none(tmp_path: Path, digest: str) -> None:
    assert Blobs(tmp_path).recall(digest) is None


def test_bytes_that_no_longer_match_their_name_are_not_given_out(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest, other = blobs.keep(b"one" * 100), blobs.keep(b"two" * 100)
    one, two = (next(path for path in files(tmp_path) if path.name.startswith(name)) for name in (digest, other))
    one.write_bytes(two.read_bytes())
    two.write_bytes(two.read_bytes()[:-3])
    assert blobs.recall(digest) is None
    assert blobs.recall(other) is None


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    blobs = Blobs(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="space"):
            blobs.keep(b"body")
    assert files(tmp_path) == []
    assert blobs.recall(blobs.keep(b"body")) == b"body"


def test_a_second_writer_is_told_who_holds_the_store(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    with OneWriter(path), pytest.raises(StoreBusy, match=f"pid {os.getpid()}"):
        OneWriter(path)
    OneWriter(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_kill_9_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    program = (
        "import sys, pathlib; from mediawatch.store.lock import OneWriter;"
        "held = OneWriter(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(StoreBusy, match=f"pid {other.pid}"):
        OneWriter(path)
    other.send_signal(signal.SIGKILL)
    other.communicate()
    OneWriter(path).close()
