"""The simulator over HTTP: every platform of a world on loopback ports, and a sink for webhooks that can fail.

All platforms lie under one port, by path. Each feed bridge answers at a port of its own as well, because feeds of one
host share one patience and one outage. The clock is given; what is true at an instant is the world's business.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from mediawatch.sim import platforms, reply
from mediawatch.sim.reply import Reply
from mediawatch.sim.trouble import Channel
from mediawatch.sim.world import World

_MOST_KEPT = 10_000  # deliveries
_SLOW = 60.0  # seconds that a slow answer is held back, unless the server closes; then the connection is cut


@dataclass(frozen=True)
class Delivery:
    """What the sink got, and the status that it answered (0 where it answered nothing)."""

    at: datetime
    path: str
    status: int
    headers: dict[str, str]
    body: bytes


class SimServer:
    """Serves a world. `asked` counts requests by platform, `received` holds what came to `/webhook` and `/wecom`."""

    def __init__(self, world: World, clock: Callable[[], datetime], host: str = "127.0.0.1", port: int = 0) -> None:
        self.world, self.clock = world, clock
        self.asked: Counter[str] = Counter()
        self.received: list[Delivery] = []
        self._host, self._port = host, port
        self._ports: dict[str, int] = {}
        self._closing = asyncio.Event()
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_get("/world", self._world)
        app.router.add_get("/webhook", self._deliveries)
        app.router.add_post("/webhook", self._sink)
        app.router.add_post("/wecom", self._sink)
        app.router.add_get("/{path:.*}", self._platform)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)

    async def start(self) -> None:
        """Opens the ports: `port` (any free one where it is 0), and a free one for each bridge."""
        await self._runner.setup()
        for name in ("", *self.world.definition.bridges):
            site = web.TCPSite(self._runner, self._host, 0 if name else self._port)
            await site.start()
            address: tuple[str, int] = self._runner.addresses[-1]
            self._ports[name] = address[1]

    async def close(self) -> None:
        """Ends all connections, the slow ones too."""
        self._closing.set()
        await self._runner.cleanup()

    async def __aenter__(self) -> SimServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def base_url(self) -> str:
        """The address under which everything lies, without a trailing slash."""
        return f"http://{self._host}:{self._ports['']}"

    @property
    def urls(self) -> dict[str, str]:
        """Base addresses by platform (`weibo`, `store`, `site`, …; `webhook`, `wecom`) and by bridge."""
        urls = {
            name: f"{self.base_url}/{name}"
            for name in ("weibo", "wechat", "store", "packages", "site", "webhook", "wecom")
        }
        bridges = self.world.definition.bridges
        return urls | {name: f"http://{self._host}:{self._ports[name]}/bridge/{name}" for name in bridges}

    async def _platform(self, request: web.Request) -> web.StreamResponse:
        where = platforms.place(self.world, request.path)
        self.asked[where.platform if where else ""] += 1
        return await self._send(
            request, platforms.answer(self.world, request.path, request.query, self.clock(), request.headers)
        )

    async def _send(self, request: web.Request, answer: Reply) -> web.StreamResponse:
        if answer.fate == "slow":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _SLOW)
        if answer.fate != "whole":
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=answer.status)
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))

    async def _sink(self, request: web.Request) -> web.StreamResponse:
        now, body = self.clock(), await request.read()
        answer = reply.refused(self.world.trouble(Channel.SINK, now))
        if answer is None:
            answer = reply.json_reply({"errcode": 0, "errmsg": "ok"})
        status = answer.status if answer.fate == "whole" else 0
        self.received.append(Delivery(now, request.path, status, dict(request.headers), body))
        del self.received[:-_MOST_KEPT]
        return await self._send(request, answer)

    async def _deliveries(self, request: web.Request) -> web.Response:
        return web.json_response(
            [
                {
                    "at": got.at.isoformat(),
                    "path": got.path,
                    "status": got.status,
                    "headers": got.headers,
                    "body": got.body.decode("utf-8", "replace"),
                }
                for got in self.received
            ]
        )

    async def _world(self, request: web.Request) -> web.Response:
        return web.json_response(truth(self.world, self.clock()) | {"asked": dict(self.asked)})


def truth(world: World, now: datetime) -> dict[str, Any]:
    """What is true at that instant, as plain data: every account's posts and every trouble that is on."""
    accounts = {}
    for id_, player in world.players.items():
        profile = world.profile(id_, now)
        release = world.release(id_, now)
        accounts[id_] = {
            "name": profile.name,
            "posts": profile.posts,
            "newest_post_at": profile.newest_at.isoformat() if profile.newest_at else None,
            "version": release.version if release else None,
            "package": world.package_state(id_, now).value if player.package else None,
        }
    troubles = [
        {"mode": standing.mode.value, "where": list(standing.trouble.where), "since": standing.since.isoformat()}
        for standing in world.troubles(now)
    ]
    return {
        "world": world.definition.name,
        "starts_at": world.starts_at.isoformat(),
        "now": now.isoformat(),
        "accounts": accounts,
        "troubles": troubles,
    }
