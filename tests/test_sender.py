"""The sender against real servers that misbehave, and the schedule of attempts."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks import Webhook

from mediawatch.core.model import Reason
from mediawatch.core.outbox import Backoff, next_attempt, read_retry_after
from mediawatch.core.outgoing import Answered, Post
from mediawatch.core.views import Message, Notice
from mediawatch.core.wire import Failed
from mediawatch.receivers import webhook, wecom
from mediawatch.receivers.receiver import Answer
from mediawatch.wires.post import BODY_LIMIT, Poster

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
TOKEN = "t0ken-nobody-may-see"
SECRET = "a secret of the tests"
NOTICE = Notice(
    id="n-1", alert="a-1", cause="first", level="breach", account="city", name="某市发布", opened_at=NOW, says="未更新"
)
MESSAGE = Message(id=NOTICE.id, receiver="duty", at=NOW, cause="first", notices=(NOTICE,), total=1)
Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a receiver that answers as the given function does, and gives its address."""
    servers: list[TestServer] = []

    async def start(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        server = TestServer(app)
        await server.start_server(shutdown_timeout=0.1)
        servers.append(server)
        return str(server.make_url(f"/hook?token={TOKEN}"))

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
async def poster() -> AsyncIterator[Poster]:
    async with Poster(LOOPBACK, timeout=0.5) as made:
        yield made


def always(status: int, body: bytes = b"", **headers: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


async def send_hook(poster: Poster, url: str) -> tuple[Answered, Answer]:
    settings = webhook.Settings(url=SecretStr(url), secret=(SecretStr(SECRET),))
    outgoing = webhook.render(MESSAGE, settings, NOW, "en")
    posted = await poster.send(outgoing, NOW)
    return posted, webhook.accepted(posted.status, posted.body)


async def test_a_receiver_gets_the_very_bytes_that_were_signed(poster: Poster, serve: Serve) -> None:
    got: list[tuple[dict[str, str], bytes]] = []

    async def answer(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.read()))
        return web.Response(status=202, body=b"thanks")

    settings = webhook.Settings(url=SecretStr(await serve(answer)), secret=(SecretStr(SECRET),))
    outgoing = webhook.render(MESSAGE, settings, datetime.now(UTC), "en")
    posted = await poster.send(outgoing, NOW)
    [(headers, body)] = got
    assert posted == Answered(status=202, body=b"thanks")
    assert body == outgoing.body
    assert Webhook(SECRET.encode()).verify(body, headers)["data"]["notices"][0]["name"] == "某市发布"
    assert "Cookie" not in headers


async def test_what_each_status_means_comes_back_with_the_wait_it_asks_for(poster: Poster, serve: Serve) -> None:
    for status, wait, answer, seconds in [
        (200, {}, Answer.ACCEPTED, None),
        (500, {}, Answer.TRY_AGAIN, None),
        (429, {"Retry_After": "120"}, Answer.TOO_FAST, 120.0),
        (503, {"Retry_After": format_datetime(NOW + timedelta(minutes=5), usegmt=True)}, Answer.TRY_AGAIN, 300.0),
        (429, {"Retry_After": "999999999999"}, Answer.TOO_FAST, 86400.0),
        (429, {"Retry_After": "soon"}, Answer.TOO_FAST, None),
        (410, {}, Answer.REFUSED, None),
    ]:
        posted, meant = await send_hook(poster, await serve(always(status, b"", **wait)))
        assert (posted.status, meant, posted.retry_after) == (status, answer, seconds)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(poster: Poster, serve: Serve, status: int) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response()

    posted, meant = await send_hook(poster, await serve(always(status, Location=await serve(elsewhere))))
    assert (posted.status, meant, asked) == (status, Answer.REFUSED, [])


async def test_a_cookie_of_one_answer_is_not_sent_with_the_next_message(poster: Poster, serve: Serve) -> None:
    cookies: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "a=b"})

    url = await serve(answer)
    await send_hook(poster, url)
    await send_hook(poster, url)
    assert cookies == [None, None]


async def test_a_robot_that_answers_200_with_an_error_has_accepted_nothing(poster: Poster, serve: Serve) -> None:
    url = await serve(always(200, b'{"errcode":45009,"errmsg":"api freq out of limit"}'))
    outgoing = wecom.render(MESSAGE, wecom.Settings(url=SecretStr(url)), NOW, "zh_CN")
    posted = await poster.send(outgoing, NOW)
    assert wecom.accepted(posted.status, posted.body) is Answer.TOO_FAST


async def failing(poster: Poster, url: str) -> Failed:
    with pytest.raises(Failed) as raised:
        await send_hook(poster, url)
    told = "".join(traceback.format_exception(raised.value))
    assert TOKEN not in told
    assert raised.value.__suppress_context__
    return raised.value


async def test_a_receiver_that_hangs_ends_at_the_deadline_and_delays_no_other(serve: Serve) -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    hanging, well = [await serve(hang) for _ in range(8)], await serve(always(200))
    async with Poster(LOOPBACK, timeout=0.3) as poster:
        stuck = [asyncio.create_task(send_hook(poster, url)) for url in hanging * 6]
        await asyncio.sleep(0)
        posted, _ = await send_hook(poster, well)
        assert posted.status == 200
        assert not any(task.done() for task in stuck)
        failures = await asyncio.gather(*stuck, return_exceptions=True)
    assert {type(each) for each in failures} == {Failed}
    assert {each.failure.reason for each in failures if isinstance(each, Failed)} == {Reason.TIMEOUT}


