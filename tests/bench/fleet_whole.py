"""The fleet end to end, for `make bench-fleet`: four `mediawatch worker` processes of the command line over a
PostgreSQL, asking the simulator over HTTP and a simulated phone over ADB, ended by kill -9, stopped and let go on, with
the server ended without warning under them.

What was once read from the record must stay in it: each time before something is ended, the record is read, and at the
end all of it must still be there, once, in whole chains. It must not reach into a worker.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from mediawatch.clock import wall_clock
from mediawatch.register.enroll import enroll
from mediawatch.settings import load
from mediawatch.sim.adb import AdbServer
from mediawatch.store.store import Store
from tests.bench.postgres import Server
from tests.devices import PACKAGE, phone
from tests.shell import Sim, write
from tests.stories import weibo

SITES = {
    "a": {"exit": "x", "platforms": ["weibo"], "workers": 2},
    "b": {"exit": "y", "platforms": ["weibo"]},
    "bench": {"exit": "y", "platforms": ["device"], "tells": False},
}
HANDS = ("a", "a", "b", "bench")
APP = {"id": "app", "name": "某市办事", "kind": "app", "targets": [{"adapter": "launch", "package": PACKAGE}]}
FREED = 45.0  # seconds until what a dead job held is surely given back
Look = tuple[str, str]  # of which target, when


class Fleet:
    """Four workers of one folder of settings, each at its site."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder, self._store = folder, store
        self._log = (folder / "log").open("w")
        self.workers = [self._started(site) for site in HANDS]
        self.read: set[Look] = set()
        self.again = 0  # times that one had ended by itself: it started while the server was away

    def _started(self, site: str) -> tuple[str, subprocess.Popen[bytes]]:
        files = ["--accounts", str(self._folder / "accounts.yaml"), "--settings", str(self._folder / "mediawatch.yaml")]
        command = [sys.executable, "-m", "mediawatch", "worker", "--site", site, *files]
        return site, subprocess.Popen(command, stderr=self._log)

    def record(self) -> list[Any]:
        with self._store.reading() as connection:
            return list(connection.exec_driver_sql("SELECT target, at, site, platform FROM observation").all())

    def more(self, looks: int, within: float = 300.0) -> None:
        """Waits until the record has so many looks more, and remembers all that it has."""
        end, least = time.monotonic() + within, len(self.record()) + looks
        while len(found := self.record()) < least:
            if time.monotonic() > end:
                raise SystemExit(f"the fleet stands still; its log is {self._log.name}")
            self._keep_running()
            time.sleep(0.2)
        self.read |= {(row.target, row.at.isoformat()) for row in found}

    def _keep_running(self) -> None:
        """As a supervisor does."""
        for place, (site, process) in enumerate(self.workers):
            if process.poll() is not None:
                self.workers[place] = self._started(site)
                self.again += 1

    def kill(self) -> None:
        """One of them, wherever it is; another takes its place, as soon as its seat is free."""
        site, process = self.workers.pop(0)
        process.kill()
        process.wait()
        self.workers.append(self._started(site))

    def cut_off(self) -> None:
        """One is stopped until the others have freed what it held and gone on, and then writes what it has."""
        _, process = self.workers[0]
        process.send_signal(signal.SIGSTOP)
        time.sleep(FREED)
        process.send_signal(signal.SIGCONT)

    def ended(self) -> list[int]:
        for _, process in self.workers:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(120) for _, process in self.workers]
        self._log.close()
        return codes


def whole(server: Server, folder: Path, accounts: int, kills: int, restarts: int) -> bool:
    """Says what the record holds after all of it; whether it is all that it must hold."""
    now = wall_clock()
    world = {"accounts": [weibo(f"w{number}", every="1d", number=number) for number in range(1, accounts + 1)]}
    with ExitStack() as stack:
        sim = stack.enter_context(Sim(world, now=now, starts_at=now))
        adb = AdbServer(phone())
        asyncio.run_coroutine_threadsafe(adb.__aenter__(), sim._loop).result(10)
        _write(sim, folder, server.url, adb.address)
        found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
        store = stack.enter_context(closing(Store.open(server.url, now=now)))
        enroll(store, found, now)
        fleet = Fleet(folder, store)
        fleet.more(accounts // 2)
        for _ in range(kills):
            time.sleep(random.uniform(0.1, 1.5))  # noqa: S311
            fleet.kill()
            fleet.more(20)
        fleet.cut_off()
        fleet.more(20)
        for _ in range(restarts):
            time.sleep(random.uniform(0.2, 1.0))  # noqa: S311
            server.restart("immediate")
            fleet.more(5)
        time.sleep(FREED)  # what a job held whose word was lost with the server is given back by the others
        fleet.more(20)
        codes = fleet.ended()
        return _told(fleet, store, codes, kills, restarts)


def _write(sim: Sim, folder: Path, database: str, adb: str) -> None:
    quick = {"soonest": "3s", "latest": "4s", "lead": "1s", "recheck": "1s", "retry": "1s"}
    sim.write(folder, database=database, sites=SITES, cadence=quick)
    accounts, settings = (json.loads((folder / f"{name}.yaml").read_text()) for name in ("accounts", "mediawatch"))
    settings["platforms"]["weibo"] |= {"per_minute": 6000, "at_once": 8}
    settings["platforms"]["device"] = {"per_minute": 60}
    settings["wire"] = settings.get("wire", {}) | {"adb": adb}
    write(folder, {**accounts, "accounts": [*accounts["accounts"], APP]}, settings)


def _told(fleet: Fleet, store: Store, codes: list[int], kills: int, restarts: int) -> bool:
    rows = fleet.record()
    counted = Counter((row.target, row.at.isoformat()) for row in rows)
    lost, twice = len(fleet.read - counted.keys()), sum(number > 1 for number in counted.values())
    with store.reading() as connection:
        targets = connection.exec_driver_sql("SELECT id FROM target").scalars().all()
        held = connection.exec_driver_sql("SELECT count(*) FROM target WHERE lease_token IS NOT NULL").scalar_one()
    broken = sum(not store.verify_chain(target).whole for target in targets)
    phones = [row for row in rows if row.platform.startswith("device")]
    strayed = sum((row.site == "bench") != row.platform.startswith("device") for row in rows)
    by_site = dict(sorted(Counter(row.site for row in rows).items()))
    print(
        f"{len(HANDS)} workers of the command line, {kills} x kill -9, one cut off, PostgreSQL ended {restarts} times"
    )
    print(f"  {len(rows):,} looks {by_site}, {len(phones)} on a phone; {len(fleet.read):,} had been read before an end")
    print(f"  {fleet.again} that had started while the server was away were started again; ended with {codes}")
    print(f"  lost {lost}, twice {twice}, chains broken {broken}, held {held}, by the wrong site {strayed}")
    return bool(phones) and not (lost or twice or broken or held or strayed or any(codes))
