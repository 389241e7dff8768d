"""What a fleet holds on one machine: `make bench-fleet`. PostgreSQL from the pip package, four workers.

Leases by the batch, beside two bare statements of the driver over the same rows in the same run; workers killed in mid
batch; the server ended without warning and started again, under load; a worker that was cut off and comes back; and all
of that with workers of the command line (`fleet_whole.py`). Ends with 1 where the record does not hold.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Self

from mediawatch.clock import wall_clock
from mediawatch.store.store import Store
from tests.bench.fleet_whole import whole
from tests.bench.postgres import Server, serving
from tests.store_world import START, account

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = 4


class Worker:
    """One process of `fleet_worker`, started and waiting for its first line. acked: what it said is in the record."""

    def __init__(self, manner: str, url: str, token: str) -> None:
        self.token = token
        self.acked: list[tuple[str, str]] = []
        self.acked_at = 0.0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.fleet_worker", manner, url, token],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        if self.line() != "ready":
            raise SystemExit("a worker did not start")

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def listen(self) -> Self:
        """From now on its lines are heard by a thread of ours, until it ends."""
        self._hearer = threading.Thread(target=self._hear)
        self._hearer.start()
        self.go()
        return self

    def _hear(self) -> None:
        while line := self.line():
            at, *targets = line.split()
            self.acked += [(target, at) for target in targets]
            self.acked_at = time.monotonic()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._hearer.join()


def line(what: str, figure: str, ratio: str = "") -> None:
    print(f"{what:58} {figure:>16}  {ratio}", flush=True)


def enrolled(server: Server, accounts: int) -> Store:
    store = Store.open(server.url, now=START)
    store.enroll([account(f"a{number:06}") for number in range(accounts)], START, lambda target: START)
    return store


def again(store: Store) -> None:
    """All due, in an order of their own; as a table that is used every day and cleaned every night."""
    with store.copying() as connection:
        connection.exec_driver_sql(
            "UPDATE target SET next_due = '2026-03-01 04:00+00', lease_token = NULL,"
            " look_by = timestamptz '2026-03-01 04:00+00' - random() * interval '10 days'"
        )
    engine = store._database.engine.execution_options(isolation_level="AUTOCOMMIT", mediawatch_writes=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE target")


def swept(server: Server, manner: str) -> tuple[float, float, float]:
    """All that is due, once: accounts a second, and seconds of CPU for each, of a worker and of the server."""
    workers = [Worker(manner, server.url, f"{manner}{number}") for number in range(WORKERS)]
    began, before = time.perf_counter(), server.cpu()
    for one in workers:
        one.go()
    told = [one.line().split() for one in workers]
    took = time.perf_counter() - began
    for one in workers:
        one.process.communicate()
    done = sum(int(count) for count, _ in told)
    return done / took, sum(float(cpu) for _, cpu in told) / done, (server.cpu() - before) / done


def throughput(server: Server, store: Store, rounds: int) -> None:
    found: dict[str, list[tuple[float, float, float]]] = {"bare": [], "lease": []}
    for _ in range(rounds):
        for manner, rates in found.items():
            again(store)
            rates.append(swept(server, manner))
    bare, ours = ([statistics.median(column) for column in zip(*rates, strict=True)] for rates in found.values())
    for what, (rate, own, theirs) in (
        ("bare UPDATE … RETURNING", bare),
        ("leased and rescheduled, whole claims", ours),
    ):
        cpu = f"{own * 1e6:.0f} us of a worker and {theirs * 1e6:.0f} of the server each"
        line(f"{what}, {WORKERS} workers", f"{rate:,.0f}/s", cpu)
    load = os.getloadavg()[0]
    line("", f"{ours[0] / bare[0]:.2f} x bare", f"goal 10,000/s on an idle machine; load was {load:.0f}")


def killed(server: Server, store: Store, kills: int) -> bool:
    """Workers end by kill -9 wherever they are; what they held is freed as the fleet's own job does it."""
    workers = [Worker("look", server.url, f"k{number}").listen() for number in range(WORKERS)]
    acked: list[tuple[str, str]] = []
    for number in range(kills):
        time.sleep(random.uniform(0.05, 0.4))  # noqa: S311
        victim = workers.pop(0)
        victim.kill()
        acked += victim.acked
        store.free_held([victim.token], wall_clock())
        workers.append(Worker("look", server.url, f"k{WORKERS + number}").listen())
    return _told(store, f"kill -9 of {kills} workers in mid batch", workers, acked)


