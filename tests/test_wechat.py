"""WeChat's channels: what must hold of every answer, and the login of the official interface over a real wire."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from mediawatch.adapters import feed, wechat_article, wechat_backend, wechat_official
from mediawatch.adapters.wechat_page import Page, about_profile
from mediawatch.core.model import Blame, Feed, Reason
from mediawatch.core.wire import Exchange, Failed
from mediawatch.wires.pace import PlatformPace
from mediawatch.wires.replay import Replay
from tests.wire_server import NOW, Shelf, door, serving

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
OFFICIAL = wechat_official.Address(appid="wx0123456789abcdef")
BACKEND = wechat_backend.Address(fakeid="MzAwMDAwMDAwMQ==")
ARTICLE = wechat_article.Address(urls=("https://mp.weixin.qq.com/s/a",))
ages = st.lists(st.integers(0, 5000), min_size=1, max_size=10, unique=True)
unknown = st.dictionaries(st.text("xyz_", min_size=5, max_size=8), st.none() | st.integers() | st.text(max_size=5))


def answer(body: bytes, path: str = "", method: str = "GET") -> Exchange:
    return Exchange(url=f"https://wx.example{path}", method=method, at=AT, status=200, body=body)


def sent(age: int) -> int:
    return int((AT - timedelta(hours=age)).timestamp())


def published(hours: list[int], more: dict[str, Any]) -> Exchange:
    items = [
        more
        | {
            "article_id": f"a{age}",
            "update_time": sent(age),
            "content": {"news_item": [more | {"title": "通知"}]} | more,
        }
        for age in hours
    ]
    body = more | {"total_count": len(items), "item_count": len(items), "item": items}
    return answer(json.dumps(body).encode(), wechat_official.POSTS, "POST")


def listed(hours: list[int], more: dict[str, Any], broken: int | None = None) -> Exchange:
    records = [
        more
        | {
            "publish_info": json.dumps(
                more
                | {
                    "sent_info": {"time": sent(age)} | more,
                    "appmsgex": [more | {"aid": f"{age}_1", "title": "通知", "update_time": sent(0)}],
                }
            )
        }
        for age in hours
    ]
    if broken is not None:
        records.insert(broken, {"publish_info": ""})
    page = more | {"total_count": 900, "publish_list": records}
    return answer(json.dumps(more | {"base_resp": {"ret": 0} | more, "publish_page": json.dumps(page)}).encode())


# --- what must hold of every answer -----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(ages, st.data(), unknown)
def test_the_newest_does_not_depend_on_order_or_unknown_fields(
    hours: list[int], data: st.DataObject, more: dict[str, Any]
) -> None:
    order = data.draw(st.permutations(hours))
    for seen in (
        wechat_official.parse(OFFICIAL, (published(order, more),)),
        wechat_backend.parse(BACKEND, (listed(order, more),)),
    ):
        assert seen.newest is not None
        assert seen.newest.at == AT - timedelta(hours=min(hours))
        assert len(seen.posts) == len(hours)
        assert seen.complete


@settings(max_examples=60)
@given(ages, st.data())
def test_a_broken_record_is_never_passed_over_where_it_may_be_the_newest(hours: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(hours))
    place = data.draw(st.integers(0, len(order)))
    seen = wechat_backend.parse(BACKEND, (listed(order, {}, place),))
    assert len(seen.posts) == len(hours)
    assert seen.complete == (place > 0 and order == sorted(order))


def test_an_answer_cut_at_any_byte_is_a_failure_that_blames_nobody() -> None:
    whole: Exchange
    parse: Any
    for parse, address, whole in (
        (wechat_official.parse, OFFICIAL, published([3, 90], {})),
        (wechat_backend.parse, BACKEND, listed([3, 90], {})),
    ):
        for end in range(len(whole.body)):
            with pytest.raises(Failed) as raised:
                parse(address, (whole.model_copy(update={"body": whole.body[:end]}),))
            assert raised.value.failure.reason.blame is not Blame.ACCOUNT


def test_an_article_cut_at_any_byte_is_never_taken_for_a_deleted_one() -> None:
    whole = (
        "<html><head><title>通知</title></head><body><div id='js_article'><div id='js_content'>"
        "<p>该内容已被发布者删除，该公众号已迁移</p></div></div>"
        "<script>var biz = 'MzAwMDAwMDAwMQ=='; var ct = '1772182800';</script></body></html>"
    ).encode()
    for end in range(len(whole)):
        with suppress(Failed):
            (article,) = wechat_article.parse(ARTICLE, (answer(whole[:end]),)).articles
            assert article.state == "alive"


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_noise_is_never_held_against_an_account(body: bytes) -> None:
    parse: Any
    for parse, address, path, method in (
        (wechat_official.parse, OFFICIAL, wechat_official.POSTS, "POST"),
        (wechat_backend.parse, BACKEND, "", "GET"),
        (wechat_article.parse, ARTICLE, "", "GET"),
    ):
        with pytest.raises(Failed) as raised:
            parse(address, (answer(body, path, method),))
        assert raised.value.failure.reason.blame is not Blame.ACCOUNT


def test_an_index_in_milliseconds_and_one_for_all_feeds_are_read() -> None:
    index = answer(json.dumps([{"id": "a", "syncTime": sent(1) * 1000}, {"id": "b", "syncTime": sent(9)}]).encode())
    assert feed.read_index("https://b.example/feeds/a.atom?limit=5", index) == AT - timedelta(hours=1)
    assert feed.read_index("https://b.example/feeds/all.rss", index) == AT - timedelta(hours=9)
    assert feed.read_index("https://b.example/feeds/c.rss", index) is None
    assert feed.read_index("https://b.example/feeds/a.rss", answer(b"<html>")) is None


@pytest.mark.parametrize(
    ("module", "bad"),
    [
        (wechat_official, {"appid": "gh_0123456789"}),
        (wechat_backend, {}),
        (wechat_backend, {"own": True, "nickname": "x"}),
        (wechat_backend, {"fakeid": "not base64!"}),
        (wechat_article, {"urls": ["https://evil.example/s/a"]}),
        (wechat_article, {"urls": ["https://mp.weixin.qq.com/s/a"] * 6}),
        (wechat_article, {"about": "https://mp.weixin.qq.com/cgi-bin/home?a"}),
        (feed, {"url": "https://b.example/f", "index": "https://evil.example/feeds"}),
    ],
)
def test_addresses_are_checked_before_anything_is_asked(module: Any, bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        module.Address.model_validate(bad)


def test_a_menu_link_that_looks_like_the_interface_is_no_answer_of_it() -> None:
    real = published([500], {})
    fake = published([1], {}).model_copy(update={"url": f"https://other.example{wechat_official.POSTS}"})
    linked = published([1], {}).model_copy(update={"method": "GET"})
    seen = wechat_official.parse(OFFICIAL, (real, fake, linked))
    assert [post.key for post in seen.posts] == ["a500/0"]


def test_an_account_without_a_word_about_who_stands_behind_it_is_neither_verified_nor_not() -> None:
    assert about_profile({}) is None
    for facts, verified in (({"微信号": "x"}, None), ({"主体类型": "个人"}, False), ({"认证主体": "x"}, True)):
        profile = about_profile(facts)
        assert profile is not None
        assert profile.verified is verified


def test_a_page_of_nothing_but_openings_is_read_in_bounded_time_and_space() -> None:
    page = Page(answer(b"<div id=a class='item-title'>x" * 20_000))
    assert len(page.items) <= 50
    assert len(page.words) <= 4000


# --- the official interface over a real wire --------------------------------------------------------------------------


class Weixin:
    """The platform as far as it is asked here: one account, tokens that can be ended."""

    def __init__(self) -> None:
        self.token = ""
        self.given = 0
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path == wechat_official.TOKEN:
            data = await request.json()
            assert (data["appid"], data["secret"], data["grant_type"]) == (
                OFFICIAL.appid,
                "app-secret-1",
                "client_credential",
            )
            self.given += 1
            self.token = f"token-number-{self.given}"
            return web.json_response({"access_token": self.token, "expires_in": 7200})
        if request.query.get("access_token") != self.token:
            return web.json_response({"errcode": 42001, "errmsg": f"expired: {request.query['access_token']}"})
        if request.path == wechat_official.POSTS:
            assert await request.json() == {"offset": 0, "count": 20, "no_content": 1}
            return web.Response(body=published([3], {}).body)
        if request.path == wechat_official.FOLLOWERS:
            assert await request.json() == {"begin_date": "2026-02-28", "end_date": "2026-02-28"}
            return web.json_response({"list": [{"ref_date": "2026-02-28", "cumulate_user": 7}]})
        return web.json_response({"errcode": 46003})


async def look(http: Any) -> tuple[Feed, tuple[Exchange, ...]]:
    async with http.open("wechat.official", NOW) as wire:
        exchanges = await wechat_official.fetch(OFFICIAL, wire)
        return wechat_official.parse(OFFICIAL, exchanges), exchanges


async def test_a_token_is_asked_for_once_renewed_once_and_never_kept() -> None:
    weixin, shelf, kept = Weixin(), Shelf(), ""
    async with serving(weixin.answer) as port:
        base = f"http://wx.example:{port}"
        pace = {"wechat.official": PlatformPace(base, 60_000, 2, secrets=((OFFICIAL.appid, "app-secret-1"),))}
        async with door(keeper=shelf, pace=pace) as http:
            for looks in range(4):
                if looks == 2:
                    weixin.token = "ended by the platform"
                seen, exchanges = await look(http)
                assert (len(seen.posts), seen.menu, seen.profile and seen.profile.followers) == (1, (), 7)
                kept += repr(exchanges)
    assert weixin.given == 2
    assert weixin.asked.count(wechat_official.POSTS) == 5  # one of them under the token that had ended
    for secret in ("app-secret-1", "token-number"):
        assert secret not in kept + repr(shelf.bodies)


async def test_without_the_secret_nothing_is_asked_and_nobody_is_accused() -> None:
    weixin = Weixin()
    async with serving(weixin.answer) as port:
        pace = {"wechat.official": PlatformPace(f"http://wx.example:{port}", 60_000, 2)}
        async with door(pace=pace) as http:
            with pytest.raises(Failed) as raised:
                await look(http)
    assert raised.value.failure.reason is Reason.LOGIN_REQUIRED
    assert weixin.asked == []


LINK = "https://mp.weixin.qq.com/s/"


def test_the_newest_articles_of_an_account_are_visited_without_being_typed() -> None:
    known = (
        f"{LINK}one#rd",
        "https://weibo.com/1/2",
        f"{LINK[:-1]}?src=11&timestamp=1&signature=x",
        f"{LINK}one",
        *(f"{LINK}{name}" for name in "abcdef"),
    )
    filled = wechat_article.recall(wechat_article.Address(urls=(f"{LINK}typed",)), known)
    assert filled.urls == tuple(f"{LINK}{name}" for name in ("typed", "one", "a", "b", "c"))


async def test_an_account_of_which_no_article_is_known_yet_has_nothing_to_visit() -> None:
    address = wechat_article.recall(wechat_article.Address(), ())
    async with Replay(()).open("wechat.article", NOW) as wire:
        assert wechat_article.parse(address, await wechat_article.fetch(address, wire)).articles == ()
