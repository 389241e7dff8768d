"""Raw answers on disk, and the lock that lets one process write."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mediawatch.core.wire import Keeper
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
