"""Redirects: how far they are followed, what stays behind, and what is left for the adapter to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

from mediawatch.core.model import Blame, Reason
from mediawatch.core.wire import Failed, Request
from mediawatch.wires.pace import PlatformPace
from mediawatch.wires.redirect import next_hop, same_place
from tests.wire_server import NOW, door, failure, get, serving

ASKED = URL("https://m.example/api?uid=1")


@pytest.mark.parametrize(
    ("location", "roams", "hop"),
    [
        ("/login", False, "https://m.example/login"),
        ("?page=2", False, "https://m.example/api?page=2"),
        ("https://m.example:8443/x", False, "https://m.example:8443/x"),
        ("https://passport.example/visitor", False, None),
        ("http://passport.example/visitor", False, None),
        ("https://m.example@passport.example/", False, None),
        ("https://M.EXAMPLE/x", False, "https://m.example/x"),
        ("https://cdn.example/feed.xml", True, "https://cdn.example/feed.xml"),
        ("//cdn.example/feed.xml", True, "https://cdn.example/feed.xml"),
        ("https://reader:hush@cdn.example/x", True, "https://cdn.example/x"),
        ("https://例子.example/路", True, "https://xn--fsqu00a.example/%E8%B7%AF"),
    ],
)
def test_where_a_redirect_leads(location: str, roams: bool, hop: str | None) -> None:
    found = next_hop(ASKED, location, roams=roams, leave=True)
    assert found == (None if hop is None else URL(hop))


@pytest.mark.parametrize("roams", [False, True])
@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://m.example/plain", Reason.NOT_ALLOWED),  # https falls back to http
        ("ftp://m.example/x", Reason.NOT_ALLOWED),
        ("file:///etc/passwd", Reason.NOT_ALLOWED),
        ("javascript:alert(1)", Reason.NOT_ALLOWED),
        ("data:text/html,x", Reason.NOT_ALLOWED),
        ("unix:///run/x.sock", Reason.NOT_ALLOWED),
        ("https://[::1/", Reason.UNREADABLE),
        ("https://m.example:99999/", Reason.UNREADABLE),
    ],
)
def test_where_a_redirect_must_not_lead(location: str, roams: bool, reason: Reason) -> None:
    with pytest.raises(Failed) as failed:
        next_hop(ASKED, location, roams=roams, leave=True)
    assert failed.value.failure.reason is reason


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example/1", "http://a.example/2", True),
        ("http://a.example/", "https://a.example/", True),
        ("https://a.example/", "http://a.example/", False),
        ("http://a.example:81/", "https://a.example/", False),
        ("http://a.example/", "http://a.example:81/", False),
        ("http://a.example/", "http://b.a.example/", False),
    ],
)
def test_what_is_the_same_place(one: str, other: str, same: bool) -> None:
    assert same_place(URL(one), URL(other)) is same


async def counting_down(request: web.Request) -> web.Response:
    """`/3` leads to `/2`, `/1` and `/0`."""
    left = int(request.path[1:])
    if left:
        return web.Response(status=302, headers={"Location": f"/{left - 1}"})
    return web.Response(text="there")


async def test_five_redirects_are_followed_and_six_are_not() -> None:
    async with serving(counting_down) as port, door() as http:
        answer = await get(http, f"http://h.example:{port}/5")
        assert (answer.status, answer.body) == (200, b"there")
        assert (answer.url, answer.final_url) == (f"http://h.example:{port}/5", f"http://h.example:{port}/0")
        failed = await failure(http, f"http://h.example:{port}/6")
    assert (failed.reason, failed.detail) == (Reason.UNREADABLE, "more than 5 redirects")


async def test_every_hop_is_charged_to_the_platforms_pace() -> None:
    async with serving(counting_down) as port, door(pace={"feed": PlatformPace("", 1200, 4)}) as http:
        await get(http, f"http://h.example:{port}/5")  # six questions at one each 50 ms
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(get(http, f"http://h.example:{port}/0"), 0.12)


@asynccontextmanager
async def moving(to: str) -> AsyncIterator[tuple[str, list[str]]]:
    """The address of a page at `old.example` that has moved to that host, and which hosts were asked."""
    hosts: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        hosts.append(request.host.partition(":")[0])
        if hosts[-1] == "old.example":
            return web.Response(status=301, headers={"Location": f"http://{to}:{port}/feed"})
        return web.Response(text="there")

    async with serving(handler) as port:
        yield f"http://old.example:{port}/feed", hosts


async def test_a_site_is_followed_wherever_a_visitor_would_be_led() -> None:
    async with moving("new.example") as (url, _), door() as http:
        assert (await get(http, url, "site:old.example")).body == b"there"


async def test_a_bridge_that_leads_elsewhere_is_not_followed() -> None:
    async with moving("new.example") as (url, hosts), door() as http:
        failed = await failure(http, url)
    assert (failed.reason, failed.detail) == (Reason.NOT_ALLOWED, "redirect to another host: new.example")
    assert hosts == ["old.example"]


async def test_a_bridge_may_lead_to_its_own_name_with_www_before_it() -> None:
    async with moving("www.old.example") as (url, _), door() as http:
        assert (await get(http, url)).body == b"there"


@pytest.mark.parametrize("platform", ["weibo", "feed:bridge.example", "site:www.gov.example"])
async def test_nobody_but_the_platform_itself_is_asked(platform: str) -> None:
    async with moving("new.example") as (url, hosts), door("http://m.example") as http:
        failed = await failure(http, url, platform)
    assert (failed.reason, failed.reason.blame) == (Reason.NOT_ALLOWED, Blame.US)
    assert failed.detail == "old.example is no host of this platform"
    assert not hosts


async def test_a_page_elsewhere_is_looked_at_without_a_secret_and_told_nothing() -> None:
    headers: list[CIMultiDictProxy[str]] = []

    async def handler(request: web.Request) -> web.Response:
        headers.append(request.headers)
        return web.Response(text="there")

    async with serving(handler) as port:
        pace = {"weibo": PlatformPace(f"http://m.example:{port}", 60_000, 4, (("Cookie", "SUB=1"),))}
        async with door(pace=pace) as http:
            for host in ("elsewhere.example", "m.example"):
                assert (await get(http, f"http://{host}:{port}/", "weibo", aside=True)).body == b"there"
            for told in ({"method": "POST", "body": b"x"}, {"method": "DELETE"}, {"secret_query": (("t", "token"),)}):
                failed = await failure(http, f"http://elsewhere.example:{port}/", "weibo", aside=True, **told)
                assert (failed.reason, failed.detail) == (
                    Reason.NOT_ALLOWED,
                    "a page elsewhere is looked at, and told nothing",
                )
    assert [one.get("Cookie") for one in headers] == [None, None]


async def test_only_a_question_without_a_body_is_sent_on() -> None:
    async with serving(counting_down) as port, door() as http:
        answer = await get(http, f"http://h.example:{port}/1", method="POST", body=b"x")
    assert (answer.status, answer.header("Location")) == (302, "/0")


async def test_a_redirect_without_an_address_is_an_answer() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=302, text="?")

    async with serving(handler) as port, door() as http:
        assert (await get(http, f"http://h.example:{port}/")).status == 302


async def test_a_login_page_elsewhere_is_left_for_the_adapter_to_read() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.host.startswith("m.example")
        return web.Response(status=302, headers={"Location": "https://passport.example/signin"}, text="moved")

    async with serving(handler) as port, door(f"http://m.example:{port}") as http:
        answer = await get(http, f"http://m.example:{port}/api", "weibo")
    assert (answer.status, answer.header("Location")) == (302, "https://passport.example/signin")
    assert answer.body == b"moved"


@pytest.mark.parametrize("inside", ["127.0.0.1", "localhost", "0x7f000001", "rebound.example"])
async def test_a_redirect_into_our_own_network_is_refused(inside: str) -> None:
    """The first host is allowed as 127.0.0.2; wherever the redirect says, the connection would go to 127.0.0.1."""

    async def handler(request: web.Request) -> web.Response:
        assert request.host.startswith("127.0.0.2"), "the guard let it through"
        return web.Response(status=302, headers={"Location": f"http://{inside}:{port}/latest/meta-data"})

    async with serving(handler, "0.0.0.0") as port, door(allow_private=["127.0.0.2/32"]) as http:
        failed = await failure(http, f"http://127.0.0.2:{port}/", "site:127.0.0.2")
    assert (failed.reason, failed.detail) == (Reason.NOT_ALLOWED, "127.0.0.1 is not a public address")


async def test_a_redirect_to_a_clouds_metadata_is_refused() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "http://169.254.169.254/latest/meta-data"})

    async with serving(handler) as port, door() as http:
        failed = await failure(http, f"http://h.example:{port}/", "site:h.example")
    assert (failed.reason, failed.detail) == (Reason.NOT_ALLOWED, "169.254.169.254 is not a public address")


async def test_secrets_stay_with_the_host_they_were_given_for() -> None:
    seen: list[tuple[str, ...]] = []
    names = ("Cookie", "X-Token", "X-Plain")

    async def handler(request: web.Request) -> web.Response:
        host = request.host.partition(":")[0]
        seen.append((f"{host}{request.path}", *(request.headers.get(name, "") for name in names)))
        onward = {
            "/1": f"http://a.example:{port}/2",
            "/2": f"http://b.example:{port}/3",
            "/3": f"http://a.example:{port}/4",
        }
        if request.path in onward:
            return web.Response(status=302, headers={"Location": onward[request.path]})
        return web.Response(text="end")

    async with serving(handler) as port:
        pace = {f"site:a.example:{port}": PlatformPace("", 60_000, 4, (("X-Token", "ours"),), roams=True)}
        async with door(pace=pace) as http:
            await get(
                http,
                f"http://a.example:{port}/1",
                f"site:a.example:{port}",
                headers=(("X-Plain", "yes"),),
                secret_headers=(("Cookie", "SUB=1"),),
            )
            await get(http, f"http://b.example:{port}/5", f"site:a.example:{port}", aside=True)
    assert seen == [
        ("a.example/1", "SUB=1", "ours", "yes"),
        ("a.example/2", "SUB=1", "ours", "yes"),
        ("b.example/3", "", "", "yes"),
        ("a.example/4", "", "", "yes"),  # back home, but sent there by a stranger
        ("b.example/5", "", "", ""),
    ]


async def test_a_platforms_cookie_goes_to_its_base_address_only() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.headers.get("Cookie", "none"))

    async with serving(handler) as port:
        base = f"http://m.example:{port}"
        pace = {"weibo": PlatformPace(base, 60_000, 4, (("Cookie", "SUB=1"),))}
        async with door(pace=pace) as http, http.open("weibo", NOW) as wire:
            assert (await wire.ask(Request(url=f"{base}/api"))).body == b"SUB=1"
            assert (await wire.ask(Request(url=f"http://other.example:{port}/api", aside=True))).body == b"none"


async def test_a_cookie_among_the_plain_headers_does_not_cross_hosts_either() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/":
            return web.Response(status=302, headers={"Location": f"http://b.example:{port}/end"})
        return web.Response(text=request.headers.get("Cookie", "none"))

    async with serving(handler) as port, door() as http:
        answer = await get(http, f"http://a.example:{port}/", "site:a.example", headers=(("cookie", "SUB=1"),))
    assert answer.body == b"none"
