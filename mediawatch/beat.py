"""A few ticks at an even pace: APScheduler runs them, and a watch by the monotonic clock keeps it going after a leap.

It must know nothing of what a tick does, and never hold a job for an account: which account is due is a column.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from mediawatch.clock import wall_clock

WATCH = 1.0  # seconds, by the monotonic clock
_SLACK = timedelta(seconds=1)

Tick = Callable[[], Coroutine[Any, Any, None]]


@asynccontextmanager
async def ticking(ticks: Iterable[tuple[Tick, timedelta]], watch: float = WATCH) -> AsyncIterator[AsyncIOScheduler]:
    """Runs every tick so often until the block is left, never two of one at once; a late one runs late, and once.

    watch: after so many seconds at most a scheduler that stands still is set going again.
    """
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    for tick, every in ticks:
        scheduler.add_job(tick, "interval", seconds=every.total_seconds())
    scheduler.start()
    watching = asyncio.create_task(_keep_going(scheduler, watch))
    try:
        yield scheduler
    finally:
        watching.cancel()
        scheduler.shutdown(wait=False)


async def _keep_going(scheduler: AsyncIOScheduler, watch: float) -> None:
    """APScheduler goes by the wall clock: set back by an hour, that would let it stand still for an hour."""
    while True:
        await asyncio.sleep(watch)
        now = wall_clock()
        for job in scheduler.get_jobs():
            if job.next_run_time - now > job.trigger.interval + _SLACK:
                job.modify(next_run_time=now)
