"""The file of a store is read through: before a start where nobody closed it, beside the running house otherwise."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from mediawatch.daemon import Daemon
from mediawatch.soundness import Soundness
from mediawatch.store.errors import Damaged, StoreError
from mediawatch.store.store import Store
from tests.empty_store import new_store
from tests.store_world import START, account, enrolled
from tests.telling_world import Room

_PAGES = 4 * 4096


def _damage(path: Path) -> None:
    """Its last pages, where the youngest rows are, are not what they were."""
    body = path.read_bytes()
    path.write_bytes(body[:-_PAGES] + b"\x5a" * _PAGES)


def test_a_file_that_was_closed_in_order_is_opened_at_once_and_one_that_was_not_is_read_first(tmp_path: Path) -> None:
    path, copy = tmp_path / "x.db", tmp_path / "left.db"
    with closing(new_store(path, START)) as store:
        enrolled(store, *(account(f"a{number}") for number in range(200)))
        shutil.copy(path, copy)
        shutil.copy(f"{path}-wal", f"{copy}-wal")  # as a kill leaves it
    with closing(Store.open(f"sqlite:///{copy}", now=START)) as left:
        assert left.watched() == 200
    _damage(path)
    with closing(Store.open(f"sqlite:///{path}", now=START)) as opened, pytest.raises(Damaged, match="backup"):
        opened.check()
    Path(f"{path}-wal").write_bytes(b"left")
    with pytest.raises(Damaged, match="backup"):
        Store.open(f"sqlite:///{path}", now=START)


async def test_a_running_house_reads_its_file_once_a_day_and_ends_where_it_is_damaged(tmp_path: Path) -> None:
    async with Room(tmp_path) as room:
        failed: list[StoreError] = []
        reads = Soundness(room.store, failed.append, lambda: room.now)
        assert [await reads.tick(), await reads.tick()] == [1, 0]
        room.now += timedelta(days=1)
        assert [await reads.tick(), await reads.tick(), failed] == [1, 0, []]


async def test_what_ends_the_house_is_told_to_whoever_started_it(tmp_path: Path) -> None:
    async with Room(tmp_path) as room:
        daemon: Daemon = room.daemon
        daemon.fail(Damaged("it is damaged"))
        with pytest.raises(Damaged):
            await daemon.run()
        await room.restart()
