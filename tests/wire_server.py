"""A real server on the loopback for the wire's tests: one handler per test, every host name leads to it."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from mediawatch.core.model import Failure
from mediawatch.core.wire import Answered, Exchange, Failed, Request, Validator
from mediawatch.wires.http import Http
from mediawatch.wires.pace import PlatformPace

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
LOOPBACK = ["127.0.0.0/8"]


class Shelf:
    """A keeper in memory."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.packed: list[bytes] = []

    def keep_all(self, answers: Sequence[Answered]) -> list[str]:
        self.packed += [one.packed for one in answers]
        return [self.keep(one.body) for one in answers]

    def keep(self, body: bytes) -> str:
        digest = hashlib.sha256(body).hexdigest()
        self.bodies[digest] = body
        return digest

    def holds(self, digest: str) -> bool:
        return digest in self.bodies

    def recall(self, digest: str) -> bytes | None:
        return self.bodies.get(digest)


class Everywhere(AbstractResolver):
    """Every name is this machine; names in `elsewhere` are the address given there."""

    def __init__(self, **elsewhere: str) -> None:
        self.elsewhere = elsewhere

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.elsewhere.get(host.replace(".", "_"), "127.0.0.1")
        if not address:
            raise OSError(None, "no such name")
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        return None


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """The port on which this handler answers every path."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, host, 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw(answer: bytes, reset: bool = False) -> AsyncIterator[int]:
    """The port on which every question gets exactly these bytes, and then the end (or a reset)."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(answer)
        if reset:
            writer.transport.abort()
            return
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def door(base: str = "", keeper: Any = None, **settings: Any) -> AsyncIterator[Http]:
    """An `Http` with a fast pace for `weibo` (at `base`), `feed`, `site` (led anywhere) and whatever `pace` adds."""
    paces = {
        "weibo": PlatformPace(base, 60_000, 4),
        "feed": PlatformPace("", 60_000, 4),
        "site": PlatformPace("", 60_000, 4, roams=True),
        **settings.pop("pace", {}),
    }
    settings = {
        "allow_private": LOOPBACK,
        "resolver": Everywhere(),
        "timeout": timedelta(seconds=5),
        "jitter": 0.0,
        **settings,
    }
    http = Http(paces, keeper or Shelf(), **settings)
    try:
        yield http
    finally:
        await http.close()


async def get(
    http: Http, url: str, platform: str = "", validators: tuple[Validator, ...] = (), **request: Any
) -> Exchange:
    async with http.open(platform or f"feed:{url.partition('://')[2].partition('/')[0]}", NOW, validators) as wire:
        return await wire.ask(Request(url=url, **request))


async def failure(http: Http, url: str, platform: str = "", **request: Any) -> Failure:
    try:
        answer = await get(http, url, platform, **request)
    except Failed as failed:
        return failed.failure
    raise AssertionError(f"an answer came back: {answer.status}")
