"""Bilibili beyond its fixtures, and the platforms that are watched through RSSHub: what no route tells fails nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from mediawatch.adapters import ADAPTERS, bilibili, feed
from mediawatch.core.model import Account, Evidence, Feed, Look, Outcome, Reason, SeenPost
from mediawatch.core.rules import judge
from mediawatch.core.wire import Exchange, Failed, Request
from mediawatch.register.accounts_file import make_target
from mediawatch.rulebook_file import load_rulebook
from mediawatch.wires.pace import PlatformPace
from tests.wire_server import NOW, door, serving

AT = datetime(2026, 3, 20, 1, tzinfo=UTC)
BOOK = load_rulebook("national-2019")
MID = bilibili.Address(mid="7000000001")
ages = st.lists(st.integers(0, 5000), min_size=1, max_size=12, unique=True)
unknown = st.dictionaries(st.text("abc_", min_size=4, max_size=8), st.none() | st.integers() | st.text(max_size=5))


# --- Bilibili -----------------------------------------------------------------------------------------------------


def item(age: int, pinned: bool, more: dict[str, Any], mid: int = 7000000001) -> dict[str, Any]:
    author = more | {"mid": mid, "pub_ts": int((AT - timedelta(hours=age)).timestamp()), "pub_time": "昨天 16:00"}
    modules = more | {"module_author": author} | ({"module_tag": {"text": " 置顶"}} if pinned else {})
    return more | {"id_str": str(age + 1), "type": "DYNAMIC_TYPE_AV", "modules": modules}


def answer(items: list[dict[str, Any]], more: dict[str, Any]) -> bytes:
    return json.dumps(more | {"code": 0, "data": more | {"has_more": True, "items": items}}).encode()


def exchange(body: bytes) -> Exchange:
    return Exchange(url="https://api.bilibili.com/x", at=AT, status=200, body=body)


@given(ages, st.data(), unknown)
def test_the_newest_dynamic_does_not_depend_on_order_pins_unknown_fields_or_others(
    hours: list[int], data: st.DataObject, more: dict[str, Any]
) -> None:
    pins = {age: data.draw(st.booleans()) for age in hours}
    items = [item(age, pins[age], more) for age in data.draw(st.permutations(hours))]
    items.insert(data.draw(st.integers(0, len(items))), item(-100, False, more, mid=7))
    seen = bilibili.read_dynamics(MID, exchange(answer(items, more)))
    assert seen.newest is not None
    assert seen.newest.at == AT - timedelta(hours=min(hours))
    assert sum(post.pinned for post in seen.posts) == sum(pins.values())
    assert seen.complete == (not all(pins.values()))


@given(ages, st.floats(0, 1, exclude_max=True))
def test_dynamics_cut_anywhere_are_unreadable(hours: list[int], where: float) -> None:
    whole = answer([item(age, False, {}) for age in hours], {})
    with pytest.raises(Failed) as raised:
        bilibili.read_dynamics(MID, exchange(whole[: int(len(whole) * where)]))
    assert raised.value.failure.reason is Reason.UNREADABLE


async def test_visitors_get_cookies_that_are_kept_nowhere_and_renewed_when_we_are_taken_for_a_robot() -> None:
    given_out: list[str] = []
    cookies: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        if request.path.endswith("/spi"):
            given_out.append(f"INVENTED-{len(given_out)}-infoc")
            return web.json_response({"code": 0, "data": {"b_3": given_out[-1], "b_4": "FOUR-INVENTED"}})
        cookies.append(request.headers.get("Cookie", ""))
        return web.json_response({"code": -352 if len(cookies) == 2 else 0, "data": {}})

    async with serving(handler) as port:
        base = f"http://api.example:{port}"
        entrance = bilibili.ADAPTER.entrance
        assert entrance is not None
        pace = PlatformPace(base, 60_000, 1, entrance=type(entrance)(entrance.enter, entrance.turned_away, base))
        async with door(pace={"bilibili": pace}) as http, http.open("bilibili", NOW) as wire:
            codes = [json.loads((await wire.ask(Request(url=f"{base}/x"))).body)["code"] for _ in range(2)]
            assert codes == [0, 0]
            assert [one.url for one in wire.exchanges] == [f"{base}/x"] * 3
            assert not any(b"INVENTED" in one.body for one in wire.exchanges)
    sent = [f"buvid3={name}; buvid4=FOUR-INVENTED" for name in given_out]
    assert cookies == [sent[0], sent[0], sent[1]]


@pytest.mark.parametrize("body", ['{"code": -352}', '{"code": 0, "data": {"b_3": "a\\nb: c", "b_4": "x"}}', "<html>"])
async def test_no_cookies_no_entry(body: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=body)

    async with (
        serving(handler) as port,
        door(base=f"http://api.example:{port}") as http,
        http.open("weibo", NOW) as wire,
    ):
        with pytest.raises(Failed):
            await bilibili.enter(wire, wire.base)


# --- Toutiao, Douyin, Kuaishou, Xiaohongshu through RSSHub ----------------------------------------------------------


def rss(ages_: list[int | None]) -> bytes:
    def dated(age: int | None) -> str:
        return "" if age is None else f"<pubDate>{AT - timedelta(days=age):%a, %d %b %Y %H:%M:%S GMT}</pubDate>"

    items = "".join(
        f"<item><title>便民通知第{number}期</title><link>https://v.example/{number}</link>{dated(age)}</item>"
        for number, age in enumerate(ages_)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>云溪发布</title>{items}</channel></rss>'.encode()


def judged(kind: str, body: bytes, days: int = 60) -> dict[str, Outcome]:
    """The findings after the route gave the same answer every day, the last time at `AT`."""
    address = {"url": "https://hub.example/route"}
    target = make_target(ADAPTERS["feed"], "acc", address, ADAPTERS["feed"].covers)
    answered = Exchange(url=address["url"], at=AT, status=200, body=body)
    seen = feed.parse(feed.Address(**address), (answered,))
    assert isinstance(seen, Feed)
    newest = seen.newest.at if seen.newest else None
    looks = [
        Look(
            target=target.id,
            adapter="feed",
            platform=target.platform,
            covers=target.covers,
            at=AT - timedelta(days=back),
            seen=seen,
            posts=len(seen.posts),
            newest_at=newest,
        )
        for back in reversed(range(days))
    ]
    first = looks[0].at
    posts = [
        SeenPost(
            key=post.key, target=target.id, at=post.at, first_seen_at=max(first, post.at or first), last_seen_at=AT
        )
        for post in seen.posts
    ]
    account = Account(id="acc", name="云溪发布", kind=kind, targets=(target,))
    found = Evidence(account=account, now=AT, watched_since=first, looks=tuple(looks), posts=tuple(posts))
    return {finding.indicator: finding.outcome for finding in judge(BOOK, found)}


KINDS = ("toutiao", "video", "other")


@pytest.mark.parametrize("kind", KINDS)
def test_a_route_without_dates_never_fails_an_account(kind: str) -> None:
    """Xiaohongshu's list of notes has none: two months of it prove nothing, neither for nor against."""
    assert judged(kind, rss([None] * 8))["U1"] is Outcome.UNKNOWN
    assert Outcome.FAIL not in judged(kind, rss([None] * 8)).values()


@pytest.mark.parametrize("kind", KINDS)
def test_one_item_without_a_date_may_be_the_newest(kind: str) -> None:
    assert judged(kind, rss([90, 100, None]))["U1"] is Outcome.UNKNOWN


@pytest.mark.parametrize("kind", KINDS)
def test_a_route_with_dates_is_judged_like_any_list(kind: str) -> None:
    assert judged(kind, rss([90, 100, 110]))["U1"] is Outcome.FAIL
    assert judged(kind, rss([90, 3, 110]))["U1"] is Outcome.PASS


@pytest.mark.parametrize("kind", KINDS)
def test_no_route_says_that_an_account_is_gone(kind: str) -> None:
    for status, reason in ((404, Reason.UNREADABLE), (503, Reason.PLATFORM_DOWN), (403, Reason.BLOCKED)):
        with pytest.raises(Failed) as raised:
            feed.parse(
                feed.Address(url="https://hub.example/r"), (exchange(b"x").model_copy(update={"status": status}),)
            )
        assert raised.value.failure.reason is reason
    assert not ADAPTERS["feed"].kinds or kind in ADAPTERS["feed"].kinds
