"""The door to the network, against a real server on the loopback: what comes through it, and what never does."""

from __future__ import annotations

import asyncio
import errno
import gzip
import itertools
import socket
import zlib
from collections.abc import Callable
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.client_reqrep import ConnectionKey

from mediawatch.core.model import Blame, Reason
from mediawatch.core.wire import NAME_UNKNOWN, Answered, Request
from mediawatch.wires.explain import explain
from mediawatch.wires.guard import Blocked
from mediawatch.wires.http import Http
from mediawatch.wires.keeping import Keeping
from mediawatch.wires.pace import PlatformPace
from tests.wire_server import NOW, Everywhere, Shelf, door, failure, get, raw, serving


def zipped(body: bytes, level: int = 9) -> bytes:
    """The same bytes in every process: test ids are made of them."""
    return gzip.compress(body, level, mtime=0)


async def test_an_answer_is_kept_before_it_is_given() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["User-Agent"] == "watcher/1"
        assert request.headers["Accept-Encoding"] == "gzip, deflate"
        assert request.headers["Referer"] == "https://m.example/u/1"
        answer = web.Response(text="您好", headers={"X-Kind": "profile"})
        answer.set_cookie("SUB", "secret")
        return answer

    shelf = Shelf()
    async with (
        serving(handler) as port,
        door(f"http://m.example:{port}/", shelf, user_agent="watcher/1") as http,
        http.open("weibo", NOW) as wire,
    ):
        assert wire.base == f"http://m.example:{port}"
        request = Request(
            url=f"{wire.base}/api?a=1&b=二",
            headers=(("Referer", "https://m.example/u/1"), ("Accept-Encoding", "br")),
        )
        answer = await wire.ask(request)
        assert wire.exchanges == (answer,)
    assert (answer.status, answer.body.decode(), answer.at, answer.url) == (200, "您好", NOW, request.url)
    assert answer.header("x-kind") == "profile"
    assert answer.header("set-cookie") == ""
    assert answer.elapsed > 0
    assert shelf.recall(answer.digest) == answer.body


@pytest.mark.parametrize("status", [400, 401, 404, 418, 429, 432, 500, 503])
async def test_a_refusal_is_an_answer_too_and_is_kept(status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, text="no")

    shelf = Shelf()
    async with serving(handler) as port, door(keeper=shelf) as http:
        answer = await get(http, f"http://h.example:{port}/")
    assert answer.status == status
    assert shelf.recall(answer.digest) == b"no"


async def test_a_question_with_a_body_is_sent_as_it_is() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.method} {(await request.read()).decode()}")

    async with serving(handler) as port, door() as http:
        answer = await get(http, f"http://h.example:{port}/", method="POST", body=b"tid=1")
    assert answer.body == b"POST tid=1"


async def test_a_cookie_that_a_server_sets_is_not_brought_back() -> None:
    async def handler(request: web.Request) -> web.Response:
        answer = web.Response(text=request.headers.get("Cookie", "none"))
        answer.set_cookie("SUB", "1")
        return answer

    async with serving(handler) as port, door() as http:
        for _ in range(2):
            assert (await get(http, f"http://h.example:{port}/")).body == b"none"


async def test_user_and_password_of_an_address_are_used_and_never_shown() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["Authorization"], headers={"ETag": '"1"'})

    async with serving(handler) as port, door() as http, http.open("feed:h.example", NOW) as wire:
        answer = await wire.ask(Request(url=f"http://reader:hush@h.example:{port}/feed"))
        assert answer.body == b"Basic cmVhZGVyOmh1c2g="
        assert answer.url == answer.final_url == wire.validators[0].url == f"http://h.example:{port}/feed"


# --- the body ------------------------------------------------------------------------------------------------------


def packed(body: bytes, encoding: str) -> web.Response:
    return web.Response(body=body, headers={"Content-Encoding": encoding})


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", zipped(b"hello" * 1000)),
        ("x-gzip", zipped(b"hello" * 1000)),
        ("GZIP", zipped(b"hello" * 600) + zipped(b"hello" * 400)),
        ("gzip", zipped(b"hello" * 1000) + b"\0" * 100),  # padded
        ("deflate", zlib.compress(b"hello" * 1000)),
        ("deflate", raw_deflate(b"hello" * 1000)),
        ("identity", b"hello" * 1000),
    ],
)
async def test_a_packed_body_is_unpacked(encoding: str, body: bytes) -> None:
    async def handler(request: web.Request) -> web.Response:
        return packed(body, encoding)

    shelf = Shelf()
    async with serving(handler) as port, door(keeper=shelf) as http:
        assert (await get(http, f"http://h.example:{port}/")).body == b"hello" * 1000
    one_member = encoding in ("gzip", "x-gzip") and not body.endswith(b"\0" * 100)
    assert shelf.packed == ([body] if one_member else [b""]), "kept as it came, where that is one member of gzip"


