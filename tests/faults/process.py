"""The life of a daemon's process: one owner of a store, an end in its time whatever hangs, reloads, hosts that hang."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from mediawatch.clock import wall_clock
from mediawatch.commands.reloading import Reloading
from mediawatch.house import open_daemon, wires_of, writing_store
from mediawatch.settings import load
from mediawatch.store.blobs import Blobs
from tests.faults.figure import Figure
from tests.faults.progress import Progress
from tests.hanging import Hanging, daemon, with_all_that_hangs
from tests.shell import Sim, files, heard, started, wait
from tests.stories import weibo

AT_ONCE = 5
BUSY = 600.0  # seconds that a start may take on a machine that does much else


def figures(full: bool, part: str = "") -> Iterator[Figure]:
    """part: one of the four, by its name; all of them where none is named."""
    often = {owners: 50, endings: 100, reloads: 518, healthy: 60} if full else SHORT
    for each, times in often.items():
        if part in ("", each.__name__):
            yield from each(times)


def _sim(*accounts: dict[str, Any]) -> Sim:
    now = wall_clock()
    return Sim({"accounts": list(accounts) or [weibo("silent", "day -40 10:00")]}, now=now, starts_at=now)


def owners(kills: int) -> Iterator[Figure]:
    """Five start on one store; the one that has it is killed, and the next one started."""
    refused, back, worked, progress = 0, [], [], Progress("kills of the owner", kills)
    with _sim() as sim, tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        place = sim.write(Path(folder))
        winner = running.enter_context(started("run", *files(place)))
        heard(winner, "watching")
        losers = [running.enter_context(started("run", *files(place))) for _ in range(AT_ONCE - 1)]
        for one in losers:
            _, err = one.communicate(timeout=120)
            refused += one.returncode == 4 and f"pid {winner.pid}" in err and "Traceback" not in err
        for _ in range(kills):
            began = time.monotonic()
            winner.kill()
            winner = running.enter_context(started("run", *files(place)))
            heard(winner, "watching")
            back.append(time.monotonic() - began)
            worked.append(_worked(winner.pid))
            progress.one()
        ended = _ended(winner)
    yield Figure.all_of("daemons that found another one: exit 4, and its pid named", refused, AT_ONCE - 1)
    yield Figure.most(f"kill -9 of the owner, {kills} times, until the next one watches", max(back), 10, "s")
    yield Figure.most("  of which it works itself at most (the rest is the machine's)", max(worked), 3, "s of CPU")
    yield Figure.all_of("and the last of them ends in order", int(ended[0] == 0), 1)


def _worked(pid: int) -> float:
    """Seconds of CPU that a process has had."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _ended(process: subprocess.Popen[str]) -> tuple[int, float, str]:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    return process.returncode, time.monotonic() - began, err


def endings(times: int) -> Iterator[Figure]:
    """SIGTERM while two hundred sockets, twenty names, five receivers and their threads hang."""
    orderly, took, progress = 0, [], Progress("ends", times)
    for _ in range(times):
        with _sim() as sim, Hanging() as hanging, tempfile.TemporaryDirectory() as folder:
            with_all_that_hangs(sim, hanging, Path(folder), looks=200, shutdown="4s")
            with daemon(Path(folder), hanging) as process:
                wait(lambda held=hanging.held: len(held) >= 203, BUSY)  # type: ignore[misc]
                code, seconds, err = _ended(process)
        well = code == 0 and "every lease is given back" in err
        orderly += well
        took.append(seconds)
        progress.one("" if well and seconds <= 5 else f"exit {code} after {seconds:.1f} s")
    yield Figure.all_of("SIGTERM while all hangs that can: exit 0, every lease given back", orderly, times)
    yield Figure.most(f"and how long it took at most (median {statistics.median(took):.1f} s)", max(took), 5, "s")


