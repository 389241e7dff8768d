"""Visitor cookies against a passport host on the loopback: asked for once, shared, renewed once, never kept."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web

from mediawatch.adapters import weibo, weibo_visitor
from mediawatch.adapters.weibo_answers import Address
from mediawatch.core.model import Feed, Reason
from mediawatch.core.wire import Entrance, Exchange, Failed, Grant, Wire
from mediawatch.house import wires_of
from mediawatch.settings_values import Platform, Settings
from mediawatch.store.blobs import Blobs
from mediawatch.wires.entry import Entry
from mediawatch.wires.http import Http
from mediawatch.wires.pace import PlatformPace
from mediawatch.wires.replay import Replay
from tests.test_pace import virtually
from tests.wire_server import NOW, Everywhere, Shelf, door, serving

UID = "5555000001"
ADDRESS = Address(uid=UID)
POST = {"id": "9", "mid": "9", "created_at": "Sun Mar 01 08:00:00 +0800 2026", "text": "通知", "user": {"id": int(UID)}}
PROFILE = {"ok": 1, "data": {"userInfo": {"id": int(UID), "screen_name": "云溪市发布", "statuses_count": 1}}}
TIMELINE = {"ok": 1, "data": {"cards": [{"card_type": 9, "mblog": POST}]}}
SIGN_IN = {"ok": -100, "url": "https://passport.weibo.com/sso/signin?entry=wapsso"}
CAPTCHA = {"ok": -100, "url": "https://m.weibo.cn/captcha/show?scene=limit"}


@dataclass
class Weibo:
    """The mobile site and the passport host, as far as a visitor sees them. `sub` numbers each cookie that is granted.

    ways: which of v1 and v2 grant a SUB; both answer "success" in any case. dead: cookies that are no longer taken.
    refusal: how the mobile site turns a caller away.
    """

    ways: tuple[str, ...] = ("v1", "v2")
    dead: set[str] = field(default_factory=set)
    refusal: Callable[[], web.Response] = field(default=lambda: web.json_response(SIGN_IN))
    passport_down: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    subs: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked[request.path.rpartition("/")[2]] += 1
        return self.passport(request) if request.path.startswith("/visitor/") else self.mobile(request)

    def sub(self) -> str:
        self.subs.append(f"_2AkMsecretcookienumber{len(self.subs)}")
        return self.subs[-1]

    def passport(self, request: web.Request) -> web.Response:
        assert "Cookie" not in request.headers
        if self.passport_down:
            return web.Response(status=self.passport_down)
        data: dict[str, Any] = {"tid": "01AVLy+/tid=", "new_tid": True, "confidence": 95}
        if request.path.endswith("/genvisitor"):
            return _jsonp("gen_callback", data)
        if request.path.endswith("/visitor"):
            assert request.query["t"] == data["tid"]
            assert (request.query["a"], request.query["w"], request.query["c"]) == ("incarnate", "3", "095")
            answer = _jsonp("cross_domain", {})
            if "v1" in self.ways:
                answer.headers.add("Set-Cookie", f"SUB={self.sub()}; Path=/; Domain=.weibo.cn; HttpOnly")
                answer.headers.add("Set-Cookie", "SUBP=0033WrSXqPxfM72-secret; Path=/; Domain=.weibo.cn")
                answer.headers.add("Set-Cookie", "SRF=1; Path=/")
            else:
                answer.headers.add("Set-Cookie", "SUB=deleted; Max-Age=0")
            return answer
        granted = {"sub": self.sub(), "subp": "0033WrSXqPxfM72-secret"} if "v2" in self.ways else {"scene": "gray"}
        return _jsonp("visitor_gray_callback", data | granted)

    def mobile(self, request: web.Request) -> web.Response:
        sub = request.cookies.get("SUB", "")
        if sub not in self.subs or sub in self.dead:
            return self.refusal()
        return web.json_response(TIMELINE if "containerid" in request.query else PROFILE)


def _jsonp(callback: str, data: dict[str, Any]) -> web.Response:
    said = json.dumps({"retcode": 20000000, "msg": "succ", "data": data})
    return web.Response(text=f"window.{callback} && {callback}({said});", content_type="text/html")


@asynccontextmanager
async def visited(site: Weibo, shelf: Shelf | None = None) -> AsyncIterator[Http]:
    async with serving(site.answer) as port:
        entrance = replace(weibo_visitor.ENTRANCE, base_url=f"http://passport.example:{port}")
        pace = {"weibo": PlatformPace(f"http://m.example:{port}", 60_000, 8, entrance=entrance)}
        async with door(keeper=shelf, pace=pace) as http:
            yield http


async def look(http: Http) -> tuple[Feed | Failed, tuple[Exchange, ...]]:
    """What one look saw, or why it saw nothing, and the answers that it keeps."""
    wire = http.open("weibo", NOW)
    try:
        async with wire:
            return weibo.parse(ADDRESS, await weibo.fetch(ADDRESS, wire)), wire.exchanges
    except Failed as failed:
        return failed, wire.exchanges


def reason(seen: Feed | Failed) -> Reason | None:
    return seen.failure.reason if isinstance(seen, Failed) else None


@pytest.mark.parametrize("ways", [("v1",), ("v2",), ("v1", "v2")])
async def test_a_visitor_gets_its_cookie_once_and_all_looks_share_it(ways: tuple[str, ...]) -> None:
    site = Weibo(ways)
    async with visited(site) as http:
        for _ in range(3):
            seen, kept = await look(http)
            assert isinstance(seen, Feed)
            assert len(kept) == 2
        together = await asyncio.gather(*(look(http) for _ in range(5)))
    assert all(isinstance(seen, Feed) for seen, _ in together)
    assert len(site.subs) == 1
    assert site.asked["genvisitor"] == 1


async def test_many_looks_at_the_start_ask_for_one_cookie() -> None:
    site = Weibo()
    async with visited(site) as http:
        seen = await asyncio.gather(*(look(http) for _ in range(8)))
    assert all(isinstance(one, Feed) for one, _ in seen)
    assert len(site.subs) == 1


async def test_a_success_without_a_cookie_is_none() -> None:
    site = Weibo(ways=())
    async with visited(site) as http:
        seen, kept = await look(http)
        assert isinstance(seen, Failed)
        assert reason(seen) is Reason.LOGIN_REQUIRED
        assert "no visitor cookie was granted" in str(seen)
        assert seen.failure.retry_after == pytest.approx(300, abs=5)
        assert kept == ()
        assert http.room("weibo") == 0
        again, _ = await look(http)  # somebody looks all the same
        assert reason(again) is Reason.LOGIN_REQUIRED
    assert site.asked == {"genvisitor": 1, "visitor": 1, "genvisitor2": 1}


async def test_a_passport_host_that_is_down_is_the_platforms_fault() -> None:
    async with visited(Weibo(passport_down=502)) as http:
        seen, _ = await look(http)
    assert reason(seen) is Reason.PLATFORM_DOWN


async def test_a_line_of_ours_that_is_cut_is_no_refusal_of_the_entrance() -> None:
    site = Weibo()
    async with serving(site.answer) as port:
        entrance = replace(weibo_visitor.ENTRANCE, base_url=f"http://lost.example:{port}")
        pace = {"weibo": PlatformPace(f"http://m.example:{port}", 60_000, 8, entrance=entrance)}
        async with door(pace=pace, resolver=Everywhere(lost_example="")) as http:
            seen, _ = await look(http)
            assert reason(seen) is Reason.OWN_NETWORK
            assert http.room("weibo") == 8


@pytest.mark.parametrize(
    "refusal",
    [
        lambda: web.json_response(SIGN_IN),
        lambda: web.json_response({"ok": -100, "msg": "请先登录"}),
        lambda: web.Response(status=432),
        lambda: web.Response(status=302, headers={"Location": "https://visitor.passport.weibo.cn/visitor/visitor"}),
        lambda: web.Response(text="<!DOCTYPE html><title>Sina Visitor System</title>", content_type="text/html"),
    ],
    ids=["ok_minus_100", "please_log_in", "432", "redirect", "visitor_page"],
)
async def test_a_spent_cookie_is_renewed_once_within_the_look(refusal: Callable[[], web.Response]) -> None:
    site = Weibo()
    async with visited(site) as http:
        assert isinstance((await look(http))[0], Feed)
        site.dead, site.refusal = set(site.subs), refusal
        seen, kept = await look(http)
        assert isinstance(seen, Feed)
        assert len(kept) == 3, "the refusal is evidence, too"
        assert len(site.subs) == 2
        assert http.room("weibo") == 8, "the platform has refused a cookie, not us"
        together = await asyncio.gather(*(look(http) for _ in range(5)))
        assert all(isinstance(one, Feed) for one, _ in together)
    assert len(site.subs) == 2


async def test_looks_that_are_turned_away_together_renew_one_cookie() -> None:
    site = Weibo()
    async with visited(site) as http:
        await look(http)
        site.dead = set(site.subs)
        seen = await asyncio.gather(*(look(http) for _ in range(8)))
    assert all(isinstance(one, Feed) for one, _ in seen)
    assert len(site.subs) == 2


async def test_a_fresh_cookie_that_is_turned_away_is_not_followed_by_another() -> None:
    site = Weibo()
    async with visited(site) as http:
        await look(http)
        site.dead = {f"_2AkMsecretcookienumber{number}" for number in range(9)}
        seen, kept = await look(http)
        assert reason(seen) is Reason.LOGIN_REQUIRED
        assert len(kept) == 2
        assert len(site.subs) == 2
        assert http.room("weibo") == 0
        seen, kept = await look(http)
        assert (reason(seen), kept) == (Reason.LOGIN_REQUIRED, ())
    assert len(site.subs) == 2


async def test_a_432_that_stays_is_a_refusal_like_any_other() -> None:
    site = Weibo(refusal=lambda: web.Response(status=432), dead={"_2AkMsecretcookienumber0"})
    async with visited(site) as http:
        seen, _ = await look(http)
        assert reason(seen) is Reason.BLOCKED
        assert http.room("weibo") == 0
    assert len(site.subs) == 1


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (lambda: web.json_response(CAPTCHA), Reason.CAPTCHA),
        (lambda: web.Response(status=432, headers={"Retry-After": "60"}), Reason.BLOCKED),
        (lambda: web.Response(status=418), Reason.BLOCKED),
        (lambda: web.json_response({"ok": 0, "msg": "请求过于频繁"}), Reason.RATE_LIMITED),
    ],
)
async def test_another_cookie_is_no_answer_to_any_other_refusal(
    refusal: Callable[[], web.Response], why: Reason
) -> None:
    site = Weibo()
    async with visited(site) as http:
        await look(http)
        site.dead, site.refusal = set(site.subs), refusal
        seen, _ = await look(http)
        assert reason(seen) is why
        assert http.room("weibo") == 0
    assert len(site.subs) == 1


async def test_a_cookie_is_kept_nowhere_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    shelf = Shelf()

    class Echoing(Weibo):
        def mobile(self, request: web.Request) -> web.Response:
            sub = request.cookies.get("SUB", "")
            echo = {"ok": 1, "data": PROFILE["data"], "cookie": sub}  # a platform that shows us what we sent
            return web.json_response(echo, headers={"X-Sub": sub, "Set-Cookie": f"SUB={sub}"})

    site = Echoing()
    async with visited(site, shelf) as http, http.open("weibo", NOW) as wire:
        answer = await wire.ask(weibo._request(wire, ADDRESS, ""))
        assert site.subs
        shown = [repr(wire.exchanges), repr(answer), caplog.text, *(body.decode() for body in shelf.bodies.values())]
        assert wire.exchanges == (answer,)
        assert list(shelf.bodies) == [answer.digest], "no answer of the passport host is kept"
    assert [text for text in shown if "secret" in text] == []
    assert "secret" not in repr(Grant(headers=(("Cookie", "SUB=secret"),), lasts=1))


async def test_cookies_do_not_leave_the_platform() -> None:
    seen: list[tuple[str, str]] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append((request.host, request.headers.get("Cookie", "")))
        if request.path == "/api/container/getIndex":
            return web.Response(status=302, headers={"Location": f"http://m.example:{other}/elsewhere"})
        return web.json_response(PROFILE)

    site = Weibo()
    async with serving(elsewhere) as other, serving(site.answer) as passport:
        entrance = replace(weibo_visitor.ENTRANCE, base_url=f"http://passport.example:{passport}")
        pace = {"weibo": PlatformPace(f"http://m.example:{other}", 60_000, 8, entrance=entrance)}
        async with door(pace=pace) as http, http.open("weibo", NOW) as wire:
            await wire.ask(weibo._request(wire, ADDRESS, ""))
            await wire.ask(replace(weibo._request(wire, ADDRESS, ""), url=f"http://x.example:{other}/y", aside=True))
    assert [cookie.startswith("SUB=") for _, cookie in seen] == [True, True, False]


# --- the cool-down, in a loop whose clock jumps -----------------------------------------------------------------------


def story_of(outcomes: list[bool], lasts: float = 72_000.0) -> tuple[Entrance, list[float]]:
    """An entrance that grants or refuses in that order, and the loop times at which it was asked."""
    asked: list[float] = []

    async def enter(wire: Wire, base: str) -> Grant:
        asked.append(asyncio.get_running_loop().time())
        if not outcomes.pop(0):
            raise Failed(Reason.LOGIN_REQUIRED, "none")
        return Grant(lasts=lasts)

    return Entrance(enter, weibo_visitor.turned_away, "http://passport.example"), asked


def test_the_rest_doubles_up_to_an_hour_and_ends() -> None:
    async def story() -> None:
        entrance, asked = story_of([False] * 7 + [True])
        entry, wire = Entry(entrance), Replay(()).open("weibo", NOW)
        while True:
            try:
                await entry.grant(wire)
                break
            except Failed as failed:
                await asyncio.sleep(failed.failure.retry_after or 0)
        waits = [later - earlier for earlier, later in pairwise(asked)]
        assert waits == pytest.approx([300, 600, 1200, 2400, 3600, 3600, 3600], abs=0.01)
        assert not entry.resting

    virtually(story)


def test_an_old_grant_is_renewed_unasked_and_a_good_one_forgets_the_refusals() -> None:
    async def story() -> None:
        entrance, asked = story_of([True, True, False, True, False], lasts=1000)
        entry, wire = Entry(entrance), Replay(()).open("weibo", NOW)
        first = await entry.grant(wire)
        assert await entry.grant(wire) is first
        entry.let_in(first)
        await asyncio.sleep(1001)
        second = await entry.grant(wire)
        assert second is not first
        assert entry.renewable(first), "who still holds the old one gets the new one"
        entry.let_in(first)
        assert not entry.renewable(second), "it has not let anybody in yet"
        entry.let_in(second)
        with pytest.raises(Failed):
            await entry.grant(wire, instead_of=second)
        await asyncio.sleep(301)
        third = await entry.grant(wire)
        entry.let_in(third)
        with pytest.raises(Failed) as raised:
            await entry.grant(wire, instead_of=third)
        assert raised.value.failure.retry_after == pytest.approx(300, abs=1)
        assert len(asked) == 5

    virtually(story)


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "url"),
    [
        ({}, "https://visitor.passport.weibo.cn"),
        ({"base_url": "https://m.weibo.cn"}, "https://visitor.passport.weibo.cn"),
        ({"base_url": "http://127.0.0.1:8/weibo"}, None),
        ({"base_url": "http://127.0.0.1:8/weibo", "entrance_url": "http://127.0.0.1:8"}, "http://127.0.0.1:8"),
        ({"cookie": "SUB=of-a-login"}, None),
        ({"entrance_url": ""}, None),
    ],
)
async def test_visitor_cookies_are_for_the_real_platform_and_for_those_without_a_login(
    tmp_path: Any, block: dict[str, str], url: str | None
) -> None:
    settings = Settings(platforms={"weibo": Platform.model_validate(block)})
    http = wires_of(settings, Blobs(tmp_path))
    entrance = http._pace["weibo"].entrance
    assert (entrance.base_url if entrance is not None else None) == url
    await http.close()


def test_an_entrance_address_must_be_one() -> None:
    with pytest.raises(ValueError):
        Platform.model_validate({"entrance_url": "passport.weibo.cn"})


async def test_a_timeline_is_not_parsed_for_a_dismissal() -> None:
    body = json.dumps({"ok": -100, "data": "x" * 5000}).encode()
    answer = Exchange(url="https://m.weibo.cn/x", at=NOW, status=200, body=body)
    assert not weibo_visitor.turned_away(answer)
