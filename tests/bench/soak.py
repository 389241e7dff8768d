"""`make soak`: a month in an hour, over real HTTP, with platforms that lie: memory, open files, the store's log.

    python -m tests.bench.soak [--minutes 60] [--days 30] [--accounts 60] [--before 12]

The house runs in a process of its own, as `mediawatch run` builds it, on a clock that runs fast; it is measured from
outside, through /proc. Rules look back over a month of visits, the fifty newest posts and `SERIES_DAYS` of counts, so
that in its first months what is judged at once grows by itself. Those months it lives first, in `--before` minutes;
then the clock runs slower, and what grows in the month that follows, but for its first days, is growth. Ends with 1
where a goal is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import logging
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from mediawatch.core.profiles import SERIES_DAYS, SPARE_DAYS
from mediawatch.sim.server import SimServer
from mediawatch.sim.settings import settings_for
from mediawatch.sim.trouble import APPLIES, Channel, Mode
from mediawatch.sim.world import World
from mediawatch.store.evidence import VISIT_DAYS
from tests.faults.figure import Figure
from tests.shell import write
from tests.stories import START, app, wechat, weibo

PAST = max(VISIT_DAYS, SERIES_DAYS + SPARE_DAYS) + 3  # days that it has lived before
CALM = 5  # days in which what was held for the haste goes
ENOUGH = 1200  # seconds after that, below which a slope says nothing
SLOPE, MORE, WAL = 1.0, 1.0, 64.0  # megabytes an hour; percent; megabytes
HELD = "held"  # the file in which the house counts its objects and what it has in use
BRIDGES = {"hub": {"flavour": "rsshub"}, "mp": {"flavour": "mp_we_rss", "format": "json"}}
_NEVER = frozenset({Mode.SLOW})  # a minute of real time is days of theirs


@dataclass
class Measured:
    """What was seen of the house: by seconds since the month began, megabytes, open files, megabytes of the log."""

    seconds: float
    days: int
    samples: list[tuple[float, float, int, float]] = field(default_factory=list)
    past: int = 0  # answers asked for before
    looks: int = 0
    messages: int = 0
    code: int | None = None
    held: list[int] = field(default_factory=list)  # blocks of memory that Python's objects take
    used: list[tuple[float, float]] = field(default_factory=list)  # seconds, and megabytes of the C heap in use

    @property
    def settled(self) -> float:
        """Seconds after which what grows is growth."""
        return self.seconds * min(1.0, CALM / self.days)

    @property
    def slope(self) -> float:
        """By how many megabytes an hour what is resident grows, pages of which a part is in use among it."""
        return self._grows((at, memory) for at, memory, _, _ in self.samples)

    @property
    def use_grows(self) -> float:
        """The same of what of the C heap is in use: Python's own arenas apart, this is all that a house can leak."""
        return self._grows(self.used)

    def _grows(self, seen: Iterable[tuple[float, float]]) -> float:
        """Megabytes an hour, by least squares over what came after the first days and before the house ends. Of each
        minute the least counts: the rest is work under way, which comes and goes by megabytes."""
        minutes: dict[int, tuple[float, float]] = {}
        for at, memory in seen:
            if self.settled <= at < self.seconds:
                minute = int(at // 60)
                minutes[minute] = min(minutes.get(minute, (at, memory)), (at, memory), key=lambda one: one[1])
        late = list(minutes.values()) or [(0.0, 0.0)]
        middle_at = sum(at for at, _ in late) / len(late)
        middle = sum(memory for _, memory in late) / len(late)
        spread = sum((at - middle_at) ** 2 for at, _ in late)
        return 3600 * sum((at - middle_at) * (memory - middle) for at, memory in late) / spread if spread else 0.0

    @property
    def more_files(self) -> int:
        """How many more files are open at the least in the last third than in the one before it: what is being asked
        comes and goes, what is never closed stays."""
        thirds: list[list[int]] = [[], [], []]
        for at, _, files, _ in self.samples:
            thirds[min(2, int(3 * at / self.seconds))].append(files)
        return min(thirds[2], default=0) - min(thirds[1], default=0)

    @property
    def more_held(self) -> float:
        """How many more objects are held at the end, in percent."""
        return 100 * (self.held[-1] / self.held[0] - 1)

    @property
    def log(self) -> float:
        return max((log for _, _, _, log in self.samples), default=0.0)


def world(accounts: int, days: int) -> World:
    """Accounts on every kind of channel; each day another trouble on another platform."""
    made: list[dict[str, Any]] = [weibo("canary", every="6h", number=9999, canary=True)]
    for number in range(accounts):
        silent = {"silent_since": f"day {number % days}"} if number % 5 == 0 else {}
        if number % 10 < 6:
            made.append(weibo(f"w{number}", number=number + 1, every="18h", jitter="6h", **silent))
        elif number % 10 < 9:
            feed = {"bridge": ("hub", "mp")[number % 2], "id": f"f{number}", "covers": ["mass_sent", "published"]}
            made.append(wechat(f"f{number}", feeds=[feed], every="30h", jitter="6h", **silent))
        else:
            one = app(f"p{number}", store={"track_id": str(9910000000 + number)})
            made.append(one | {"package": one["package"] | {"package": f"cn.gov.p{number}"}})
    modes = [mode for mode in Mode if mode not in _NEVER and APPLIES[mode] & {Channel.WEIBO, Channel.BRIDGE}]
    troubles = []
    for day in range(1, days):
        mode = modes[day % len(modes)]
        where = "weibo" if Channel.WEIBO in APPLIES[mode] else "hub"
        troubles.append({"mode": mode, "where": where, "from": f"day {day}", "to": f"day {day} 12:00",
                         "share": (1.0, 0.5, 0.15)[day % 3], "anew": "10m"})  # fmt: skip
    troubles.append({"mode": "server_error", "where": "webhook", "from": "day 2", "to": "day 2 18:00"})
    return World.of({"name": "soak", "bridges": BRIDGES, "accounts": made, "troubles": troubles}, START)


@dataclass(frozen=True)
class Hurried:
    """The clock of the house and of its platforms: `PAST` days in so many seconds `before`, then so many `days` in so
    many `seconds`. began: Unix time."""

    began: float
    before: float
    days: int
    seconds: float

    @property
    def month_at(self) -> float:
        """When the month begins, in Unix time."""
        return self.began + self.before

    def __call__(self) -> datetime:
        passed = time.time() - self.began
        past = min(passed, self.before)
        return START + timedelta(days=past / self.before * PAST + (passed - past) / self.seconds * self.days)


class _Heap(ctypes.Structure):
    """What glibc's `mallinfo2` tells, in bytes."""

    _fields_: ClassVar = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "top",
        )
    ]