@pytest.mark.parametrize("pack", [zlib.compress, raw_deflate])
@pytest.mark.parametrize(
    "body",
    [
        b"".join(b"%d\n" % number for number in range(400_000)),  # several steps of the unpacker
        b"\0" * (1024 * 1024 + 7),  # one step, and a rest that the unpacker holds after the last byte came in
    ],
    ids=["numbers", "zeros"],
)
async def test_a_large_packed_body_comes_out_whole(body: bytes, pack: Callable[[bytes], bytes]) -> None:
    async def handler(request: web.Request) -> web.Response:
        return packed(pack(body), "deflate")

    async with serving(handler) as port, door() as http:
        assert (await get(http, f"http://h.example:{port}/")).body == body


@pytest.mark.parametrize(
    ("encoding", "body", "detail"),
    [
        ("gzip", zipped(b"hello" * 5000, 0)[:20_000], "cut off"),  # the length in the header agrees with it
        ("gzip", zipped(b"hello")[:-4], "cut off"),
        ("gzip", zipped(b"hello")[:-5] + b"\xff" * 5, "broken gzip"),  # a checksum that does not fit
        ("gzip", b"<html>not packed at all</html>", "broken gzip"),
        ("gzip", zipped(b"") * 500, "more than 100 gzip members"),
        ("deflate", zlib.compress(b"hello" * 1000)[:-6], "cut off"),
        ("gzip, gzip", zipped(zipped(b"hello")), "packed as gzip, gzip, which was not asked for"),
        ("br", b"\x0b\x02\x80hello\x03", "packed as br, which was not asked for"),
        ("gzip", zipped(b"\0" * 50_000_000), "larger than 1000000 bytes"),  # a bomb: 48 KB on the wire
        ("deflate", zlib.compress(b"\0" * 50_000_000), "larger than 1000000 bytes"),
        ("gzip", zipped(b"")[:10] + b"\0\0\0\xff\xff" * 500_000, "larger than 1000000 bytes"),  # empty blocks
        ("identity", b"x" * 1_000_001, "larger than 1000000 bytes"),
    ],
)
async def test_a_body_that_is_not_whole_or_too_large_is_unreadable(encoding: str, body: bytes, detail: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return packed(body, encoding)

    shelf = Shelf()
    async with serving(handler) as port, door(keeper=shelf, max_body=1_000_000) as http:
        failed = await failure(http, f"http://h.example:{port}/")
    assert (failed.reason, failed.detail) == (Reason.UNREADABLE, detail)
    assert shelf.bodies == {}


async def test_an_endless_body_stops_at_the_limit_and_a_question_may_set_its_own() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await answer.write(b"x" * 65536)
        return answer

    async with serving(handler) as port, door(max_body=10_000_000) as http:
        failed = await failure(http, f"http://h.example:{port}/", max_body=300_000)
    assert failed.detail == "larger than 300000 bytes"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Encoding: gzip\r\n\r\n" + zipped(b"hello"),
    ],
)
async def test_a_connection_that_ends_within_the_body_is_cut_off(answer: bytes) -> None:
    async with raw(answer) as port, door() as http:
        failed = await failure(http, f"http://h.example:{port}/")
    assert (failed.reason, failed.detail) == (Reason.UNREADABLE, "cut off")


async def test_a_length_beyond_the_limit_is_not_even_begun() -> None:
    async with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\nPK") as port, door() as http:
        failed = await failure(http, f"http://h.example:{port}/app.apk")
    assert failed.detail == "larger than 8388608 bytes"


async def test_header_bytes_that_are_no_text_do_not_get_in() -> None:
    async with raw(b"HTTP/1.1 200 OK\r\nX-Name: a\xff\xfeb\r\nContent-Length: 2\r\n\r\nok") as port, door() as http:
        answer = await get(http, f"http://h.example:{port}/")
    assert answer.header("X-Name").encode() == "a\ufffd\ufffdb".encode()