def restarted(server: Server, store: Store, times: int) -> bool:
    workers = [Worker("look", server.url, f"r{number}").listen() for number in range(WORKERS)]
    back: list[float] = []
    for _ in range(times):
        time.sleep(random.uniform(0.2, 0.8))  # noqa: S311
        server.restart("immediate")
        there = time.monotonic()
        while not any(one.acked_at > there for one in workers):
            if time.monotonic() > there + 120:
                raise SystemExit("no worker came back")
            time.sleep(0.005)
        back.append(max(one.acked_at for one in workers) - there)
    kept = _told(store, f"PostgreSQL ended {times} times without warning", workers, [])
    if back:
        median = f"median {statistics.median(back):.2f} s, goal 2"
        line("  first look after it answered again", f"{max(back):.2f} s", median)
    return kept


def _told(store: Store, what: str, workers: list[Worker], acked: list[tuple[str, str]]) -> bool:
    """Ends the workers, and holds what they said against the record."""
    for one in workers:
        one.kill()
        acked += one.acked
    store.free_held([one.token for one in workers], wall_clock())
    with store.reading() as connection:
        found = connection.exec_driver_sql("SELECT target, at FROM observation").all()
        held = connection.exec_driver_sql("SELECT count(*) FROM target WHERE lease_token IS NOT NULL").scalar_one()
    record = Counter((row.target, row.at.isoformat()) for row in found)
    missing, twice = len(set(acked) - record.keys()), sum(count > 1 for count in record.values())
    with store.reading() as connection:
        targets = connection.exec_driver_sql("SELECT id FROM target").scalars().all()
    broken = sum(not store.verify_chain(target).whole for target in targets)
    line(
        what,
        f"{len(acked):,} looks",
        f"acked but missing {missing}, twice {twice}, chains broken {broken}, held {held}",
    )
    return not (missing or twice or broken or held)


def cut_off(server: Server, store: Store, manner: str) -> bool:
    """A worker leases a batch and is stopped; its leases are freed, another looks; then it wakes and writes."""
    late = Worker(manner, server.url, manner)
    late.go()
    batch = int(late.line())
    os.kill(late.process.pid, signal.SIGSTOP)
    began = time.monotonic()
    store.free_held([late.token], wall_clock())  # waits where the other's transaction is open
    waited = time.monotonic() - began
    other = Worker("look", server.url, f"beside-{manner}").listen()
    while not other.acked:
        time.sleep(0.01)
    os.kill(late.process.pid, signal.SIGCONT)
    late.go()
    counted = int(late.line().split()[0])
    late.process.communicate()
    inside = ", transaction open" if manner == "open" else ""
    line(f"cut off with {batch} leases{inside}: late looks that counted", str(counted), f"others waited {waited:.1f} s")
    return _told(store, "  and the record", [other], []) and counted == 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--whole", type=int, default=200, help="accounts that whole workers look at; 0: not")
    parser.add_argument("--skip-open", action="store_true", help="not the minute that an open transaction takes to end")
    asked = parser.parse_args()
    with serving() as server:
        with closing(enrolled(server, asked.accounts)) as store:
            throughput(server, store, asked.rounds)
        with store.copying() as connection:  # far fewer, so that each is looked at again and again
            connection.exec_driver_sql("DELETE FROM target")
            connection.exec_driver_sql("DELETE FROM account")
        store.enroll([account(f"b{number:04}") for number in range(4000)], START, lambda target: START)
        held = [killed(server, store, asked.kills), restarted(server, store, asked.restarts)]
        held.append(cut_off(server, store, "late"))
        if not asked.skip_open:
            held.append(cut_off(server, store, "open"))
        store.close()
    if asked.whole:
        with serving() as server, tempfile.TemporaryDirectory() as folder:
            held.append(whole(server, Path(folder), asked.whole, asked.kills, asked.restarts))
    if not all(held):
        sys.exit(1)


if __name__ == "__main__":
    main()
