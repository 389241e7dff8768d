"""A worker that died and was started again at once, as a container is, and a database that is away for a while."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mediawatch.clock import wall_clock
from mediawatch.cluster.jobs import REPORTS, Part, make_app
from mediawatch.commands.fleet import missing
from mediawatch.core.sites import Place
from mediawatch.house import held_store, open_daemon, ticks_of
from mediawatch.settings import load
from mediawatch.store import fleet
from mediawatch.store.errors import StoreUnavailable
from mediawatch.store.store import Store
from tests.shell import write
from tests.store_world import MINUTE, START
from tests.test_doctor import ACCOUNTS
from tests.test_fleet import COUNTY, worker


def test_who_died_on_a_seat_is_not_missed_once_another_sits_there(postgresql_url: str) -> None:
    dead, beside = worker(COUNTY), worker(COUNTY, 1, seen=START + MINUTE)
    again = dead.model_copy(update={"name": "county/0/again", "started_at": START + MINUTE, "seen_at": START + MINUTE})
    store = Store.open(postgresql_url, now=START)
    try:
        for one in (dead, beside):
            fleet.seen(store, one)
        assert [code for code, _ in missing([COUNTY], fleet.workers(store), {}, START + MINUTE)] == ["silent"]
        fleet.seen(store, again)
        assert fleet.workers(store) == (again, beside)
        assert list(missing([COUNTY], fleet.workers(store), {}, START + MINUTE)) == []
    finally:
        store.close()


async def test_a_job_that_finds_the_database_away_says_so_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def away() -> None:
        raise StoreUnavailable("the database cannot be used just now: connection refused")

    async def broken() -> None:
        raise ValueError("ours")

    write(tmp_path, ACCOUNTS, {"data_dir": str(tmp_path / "data")})
    found = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
    with held_store(found.settings, wall_clock()) as store:
        async with open_daemon(found, store, wall_clock) as daemon:
            day = timedelta(days=1)
            chores = {REPORTS: [("away", day, away), ("broken", day, broken)]}
            part = Part(
                daemon, store, {}, ticks_of(found.settings), wall_clock, chores, Place("a", "line"), lambda *_: None
            )
            jobs: Any = make_app("postgresql://nowhere.example/none", part).tasks
            for name in ("away", "broken"):
                await jobs[name].func(0)
    told = [(one.levelno, one.getMessage(), one.exc_info is not None) for one in caplog.records]
    why = "the database cannot be used just now: connection refused"
    assert told == [
        (logging.WARNING, f"away was cut short, what was due of it stays due: {why}", False),
        (logging.ERROR, "broken failed; what was due of it stays due", True),
    ]
