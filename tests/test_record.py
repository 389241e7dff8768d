"""Recording a fixture: from a live answer over loopback, without secrets, and it replays as it was read."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from mediawatch.adapters import ADAPTERS
from mediawatch.wires.replay import Replay
from tests.record import main, record
from tests.shell import Sim, write
from tests.stories import START, weibo
from tests.test_adapters import described, loaded, read_here
from tests.test_settings import loaded as settings_in
from tests.wire_server import NOW, serving

COOKIE = "SUB=nobody-may-ever-see-this-cookie"


def test_a_recording_from_the_simulator_replays_as_it_was_read(tmp_path: Path) -> None:
    with Sim({"accounts": [weibo("well", every="1d")]}, starts_at=START) as sim:
        folder = sim.write(tmp_path)
        to = tmp_path / "weibo" / "x.yaml"
        words = ("--adapter", "weibo", "--address", "uid=9900000001", "--to", str(to))
        assert main([*words, "--settings", str(folder / "mediawatch.yaml")]) == 0
    fixture = loaded(to)
    adapter = ADAPTERS["weibo"]
    address = adapter.address.model_validate(fixture["address"])
    wire = Replay.load(to, adapter.base_url).open("weibo", fixture["at"])
    seen = read_here(adapter, address, asyncio.run(adapter.fetch(address, wire)))
    expect = {key: value for key, value in fixture["expect"]["seen"].items() if key != "newest"}
    assert described(seen, expect) == expect
    assert expect["posts"] > 0
    assert len(wire.exchanges) == fixture["expect"].get("asked", 1)


async def test_no_secret_is_recorded_not_even_where_the_platform_repeats_it(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(
            text=f"you are {request.headers['Cookie']}", headers={"Set-Cookie": "SUB=new", "X-You": COOKIE}
        )

    async with serving(handler) as port:
        platform = {"base_url": f"http://127.0.0.1:{port}", "cookie": COOKIE}
        text = f"wire: {{allow_private: ['127.0.0.0/8']}}\nplatforms: {{weibo: {platform}}}"
        made = await record(ADAPTERS["weibo"], {"uid": "9900000001"}, settings_in(tmp_path, text).settings, NOW)
    assert made["exchanges"]
    assert "failure" in made["expect"]
    assert "nobody-may-ever" not in str(made)
    assert "SUB=new" not in str(made)


@pytest.mark.parametrize("settings", [{"platforms": {"wiebo": {}}}, {}])
def test_wrong_settings_or_a_wrong_address_record_nothing(tmp_path: Path, settings: dict[str, object]) -> None:
    write(tmp_path, "", settings)
    to = tmp_path / "x.yaml"
    words = ("--adapter", "weibo", "--address", "uid=twelve", "--to", str(to))
    assert main([*words, "--settings", str(tmp_path / "mediawatch.yaml")]) == 2
    assert not to.exists()