def in_use() -> float | None:
    """Megabytes of this process's C heap that are in use; `None` where the C library does not tell."""
    tells = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if tells is None:
        return None
    tells.restype = _Heap
    heap = tells()
    return float(heap.uordblks + heap.hblkhd) / 1e6


def house(folder: Path, clock: Hurried, counts: tuple[float, ...]) -> None:
    """The house's process: it runs until the month is over, and ends in order. It counts the objects that it holds at
    `counts`, seconds of that month, and every few seconds what it has in use."""
    from mediawatch.core import pinyin
    from mediawatch.house import open_daemon, writing_store
    from mediawatch.memory import forget, giving_back, settle, share_one_heap
    from mediawatch.settings import load

    logging.disable(logging.CRITICAL)
    share_one_heap()

    def count() -> None:
        gc.collect()
        with (folder / HELD).open("a") as file:
            print("objects", sys.getallocatedblocks(), file=file)

    async def use() -> None:
        with (folder / HELD).open("a", buffering=1) as file:
            while (used := in_use()) is not None:
                print("use", time.time() - clock.month_at, used, file=file)
                await asyncio.sleep(5)

    async def run() -> None:
        found = load(folder / "accounts.yaml", folder / "mediawatch.yaml", {})
        with writing_store(found, clock()) as store:
            async with open_daemon(found, store, clock) as daemon, giving_back():
                loop = asyncio.get_running_loop()
                begins = clock.month_at - time.time()
                for after in counts:
                    loop.call_later(begins + after, count)
                loop.call_later(begins + clock.seconds, daemon.stop)
                forget(pinyin.LIBRARY)
                settle()
                told = asyncio.create_task(use())
                await daemon.run()
                told.cancel()

    asyncio.run(run())