async def test_a_receiver_that_is_not_there_fails_without_its_address_being_told(poster: Poster, serve: Serve) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert (await failing(poster, f"http://127.0.0.1:{port}/?{TOKEN}")).failure.reason is Reason.PLATFORM_DOWN
    server.close()
    await server.wait_closed()
    assert (await failing(poster, f"http://127.0.0.1:{port}/?{TOKEN}")).failure.reason is Reason.PLATFORM_DOWN
    plain = await serve(always(200))
    assert (await failing(poster, plain.replace("http:", "https:"))).failure.detail == "no trusted TLS connection"


async def test_a_private_address_is_refused_unless_the_settings_allow_it(serve: Serve) -> None:
    url = await serve(always(200))
    async with Poster(timeout=2) as strict:
        assert (await failing(strict, url)).failure.reason is Reason.NOT_ALLOWED
        assert (await failing(strict, url.replace("127.0.0.1", "localhost"))).failure.reason is Reason.NOT_ALLOWED


async def test_an_endless_or_bombed_answer_is_read_no_further_than_its_limit(poster: Poster, serve: Serve) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    for url in (await serve(endless), await serve(always(200, bomb, Content_Encoding="gzip"))):
        posted, meant = await send_hook(poster, url)
        assert (len(posted.body), meant) == (BODY_LIMIT, Answer.ACCEPTED)


async def test_a_status_is_an_answer_even_where_the_body_never_ends(poster: Poster, serve: Serve) -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"errcode":')
        await asyncio.sleep(30)
        return response

    posted, meant = await send_hook(poster, await serve(slow))
    assert (posted.status, posted.body, meant) == (200, b'{"errcode":', Answer.ACCEPTED)
    assert wecom.accepted(posted.status, posted.body) is Answer.TRY_AGAIN


async def test_a_request_that_cannot_be_sent_as_it_is_fails_without_its_address(poster: Poster, serve: Serve) -> None:
    for url, name in [(await serve(always(200)), "a\r\nx: y"), (f"https://127.0.0.1:99999/?{TOKEN}", "n-1")]:
        with pytest.raises(Failed) as raised:
            await poster.send(Post(url=url, headers=(("webhook-id", name),), body=b"{}"), NOW)
        assert raised.value.failure.reason is Reason.NOT_ALLOWED
        assert TOKEN not in "".join(traceback.format_exception(raised.value))


# --- the schedule of attempts ------------------------------------------------------------------------------------


def attempts(key: str, backoff: Backoff) -> list[datetime]:
    """The instants of all attempts of a message that nobody ever takes; the first is at `NOW`."""
    at = [NOW]
    while (following := next_attempt(len(at), at[-1], None, key, backoff)) is not None:
        at.append(following)
    return at


def test_attempts_double_from_five_seconds_to_most_of_a_minute_and_go_on_for_three_days() -> None:
    at = attempts("n-1", Backoff())
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(at)]
    for number, wait in enumerate(waits):
        assert wait == pytest.approx(min(5 * 2**number, 45), rel=0.1)
    assert timedelta(days=3) <= at[-1] - at[0] < timedelta(days=4)


@given(st.text(max_size=20), st.integers(1, 100_000), st.integers(1, 1_000_000), st.integers(0, 300_000))
def test_patience_is_kept_whatever_the_jitter_draws(key: str, first: int, most: int, patience: int) -> None:
    backoff = Backoff(
        first=timedelta(milliseconds=first),
        most=timedelta(milliseconds=most),
        patience=timedelta(milliseconds=min(patience, 500 * most, 500 * first)),
    )
    at = attempts(key, backoff)
    assert at[-1] - at[0] >= backoff.patience * 0.999


def test_the_same_message_draws_the_same_jitter_and_others_another() -> None:
    assert attempts("n-1", Backoff()) == attempts("n-1", Backoff())
    assert len({next_attempt(3, NOW, None, f"n-{n}") for n in range(100)}) == 100


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (None, 4, 6), (0.0, 4, 6), (-5.0, 4, 6), (1.0, 4, 6), (float("nan"), 4, 6), (float("inf"), 4, 6),
        (600.0, 600, 660), (1e15, 86400, 95040),
    ],
)  # fmt: skip
def test_a_receiver_may_ask_for_more_time_up_to_a_day_and_never_for_less(
    asked: float | None, least: float, most: float
) -> None:
    at = next_attempt(1, NOW, asked, "n-1")
    assert at is not None
    assert least <= (at - NOW).total_seconds() <= most


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0), ("15", 15.0), (" 15 ", 15.0), ("999999999999", 86400.0), ("9" * 5000, 86400.0),
        ("-5", None), ("1.5", None), ("", None), ("soon", None), ("٣", None), ("Fri, 99 Nov 2026 99:99:99 GMT", None),
        ("Fri, 20 Nov 2026 01:31:00 GMT", 60.0), ("Fri, 20 Nov 2020 01:31:00 GMT", 0.0),
        ("Fri, 20 Nov 2026 09:31:00 +0800", 60.0), ("Fri, 20 Nov 2026 01:31:00", 60.0),
    ],
)  # fmt: skip
def test_a_retry_after_header_is_read_within_its_bounds(header: str, seconds: float | None) -> None:
    assert read_retry_after(header, NOW) == seconds


@given(st.text(max_size=80))
def test_no_retry_after_header_can_raise(header: str) -> None:
    assert (read_retry_after(header, NOW) or 0.0) <= 86400.0
