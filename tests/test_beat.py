"""The ticks go on whatever becomes of the wall clock, and never two of one at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from mediawatch.beat import ticking
from mediawatch.clock import wall_clock

OFTEN = timedelta(milliseconds=10)


async def test_a_wall_clock_that_is_set_back_lets_no_tick_stand_still() -> None:
    beaten = asyncio.Event()

    async def tick() -> None:
        beaten.set()

    async with asyncio.timeout(20), ticking([(tick, OFTEN)], watch=0.05) as scheduler:
        await beaten.wait()
        (job,) = scheduler.get_jobs()
        job.modify(next_run_time=wall_clock() + timedelta(hours=1))  # where a step of an hour back leaves it
        beaten.clear()
        await beaten.wait()
        beaten.clear()
        await beaten.wait()


async def test_a_tick_that_takes_long_is_not_run_beside_itself_and_ends_with_the_block() -> None:
    at_once, most = 0, 0
    often, held = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await held.wait()
        at_once -= 1

    beats = 0

    async def quick() -> None:
        nonlocal beats
        beats += 1
        if beats == 5:
            often.set()

    async with asyncio.timeout(20), ticking([(slow, OFTEN), (quick, OFTEN)]):
        await often.wait()
    assert most == 1
    before = beats
    held.set()
    await asyncio.sleep(0)
    assert beats == before
