"""Raw answers by their SHA-256, compressed, one file each. Kept before anyone reads them, and never changed;
those that nothing rests on may be dropped when they are old: see `retention.py`."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from isal import isal_zlib as zlib

from mediawatch.store.files import private_dir, write_whole

_Broken: type[Exception] = zlib.error  # type: ignore[assignment]  # its stub has an instance
_LEVEL = 2  # of isal: as small as zlib's usual 6, in a twelfth of its time
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A `Keeper` in a directory: `ab/cd/abcd….z`, directories 0700, files 0600.

    A file is either absent or complete: it is written beside its place, synced and renamed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, body: bytes) -> str:
        """Keeps the bytes and returns their digest; the same bytes twice are one file. Raises OSError."""
        digest = hashlib.sha256(body).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        private_dir(path.parent)
        write_whole(path, zlib.compress(body, _LEVEL))
        return digest

    def recall(self, digest: str) -> bytes | None:
        """The bytes of that digest; `None` where they are not kept, or where the file no longer holds them."""
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            body = zlib.decompress(self._path(digest).read_bytes())
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
        return self._root / digest[:2] / digest[2:4] / f"{digest}.z"