async def soak(folder: Path, days: int, seconds: float, before: float, accounts: int) -> Measured:
    """So many days of such a world in so many seconds, after `PAST` days in `before` seconds."""
    found, one = Measured(seconds, days), world(accounts, PAST + days)
    clock = Hurried(time.time(), before, days, seconds)
    async with SimServer(one, clock) as server:
        listed, settings = settings_for(one, server.base_url, server.urls)
        settings |= {
            "database": f"sqlite:///{folder / 'soak.db'}",
            "data_dir": str(folder / "data"),
            "language": "en",
            "cadence": {"latest": "1d", "soonest": "6h", "retry": "30m"},
            "daemon": {"tick": "100ms", "notify_tick": "250ms", "deliver_tick": "250ms", "lease": "30d"},
        }
        settings["wire"]["rest"] = "500ms"
        write(folder, listed, settings)
        given = (folder, clock, (found.settled, seconds - 1))
        process = multiprocessing.get_context("spawn").Process(target=house, args=given)
        process.start()
        ends = clock.month_at + seconds + 240  # it ends on its own time
        try:
            while process.is_alive() and time.time() < ends:
                await asyncio.sleep(min(5.0, seconds / 40))
                at = time.time() - clock.month_at
                if at < 0:
                    found.past = server.asked.total()
                elif (seen := _seen(process.pid or 0, folder)) is not None:
                    found.samples.append((at, *seen))
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
        found.code, found.looks, found.messages = process.exitcode, server.asked.total(), len(server.received)
        for line in (folder / HELD).read_text().splitlines() if (folder / HELD).exists() else ():
            what, *numbers = line.split()
            if what == "objects":
                found.held.append(int(numbers[0]))
            else:
                found.used.append((float(numbers[0]), float(numbers[1])))
    return found


def _seen(process: int, folder: Path) -> tuple[float, int, float] | None:
    log = folder / "soak.db-wal"
    try:
        memory = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        if not memory:  # it has ended
            return None
        return memory, len(os.listdir(f"/proc/{process}/fd")), log.stat().st_size / 1e6 if log.exists() else 0.0
    except OSError:
        return None


def figures(found: Measured) -> list[Figure]:
    lived = [one for one in found.samples if one[0] < found.seconds]
    ends = (next((one for one in lived if one[0] >= found.settled), lived[-1]), lived[-1])
    return [
        Figure(f"{PAST} days: answers asked for", "-", f"{found.past}", found.past > 0),
        Figure(f"{found.days} days in {found.seconds / 60:.0f} minutes: answers asked for; messages taken in all", "-",
               f"{found.looks - found.past}, {found.messages}", found.looks > found.past),
        Figure("it ran to its end, and ended in order", "exit 0", f"exit {found.code}", found.code == 0),
        Figure.most(f"memory grows by, from its day {CALM} on", found.slope, SLOPE, "MB/h")
        if found.seconds - found.settled >= ENOUGH
        else Figure("memory grows by (too short a time to tell)", "-", "?", True),
        Figure.most("of it what is in use grows by", found.use_grows, SLOPE, "MB/h")
        if found.seconds - found.settled >= ENOUGH and found.used
        else Figure("of it what is in use grows by (too short a time to tell)", "-", "?", True),
        Figure("memory on that day, and at the end", "-", ", ".join(f"{one[1]:.1f} MB" for one in ends), True),
        Figure.most(f"of {found.held[0]:,} objects held on that day, more at the end", found.more_held, MORE, "%")
        if len(found.held) == 2
        else Figure("objects held on that day, and at the end", "two counts", f"{len(found.held)}", False),
        Figure.most("open files, more at the least in the last third than in the one before", found.more_files, 0),
        Figure.most("the store's log, at most", found.log, WAL, "MB"),
    ]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description="a month, compressed, measured from outside")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--days", type=int, default=30, help=f"in these minutes; the first {CALM} do not count")
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--before", type=float, default=12.0, help=f"minutes in which it lives {PAST} days first")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(soak(Path(folder), given.days, given.minutes * 60, given.before * 60, given.accounts))
    missed = 0
    for figure in figures(found):
        missed += not figure.holds
        print(f"{figure.says:<72}{figure.goal:<14}{figure.seen}{'' if figure.holds else '  <-- NOT MET'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
