"""The console at full size: `make bench-tui`. Figures beside a stock DataTable in the same run; it asserts nothing.

Each measure runs in a process of its own, over a store made through the store's own write path, headless at 160x48. A
key is measured from its press until the screen stands still; a letter of the filter until its answer is shown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZE = (160, 48)
KEYS = (
    "down",
    "down",
    "pagedown",
    "down",
    "up",
    "end",
    "pageup",
    "home",
    "pagedown",
    "pagedown",
    "down",
    "f",
    "f",
)
LETTERS = "gysgaj"
REACH = {"first paint": 1.0, "key p95": 0.1, "filter letter p95": 0.15, "memory MB": 200.0}
STOCK = 2000  # rows of the stock table; ten thousand take it seconds, a hundred thousand minutes


def p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def settled(app: Any) -> None:
    """Until no message waits, nothing is being read, and the screen has drawn what changed.

    Pilot's own waiting looks at the processor's time in steps of 20 ms, several for each key: too coarse for this.
    """
    quiet = 0
    while quiet < 3:
        await asyncio.sleep(0.001)
        waits = any(not pump._message_queue.empty() for pump in (app, app.screen, *app.screen.walk_children()))
        reads = any(not worker.is_finished for worker in app.workers)
        draws = bool(app.screen._dirty_widgets) or app.screen._layout_required
        quiet = 0 if waits or reads or draws else quiet + 1


async def ours(path: Path) -> dict[str, float]:
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
    started = time.perf_counter()
    console = Console(query, Acts(), lambda: NOW, "zh_CN", refresh=3600.0, read_only=True)
    async with console.run_test(size=SIZE) as pilot:

        async def still() -> None:
            await settled(console)

        await pilot.press("colon", *"accounts", "enter")
        while not console.screen.query(Lines) or not console.screen.query_one(Lines).count:
            await still()
        painted = time.perf_counter() - started
        keys = []
        for key in KEYS * 3:
            at = time.perf_counter()
            console.simulate_key(key)
            await still()
            keys.append(time.perf_counter() - at)
        await pilot.press("slash")
        letters = []
        for letter in LETTERS:
            at = time.perf_counter()
            console.simulate_key(letter)
            await still()
            letters.append(time.perf_counter() - at)
        shown = console.screen.query_one(Lines).count
    store.close()
    return {
        "first paint": painted, "key p95": p95(keys), "filter letter p95": p95(letters), "memory MB": megabytes(),
        "rows found": float(shown),
    }  # fmt: skip


async def stock(rows: int) -> dict[str, float]:
    """The same lines in Textual's own table, all of them held."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    from tests.bench.console_store import accounts

    known = [(one.id, one.name, one.kind, one.sponsor, one.region, one.level) for one in accounts(rows)]

    class Table(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable()

        def fill(self, lines: list[tuple[str, ...]]) -> None:
            table = self.query_one(DataTable)
            table.clear(columns=True)
            table.add_columns("id", "name", "kind", "sponsor", "region", "level")
            table.add_rows(lines)

        def on_mount(self) -> None:
            self.fill(known)
            self.query_one(DataTable).focus()

    started = time.perf_counter()
    app = Table()
    async with app.run_test(size=SIZE):
        await settled(app)
        painted = time.perf_counter() - started
        keys = []
        for key in [one for one in KEYS if len(one) > 1] * 3:
            at = time.perf_counter()
            app.simulate_key(key)
            await settled(app)
            keys.append(time.perf_counter() - at)
        letters = []
        for end in range(1, 4):
            at = time.perf_counter()
            app.fill([line for line in known if "贵阳市"[:end] in line[1]])
            await settled(app)
            letters.append(time.perf_counter() - at)
    return {"first paint": painted, "key p95": p95(keys), "filter letter p95": p95(letters), "memory MB": megabytes()}


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
        told = asyncio.run(ours(given.store) if given.store is not None else stock(given.stock))
        print(json.dumps(told))
        return
    from tests.bench.console_store import make

    with tempfile.TemporaryDirectory(prefix="mediawatch-bench-") as folder:
        kept = given.keep or Path(folder)
        print(f"{'':24}" + "".join(f"{name:>20}" for name in REACH))
        print(f"{'to reach':24}" + "".join(f"{value:>20g}" for value in REACH.values()))
        base = measured("--stock", str(STOCK))
        _line(f"stock table, {STOCK:,}", base)
        for number in given.accounts:
            path = kept / f"{number}.db"
            if not path.exists():
                make(path, number)
            found = measured("--store", str(path))
            _line(f"console, {number:,}", found)
            print(f"{'  of the stock table':24}" + "".join(f"{found[name] / base[name]:>19.2f}x" for name in REACH))


def _line(name: str, found: dict[str, Any]) -> None:
    print(f"{name:24}" + "".join(f"{found[one]:>20.3f}" for one in REACH), flush=True)


if __name__ == "__main__":
    main()
