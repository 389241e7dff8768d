"""Secrets of a platform: filled into the question by the wire, and found in nothing that is kept or shown."""

from __future__ import annotations

import json

import pytest
from aiohttp import web

from mediawatch.core.model import Reason
from mediawatch.core.wire import Failed, Request
from mediawatch.wires.pace import PlatformPace
from mediawatch.wires.secret import withhold
from tests.wire_server import NOW, Shelf, door, serving

APP = "app-secret+1/2="
TOKEN = "token_9f8e7d6c"


def pace(base: str) -> dict[str, PlatformPace]:
    return {"wechat": PlatformPace(base, 60_000, 4, secrets=(("wx1", APP),))}


async def test_a_secret_goes_out_and_is_found_nowhere() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query.get("secret", ""))
        if request.path == "/old":
            raise web.HTTPFound(f"/new?{request.query_string}")
        return web.Response(text=f"you sent {asked[-1]}", headers={"X-Echo": asked[-1], "ETag": '"1"'})

    shelf = Shelf()
    async with serving(handler) as port:
        base = f"http://wx.example:{port}"
        async with door(keeper=shelf, pace=pace(base)) as http, http.open("wechat", NOW) as wire:
            for path in ("/new?a=1", "/old?a=1"):
                answer = await wire.ask(Request(url=f"{base}{path}", secret_query=(("secret", "wx1"),)))
                assert answer.url == f"{base}{path}"
                assert answer.body == b"you sent *****"
            shown = repr((wire.exchanges, wire.validators, shelf.bodies, pace(base)))
    assert asked == [APP] * 3
    assert APP not in shown
    assert "app-secret" not in shown


async def test_a_token_is_withheld_from_what_is_kept_and_serves_the_next_question() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/token":
            assert await request.json() == {"appid": "wx1", "secret": APP}
            return web.json_response({"access_token": TOKEN, "expires_in": 7200})
        return web.json_response({"given": request.query["access_token"] == TOKEN})

    shelf = Shelf()
    async with serving(handler) as port:
        base = f"http://wx.example:{port}"
        question = Request(url=f"{base}/list", secret_query=(("access_token", "wx1/token"),))
        async with door(keeper=shelf, pace=pace(base)) as http:
            async with http.open("wechat", NOW) as wire:
                with pytest.raises(Failed) as raised:
                    await wire.ask(question)
                assert raised.value.failure.reason is Reason.LOGIN_REQUIRED
                renewal = Request(
                    method="POST",
                    url=f"{base}/token",
                    body=json.dumps({"appid": "wx1"}).encode(),
                    secret_json=(("secret", "wx1"),),
                    withhold=(("access_token", "wx1/token"),),
                )
                assert json.loads((await wire.ask(renewal)).body) == {"access_token": "*****", "expires_in": 7200}
            async with http.open("wechat", NOW) as wire:  # another look of the same platform
                assert json.loads((await wire.ask(question)).body) == {"given": True}
    assert TOKEN not in repr((shelf.bodies, wire.exchanges))


async def test_a_secret_never_goes_to_another_host() -> None:
    async def handler(request: web.Request) -> web.Response:
        raise AssertionError("asked")

    async with (
        serving(handler) as port,
        door(pace=pace(f"http://wx.example:{port}")) as http,
        http.open("wechat", NOW) as wire,
    ):
        with pytest.raises(Failed) as raised:
            await wire.ask(Request(url=f"http://other.example:{port}/", secret_query=(("secret", "wx1"),)))
    assert raised.value.failure.reason is Reason.NOT_ALLOWED


async def test_a_page_elsewhere_that_refuses_us_lets_the_platform_not_rest() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=503)

    async with serving(handler) as port, door(pace=pace(f"http://wx.example:{port}")) as http:
        async with http.open("wechat", NOW) as wire:
            await wire.ask(Request(url=f"http://other.example:{port}/", aside=True))
            assert http.room("wechat") == 3
            await wire.ask(Request(url=f"http://wx.example:{port}/"))
        assert http.room("wechat") == 0


@pytest.mark.parametrize("body", [b'{"access_token": "abc', b"[1]", b"\xff", b""])
def test_an_answer_that_may_hold_a_secret_and_cannot_be_read_is_not_kept(body: bytes) -> None:
    assert withhold(body, [("access_token", "t")]) == (b"", {})
    assert withhold(body, []) == (body, {})
    assert withhold(b'{"errcode": 40164}', [("access_token", "t")]) == (b'{"errcode": 40164}', {})
