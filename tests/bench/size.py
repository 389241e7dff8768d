"""What a register of many accounts costs: `make bench-size`. It prints figures beside a baseline of the same run.

Import and import again of a table, start of the real daemon to its first question, its memory while it polls a server
on loopback, what a look costs by the number of accounts, who is over fourteen days, a judging again. CPU time, mostly;
it asserts nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web
from sqlalchemy import func, insert, select

from mediawatch.clock import wall_clock
from mediawatch.core.rulebook import Rulebook
from mediawatch.core.rules import judge
from mediawatch.entering import enter_apart
from mediawatch.rejudge import Changed, Rebuilt, judge_again, judge_lines, rebuild
from mediawatch.store import batches
from mediawatch.store.store import Store
from mediawatch.store.tables import ACCOUNT, ON_BOARD, POST
from tests.bench import console_store, nation

LOOKS, ROUNDS = 900, 4
IDLE = "import asyncio, aiohttp; asyncio.run(asyncio.sleep(600))"


def cpu() -> float:
    """Seconds of this process and of the children that have ended."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def timed(act: Callable[[], object]) -> float:
    began = cpu()
    act()
    return cpu() - began


def line(what: str, figure: str, ratio: float | None = None, to: str = "") -> None:
    print(f"{what:52} {figure:>14}" + (f"  {ratio:6.2f} × {to}" if ratio is not None else ""), flush=True)


