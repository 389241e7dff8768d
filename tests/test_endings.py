"""How a daemon ends, and what shows of what goes wrong inside: in order whatever hangs, at once where asked again."""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mediawatch.beat import UnderWay
from mediawatch.clock import wall_clock
from mediawatch.commands.standstill import standstills
from tests.hanging import Hanging, daemon, with_all_that_hangs
from tests.shell import ROOT, Sim, wait
from tests.stories import weibo


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    with Hanging() as server:
        yield server


@pytest.fixture
def sim() -> Iterator[Sim]:
    now = wall_clock()
    with Sim({"accounts": [weibo("silent", "day -40 10:00")]}, now=now, starts_at=now) as served:
        yield served


def leases(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder}/mediawatch.db?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM target WHERE lease_token IS NOT NULL").fetchone()[0])


def test_it_ends_in_order_while_sockets_names_threads_and_receivers_hang(
    sim: Sim, hanging: Hanging, tmp_path: Path
) -> None:
    with_all_that_hangs(sim, hanging, tmp_path, looks=200)
    with daemon(tmp_path, hanging) as process:
        wait(lambda: len(hanging.held) >= 200 + 3)  # two calls at once, and the webhook
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)  # what hangs would hang for a minute
    assert process.returncode == 0, err
    assert "every lease is given back" in err
    assert "2 calls still hang" in err
    assert "Traceback" not in err
    assert leases(tmp_path) == 0


HANGS_AT_THE_END = """
import asyncio, sys, time
from datetime import timedelta
from mediawatch.commands.ending import end_on_signals, run_to_the_end
async def main():
    stop = asyncio.Event()
    end_on_signals(stop.set, timedelta(seconds=float(sys.argv[1])))
    print("ready", flush=True)
    await stop.wait()
    print("asked", flush=True)
    await asyncio.to_thread(time.sleep, 60)
run_to_the_end(main())
"""


@pytest.mark.parametrize(
    ("patience", "signals", "code", "says"),
    [("60", 2, 143, "asked a second time"), ("0.1", 1, 1, "not everything was given back")],
)
def test_a_second_signal_ends_it_at_once_and_an_order_that_hangs_ends_in_its_time(
    patience: str, signals: int, code: int, says: str
) -> None:
    command = [sys.executable, "-c", HANGS_AT_THE_END, patience]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for _ in range(signals):
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() in ("asked\n", "")
    _, err = process.communicate(timeout=30)
    assert (process.returncode, says in err) == (code, True), err


BLOCKED = """
import asyncio, time
from mediawatch.commands.ending import leave_threads_behind, run_to_the_end
async def main():
    for _ in range(4):
        asyncio.ensure_future(asyncio.to_thread(time.sleep, 60))
    asyncio.ensure_future(dies())
    await asyncio.sleep(0.05)
async def dies():
    raise ValueError("of this")
run_to_the_end(main())
leave_threads_behind()
"""


def test_blocked_threads_hold_up_no_end_and_a_task_that_died_shows() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    assert "4 calls still hang" in done.stderr
    assert "ValueError: of this" in done.stderr


async def test_a_loop_that_stands_still_is_said_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "mediawatch"):
        async with standstills(long=0.05):
            await asyncio.sleep(0.1)
            assert not caplog.messages
            blocks()
            await asyncio.sleep(0.1)
    first, last = caplog.messages
    assert "stands still" in first
    assert "test_endings.py" in first
    assert first.endswith(" blocks")
    assert "goes on" in last


def blocks() -> None:
    time.sleep(0.3)


async def test_a_tick_that_fails_or_is_cut_short_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError("once")

    async def cut_short() -> None:
        task: Any = asyncio.current_task()
        task.cancel()
        await asyncio.sleep(0)

    under_way = UnderWay(asyncio.Event())
    for tick in (fails, cut_short):
        await under_way.guarded(tick)()
    assert caplog.messages == [
        "fails failed; it is tried again at the next tick",
        "cut_short was cut short; it is tried again at the next tick",
    ]


async def test_a_tick_that_outlasts_the_end_is_cut_short_and_asks_the_store_nothing_more() -> None:
    stopping, asked = asyncio.Event(), list[str]()

    async def long() -> None:
        await asyncio.sleep(60)
        asked.append("the store")

    under_way = UnderWay(stopping)
    running = asyncio.create_task(under_way.guarded(long)())
    await asyncio.sleep(0)
    stopping.set()
    await under_way.finished(0.01)
    await asyncio.wait_for(running, 5)
    assert not asked