# --- time ----------------------------------------------------------------------------------------------------------


async def test_a_drip_ends_at_the_deadline_although_every_byte_comes_in_time() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await answer.write(b"x")
            await asyncio.sleep(0.01)
        return answer

    async with serving(handler) as port, door(timeout=timedelta(seconds=0.1)) as http:
        assert (await failure(http, f"http://h.example:{port}/")).reason is Reason.TIMEOUT


async def test_a_server_that_says_nothing_is_a_timeout_and_a_question_may_set_its_own() -> None:
    never = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    async with serving(handler) as port, door() as http:
        assert (await failure(http, f"http://h.example:{port}/", timeout=0.05)).reason is Reason.TIMEOUT


async def test_a_cancelled_look_stays_cancelled_and_gives_its_place_back() -> None:
    asked = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        asked.set()
        await asyncio.Event().wait()
        return web.Response()

    async with serving(handler) as port, door() as http:
        task = asyncio.create_task(get(http, f"http://h.example:{port}/"))
        await asked.wait()
        assert http.room(f"feed:h.example:{port}") == 3
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert http.room(f"feed:h.example:{port}") == 4


# --- what went wrong -----------------------------------------------------------------------------------------------


async def test_a_name_that_does_not_resolve_is_our_network() -> None:
    async with door(resolver=Everywhere(gone_example="")) as http:
        failed = await failure(http, "http://gone.example/")
    assert (failed.reason, failed.detail) == (Reason.OWN_NETWORK, "name not resolved: no such name")


async def test_a_closed_port_is_the_platform_being_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    async with door() as http:
        assert (await failure(http, f"http://h.example:{port}/")).reason is Reason.PLATFORM_DOWN


@pytest.mark.parametrize(
    ("answer", "reset", "reason"),
    [
        (b"", False, Reason.PLATFORM_DOWN),
        (b"", True, Reason.PLATFORM_DOWN),
        (b"HTTP/1.1 200 OK\r\nContent-", True, Reason.PLATFORM_DOWN),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False, Reason.UNREADABLE),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", False, Reason.UNREADABLE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", False, Reason.UNREADABLE),
    ],
)
async def test_a_server_that_breaks_off_or_speaks_no_http(answer: bytes, reset: bool, reason: Reason) -> None:
    async with raw(answer, reset) as port, door() as http:
        assert (await failure(http, f"http://h.example:{port}/")).reason is reason


async def test_a_port_without_tls_is_no_trusted_connection() -> None:
    async with raw(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port, door() as http:
        failed = await failure(http, f"https://h.example:{port}/")
    assert failed.reason is Reason.PLATFORM_DOWN


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("ftp://h.example/x", "not an http address"),
        ("file:///etc/passwd", "not an http address"),
        ("/relative", "not an http address"),
        ("http://[::1/", "malformed address"),
        ("http://h.example:99999/", "malformed address"),
    ],
)
async def test_an_address_that_is_none_of_ours_is_not_asked(url: str, detail: str) -> None:
    async with door() as http:
        failed = await failure(http, url)
    assert (failed.reason, failed.detail) == (Reason.NOT_ALLOWED, detail)


