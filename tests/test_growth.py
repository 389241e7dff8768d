"""A house that runs for months holds no more than after its first weeks. Objects are counted; what the system makes of
them is measured by `make soak`."""

from __future__ import annotations

import asyncio
import ctypes
import functools
import gc
import importlib
import itertools
import os
import pkgutil
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mediawatch
from mediawatch.core import rules, settled
from mediawatch.memory import giving_back
from tests.stories import Story, weibo

PACKAGE = Path(mediawatch.__file__).parent
ELSEWHERE = ("mediawatch.sim", "mediawatch.tui", "mediawatch.reports", "mediawatch.commands", "mediawatch.__main__")
MOST = 8192  # that one cache may hold: reached within the first weeks, not in months
FEW = {  # whose arguments are few by themselves, and why
    "mediawatch.core.pinyin._spelled": "the phrases of one register's names",
    "mediawatch.core.travel._question": "what an interface can be asked",
    "mediawatch.locale.catalogue": "the languages",
    "mediawatch.rulebook_file._of_ours": "the books that are shipped",
}


def caches() -> Iterator[tuple[str, Any]]:
    """Every cache of the house itself, by its name."""
    for module in pkgutil.walk_packages([str(PACKAGE)], "mediawatch."):
        if module.name.startswith(ELSEWHERE):
            continue
        for one in vars(importlib.import_module(module.name)).values():
            if isinstance(one, functools._lru_cache_wrapper) and one.__module__ == module.name:
                yield f"{one.__module__}.{one.__qualname__}", one


def test_every_cache_is_full_within_weeks() -> None:
    found = dict(caches())
    assert len(found) > 10
    unbounded = {
        name
        for name, one in found.items()
        if (one.cache_parameters()["maxsize"] or sys.maxsize) > MOST and one.__wrapped__.__code__.co_argcount
    }
    assert unbounded == set(FEW)


def held() -> Counter[tuple[str, int]]:
    """How many blocks each line of the house holds, beside its caches and the world that it looks at."""
    for name, one in caches():
        if name not in FEW:
            one.cache_clear()
    sys._clear_type_cache()  # which holds the names of methods that C asks of time zones
    gc.collect()
    lines = tracemalloc.take_snapshot().statistics("lineno")
    ours = [one for one in lines if one.traceback[0].filename.startswith(str(PACKAGE))]
    return Counter(
        {
            (str(Path(where.filename).relative_to(PACKAGE)), where.lineno): one.count
            for one in ours
            if "/sim/" not in (where := one.traceback[0]).filename
        }
    )


async def test_nothing_holds_more_with_every_day_that_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_ALIKE", 2)
    monkeypatch.setattr(settled, "MOST_DAYS", 2)
    accounts = [weibo("a", every="1d", number=1), weibo("silent", "day -20 10:00", "day 1 10:00", number=2)]
    days = []
    async with Story(tmp_path, {"accounts": accounts}, cadence={"latest": "1d", "soonest": "1d"}) as story:
        await story.until("day 2 12:00")
        tracemalloc.start()
        try:
            for day in range(4, 13, 2):
                await story.until(f"day {day} 12:00")
                days.append(held())
        finally:
            tracemalloc.stop()
    grown = [{line for line in now if now[line] > was[line]} for was, now in itertools.pairwise(days)]
    assert set.intersection(*grown) == set(), "what is kept of each look, for ever"


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")
async def test_what_lies_free_between_pieces_in_use_goes_back_to_the_system() -> None:
    def resident() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    pieces = [bytes(20_000) for _ in range(4000)]
    kept = pieces[::2]
    del pieces
    full = resident()
    async with giving_back(every=0.001):
        for _ in range(200):
            await asyncio.sleep(0.01)
            if full - resident() > 20:
                break
    assert full - resident() > 20, "of the forty megabytes between those that are kept"
    assert len(kept) == 2000