def reloads(times: int) -> Iterator[Figure]:
    """Settings and registers of which a letter or a line is wrong: the old ones stay, and the place is named."""
    with _sim() as sim, tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_reloads(sim.write(Path(folder)), times))


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def _reloads(folder: Path, times: int) -> list[Figure]:
    paths = (folder / "accounts.yaml", folder / "mediawatch.yaml")
    found, draw, ear = load(*paths, {}), random.Random(7), _Heard()  # noqa: S311
    logger = logging.getLogger("mediawatch")
    logger.addHandler(ear)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    bad = kept = placed = 0
    with writing_store(found, wall_clock()) as store:
        http = wires_of(found.settings, Blobs(folder / "answers"))
        async with open_daemon(found, store, wall_clock, http) as house:
            reloading = Reloading(house, http, store, *paths, enters=True)
            texts = [json.dumps(json.loads(path.read_text("utf-8")), indent=1) for path in paths]
            for _ in range(times):
                which = draw.randrange(2)
                for path, text in zip(paths, texts, strict=True):
                    path.write_text(_spoiled(text, draw) if path is paths[which] else text, "utf-8")
                before, watched = (house.policy, house.receivers), store.watched()
                ear.lines.clear()
                await reloading.reload()
                if any("settings reloaded" in line for line in ear.lines):
                    continue  # another letter in a name is a good register
                bad += 1
                kept += (house.policy, house.receivers) == before and store.watched() == watched
                placed += any(f"{path.name}:" in line for line in ear.lines for path in paths)
    logger.removeHandler(ear)
    return [
        Figure.all_of(f"bad reloads of {times} spoiled files: nothing changed", kept, bad),
        Figure.all_of("and the file and the line were named", placed, bad),
    ]


def _spoiled(text: str, draw: random.Random) -> str:
    """The text with a letter changed, or a line gone or twice, or an end cut off."""
    rows = text.splitlines()
    at, place = draw.randrange(len(rows)), draw.randrange(len(text))
    return draw.choice(
        [
            text[:place] + draw.choice('"{}[]:,x0\t&*!') + text[place + 1 :],
            "\n".join(rows[:at] + rows[at + 1 :]),
            "\n".join([*rows[:at], rows[at], *rows[at:]]),
            text[:place],
        ]
    )


def healthy(seconds: int) -> Iterator[Figure]:
    """Of a hundred accounts forty lie on hosts that hang or are never found; the others are looked at in time."""
    interval = 2.0
    names = [f"w{number}" for number in range(60)]
    with (
        _sim(*(weibo(name, every="1d", number=number) for number, name in enumerate(names, 1))) as sim,
        Hanging() as hanging,
        tempfile.TemporaryDirectory() as folder,
    ):
        cadence = dict.fromkeys(("soonest", "latest", "recheck", "retry"), f"{interval:.0f}s")
        with_all_that_hangs(sim, hanging, Path(folder), looks=20, shutdown="4s", cadence=cadence)
        with daemon(Path(folder), hanging) as process:
            wait(lambda: len(hanging.held) >= 20, BUSY)
            time.sleep(seconds)
            _ended(process)
        with closing(sqlite3.connect(Path(folder) / "mediawatch.db")) as record:
            rows = record.execute("SELECT account, at FROM observation WHERE platform = 'weibo' ORDER BY id").fetchall()
    looks: dict[str, list[float]] = {}
    for name, at in rows:
        looks.setdefault(name, []).append(datetime.fromisoformat(at).timestamp())
    gaps = sorted(b - a for at in looks.values() for a, b in pairwise(at))
    late = [gap - interval for gap in gaps]
    yield Figure.all_of(
        "accounts on healthy hosts that were looked at again and again", sum(map(bool, looks.values())), 60
    )
    yield Figure.most(f"their delay beside 40 on hosts that hang, 99th of a hundred ({len(gaps)} looks)",
                      statistics.quantiles(late, n=100)[98], interval, "s")  # fmt: skip


SHORT = {owners: 3, endings: 5, reloads: 60, healthy: 15}