async def test_a_header_that_would_smuggle_another_is_refused() -> None:
    async with raw(b"") as port, door() as http:
        failed = await failure(http, f"http://h.example:{port}/", headers=(("X", "1\r\nHost: other"),))
    assert failed.reason is Reason.NOT_ALLOWED


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{}/", "http://localhost:{}/", "http://inside.example:{}/", "http://0x7f000001:{}/"]
)
async def test_a_private_address_is_refused_in_every_spelling(url: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        raise AssertionError("the guard let it through")

    async with serving(handler) as port, door(allow_private=[]) as http:
        failed = await failure(http, url.format(port))
    assert (failed.reason, failed.detail) == (Reason.NOT_ALLOWED, "127.0.0.1 is not a public address")


KEY = ConnectionKey("h.example", 443, True, True, None, None, None, None)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ENETUNREACH, "unreachable")), Reason.OWN_NETWORK),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.EHOSTUNREACH, "no route")), Reason.OWN_NETWORK),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.EMFILE, "too many files")), Reason.OWN_NETWORK),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ECONNREFUSED, "refused")), Reason.PLATFORM_DOWN),
        (aiohttp.ClientConnectorError(KEY, OSError("Multiple exceptions: refused, reset")), Reason.PLATFORM_DOWN),
        (aiohttp.ClientConnectorError(KEY, OSError(errno.ETIMEDOUT, "timed out")), Reason.TIMEOUT),
        (aiohttp.ClientConnectorError(KEY, Blocked("10.0.0.1")), Reason.NOT_ALLOWED),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(None, "SERVFAIL")), Reason.OWN_NETWORK),
        (aiohttp.ClientOSError(errno.ECONNRESET, "reset"), Reason.PLATFORM_DOWN),
        (aiohttp.ServerDisconnectedError("Set-Cookie: hush"), Reason.PLATFORM_DOWN),
        (aiohttp.ConnectionTimeoutError("slow"), Reason.TIMEOUT),
        (aiohttp.SocketTimeoutError("slow"), Reason.TIMEOUT),
        (TimeoutError(), Reason.TIMEOUT),
        (aiohttp.ClientPayloadError("short"), Reason.UNREADABLE),
        (aiohttp.InvalidURL("http://reader:hush@h/"), Reason.NOT_ALLOWED),
        (UnicodeError("label too long"), Reason.NOT_ALLOWED),
        (RuntimeError("Session is closed"), Reason.NOT_ALLOWED),
    ],
)
def test_every_error_has_a_reason_and_none_blames_the_account(error: Exception, reason: Reason) -> None:
    failed = explain(error).failure
    assert failed.reason is reason
    assert failed.reason.blame is not Blame.ACCOUNT
    assert "hush" not in failed.detail


async def test_looks_whose_answers_were_kept_together_go_on_a_few_in_a_turn_of_the_loop() -> None:
    keeping, turn, went_on = Keeping(Shelf()), itertools.count(), list[int]()

    async def look(number: int) -> None:
        await keeping.keep(Answered(str(number).encode()))
        went_on.append(next(turn))

    async def turning() -> None:
        while True:
            next(turn)
            await asyncio.sleep(0)

    turns = asyncio.create_task(turning())
    await asyncio.gather(*(look(number) for number in range(40)))
    turns.cancel()
    longest = max(len(list(group)) for _, group in itertools.groupby(enumerate(went_on), lambda one: one[1] - one[0]))
    assert longest < 10, "others wait while many read"


async def test_an_answer_that_cannot_be_kept_was_not_seen() -> None:
    class FullDisk(Shelf):
        def keep_all(self, answers: object) -> list[str]:
            raise OSError(errno.ENOSPC, "No space left on device")

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async with serving(handler) as port, door(keeper=FullDisk()) as http:
        failed = await failure(http, f"http://h.example:{port}/")
    assert failed.reason.blame is Blame.US
    assert failed.detail == "the answer could not be kept: No space left on device"


async def test_a_closed_door_stays_closed() -> None:
    async with door() as http:
        await http.close()
        assert (await failure(http, "http://h.example/")).detail == "shutting down"


# --- construction --------------------------------------------------------------------------------------------------


async def test_a_platform_nobody_set_a_pace_for_is_not_opened() -> None:
    async with door() as http:
        with pytest.raises(KeyError, match="no pace is set for platform bilibili"):
            http.open("bilibili", NOW)


def test_secrets_without_a_host_to_go_to_are_refused_and_never_printed() -> None:
    pace = PlatformPace("", 20, 2, (("Cookie", "hush"),))
    assert "hush" not in repr(pace)
    with pytest.raises(ValueError, match="platform feed: secrets need"):
        Http({"feed": pace}, Shelf())
    Http({"feed:h.example": pace}, Shelf())


async def test_a_question_over_ipv6_goes_no_other_way() -> None:
    """The name leads here both ways; a server that is there by one of them only is met by that one only."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="here")

    private = {"allow_private": ("127.0.0.0/8", "::1/128"), "resolver": None}
    async with serving(handler, "::1") as port, door(**private) as http:
        answer = await get(http, f"http://localhost:{port}/", ipv6=True)
        assert answer.body == b"here"
    async with serving(handler) as port, door(**private) as http:
        url = f"http://localhost:{port}/"
        assert (await get(http, url)).body == b"here"
        assert (await failure(http, url, ipv6=True)).reason is Reason.PLATFORM_DOWN
    async with door(resolver=Everywhere(no_example="")) as http:
        told = await failure(http, "http://no.example/", ipv6=True)
        assert told.reason is Reason.OWN_NETWORK
        assert told.detail.startswith(NAME_UNKNOWN)
