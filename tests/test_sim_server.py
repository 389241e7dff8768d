"""The simulator over real loopback HTTP: the same bytes, the same troubles, a sink for webhooks, settings that fit."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
import yaml

from mediawatch.settings import load
from mediawatch.sim import platforms
from mediawatch.sim.server import SimServer
from mediawatch.sim.settings import WEBHOOK_SECRET, settings_for
from mediawatch.sim.world import World, load_world
from tests.sim_support import DAY, GETINDEX, START, world


class Clock:
    """A clock that stands still, and knows when somebody has looked at it."""

    def __init__(self) -> None:
        self.now = START
        self.read = asyncio.Event()

    def __call__(self) -> datetime:
        self.read.set()
        return self.now


def served(sim: World) -> SimServer:
    return SimServer(sim, Clock())


async def test_the_server_sends_the_same_bytes_as_the_process() -> None:
    sim = world()
    async with served(sim) as server, aiohttp.ClientSession() as session:
        for path, query in (
            (GETINDEX, {"containerid": "1076039900000001"}),
            ("/store/lookup", {"id": "9910000001"}),
            ("/bridge/mp/feed/mp1.xml", {}),
            ("/packages/one.apk", {}),
            ("/nowhere", {}),
        ):
            expected = platforms.answer(sim, path, query, START)
            async with session.get(server.base_url + path, params=query) as answer:
                assert (answer.status, await answer.read()) == (expected.status, expected.body)
                assert answer.headers["Content-Type"] == expected.header("Content-Type")
                assert int(answer.headers["Content-Length"]) == len(expected.body)
        assert server.asked == {"weibo": 1, "store": 1, "mp": 1, "packages": 1, "": 1}


async def test_every_bridge_has_a_host_of_its_own() -> None:
    async with served(world()) as server, aiohttp.ClientSession() as session:
        urls = server.urls
        assert len({url.split("/")[2] for url in (urls["weibo"], urls["hub"], urls["mp"])}) == 3
        async with session.get(urls["hub"] + "/wechat/ce/hub1") as answer:
            etag = answer.headers["ETag"]
        async with session.get(urls["hub"] + "/wechat/ce/hub1", headers={"If-None-Match": etag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")


async def test_troubles_happen_on_the_wire_too() -> None:
    sim = world(
        {"mode": "reset", "where": "store"},
        {"mode": "cut_off_gzip", "where": "hub"},
        {"mode": "redirect_to_passport", "where": "weibo"},
        {"mode": "slow", "where": "packages"},
    )
    clock = Clock()
    server = SimServer(sim, clock)
    await server.start()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(server.urls["store"] + "/lookup")
        async with session.get(server.base_url + GETINDEX, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"][:28]) == (302, "https://passport.weibo.com/v")
        raw = aiohttp.ClientSession(auto_decompress=False)
        async with raw, raw.get(server.urls["hub"] + "/wechat/ce/hub1") as answer:
            body = await answer.read()
            assert answer.headers["Content-Encoding"] == "gzip"
            assert int(answer.headers["Content-Length"]) == len(body)
        clock.read.clear()
        waiting = asyncio.ensure_future(session.get(server.urls["packages"] + "/one.apk"))
        await clock.read.wait()
        assert not waiting.done()
        await server.close()  # a slow answer holds nobody up
        with pytest.raises(aiohttp.ClientError):
            await waiting


async def test_the_sink_records_what_it_gets_and_fails_on_a_timetable() -> None:
    clock = Clock()
    sim = world({"mode": "server_error", "where": "webhook", "from": "day 1", "to": "day 2", "retry_after": 7})
    server = SimServer(sim, clock)
    async with server, aiohttp.ClientSession() as session:
        url = server.urls["webhook"]
        for day, status in ((0, 200), (1, 503), (2, 200)):
            clock.now = START + day * DAY
            async with session.post(url, json={"day": day}, headers={"webhook-id": f"m{day}"}) as answer:
                assert answer.status == status
                assert answer.headers.get("Retry-After") == ("7" if status == 503 else None)
        async with session.post(server.urls["wecom"], json={}) as answer:
            assert await answer.json() == {"errcode": 0, "errmsg": "ok"}
        async with session.get(url) as answer:
            listed = await answer.json()
    assert [(got.status, got.path) for got in server.received] == [
        (200, "/webhook"), (503, "/webhook"), (200, "/webhook"), (200, "/wecom"),
    ]  # fmt: skip
    assert [got.headers.get("webhook-id") for got in server.received[:3]] == ["m0", "m1", "m2"]
    assert listed[1]["body"] == '{"day": 1}'


async def test_the_truth_can_be_asked_for() -> None:
    clock = Clock()
    async with SimServer(world({"mode": "gone", "from": "day 2"}), clock) as server, aiohttp.ClientSession() as session:
        clock.now = START + 3 * DAY
        async with session.get(server.base_url + "/world") as answer:
            told = await answer.json()
    assert told["now"] == clock.now.isoformat()
    assert told["troubles"] == [{"mode": "gone", "where": ["one"], "since": (START + 2 * DAY).isoformat()}]
    assert (told["accounts"]["one"]["posts"], told["accounts"]["two"]["package"]) == (143, "good")


async def test_the_settings_of_the_demo_are_settings(tmp_path: Path) -> None:
    sim = load_world("demo", START)
    async with served(sim) as server:
        accounts, settings = settings_for(sim, server.base_url, server.urls)
        (tmp_path / "accounts.yaml").write_text(yaml.safe_dump(accounts, allow_unicode=True), "utf-8")
        (tmp_path / "mediawatch.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), "utf-8")
        (tmp_path / "mediawatch.yaml").chmod(0o600)
        loaded = load(tmp_path / "accounts.yaml", tmp_path / "mediawatch.yaml", {})
        registered = [account for account in loaded.accounts if not account.canary]
        assert len(registered) == len(sim.players) - 2
        assert {account.kind for account in registered} == {"weibo", "wechat", "app", "website"}
        assert len([account for account in loaded.accounts if account.canary]) == 2
        feeds = {target.platform for account in registered for target in account.targets if target.adapter == "feed"}
        assert len(feeds) == 3
        assert WEBHOOK_SECRET.encode() not in repr(loaded.settings).encode()
