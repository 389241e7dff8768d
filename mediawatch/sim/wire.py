"""The simulator as a wire inside this process: no network, no waiting, months in seconds (`core.wire.Wires`).

It must answer as the HTTP wire would against `server.py`: the same bytes, the same reasons where none come back.
"""

from __future__ import annotations

import zlib
from collections import Counter
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from mediawatch.core.model import Reason
from mediawatch.core.wire import Exchange, Failed, Keeper, Request, Validator, Wire
from mediawatch.sim import platforms
from mediawatch.sim.device import SimDevices
from mediawatch.sim.reply import Reply
from mediawatch.sim.world import World

BASE_URL = "http://sim.test"
_LOST = {
    "slow": (Reason.TIMEOUT, "no whole answer in time"),
    "reset": (Reason.PLATFORM_DOWN, "connection reset"),
    "offline": (Reason.OWN_NETWORK, "network unreachable"),
}


class SimWires:
    """Wires to a world. `asked` counts questions by platform; answers are kept where a keeper is given."""

    def __init__(self, world: World, base_url: str = BASE_URL, keeper: Keeper | None = None) -> None:
        self.world = world
        self.keeper = keeper
        self.asked: Counter[str] = Counter()
        self._base_url = base_url.rstrip("/")
        self._bases = {"weibo": f"{self._base_url}/weibo", "appstore": f"{self._base_url}/store"}
        self._bases |= dict.fromkeys(("wechat.backend", "wechat.article"), f"{self._base_url}/wechat")
        self.devices = SimDevices(world, _Beside(self), keeper)

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> Wire:
        """A wire for one look; the world is asked as it stands at `now`."""
        if platform.partition(":")[0] == "device":
            return self.devices.open(platform, now, validators)
        return self.line(platform, now, validators)

    def line(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> SimWire:
        """The same, to whatever is no phone."""
        return SimWire(self, self._bases.get(platform, ""), now, validators)

    def room(self, platform: str) -> int:
        """More than anyone asks for."""
        return 1_000_000

    def answer(self, request: Request, headers: dict[str, str], now: datetime) -> Reply:
        """The reply to a request whose address lies under the base address. Raises `Failed` where it does not."""
        if not request.url.startswith(f"{self._base_url}/"):
            raise Failed(Reason.NOT_ALLOWED, "not an address of the simulated world")
        parts = urlsplit(request.url.removeprefix(self._base_url))
        where = platforms.place(self.world, parts.path)
        self.asked[where.platform if where else ""] += 1
        return platforms.answer(self.world, parts.path, dict(parse_qsl(parts.query)), now, headers)


class _Beside:
    """The way from a phone's look to the world's other platforms (`core.wire.Wires`)."""

    def __init__(self, wires: SimWires) -> None:
        self._wires = wires

    def open(self, platform: str, now: datetime, validators: tuple[Validator, ...] = ()) -> Wire:
        return self._wires.line(platform, now, validators)

    def room(self, platform: str) -> int:
        return 1


class SimWire:
    """One look's wire (`core.wire.Wire`)."""

    def __init__(self, wires: SimWires, base: str, now: datetime, validators: tuple[Validator, ...]) -> None:
        self._wires, self._base, self._now = wires, base, now
        self._exchanges: list[Exchange] = []
        self._validators = {validator.url: validator for validator in validators}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    @property
    def base(self) -> str:
        return self._base

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._exchanges)

    @property
    def validators(self) -> tuple[Validator, ...]:
        return tuple(self._validators.values())

    async def whole(self, answers: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """As they are: each came with its body."""
        return answers

    async def ask(self, request: Request) -> Exchange:
        """The answer, whatever its status. Raises `Failed` where no whole answer came back."""
        keeper, known = self._wires.keeper, self._validators.get(request.url)
        kept = keeper.recall(known.digest) if keeper and known else None
        headers = {"If-None-Match": known.etag} if known and kept is not None else {}
        reply = self._wires.answer(request, headers, self._now)
        if reply.fate != "whole":
            raise Failed(*_LOST[reply.fate])
        unchanged = reply.status == 304 and kept is not None
        body = kept if unchanged and kept is not None else _unpacked(reply)
        if request.max_body is not None and len(body) > request.max_body:
            raise Failed(Reason.UNREADABLE, f"larger than {request.max_body} bytes")
        if keeper:
            keeper.keep(body)
        exchange = Exchange(
            url=request.url,
            method=request.method,
            at=self._now,
            status=200 if unchanged else reply.status,
            headers=(*reply.headers, ("Content-Length", str(len(reply.body)))),
            body=body,
            final_url=request.url,
            unchanged=unchanged,
        )
        self._exchanges.append(exchange)
        if exchange.status == 200 and exchange.header("ETag"):
            self._validators[exchange.url] = Validator(
                url=exchange.url,
                etag=exchange.header("ETag"),
                last_modified=exchange.header("Last-Modified"),
                digest=exchange.digest,
                content_type=exchange.header("Content-Type"),
            )
        return exchange


def _unpacked(reply: Reply) -> bytes:
    if reply.header("Content-Encoding") != "gzip":
        return reply.body
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    body = unpacker.decompress(reply.body)
    if not unpacker.eof:
        raise Failed(Reason.UNREADABLE, "cut off")
    return body
