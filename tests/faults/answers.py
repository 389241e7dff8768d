"""A hundred and sixty-eight hostile answers to every adapter: a reason in time, bounded memory, the loop goes on."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from mediawatch.adapters import ADAPTERS
from tests.faults.figure import Figure
from tests.faults.progress import Progress
from tests.hostile_answers import answers
from tests.test_hostile_answers import ASKED, looked, stage

_STEP = 0.01


async def _lagging(worst: list[float]) -> None:
    """What the loop computed between two beats, the server's part with it: other programs' share of the machine is
    not ours."""
    while True:
        began = time.thread_time()
        await asyncio.sleep(_STEP)
        worst[0] = max(worst[0], time.thread_time() - began)


async def _all(full: bool) -> Iterator[Figure]:
    worst, before = [0.0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with stage() as one:
        watch = asyncio.create_task(_lagging(worst))
        progress = Progress("looks", len(answers(1)) * len(ASKED) if full else None)
        count, wrong = await looked(one, every=full, progress=progress.one)
        watch.cancel()
        healthy = await one.look(ADAPTERS["feed"], "xml 1", datetime(2026, 3, 2, tzinfo=UTC))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    for text in wrong[:5]:
        print(f"  {text}")
    many = f"{len(answers(1))} answers x {len(ASKED) if full else 2} adapters"
    return iter((
        Figure.none(f"{many}: untyped errors, or the account blamed, of {count}", len(wrong)),
        Figure.none("connections to a server inside", one.led_inside),
        Figure.most("a look takes longer than its questions and its reader may, by at most", one.over, 0.5, "s"),
        Figure.most("how long the loop stood still, in time of its own", worst[0] * 1000, 200, "ms"),
        Figure.most("memory that was added at most", grown, 64, "MB"),
        Figure("the next healthy answer", "read", "read" if healthy is None else healthy.reason.value, healthy is None),
    ))  # fmt: skip


def figures(full: bool) -> Iterator[Figure]:
    yield from asyncio.run(_all(full))
