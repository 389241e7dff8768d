"""What must hold of every answer of Weibo's desktop site and open API, and of the secrets that they are asked with."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from mediawatch.adapters import weibo_desktop, weibo_open
from mediawatch.adapters.weibo_answers import CODES, Address
from mediawatch.core.model import Blame, Feed, Reason
from mediawatch.core.wire import Exchange, Failed
from mediawatch.wires.pace import PlatformPace
from tests.wire_server import NOW, Shelf, door, serving

UID = "5555000001"
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DESKTOP, OWN = Address(uid=UID), weibo_open.Address(uid=UID)
Parse = Callable[[Any, tuple[Exchange, ...]], Feed]
READ: tuple[Parse, Parse] = (weibo_desktop.parse, weibo_open.parse)
HOME = weibo_open.Address(uid=UID, via="home")
TOKEN = "2.00secret+token/of_ours"
unknown = st.dictionaries(
    st.text("abc_", min_size=4, max_size=8), st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none())
)
ages = st.lists(st.integers(0, 5000), min_size=1, max_size=12, unique=True)


def answer(data: Any, status: int = 200) -> Exchange:
    body = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return Exchange(url="https://weibo.com/x", at=AT, status=status, body=body)


def user(count: int = 9999, **more: Any) -> dict[str, Any]:
    return {"id": int(UID), "screen_name": "云溪市发布", "statuses_count": count, **more}


def blog(age: int, pin: int = 0, more: dict[str, Any] | None = None, uid: str = UID) -> dict[str, Any]:
    day = AT - timedelta(hours=age)
    created = f"Mon {MONTHS[day.month - 1]} {day:%d %H:%M:%S} +0000 {day.year}"
    pinned: dict[int, dict[str, Any]] = {1: {"isTop": 1}, 2: {"mblogtype": 2}, 3: {"title": {"text": "置顶"}}}
    pins = pinned.get(pin, {})
    written = {"id": age + 1, "mid": str(age + 1), "created_at": created, "text": "通知", "user": {"id": int(uid)}}
    return (more or {}) | written | pins


def desktop(blogs: list[dict[str, Any]], more: dict[str, Any] | None = None, **data: Any) -> tuple[Exchange, Exchange]:
    more = more or {}
    return (
        answer(more | {"ok": 1, "data": more | {"user": more | user()}}),
        answer(more | {"ok": 1, "data": more | {"list": blogs, **data}}),
    )


# --- lists ------------------------------------------------------------------------------------------------------------


@given(ages, st.data(), unknown)
def test_the_newest_does_not_depend_on_order_pins_or_unknown_fields(
    hours: list[int], data: st.DataObject, more: dict[str, Any]
) -> None:
    pins = {age: data.draw(st.integers(0, 3)) for age in hours}
    blogs = [blog(age, pins[age], more) for age in data.draw(st.permutations(hours))]
    seen = weibo_desktop.parse(DESKTOP, desktop(blogs, more))
    assert seen.newest is not None
    assert seen.newest.at == AT - timedelta(hours=min(hours))
    assert sum(post.pinned for post in seen.posts) == sum(pin > 0 for pin in pins.values())
    assert seen.complete == (any(pin == 0 for pin in pins.values()) and len(hours) > 1), "one of 9999 is no list"
    opened = weibo_open.parse(OWN, (answer(more | user()), answer(more | {"statuses": blogs})))
    assert {post.key: post.at for post in opened.posts} == {post.key: post.at for post in seen.posts}


@given(ages, ages, st.data())
def test_a_followers_timeline_proves_what_it_shows_and_nothing_more(
    theirs: list[int], others: list[int], data: st.DataObject
) -> None:
    mixed = [blog(age) for age in theirs] + [blog(age, uid="7777000001") for age in others]
    shown = data.draw(st.permutations(mixed))
    seen = weibo_open.parse(HOME, (answer(user(0)), answer({"statuses": shown})))
    assert {post.at for post in seen.posts} == {AT - timedelta(hours=age) for age in theirs}
    assert not seen.complete
    assert seen.profile is not None
    assert seen.profile.posts is None, "the API leaves the counts of others out"


@settings(max_examples=60)
@given(ages, st.floats(0, 1, exclude_max=True))
def test_an_answer_cut_anywhere_is_a_failure_that_blames_nobody(hours: list[int], where: float) -> None:
    blogs = [blog(age) for age in hours]
    profile, timeline = desktop(blogs)
    shown, listed = answer(user()), answer({"statuses": blogs})
    for parse, address, first, second in (
        (READ[0], DESKTOP, profile, timeline),
        (READ[1], OWN, shown, listed),
    ):
        for exchanges in ((cut(first, where), second), (first, cut(second, where))):
            with pytest.raises(Failed) as raised:
                parse(address, exchanges)
            assert raised.value.failure.reason.blame is not Blame.ACCOUNT


def cut(exchange: Exchange, where: float) -> Exchange:
    return exchange.model_copy(update={"body": exchange.body[: int(len(exchange.body) * where)]})


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from([200, 400, 403]))
def test_noise_is_never_held_against_an_account(body: bytes, status: int) -> None:
    for parse, address in ((READ[0], DESKTOP), (READ[1], OWN), (READ[1], HOME)):
        with pytest.raises(Failed) as raised:
            parse(address, (answer(body, status), answer(body, status)))
        assert raised.value.failure.reason.blame is not Blame.ACCOUNT


def test_what_an_account_writes_of_itself_is_no_word_of_the_platform() -> None:
    words = "该用户不存在(20003) 请先登录 验证码 社区公约"
    boasts = {
        "description": words,
        "screen_name": words,
        "verified_reason": words,
        "url": f"https://x.example/?{words}",
    }
    seen = weibo_open.parse(OWN, (answer(user() | boasts), answer({"statuses": [blog(1)]})))
    assert seen.complete
    profile = answer({"ok": 1, "data": {"user": user() | boasts}})
    assert weibo_desktop.parse(DESKTOP, (profile, desktop([blog(1), blog(2)])[1])).complete


def test_only_the_profile_call_says_that_an_account_is_gone() -> None:
    assert [code for code, reason in CODES.items() if reason.blame is Blame.ACCOUNT] == ["20003"]
    said: tuple[dict[str, Any], ...] = (
        {"error_code": 20003, "error": "User does not exists!"},
        {"ok": 0, "msg": "该用户不存在(20003)"},
    )
    for data in said:
        for parse, address, first in ((READ[0], DESKTOP, desktop([])[0]), (READ[1], OWN, answer(user()))):
            with pytest.raises(Failed) as raised:
                parse(address, (first, answer(data)))
            assert raised.value.failure.reason is Reason.UNREADABLE


# --- secrets ----------------------------------------------------------------------------------------------------------


async def test_a_token_is_sent_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query["access_token"])
        if "user_timeline" in request.path:
            said = {
                "error": f"token {asked[-1]} sees its own user only",
                "error_code": 21335,
                "request": request.path_qs,
            }
            return web.json_response(said, status=403)
        return web.json_response(user())

    shelf = Shelf()
    async with serving(handler) as port:
        pace = {"weibo.open": PlatformPace(f"http://api.example:{port}", 60_000, 1, secrets=(("access_token", TOKEN),))}
        async with door(keeper=shelf, pace=pace) as http, http.open("weibo.open", NOW) as wire:
            with pytest.raises(Failed) as raised:
                weibo_open.parse(OWN, await weibo_open.fetch(OWN, wire))
            shown = [repr(wire.exchanges), repr(wire.validators), str(raised.value), repr(pace), caplog.text]
    assert asked == [TOKEN, TOKEN]
    assert raised.value.failure.reason is Reason.LOGIN_REQUIRED
    shown += [body.decode() for body in shelf.bodies.values()]
    assert [text for text in shown if "secret" in text] == []
    assert [exchange.url.partition("?")[2] for exchange in wire.exchanges] == [
        f"uid={UID}",
        f"uid={UID}&count=100&page=1",
    ]


async def test_without_a_token_nothing_is_asked() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise AssertionError("asked")

    async with serving(handler) as port:
        pace = {"weibo.open": PlatformPace(f"http://api.example:{port}", 60_000, 1)}
        async with door(pace=pace) as http, http.open("weibo.open", NOW) as wire:
            with pytest.raises(Failed) as raised:
                await weibo_open.fetch(OWN, wire)
    assert raised.value.failure.reason is Reason.LOGIN_REQUIRED


async def test_the_cookie_of_a_login_goes_to_the_desktop_site_and_is_kept_nowhere() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Cookie"] == "SUB=secret-login-of-an-office"
        if "mymblog" in request.path:
            return web.json_response({"ok": 1, "data": {"list": [blog(1), blog(2)], "you": request.headers["Cookie"]}})
        return web.json_response({"ok": 1, "data": {"user": user()}})

    shelf = Shelf()
    async with serving(handler) as port:
        headers = (("Cookie", "SUB=secret-login-of-an-office"),)
        pace = {"weibo.desktop": PlatformPace(f"http://weibo.example:{port}", 60_000, 1, headers)}
        async with door(keeper=shelf, pace=pace) as http, http.open("weibo.desktop", NOW) as wire:
            assert weibo_desktop.parse(DESKTOP, await weibo_desktop.fetch(DESKTOP, wire)).complete
    shown = [repr(wire.exchanges), *(body.decode() for body in shelf.bodies.values())]
    assert [text for text in shown if "secret" in text] == []
