"""One writer: a lock file that says who holds the store. The kernel frees it, also after kill -9."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from mediawatch.store.errors import StoreBusy
from mediawatch.store.files import private_dir


class OneWriter:
    """Holds the lock from construction to `close`. Raises StoreBusy, naming the other's pid, and OSError.

    The file stays when the lock is let go: removing it would let two processes lock two files of one name.
    """

    def __init__(self, path: Path) -> None:
        private_dir(path.parent)
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            self.close()
            raise StoreBusy(f"another mediawatch (pid {holder}) holds this store: {path}") from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Lets go. May be called twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> OneWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
