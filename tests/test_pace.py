"""A platform's patience: the pace in a loop whose clock jumps, and what refusals do to the looks that follow."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web

from mediawatch.core.model import Reason
from mediawatch.core.wire import Failed, Request
from mediawatch.wires.pace import Lane, PlatformPace
from tests.wire_server import NOW, door, failure, get, serving


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop that never waits: its clock jumps to the next timer."""

    def __init__(self) -> None:
        self.clock = 0.0
        loop = self

        class Selector(selectors.SelectSelector):
            def select(self, timeout: float | None = None) -> Any:
                loop.clock += timeout or 0.0
                return super().select(0)

        super().__init__(Selector())

    def time(self) -> float:
        return self.clock


def virtually(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(story())


def lane(per_minute: float, at_once: int = 2, jitter: float = 0.0) -> Lane:
    return Lane(PlatformPace("", per_minute, at_once), jitter)


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("per_minute", [0.5, 7, 20, 61, 600, 60_000])
def test_no_minute_holds_more_questions_than_the_pace_allows(per_minute: float) -> None:
    async def story() -> None:
        asked: list[float] = []
        platform = lane(per_minute)

        async def look() -> None:
            for _ in range(20):
                await platform.turn()
                asked.append(now())

        await asyncio.gather(*(look() for _ in range(5)))
        interval = 60 / per_minute
        assert asked == sorted(asked)
        assert all(later - asked[0] >= n * interval - 0.1 - 1e-6 for n, later in enumerate(asked))
        assert asked[-1] == pytest.approx(99 * interval, abs=0.1 + 1e-6)
        if interval > 0.1:  # no bursts at a polite pace
            assert all(b - a >= interval - 1e-6 for a, b in pairwise(asked))

    virtually(story)


def test_a_long_silence_earns_no_burst() -> None:
    async def story() -> None:
        platform = lane(20)
        await platform.turn()
        await asyncio.sleep(3600)
        began = now()
        for _ in range(3):
            await platform.turn()
        assert now() - began == pytest.approx(6)

    virtually(story)


def test_jitter_moves_a_question_but_not_the_pace() -> None:
    async def story() -> None:
        platform = lane(20, jitter=0.2)
        gaps: list[float] = []
        for _ in range(200):
            before = now()
            await platform.turn()
            gaps.append(now() - before)
        assert now() == pytest.approx(199 * 3, abs=0.7)
        assert 2.3 < min(gaps[1:]) < max(gaps) < 3.7
        assert len({round(gap, 3) for gap in gaps}) > 50

    virtually(story)


def test_room_is_what_the_pace_leaves_free() -> None:
    async def story() -> None:
        platform = lane(20, at_once=2)
        assert platform.room() == 2
        platform.enter()
        assert platform.room() == 1
        await platform.turn()
        assert platform.room() == 0  # the next question is three seconds away
        await asyncio.sleep(3)
        assert platform.room() == 1
        platform.enter()
        assert platform.room() == 0
        platform.leave(NOW)
        platform.leave(NOW)
        assert platform.room() == 2

    virtually(story)


async def rests(platform: Lane) -> float:
    """Seconds until the platform may be asked again."""
    if not platform.resting:
        return 0.0
    began = now()
    with pytest.raises(Failed) as failed:
        await platform.turn()
    assert now() == began, "it was told at once"
    assert failed.value.failure.reason is Reason.RATE_LIMITED
    assert platform.room() == 0
    seconds = failed.value.failure.retry_after or 0.0
    await asyncio.sleep(seconds + 0.01)
    assert platform.room() > 0
    return seconds


def test_each_refusal_doubles_the_rest_up_to_half_an_hour_and_a_success_ends_the_count() -> None:
    async def story() -> None:
        platform = lane(60_000)
        found = []
        for _ in range(9):
            platform.heed(432, None)
            found.append(await rests(platform))
        assert found == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
        platform.heed(200, None)
        assert await rests(platform) == 0
        platform.heed(429, None)
        assert await rests(platform) == 30

    virtually(story)


def test_refusals_of_questions_under_way_together_are_one() -> None:
    async def story() -> None:
        platform = lane(60_000)
        for status in (429, 403, 200, 418, 503):  # the success was asked before the refusal
            platform.heed(status, None)
        assert await rests(platform) == 30
        platform.heed(429, None)
        assert await rests(platform) == 60

    virtually(story)


@pytest.mark.parametrize(
    ("status", "asked", "rest"),
    [
        (429, 5.0, 5),
        (429, 7200.0, 7200),
        (503, 10.0**12, 86_400),
        (429, 0.0, 30),
        (500, None, 0),
        (500, 5.0, 5),
        (404, None, 0),
        (302, 5.0, 0),
        (200, 5.0, 0),
    ],
)
def test_the_time_a_platform_asks_for_is_honoured(status: int, asked: float | None, rest: float) -> None:
    async def story() -> None:
        platform = lane(60_000)
        platform.heed(status, asked)
        assert await rests(platform) == rest

    virtually(story)


def test_a_platform_that_keeps_naming_a_short_time_is_not_believed_twice() -> None:
    async def story() -> None:
        platform = lane(60_000)
        found = []
        for _ in range(3):
            platform.heed(429, 1.0)
            found.append(await rests(platform))
        assert found == [1, 60, 120]

    virtually(story)


def test_who_waits_for_a_turn_hears_of_a_refusal_that_came_meanwhile() -> None:
    async def story() -> None:
        platform = lane(20)
        await platform.turn()
        waiting = asyncio.create_task(platform.turn())
        await asyncio.sleep(1)
        platform.heed(429, None)
        with pytest.raises(Failed):
            await waiting

    virtually(story)


# --- through the door ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "rest"),
    [
        ({}, 30),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "999999999999"}, 86_400),
        ({"Retry-After": "-5"}, 30),
        ({"Retry-After": "soon"}, 30),
        ({"Retry-After": "Sun, 01 Mar 2026 04:10:00 GMT", "Date": "Sun, 01 Mar 2026 04:00:00 GMT"}, 600),
        ({"Retry-After": "Wed, 01 Jan 2020 00:02:00 GMT", "Date": "Wed, 01 Jan 2020 00:00:00 GMT"}, 120),
    ],
)
async def test_after_a_refusal_the_platform_is_not_asked(header: dict[str, str], rest: float) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=429, headers=header)

    async with serving(handler) as port, door() as http:
        url = f"http://one.example:{port}/"
        assert (await get(http, url, "feed:one.example")).status == 429
        assert http.room("feed:one.example") == 0
        failed = await failure(http, url, "feed:one.example")
        assert (failed.reason, asked) == (Reason.RATE_LIMITED, 1)
        assert failed.retry_after == pytest.approx(rest, abs=1)
        assert http.room("feed:two.example") == 4  # another host has a patience of its own
        assert (await get(http, f"http://two.example:{port}/", "feed:two.example")).status == 429


