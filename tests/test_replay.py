"""Recorded answers in the network's place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from mediawatch.core.model import Reason
from mediawatch.core.wire import Exchange, Failed, Request, Validator, Wires
from mediawatch.wires.replay import Replay
from tests.wire_server import NOW, Shelf, door, serving

AT = datetime(2021, 6, 19, 7, 32, tzinfo=UTC)


def recorded(url: str, body: bytes, method: str = "GET") -> Exchange:
    return Exchange(url=url, method=method, at=AT, status=200, body=body, final_url=url)


async def test_a_question_is_found_whatever_the_host_and_the_order_of_its_query() -> None:
    replay = Replay([recorded("https://m.example/api/%E4%BA%8C?uid=1&page=2&q=", b"found")], base="http://sim.example/")
    async with replay.open("weibo", NOW) as wire:
        assert (wire.base, wire.now) == ("http://sim.example", NOW)
        answer = await wire.ask(Request(url=f"{wire.base}/api/二?q=&page=2&uid=1"))
        assert answer.body == b"found"
        assert answer.at == AT, "relative dates are read against the instant of the recording"
        assert wire.exchanges == (answer,)


@pytest.mark.parametrize(
    "request_",
    [
        Request(url="https://m.example/api?uid=2"),
        Request(url="https://m.example/api"),
        Request(url="https://m.example/other?uid=1"),
        Request(url="https://m.example/api?uid=1", method="POST"),
    ],
)
async def test_what_was_not_recorded_is_not_made_up(request_: Request) -> None:
    async with Replay([recorded("https://m.example/api?uid=1", b"x")]).open("weibo", NOW) as wire:
        with pytest.raises(Failed) as failed:
            await wire.ask(request_)
    assert failed.value.failure.reason is Reason.UNREADABLE
    assert failed.value.failure.detail.startswith("not recorded")


async def test_repeats_come_in_their_order_and_each_look_begins_anew() -> None:
    url = "https://m.example/api"
    replay = Replay([recorded(url, b"1"), recorded(url, b"post", "POST"), recorded(url, b"2")])
    for _ in range(2):
        async with replay.open("weibo", NOW) as wire:
            bodies = [(await wire.ask(Request(url=url))).body for _ in range(3)]
            posted = await wire.ask(Request(url=url, method="POST"))
        assert (bodies, posted.body) == ([b"1", b"2", b"2"], b"post")


async def test_a_recording_keeps_limits_bodies_and_validators_as_the_network_does() -> None:
    shelf = Shelf()
    known = (Validator(url="https://m.example/", etag='"1"', digest="0" * 64),)
    replay: Wires = Replay([recorded("https://m.example/", b"12345")], keeper=shelf)
    assert replay.room("weibo") > 0
    async with replay.open("weibo", NOW, known) as wire:
        answer = await wire.ask(Request(url="https://m.example/", max_body=5))
        assert shelf.recall(answer.digest) == b"12345"
        assert wire.validators == known
        with pytest.raises(Failed, match="larger than 4 bytes"):
            await wire.ask(Request(url="https://m.example/", max_body=4))


async def test_what_the_network_gave_can_be_given_again() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/old":
            return web.Response(status=301, headers={"Location": "/new"})
        return web.Response(text=request.path)

    async def look(wires: Wires, base: str) -> tuple[Exchange, ...]:
        async with wires.open("feed:h.example", NOW) as wire:
            for path in ("old", "new", "old"):
                await wire.ask(Request(url=f"{base}/{path}"))
            return wire.exchanges

    async with serving(handler) as port, door() as http:
        live = await look(http, f"http://h.example:{port}")
    assert await look(Replay(live), "https://elsewhere.example") == live


TAPE = """
situation: normal
at: 2021-06-19T15:32:00+08:00
address: {uid: "1"}
exchanges:
  - url: https://m.example/api?uid=1
    headers: {Content-Type: application/json}
    body: '{"ok": 1, "name": "某省公路"}'
  - url: https://m.example/app.apk
    status: 404
    method: HEAD
    final_url: https://cdn.example/app.apk
    body_base64: |
      UEsDBAA
      A/w==
  - {url: "https://m.example/empty"}
"""


async def test_a_fixture_file_is_a_recording(tmp_path: Path) -> None:
    file = tmp_path / "normal.yaml"
    file.write_text(TAPE, encoding="utf-8")
    profile, package, empty = Replay.load(file).exchanges
    assert profile.body.decode() == '{"ok": 1, "name": "某省公路"}'
    assert (profile.status, profile.at, profile.final_url) == (200, AT, profile.url)
    assert profile.header("content-type") == "application/json"
    assert (package.method, package.status, package.body) == ("HEAD", 404, b"PK\x03\x04\x00\x00\xff")
    assert package.final_url == "https://cdn.example/app.apk"
    assert empty.body == b""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a list",
        "exchanges: []",  # no instant
        "{at: 2021-06-19T15:32:00, exchanges: []}",  # no zone
        "{at: 2021-06-19T15:32:00Z, exchanges: [{body: x}]}",  # no address
        "{at: 2021-06-19T15:32:00Z, exchanges: [{url: x, bodie: x}]}",
        "{at: 2021-06-19T15:32:00Z, exchanges: [{url: x, body: x, body_base64: eA==}]}",
        "{at: 2021-06-19T15:32:00Z, exchanges: [{url: x, body_base64: '?'}]}",
    ],
)
def test_a_fixture_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError):
        Replay.load(file)
