"""Raw answers by their SHA-256, compressed, one file each. Kept before anyone reads them, and never changed;
those that nothing rests on, or that no look names, may be dropped when they are old: see `retention.py`."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from isal import isal_zlib as zlib

from mediawatch.core.wire import Answered
from mediawatch.store.files import can_sync_disk, private_dir, put_whole, sync_disk, write_whole

_Broken: type[Exception] = zlib.error  # type: ignore[assignment]  # its stub has an instance
_LEVEL = 2  # of isal: as small as zlib's usual 6, in a twelfth of its time
_GZIP = 16 + zlib.MAX_WBITS
_FEW = 3  # new files, below which each is synced by itself: the whole disk may have much else to write
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A `Keeper` in a directory: `ab/cd/abcd….z` (zlib, or gzip as it came), directories 0700, files 0600.

    A file is either absent or complete: it is written in the directory itself and renamed, and synced before its digest
    is given to anybody. What a power cut left empty in between is written again. A file is as old as the last time
    that its answer came: what goes by its age is not taken from under a look that is about to be written down.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, body: bytes) -> str:
        """Keeps the bytes and returns their digest; the same bytes twice are one file. Raises OSError."""
        digest = hashlib.sha256(body).hexdigest()
        path = self._path(digest)
        if not _there(path):
            private_dir(path.parent)
            write_whole(path, zlib.compress(body, _LEVEL), within=self._root)
        return digest

    def keep_all(self, answers: Sequence[Answered]) -> list[str]:
        """`keep` of many, in the packing they came in; the disk is waited for once. Raises OSError."""
        digests = [hashlib.sha256(one.body).hexdigest() for one in answers]
        new: dict[Path, bytes] = {}
        for digest, one in zip(digests, answers, strict=True):
            if not _there(self._written(digest)):
                new[self._path(digest)] = one.packed or zlib.compress(one.body, _LEVEL)
        try:
            self._write(new)
        except BaseException:
            for path in new:  # none of them was promised to anybody, and some may not be on the disk
                path.unlink(missing_ok=True)
            raise
        return digests

    def _write(self, new: Mapping[Path, bytes]) -> None:
        together = len(new) >= _FEW and can_sync_disk()
        for path, packed in new.items():
            private_dir(path.parent, sync=not together)
            (put_whole if together else write_whole)(path, packed, within=self._root)
        if together:
            sync_disk(self._root)

    def holds(self, digest: str) -> bool:
        """Whether something is kept under that digest. Raises OSError."""
        return _there(self._written(digest))

    def recall(self, digest: str) -> bytes | None:
        """The bytes of that digest; `None` where they are not kept, or where the file no longer holds them."""
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            packed = self._path(digest).read_bytes()
            body = zlib.decompress(packed, _GZIP if packed.startswith(b"\x1f") else zlib.MAX_WBITS)
        except (OSError, _Broken):
            return None
        return body if hashlib.sha256(body).hexdigest() == digest else None

    def drop(self, digest: str) -> int:
        """Takes the bytes of that digest away. Returns how many bytes of the disk that frees. Raises OSError."""
        path = self._path(digest)
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        return size

    def older(self, place: str, before: datetime) -> list[str]:
        """The digests that begin with these three letters and that last came before that instant. Raises OSError."""
        found = []
        for path in self._root.glob(f"{place[:2]}/{place[2:]}?/*.z"):
            with suppress(FileNotFoundError):  # another process prunes
                if path.stat().st_mtime < before.timestamp():
                    found.append(path.stem)
        return found

    def drop_older(self, digest: str, before: datetime) -> int | None:
        """`drop`, but where it has come since that instant, even just now: that stays. Returns the bytes that went,
        `None` where none did. Raises OSError.
        """
        path, aside = self._path(digest), self._root / f".{digest}.{secrets.token_hex(4)}.part"
        try:
            if path.stat().st_mtime >= before.timestamp():
                return None
            path.rename(aside)  # whoever keeps it from here on writes it anew
        except FileNotFoundError:
            return None
        about = aside.stat()
        if about.st_mtime >= before.timestamp():  # it came between these lines
            aside.rename(path)
            return None
        aside.unlink()
        return about.st_size

    def size_of(self, digest: str) -> int:
        """The bytes that it takes on the disk; 0 where it is not kept."""
        path = self._path(digest)
        return path.stat().st_size if path.exists() else 0

    def copy(self, digest: str, to: Blobs) -> bool:
        """Copies the file of that digest as it is, with its times. False where it is not here. Raises OSError."""
        path, copy = self._path(digest), to._path(digest)
        private_dir(copy.parent)
        try:
            shutil.copy2(path, copy)
        except FileNotFoundError:
            return False
        return True

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every digest that is kept, with the bytes that it takes on the disk."""
        for path in self._root.glob("??/??/*.z"):
            with suppress(FileNotFoundError):  # another process prunes
                yield path.stem, path.stat().st_size

    def _path(self, digest: str) -> Path:
        return Path(self._written(digest))

    def _written(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest[2:4]}/{digest}.z"


def _there(path: Path | str) -> bool:
    """Whether it is; then it is as young as now."""
    try:
        os.utime(path)
        return os.stat(path).st_size > 0
    except FileNotFoundError:
        return False
