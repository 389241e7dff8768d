"""A few ticks at an even pace: APScheduler runs them, and a watch by the monotonic clock keeps it going after a leap.

It must know nothing of what a tick does, and never hold a job for an account: which account is due is a column.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from mediawatch.clock import wall_clock

WATCH = 1.0  # seconds, by the monotonic clock
_SLACK = timedelta(seconds=1)

log = logging.getLogger("mediawatch")
Tick = Callable[[], Coroutine[Any, Any, None]]


class UnderWay:
    """The ticks that run just now. One that fails is logged, and tried again at its next time."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self._stopping = stopping
        self._running: set[asyncio.Task[object]] = set()

    def guarded(self, tick: Callable[[], Coroutine[Any, Any, object]]) -> Tick:
        """The tick, until the event is set; nothing that goes wrong in it ends the next one."""

        async def guarded() -> None:
            if self._stopping.is_set():
                return
            running = asyncio.create_task(tick())
            self._running.add(running)
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                if not running.cancelled():  # then it is we who are to end
                    raise
                log.error("%s was cut short; it is tried again at the next tick", tick.__name__)
            except Exception:
                log.exception("%s failed; it is tried again at the next tick", tick.__name__)
            finally:
                self._running.discard(running)

        return guarded

    async def finished(self, patience: float) -> None:
        """Waits for those that run, no longer than so many seconds: what they claimed or sent is written down. What
        runs longer is cut short, for the store's thread is about to end; what it has begun there comes to its end."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience)
            for tick in late:
                tick.cancel()


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
