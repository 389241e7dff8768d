"""An empty store, made once for each instant in each process, and copied: migrations take longer than most tests."""

from __future__ import annotations

import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path

from mediawatch.store.store import Store
from tests import on_postgresql


def empty_store(path: Path, now: datetime) -> str:
    """Puts the store there, as it is when it was made at that instant. Returns its address.

    Where tests are to run on PostgreSQL it is a database there instead: see `on_postgresql.py`.
    """
    if on_postgresql.WANTED:
        return on_postgresql.new_database(now)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_made(now))
    return f"sqlite:///{path}"


def new_store(path: Path, now: datetime) -> Store:
    """The same, opened."""
    return Store.open(empty_store(path, now), now=now)


@cache
def _made(now: datetime) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mediawatch.db"
        Store.open(f"sqlite:///{file}", now=now).close()
        return file.read_bytes()
