"""The door to the network: one per process, with its connections, its paces and the place where answers are kept.

It must not ask anything itself: it opens an `asking.Asking` for each look.
"""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import aiohttp
from aiohttp.abc import AbstractResolver

from mediawatch import __version__
from mediawatch.core.model import Reason
from mediawatch.core.wire import Failed, Keeper, Validator
from mediawatch.wires.asking import Asking
from mediawatch.wires.guard import Network, networks, socket_factory
from mediawatch.wires.keeping import Keeping
from mediawatch.wires.pace import Lane, PlatformPace
from mediawatch.wires.redirect import own_hosts
from mediawatch.wires.tls import Answer

USER_AGENT = f"mediawatch/{__version__}"


class Http:
    """Opens a wire for each look (`core.wire.Wires`), over one connection pool. `await close()` when done.

    pace: by platform key. A key is looked up as it is, then by the part before the colon (`feed` for
        `feed:bridge.example`); each key has a queue of its own.
    allow_private: networks that may be asked although they are not public.
    max_body: bytes of a body, unpacked. timeout: for a whole answer, redirects included. jitter: of an interval.
    resolver: names to addresses, for tests; asynchronous DNS where `None`. trust: whose certificates are believed, for
        tests; the system's where `None`.

    Raises `ValueError` for a network that is none, and for secrets of a platform that has no one host.
    """

    def __init__(
        self,
        pace: Mapping[str, PlatformPace],
        keeper: Keeper,
        *,
        allow_private: Iterable[str | Network] = (),
        max_body: int = 8 * 1024 * 1024,
        timeout: timedelta = timedelta(seconds=20),
        connect_timeout: timedelta = timedelta(seconds=10),
        user_agent: str = USER_AGENT,
        resolver: AbstractResolver | None = None,
        trust: ssl.SSLContext | None = None,
        jitter: float = 0.1,
    ) -> None:
        for key, platform in pace.items():
            if (platform.secret_headers or platform.secrets) and not platform.base_url and ":" not in key:
                raise ValueError(f"platform {key}: secrets need a base_url or a key that names one host")
        self._pace = dict(pace)
        self._lanes: dict[str, Lane] = {}
        self._jitter = jitter
        self._allow_private = networks(allow_private)
        self.connect_timeout = connect_timeout.total_seconds()
        self._user_agent = user_agent
        self._resolver = resolver
        self._trust = trust
        self._pools: dict[socket.AddressFamily, aiohttp.ClientSession] = {}
        self._closed = False
        self.keeping = Keeping(keeper)
        self.max_body = max_body
        # For a whole answer: the silences in it are limited only where it may last longer than one of them.
        self.limits = aiohttp.ClientTimeout(
            total=timeout.total_seconds(), sock_connect=self.connect_timeout, ceil_threshold=math.inf
        )
        self.heard: Callable[[str, datetime], None] | None = None  # is told which time each host says that it is

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> Asking:
        """A wire for one look, to be left through its `async with`. Raises `KeyError` for an unknown platform."""
        return Asking(self, platform, self.lane(platform), now, validators)

    def room(self, platform: str) -> int:
        """How many looks this platform's pace leaves free just now; none while it rests after a refusal."""
        return self.lane(platform).room()

    def renew(self, pace: Mapping[str, PlatformPace]) -> None:
        """Takes the logins of these paces in place of its own; nothing else of them."""
        self._pace = {key: own.renewed(pace.get(key, own)) for key, own in self._pace.items()}
        for key, lane in self._lanes.items():
            lane.renew(self._pace.get(key) or self._pace[key.partition(":")[0]])

    async def close(self) -> None:
        """Ends all connections, for good. Looks still under way end with a `Failed`."""
        self._closed = True
        while self._pools:
            await self._pools.popitem()[1].close()

    def session(self, *, ipv6: bool = False) -> aiohttp.ClientSession:
        """The session for any way, or for IPv6 alone; made at its first question, because it belongs to the running
        loop."""
        if self._closed:
            raise Failed(Reason.NOT_ALLOWED, "shutting down")
        family = socket.AF_INET6 if ipv6 else socket.AF_UNSPEC
        if family not in self._pools:
            connector = aiohttp.TCPConnector(
                limit=0,  # the pace is the limit
                ttl_dns_cache=300,
                family=family,
                resolver=self._resolver,
                ssl=self._trust or True,
                socket_factory=socket_factory(self._allow_private),
            )
            self._pools[family] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self._user_agent},
                auto_decompress=False,  # see body.py
                response_class=Answer,
                trust_env=False,
            )
        return self._pools[family]

    def lane(self, platform: str) -> Lane:
        """The platform's own queue. Raises `KeyError` for an unknown platform."""
        if platform not in self._lanes:
            pace = self._pace.get(platform) or self._pace.get(platform.partition(":")[0])
            if pace is None:
                raise KeyError(f"no pace is set for platform {platform}")
            self._lanes[platform] = Lane(pace, self._jitter, own_hosts(platform, pace))
        return self._lanes[platform]