async def test_a_refusal_that_is_also_read_by_the_adapter_counts_once() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "5"})

    async with serving(handler) as port, door() as http:
        url = f"http://one.example:{port}/"
        with suppress(Failed):
            async with http.open("feed:one.example", NOW) as wire:
                await wire.ask(Request(url=url))
                raise Failed(Reason.RATE_LIMITED, "read by the adapter")
        assert (await failure(http, url, "feed:one.example")).retry_after == pytest.approx(5, abs=1)


async def test_a_look_is_under_way_until_its_wire_is_left() -> None:
    async with door() as http:
        wire = http.open("weibo", NOW)
        assert http.room("weibo") == 3
        async with wire:
            assert http.room("weibo") == 3
        assert http.room("weibo") == 4
        async with wire:
            pass
        assert http.room("weibo") == 4


@pytest.mark.parametrize(
    ("reason", "room"),
    [
        (Reason.CAPTCHA, 0),
        (Reason.RATE_LIMITED, 0),
        (Reason.BLOCKED, 0),
        (Reason.GONE, 4),
        (Reason.LOGIN_REQUIRED, 4),
        (Reason.TIMEOUT, 4),
    ],
)
async def test_a_refusal_read_in_an_answer_lets_the_platform_rest(reason: Reason, room: int) -> None:
    async with door() as http:
        with pytest.raises(Failed):
            async with http.open("weibo", NOW):
                raise Failed(reason, "read by the adapter")
        assert http.room("weibo") == room
