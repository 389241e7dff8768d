"""Values that readers and wires make without a check are those that a check lets pass."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from mediawatch.adapters import ADAPTERS
from mediawatch.core.seen import Feed
from mediawatch.core.value import Value
from mediawatch.core.wire import Exchange, Failed, Request, asked
from mediawatch.wires.replay import Replay
from tests.test_adapters import FIXTURES, loaded
from tests.wire_server import NOW, door, serving

LISTS = [path for kind in ("feed", "weibo", "weibo.desktop") for path in sorted((FIXTURES / kind).glob("*.yaml"))]


def checked(value: Value) -> Value:
    """The same value, checked field by field."""
    return type(value).model_validate(value.model_dump(), strict=True)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_post_that_is_read_is_sound(path: Path) -> None:
    adapter = ADAPTERS[path.parent.name]
    exchanges = Replay.load(path, adapter.base_url).exchanges
    try:
        seen = adapter.parse(adapter.address.model_validate(loaded(path)["address"]), exchanges)
    except Failed:
        return
    for post in seen.posts if isinstance(seen, Feed) else ():
        assert post == checked(post)
        assert post.model_dump_json() == checked(post).model_dump_json()


async def test_an_exchange_what_is_kept_of_it_and_its_validator_are_sound() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="您好", headers={"ETag": '"7"', "Server": "a\udcffb"})

    async with serving(handler) as port, door(f"http://m.example:{port}") as http, http.open("weibo", NOW) as wire:
        exchange = await wire.ask(Request(url=f"{wire.base}/"))
        (validator,) = wire.validators
    for value in (exchange, asked(exchange, wire.base), validator):
        assert value == checked(value)
    assert isinstance(exchange, Exchange)
    assert exchange.at == datetime(2026, 3, 1, 4, tzinfo=UTC)
