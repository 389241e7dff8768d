"""What the console does arrives in the record: over a real store, through a running daemon's door, and in the demo."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mediawatch.clock import wall_clock
from mediawatch.commands.attached import attached
from mediawatch.commands.demo import acts_of
from mediawatch.core.calendar import day_of
from mediawatch.house import open_daemon, policy_of, socket_path, writing_store
from mediawatch.office import act
from mediawatch.settings import Loaded, load
from mediawatch.store import silences
from mediawatch.store.query import Query
from mediawatch.store.store import Store
from mediawatch.tui.app import Console
from mediawatch.tui.source import Acts, Source
from mediawatch.web.control import Control
from tests.store_world import alert
from tests.tui_stage import press, settle, shown

ACCOUNTS = """
accounts:
  - {id: a, name: 杭州发布, kind: weibo, region: "330100", targets: [{adapter: weibo, uid: "1000000001"}]}
"""


@pytest.fixture
def found(tmp_path: Path) -> Loaded:
    (tmp_path / "accounts.yaml").write_text(ACCOUNTS, encoding="utf-8")
    settings = {"language": "en", "database": f"sqlite:///{tmp_path}/w.db", "data_dir": str(tmp_path / "data")}
    (tmp_path / "mediawatch.yaml").write_text(json.dumps(settings), encoding="utf-8")
    found = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
    now = wall_clock()
    with writing_store(found, now) as store:
        with store.writing() as ledger:
            ledger.save_alert(alert("a", "a1"))
        act(store, policy_of(found), "case.open", b'{"alert": "a1"}', "Li", now)
    return found


@asynccontextmanager
async def console(source: Source, acts: Acts) -> AsyncIterator[Pilot[None]]:
    app = Console(source, acts, wall_clock, "en", refresh=3600.0, by="Wang")
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        yield pilot


async def acted(pilot: Pilot[None]) -> None:
    """A mute for a day, another look, and the first step of the case, each by its keys."""
    await press(pilot, "2", "f", "f", "z", *"holiday", "enter")
    assert "failed" not in shown(pilot).splitlines()[-2]
    await press(pilot, "R", *"again", "enter")
    await press(pilot, "6", "enter", "w", "1", "tab", *"7", "tab", *"told", "enter")
    assert "notified  term until" in shown(pilot), "what it would be is shown first"
    await press(pilot, "enter")
    assert "Not done" not in shown(pilot)
    assert "to be received by" in shown(pilot)


def in_the_record(found: Loaded) -> None:
    now = wall_clock()
    store = Store.open(found.settings.database, now=now, read_only=True)
    try:
        query = Query(store, found.rulebooks, "en")
        with store.reading() as connection:
            (silence,) = silences.known(connection, now)
            acts = silences.acts(connection, ("a",))
        assert (silence.by, silence.comment) == ("Wang", "holiday")
        assert timedelta(hours=23) < silence.ends_at - now <= timedelta(days=1)
        assert [(one.by, one.act, one.note) for one in acts] == [("Wang", "look_again", "again")]
        case = query.case(query.cases(now, live_only=False)[0].id, now)
        assert (case.trace[-1].by, case.trace[-1].note) == ("Wang", "told")
        assert case.line.due is not None
        assert 9 <= (case.line.due - day_of(now)).days <= 17  # seven working days
    finally:
        store.close()


def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml"


async def test_the_console_on_this_machine_acts_with_the_lock_taken_where_no_daemon_runs(
    found: Loaded, tmp_path: Path
) -> None:
    with ExitStack() as kept:
        to = kept.enter_context(attached(*files(tmp_path), "en", None, None))
        async with console(to.source, to.acts) as pilot:
            await acted(pilot)
    in_the_record(found)


async def test_the_console_on_this_machine_acts_through_a_daemon_that_holds_the_store(
    found: Loaded, tmp_path: Path
) -> None:
    with writing_store(found, wall_clock()) as store, ExitStack() as kept:
        async with (
            open_daemon(found, store, wall_clock) as daemon,
            Control(socket_path(found.settings), daemon.desk, tick_age=lambda: 0.0, problems=lambda: ()),
        ):
            to = kept.enter_context(attached(*files(tmp_path), "en", None, None))
            async with console(to.source, to.acts) as pilot:
                await acted(pilot)
    in_the_record(found)


async def test_the_console_of_the_demo_acts_through_the_daemon_of_its_own_process(found: Loaded) -> None:
    with writing_store(found, wall_clock()) as store:
        async with (
            open_daemon(found, store, wall_clock) as daemon,
            console(Query(store, found.rulebooks, "en"), acts_of(daemon, wall_clock)) as pilot,
        ):
            await acted(pilot)
    in_the_record(found)