def resident(pid: int) -> float:
    """MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(row.split()[1] for row in status.splitlines() if row.startswith("VmRSS"))) / 1024


def write(folder: Path, number: int, base: str) -> None:
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "name", "kind", "sponsor", "region", "level", "adapter", "uid"])
        for index, one in enumerate(console_store.accounts(number)):
            row = [one.id, one.name, "weibo", one.sponsor, one.region, one.level, "weibo", 5_000_000_000 + index]
            table.writerow(row)
    settings = {
        "database": f"sqlite:///{folder}/m.db",
        "data_dir": str(folder),
        "wire": {"allow_private": ["127.0.0.0/8"]},
        "platforms": {"weibo": {"base_url": base, "per_minute": 1200, "at_once": 4}},
    }
    for name, content in (("accounts.yaml", {"include": ["table.csv"]}), ("mediawatch.yaml", settings)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
        (folder / name).chmod(0o600)


def serve(ready: Any, first: Any) -> None:
    """A server that answers every question alike and says when it was asked first."""

    async def answer(_: web.Request) -> web.Response:
        if not first.value:
            first.value = time.time()
        return web.json_response({"ok": 0, "msg": "later"})

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)

    async def told(_: web.Application) -> None:
        ready.send(True)

    application.on_startup.append(told)
    port = int(os.environ["BENCH_PORT"])
    web.run_app(application, host="127.0.0.1", port=port, print=lambda *_: None, handle_signals=False)


def imported(folder: Path, number: int) -> None:
    files = (folder / "accounts.yaml", folder / "mediawatch.yaml")
    first = timed(lambda: enter_apart(*files))
    with Store.open(f"sqlite:///{folder}/m.db", now=wall_clock(), read_only=True).reading() as connection:
        rows = [dict(row) for row in connection.execute(select(ACCOUNT)).mappings()]
    bare = Store.open(f"sqlite:///{folder}/bare.db", now=wall_clock())

    def core() -> None:
        with bare.copying() as connection:
            connection.execute(insert(ACCOUNT), rows)

    base = timed(core)
    bare.close()
    line(f"import of {number:,} accounts", f"{first:.1f} CPU-s", first / base, "bare executemany")
    again = timed(lambda: enter_apart(*files))
    line("import again, unchanged", f"{again:.1f} CPU-s", again / base, "bare executemany")


def daemon(folder: Path, number: int, first: Any, seconds: float) -> None:
    idle = subprocess.Popen([sys.executable, "-c", IDLE])
    first.value = 0.0
    files = ["--accounts", str(folder / "accounts.yaml"), "--settings", str(folder / "mediawatch.yaml")]
    began = time.time()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "mediawatch", "run", *files], stderr=log)
    try:
        while not first.value and process.poll() is None and time.time() - began < 120:
            time.sleep(0.01)
        spent = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
        asked = f"{first.value - began:.1f} s wall" if first.value else "not in 120 s"
        line(f"start to the first question, {number:,} accounts", asked)
        line("  of it, CPU", f"{spent / os.sysconf('SC_CLK_TCK'):.1f} CPU-s")
        time.sleep(seconds)
        held, base = resident(process.pid), resident(idle.pid)
        line(
            f"resident after {seconds:.0f} s of polling", f"{held:.0f} MB", held / base, f"idle aiohttp ({base:.0f} MB)"
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        idle.kill()
        idle.wait()


def questions(folder: Path, number: int) -> None:
    """Who is over fourteen days, who crossed in the last minute; a whole judging again; alerts; looks by size."""
    each: dict[int, list[float]] = {}
    nations = {size: nation.make(folder / f"nation-{size}.db", size) for size in sorted({1_000, 10_000, number})}
    for size in [*nations, *list(nations) * ROUNDS]:  # in turns: what else the machine does meets all of them
        spent = timed(partial(nation.look_at_some, nations[size], size, LOOKS)) / LOOKS
        each.setdefault(size, []).append(spent)
    costs = {size: min(spent[1:]) for size, spent in each.items()}  # what is built once is built by the first
    for size, cost in costs.items():
        line(f"a look, of {size:,} accounts", f"{cost * 1e6:.0f} CPU-us", cost / costs[1_000], "of 1,000")
    for size in nations.keys() - {number}:
        nations[size].close()
    store = nations[number]
    logs = np.log(list(costs)), np.log([size * cost for size, cost in costs.items()])
    line("slope of log CPU over log N (1.02 is allowed)", f"{np.polyfit(*logs, 1)[0]:.3f}" if len(costs) > 1 else "-")
    now = nation.NOW
    with store.reading() as connection:
        posts = connection.execute(select(func.count()).select_from(POST)).scalar_one()
        line("posts in the record", f"{posts:,}")
        edge = now - timedelta(days=14)
        over = select(ACCOUNT.c.id).where(ON_BOARD, ACCOUNT.c.newest_post_at < edge)
        crossed = over.where(ACCOUNT.c.newest_post_at >= edge - timedelta(minutes=1))
        walked = select(POST.c.account).group_by(POST.c.account).having(func.max(POST.c.at) < edge)
        base = timed(lambda: connection.execute(walked).all())
        for what, asked in (("who is over 14 days (20 ms)", over), ("who crossed in the last minute (1 ms)", crossed)):
            found = len(batches.read(connection, asked, {}))
            spent = timed(lambda asked=asked: [batches.read(connection, asked, {}) for _ in range(20)]) / 20
            line(f"{what}: {found:,}", f"{spent * 1000:.2f} CPU-ms", spent / base, "walking through the posts")
    again(store, min(number, 4_000))
    store.close()


def again(store: Store, some: int) -> None:
    """The nation judged again three days after its last look, as `rejudge` does it; and some of it from nothing."""
    now = nation.NOW + timedelta(days=3)
    rebuilt: list[Rebuilt] = []
    spent = timed(lambda: rebuilt.append(rebuild(store, nation.BOOKS, now)))
    (found,) = rebuilt
    line(f"judged again (60 s for 250,000): {found.judged:,} of {found.judged + found.stood:,}", f"{spent:.1f} CPU-s")
    line("  of a nation of 250,000 (computed)", f"{spent / (found.judged + found.stood) * 250_000:.0f} CPU-s")
    due = timed(lambda: [store.due_platforms(now, most=1000) for _ in range(20)]) / 20
    line("what is due, as each tick asks", f"{due * 1000:.2f} CPU-ms")
    ids, before, stricter = [one.id for one in nation.accounts(some)], nation.BOOKS["national-2019"], nation.stricter()
    tried = Changed(stricter, before, frozenset({"U1"}))
    for what, act in (
        ("every line of it anew", lambda: judge_again(store, nation.BOOKS, ids, now)),
        ("a book that says ten days", lambda: judge_lines(store, tried, ids, now)),
    ):
        spent = timed(act)
        line(f"{what}, each of {some:,}", f"{spent / some * 1000:.2f} CPU-ms")
        line("  of a nation of 250,000 (computed)", f"{spent / some * 250_000:.0f} CPU-s")
    wrong = otherwise(store, ids[:200], now, stricter)
    line("  answers that stand otherwise than judged one by one", f"{wrong} of 200 accounts'")


def otherwise(store: Store, ids: list[str], now: datetime, book: Rulebook) -> int:
    """How many answers that stand are another one than that of an account's evidence read and judged alone."""
    wrong = 0
    with store.writing() as ledger:
        for one in ids:
            for answer in judge(book, ledger.evidence(one, now)):
                stands = ledger.standing(one, answer.indicator)
                times = {"judged_at": stands.judged_at, "since": stands.since} if stands is not None else {}
                if answer.holds_until == answer.judged_at:
                    times["holds_until"] = times.get("judged_at")
                wrong += stands != answer.model_copy(update=times)
    return wrong


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--accounts", type=int, default=10_000)
    reading.add_argument("--seconds", type=float, default=20)
    reading.add_argument("--port", type=int, default=18_087)
    given = reading.parse_args()
    os.environ["BENCH_PORT"] = str(given.port)
    ready, theirs = multiprocessing.Pipe()
    first = multiprocessing.Value("d", 0.0)
    server = multiprocessing.Process(target=serve, args=(theirs, first), daemon=True)
    server.start()
    ready.recv()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, given.accounts, f"http://127.0.0.1:{given.port}")
            imported(folder, given.accounts)
            daemon(folder, given.accounts, first, given.seconds)
            questions(folder, given.accounts)
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
