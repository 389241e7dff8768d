"""The database behind the store: one SQLAlchemy engine, and the two kinds of transaction. It must not know a table.

SQLite runs in WAL mode with `synchronous=FULL` (what was acknowledged may have been told to a person), and every
write transaction starts with BEGIN IMMEDIATE: one that starts by reading and then writes fails at once when another
wrote in between, whatever the busy timeout. Read transactions are read-only on both engines and should be short.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mediawatch.core.filtering import compiled, level
from mediawatch.store import batches
from mediawatch.store.errors import Damaged, StoreError, StoreUnavailable, TookTooLong

SQLITE = sqlite3.sqlite_version_info  # of the library that this Python brings
BUSY_TIMEOUT = 5.0  # seconds a writer waits for another one
_HELD = 16 * 1024  # KiB of pages that the writer holds: with SQLite's own 2 MB half of them are read again and again
_WAL_MOST = 64 * 1024 * 1024  # bytes that the write-ahead log keeps on disk after a checkpoint
_OUT_OF_TIME = ("interrupted", "statement timeout")  # how the drivers say it
_BROKEN = ("disk image is malformed", "file is not a database")
_WRITES = "mediawatch_writes"
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('mediawatch record'), hashtext(current_schema()))"
_FORGETFUL = "SET LOCAL synchronous_commit = off"
_IDLE = "60s"  # in the middle of a transaction: a machine that is cut off must not hold up all others for ever
# Seconds: how long a connection may take, and after how much silence the network is asked whether anybody is there.
_TEXT = {"client_encoding": "utf8"}  # or a database without one gives bytes where text is expected
_PATIENT = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
LEVELLED, MATCHING = "mw_levelled", "mw_matching"  # functions that SQLite gets from us: see `narrowing.py`


class Database:
    """One engine. Its connections may be used from any thread, one at a time."""

    def __init__(self, url: URL, *, read_only: bool = False, foreign_keys: bool = True) -> None:
        self.url = url
        self.read_only = read_only
        if url.get_backend_name() == "sqlite":
            self.engine = _sqlite(url, read_only, foreign_keys, writes=False)
            self._writer = _sqlite(url, read_only, foreign_keys, writes=True)
        else:
            self.engine = _postgresql(url)
            self._writer = self.engine.execution_options(**{_WRITES: True})

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, patience: float | None = None) -> Iterator[Connection]:
        """A read-only transaction: one consistent picture. Raises StoreUnavailable.

        patience: seconds that it may take; where they run out, it raises TookTooLong.
        """
        with _plain_errors(), self.engine.connect() as connection, connection.begin():
            if patience is None:
                yield connection
                return
            with self._at_most(connection, patience):
                yield connection

    @contextmanager
    def _at_most(self, connection: Connection, seconds: float) -> Iterator[None]:
        if not self.sqlite:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")
            yield
            return
        raw: Any = connection.connection.driver_connection
        timer = threading.Timer(seconds, raw.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def writing(self, *, alone: bool = True, lasting: bool = True) -> Iterator[Connection]:
        """A write transaction, committed at the end, rolled back on any error. Raises StoreUnavailable.

        alone: no other such transaction runs meanwhile, in no process and on no machine, so that what is true of one
        writer is true of a fleet. lasting: it is on the disk at the end; without, a PostgreSQL that is cut off within
        a second may forget it, whole, and nothing that was written before it or lasts after it. SQLite knows
        no other kinds.
        """
        if self.read_only:
            raise StoreError("this store was opened for reading only")
        with _plain_errors(), self._writer.connect() as connection, connection.begin():
            if not self.sqlite:
                for said in [_ALONE] * alone + [_FORGETFUL] * (not lasting):
                    batches.tell(connection, said)
            yield connection

    def close(self) -> None:
        self.engine.dispose()
        self._writer.dispose()


def read_url(url: str) -> URL:
    """The address of a database: `sqlite:///file` or `postgresql://…`. Raises StoreError for any other."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("the database address is not readable: sqlite:///file or postgresql://…") from None
    backend = parsed.drivername.partition("+")[0]
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"{backend}: no such kind of database here; sqlite:///file or postgresql://…")
    if parsed.database in (None, "", ":memory:") or str(parsed.database).startswith("file:"):
        raise StoreError("a SQLite store needs a file: sqlite:///file")
    return parsed.set(drivername="sqlite", query={})


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store, `None` for PostgreSQL."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=_PATIENT | _TEXT)
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs the driver: pip install 'mediawatch[postgres]'") from None
    event.listen(engine, "connect", _connected_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _sqlite(url: URL, read_only: bool, foreign_keys: bool, *, writes: bool) -> Engine:
    """Whoever reads has connections of their own: one that is made to read only and to write again by turns prepares
    all its statements anew each time."""
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})

    def connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver must not begin by itself: see `begin`
        pragmas = [
            f"foreign_keys={foreign_keys:d}",
            "synchronous=FULL",
            "secure_delete=ON",  # what is taken out of the record is not left in the file's free pages
            f"journal_size_limit={_WAL_MOST}",
            "temp_store=MEMORY",
        ]
        raw.create_function(LEVELLED, 1, _levelled, deterministic=True)
        raw.create_function(MATCHING, 2, _matching, deterministic=True)
        pragmas += [] if read_only else ["journal_mode=WAL"]
        pragmas += [f"cache_size=-{_HELD}"] if writes else []
        for pragma in [*pragmas, f"query_only={not writes:d}"]:
            raw.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)
    return engine


def _levelled(text: str | None) -> str | None:
    return None if text is None else level(text).casefold()


def _matching(text: str | None, pattern: str) -> bool:
    return text is not None and compiled(pattern).search(text) is not None


def _connected_postgresql(raw: Any, _record: Any) -> None:
    encoding = raw.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"the database is made for {encoding} text: make another one, `createdb -T template0 -E UTF8 …`"
        )
    raw.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE}'; SET TimeZone = 'UTC'")
    raw.commit()


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Drivers' errors about the world become `StoreUnavailable`; those about our own statements stay as they are."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        if any(sign in str(error.orig) for sign in _OUT_OF_TIME):
            raise TookTooLong("the question took too long; make the filter simpler") from error
        if any(sign in str(error.orig) for sign in _BROKEN):
            raise Damaged(f"the database is damaged; bring back a backup ({_first_line(error.orig)})") from error
        raise StoreUnavailable(f"the database cannot be used just now: {_first_line(error.orig)}") from error
    except PoolTimeout as error:
        raise StoreUnavailable("the database cannot be used just now: no free connection") from error


def _first_line(error: BaseException | None) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
