"""Looks counted by the hour say what the looks themselves say."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text

from mediawatch.core.model import Reason
from mediawatch.store import look_hours, migrate
from mediawatch.store.engine import Database, read_url
from mediawatch.store.store import Store
from mediawatch.store.tables import OBSERVATION
from tests.store_world import HOUR, MINUTE, START, account, enrolled, look

REASONS = (None, None, Reason.BLOCKED, Reason.TIMEOUT)


def taken_back(connection: Connection, to: str) -> None:
    """Undoes every migration after that one."""
    with Operations.context(MigrationContext.configure(connection)):
        for script in ScriptDirectory(str(migrate.SCRIPTS)).walk_revisions():
            if script.revision == to:
                break
            script.module.downgrade()
    connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": to})


@pytest.fixture
def watched(store: Store) -> Store:
    watch(store)
    return store


def watch(store: Store) -> None:
    """Two platforms, looked at now and then for a day and a half."""
    enrolled(store, account("a"), account("b", adapters=("feed",)))
    draw, at = random.Random(5), START  # noqa: S311
    while at < START + 36 * HOUR:
        look(store, at, reason=draw.choice(REASONS), platform=draw.choice(("weibo", "feed")))
        at += draw.choice((MINUTE, 20 * MINUTE, HOUR, 7 * HOUR))


def scanned(store: Store, since: datetime, until: datetime) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    with store.reading() as connection:
        asked = select(OBSERVATION).where(OBSERVATION.c.at >= since, OBSERVATION.c.at < until)
        for row in connection.execute(asked):
            found.setdefault(row.platform, Counter())[row.reason or ""] += 1
    return found


def test_any_span_is_counted_exactly_whether_it_begins_and_ends_within_an_hour_or_not(watched: Store) -> None:
    spans = [
        (0, 36 * HOUR), (0, timedelta(0)), (-HOUR, 40 * HOUR), (HOUR, 2 * HOUR), (90 * MINUTE, 100 * MINUTE),
        (1 * MINUTE, 5 * HOUR + MINUTE), (59 * MINUTE, 61 * MINUTE), (20 * HOUR, 33 * HOUR + 20 * MINUTE),
    ]  # fmt: skip
    for begin, end in spans:
        since, until = START + (begin or timedelta(0)), START + end
        with watched.reading() as connection:
            assert look_hours.counted(connection, since, until) == scanned(watched, since, until)
            only = look_hours.counted(connection, since, until, platform="feed")
        assert only == {name: one for name, one in scanned(watched, since, until).items() if name == "feed"}


def test_the_last_look_that_ended_so_is_found_within_its_hour(watched: Store) -> None:
    with watched.reading() as connection:
        rows = connection.execute(select(OBSERVATION).order_by(OBSERVATION.c.at)).all()
        for until in (*(row.at for row in rows), START + 40 * HOUR):
            for reason in ("", "blocked"):
                ended = [row.at for row in rows if (row.reason or "") == reason and row.platform == "weibo"]
                at = max((one for one in ended if START < one <= until), default=None)
                assert look_hours.last_at(connection, "weibo", reason, START, until) == at


def test_what_was_there_before_is_counted_when_the_store_is_brought_up_to_date(database_url: str) -> None:
    store = Store.open(database_url, now=START)
    watch(store)
    store.close()
    raw = Database(read_url(database_url))
    counts = text(
        "SELECT platform, hour, adapter, reason, sum(looks) FROM look_hour GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    with raw.writing() as connection:
        before = connection.execute(counts).all()
        taken_back(connection, "0017_fleet")
    migrate.open_database(raw.url, START).close()
    with raw.reading() as connection:
        assert connection.execute(counts).all() == before != []
    raw.close()
