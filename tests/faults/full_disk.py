"""A disk that is full, or that fails: each file operation of an alert's life refused, by itself and for a while.

A life goes on as a daemon does: what fails is tried again at the next tick. When there is room again, all must be told
and kept; an error must be one that says what is wrong.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

from mediawatch.store.errors import StoreError
from tests.empty_store import empty_store
from tests.faults.disk import FULL, IOERR_FSYNC, IOERR_WRITE, OK, Before, Disk, Operation
from tests.faults.figure import Figure
from tests.faults.lies import MEMORY
from tests.faults.life import Heard, flaws, live, sink
from tests.faults.progress import gathered
from tests.stories import START

WAYS = {"full": FULL, "EIO at a write": IOERR_WRITE, "EIO at a sync": IOERR_FSYNC}
FOR = (1, 60)  # operations that are refused, from the chosen one on
_STARTS = 80  # times that a life is begun anew where its store cannot be opened


def refusing(code: int, first: int, many: int) -> Before:
    """Refuses so many operations from the chosen one on: syncs where `code` is of those, else what needs room."""
    passed = -1
    kinds = ("sync",) if code == IOERR_FSYNC else ("write", "sync", "rename", "link")

    def each(operation: Operation, part: Callable[[int], None]) -> int:
        nonlocal passed
        if operation.what not in kinds or (code == FULL and operation.what == "sync" and not operation.data):
            return OK
        passed += 1
        return code if first <= passed < first + many else OK

    return each


def lived(folder: Path, heard: Heard, each: Before) -> tuple[int, list[str], Counter[str]]:
    """One life on such a disk: how many operations there were, what was wrong in the end, and what was said."""
    folder.mkdir()
    empty_store(folder / "story.db", START)
    now, said = [START], Counter[str]()
    wrong = ["it did not finish"]

    def clock(at: str) -> None:
        now[0] = max(now[0], datetime.fromisoformat(at))

    with Disk(each).watched() as disk:
        for _ in range(_STARTS):
            try:
                asyncio.run(live(folder, f"{heard.url}/{folder.name}", now[0], lambda fact: None, clock))
            except (StoreError, OSError) as error:  # what `run` says and ends with; systemd begins it again
                said[str(error)] += 1
                continue
            except Exception as error:
                wrong = [f"{type(error).__name__}: {error}"]
                break
            wrong = []
            break
    if not wrong:
        wrong = flaws(folder, heard.taken.get(folder.name, []))
    return disk.count, wrong, said


@dataclass(frozen=True)
class Refusal:
    """One way in which a disk refuses: so many operations, from the chosen one on."""

    way: str
    first: int
    many: int

    def __str__(self) -> str:
        return f"{self.way}, {self.many} from {self.first}"


_Tried = tuple[str, list[str], Counter[str]]


class _Place:
    """Where a process of the sweep lives its lives: a folder and a receiver of its own, until the process ends."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.heard = self._open.enter_context(sink())
        self.root = Path(self._open.enter_context(tempfile.TemporaryDirectory(dir=MEMORY)))
        self.lives = 0
        Finalize(self, self._open.close, exitpriority=1)

    def live(self, each: Before) -> tuple[int, list[str], Counter[str]]:
        self.lives += 1
        folder = self.root / str(self.lives)
        try:
            return lived(folder, self.heard, each)
        finally:
            shutil.rmtree(folder)


@cache
def _place() -> _Place:
    logging.disable(logging.CRITICAL)
    return _Place()


def _undisturbed() -> tuple[int, list[str], Counter[str]]:
    return _place().live(lambda operation, part: OK)


def _tried(refusal: Refusal) -> _Tried:
    _, wrong, said = _place().live(refusing(WAYS[refusal.way], refusal.first, refusal.many))
    return str(refusal), wrong, said


def sweep(stride: int, processes: int = 2) -> Iterator[_Tried]:
    """Every `stride`-th operation refused, in each way: where, what was wrong afterwards, and what was said."""
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        operations, wrong, said = pool.submit(_undisturbed).result()
        yield "nowhere", wrong, said
        places = [
            (way, first)
            for way, code in WAYS.items()
            for first in range(0, operations if code != IOERR_FSYNC else operations // 6, stride)
        ]
        refusals = [
            Refusal(way, first, many)
            for number, (way, first) in enumerate(places)
            for many in (FOR if stride == 1 else (FOR[number % 2],))
        ]
        yield from pool.map(_tried, refusals)


def figures(full: bool, stride: str = "") -> Iterator[Figure]:
    """stride: which operations are refused, where it is neither each nor every 67th."""
    logging.disable(logging.CRITICAL)
    step = int(stride or (1 if full else 67))
    found = gathered(sweep(step), "lives")
    yield Figure.all_of(
        f"lives on a disk that refused an operation (one in {step}): nothing lost, no second id",
        sum(not wrong for _, wrong, _ in found), len(found))  # fmt: skip
    for where, wrong, _ in [one for one in found if one[1]][:10]:
        yield Figure(f"  {where}: {wrong[0]}"[:76], "", "", False)
    words = sum((said for _, _, said in found), Counter[str]())
    yield Figure("different words in which a start was refused meanwhile", "-", str(len(words)), True)
