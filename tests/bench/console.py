"""The console at full size: `make bench-tui`. Figures beside a stock DataTable in the same run; it asserts nothing.

Each measure runs in a process of its own, over a store made through the store's own write path, headless at 160x48. A
key is measured from its press until the screen stands still; a letter of the filter until its answer is shown. Both in
seconds of the processor, of all threads together (so that a busy machine does not count), and by the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SIZE = (160, 48)
MOVES = ("down", "down", "pagedown", "down", "up", "end", "pageup", "home", "pagedown", "pagedown", "down")
KEYS = (*MOVES, "f", "f", "f", "right", "s", "S", "space", "ctrl+a", "ctrl+a", "c", "question_mark", "escape")
SCREENS = ("3", "4", "5", "6", "7", "8", "9", "0", "1", "2")
LETTERS = "gysgaj"
REACH = {"first paint": 1.0, "key p95": 0.1, "filter letter p95": 0.15, "memory MB": 200.0}
STOCK = 2000  # rows of the stock table; ten thousand take it seconds, a hundred thousand minutes


class Watch:
    """Time since it was made: of the processor, and by the clock."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def read(self) -> tuple[float, float]:
        return time.process_time() - self.cpu, time.perf_counter() - self.wall


Times = list[tuple[str, tuple[float, float]]]
"""What was pressed, and how long it took of the processor and by the clock."""


def p95(times: Times, which: int) -> float:
    found = sorted(taken[which] for _, taken in times)
    return found[min(len(found) - 1, int(len(found) * 0.95))]


def told(painted: tuple[float, float], keys: Times, letters: Times) -> dict[str, Any]:
    slowest = max(keys, key=lambda one: one[1][0])
    figures = {
        which: {
            "first paint": painted[place], "key p95": p95(keys, place), "filter letter p95": p95(letters, place),
            "memory MB": megabytes(),
        }
        for place, which in enumerate(("cpu", "wall"))
    }  # fmt: skip
    return {**figures, "slowest": f"{slowest[0]} {slowest[1][0]:.3f}"}


def megabytes() -> float:
    """The most memory of this process; what `getrusage` tells is also that of the one which started it."""
    try:
        told = Path("/proc/self/status").read_text(encoding="ascii")
        return int(next(line for line in told.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def settled(app: Any, asked: Sequence[object] = ()) -> None:
    """Until no message waits, nothing is being read, and the screen has drawn what changed. asked: what is being asked.

    Pilot's own waiting looks at the processor's time in steps of 20 ms, several for each key: too coarse for this.
    """
    quiet = 0
    while quiet < 3:
        await asyncio.sleep(0.001)
        waits = any(not pump._message_queue.empty() for pump in (app, app.screen, *app.screen.walk_children()))
        reads = any(not worker.is_finished for worker in app.workers)
        draws = bool(app.screen._dirty_widgets) or app.screen._layout_required
        quiet = 0 if waits or reads or draws or asked else quiet + 1


async def ours(path: Path) -> dict[str, Any]:
    """The console over a store."""
    from mediawatch.rulebook_file import load_rulebook
    from mediawatch.store.query import Query
    from mediawatch.store.store import Store
    from mediawatch.tui.app import Console
    from mediawatch.tui.lines import Lines
    from mediawatch.tui.source import Acts
    from tests.bench.console_store import NOW

    store = Store.open(f"sqlite:///{path}", now=NOW, read_only=True)
    query = Query(store, {"national-2019": load_rulebook("national-2019")}, "zh_CN")
    gc.freeze()  # as the command does
    started = Watch()
    console = Console(query, Acts(), lambda: NOW, "zh_CN", refresh=3600.0, read_only=True)
    asked: list[object] = []
    answers = console.ask

    async def ask(question: Callable[[], Any]) -> Any:
        asked.append(question)
        try:
            return await answers(question)
        finally:
            asked.remove(question)

    vars(console)["ask"] = ask
    async with console.run_test(size=SIZE) as pilot:

        async def still() -> None:
            await settled(console, asked)

        while not console.screen.query(Lines) or not console.screen.query_one(Lines).count:
            await still()
        painted = started.read()

        async def timed(*keys: str) -> Times:
            found: Times = []
            for key in keys:
                watch = Watch()
                console.simulate_key(key)
                await still()
                found.append((key, watch.read()))
            return found

        keys = await timed(*KEYS * 3, *SCREENS * 2, *MOVES)
        await pilot.press("slash")
        letters = await timed(*LETTERS)
    store.close()
    return told(painted, keys, letters)


async def stock(rows: int) -> dict[str, Any]:
    """The same lines in Textual's own table, all of them held."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    from tests.bench.console_store import accounts

    known = [(one.id, one.name, one.kind, one.sponsor, one.region, one.level) for one in accounts(rows)]

    class Table(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable()

        def fill(self, lines: Sequence[tuple[str, ...]]) -> None:
            table = self.query_one(DataTable)
            table.clear(columns=True)
            table.add_columns("id", "name", "kind", "sponsor", "region", "level")
            table.add_rows(lines)

        def on_mount(self) -> None:
            self.fill(known)
            self.query_one(DataTable).focus()

    started = Watch()
    app = Table()
    keys: Times = []
    letters: Times = []
    async with app.run_test(size=SIZE):
        await settled(app)
        painted = started.read()
        for key in MOVES * 3:
            watch = Watch()
            app.simulate_key(key)
            await settled(app)
            keys.append((key, watch.read()))
        for end in range(1, 4):
            watch = Watch()
            app.fill([line for line in known if "贵阳市"[:end] in line[1]])
            await settled(app)
            letters.append(("贵阳市"[end - 1], watch.read()))
    return told(painted, keys, letters)


def measured(*how: str) -> dict[str, Any]:
    """One measure, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench.console", *how], stdout=subprocess.PIPE, check=True, timeout=600
    )  # fmt: skip
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--store", type=Path)
    parser.add_argument("--stock", type=int)
    parser.add_argument("--keep", type=Path, help="keep the stores in this folder, and use those that are there")
    given = parser.parse_args()
    if given.store is not None or given.stock is not None:
        found = asyncio.run(ours(given.store) if given.store is not None else stock(given.stock))
        print(json.dumps(found))
        return
    from tests.bench.console_store import make

    with tempfile.TemporaryDirectory(prefix="mediawatch-bench-") as folder:
        kept = given.keep or Path(folder)
        print(f"{'':28}" + "".join(f"{name:>20}" for name in REACH))
        print(f"{'to reach':28}" + "".join(f"{value:>20g}" for value in REACH.values()))
        base = measured("--stock", str(STOCK))
        _line(f"stock table, {STOCK:,}", base)
        for number in given.accounts:
            path = kept / f"{number}.db"
            if not path.exists():
                make(path, number)
            found = measured("--store", str(path))
            _line(f"console, {number:,}", found)
            shares = (found["cpu"][name] / base["cpu"][name] for name in REACH)
            print(f"{'  of the stock table':28}" + "".join(f"{share:>19.2f}x" for share in shares), flush=True)


def _line(name: str, found: dict[str, Any]) -> None:
    for which in ("cpu", "wall"):
        print(f"{f'{name}, {which}':28}" + "".join(f"{found[which][one]:>20.3f}" for one in REACH), flush=True)
    print(f"  slowest key (cpu): {found['slowest']}", flush=True)


if __name__ == "__main__":
    main()
