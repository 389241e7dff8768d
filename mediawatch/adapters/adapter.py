"""What an adapter is: one record of plain functions. It must never judge, store or read a clock.

To add a platform, write one file with an `Address`, `fetch`, `parse` and the record, and name the record in
`mediawatch/adapters/__init__.py`. See CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mediawatch.core.model import Seen, Value
from mediawatch.core.wire import Entrance, Exchange, Wire


@dataclass(frozen=True)
class Pace:
    """How often a platform may be asked: requests a minute, looks at once. Settings may lower or raise both."""

    per_minute: float
    at_once: int


@dataclass(frozen=True)
class Adapter:
    """One channel.

    kind: the name under which targets ask for it (`adapter: weibo`).
    platform: whose patience is spent and whose outage is one incident; see `platform_of`.
    address: the model of the target's own fields; unknown fields are refused.
    fetch: asks the questions, in order, and returns the answers. Raises `Failed` where an answer says why it shows
        nothing. Does IO through the wire only.
    parse: reads the answers. Pure. Raises `Failed` with the reason where they show no content; an answer of no known
        shape is `unreadable`: our fault, never theirs.
    kinds: the kinds of accounts it can be a channel of; empty where any. A channel of the wrong account would pass it.
    covers: the kinds of posts or facts this channel can see by nature.
    only_with: what of that it sees only where a field of the address is given, by the field's name.
    base_url: the platform's public address; settings may replace it.
    isolate: true where parsing is not bounded by construction and must run in a limited worker process.
    quick: beside `isolate`, a reading of the usual answer that is bounded by construction: what `parse` gives, or
        `None` where anything about the answer is unusual.
    essence: a digest of all that is read of the answers, without what moves from answer to answer and is not read;
        empty where it is read otherwise at another time (`5 minutes ago`). What has the same essence need not be read
        again. Without it, nobody knows.
    host_field: the address field whose host, or device, is the platform ("" where it is one for all targets).
    roams: true where the address is followed wherever its server leads, as a visitor's browser would: a site, a
        download. Anywhere else a redirect to another host is refused, or left to be read.
    entrance: how the platform lets callers in who hold no login; the wire keeps what it gives, one for all looks.
    recall: the address, with links of the account's newest posts as its other channels showed them, newest first.
    every: the most that may pass between two looks, where what is demanded is itself a number of looks.
    brought: true where a person brings what is to be seen, so that there is nothing to ask and no look ever falls due.
    needs, blind: what it needs to work, and what it cannot see, in one English sentence each (docs/sources.md).
    """

    kind: str
    address: type[Value]
    fetch: Callable[[Any, Wire], Awaitable[tuple[Exchange, ...]]]
    parse: Callable[[Any, tuple[Exchange, ...]], Seen]
    covers: frozenset[str]
    pace: Pace
    kinds: frozenset[str] = frozenset()
    only_with: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    base_url: str = ""
    isolate: bool = False
    quick: Callable[[Any, tuple[Exchange, ...]], Seen | None] | None = None
    essence: Callable[[Sequence[Exchange]], str] | None = None
    host_field: str = ""
    max_body: int | None = None
    roams: bool = False
    entrance: Entrance | None = None
    recall: Callable[[Any, tuple[str, ...]], Any] | None = None
    every: timedelta | None = None
    brought: bool = False
    needs: str = ""
    blind: str = ""

    def covers_of(self, address: Mapping[str, Any]) -> frozenset[str]:
        """What a target with that address can see by nature."""
        return frozenset(
            kind for kind in self.covers if kind not in self.only_with or address.get(self.only_with[kind])
        )

    def platform_of(self, address: dict[str, Any]) -> str:
        """The platform key of a target: `weibo`, or `feed:bridge.example` where each host has a patience of its own."""
        name = self.platform or self.kind
        if not self.host_field:
            return name
        field = str(address.get(self.host_field, ""))
        host = (field.partition("://")[2] or field).partition("/")[0].rpartition("@")[2]
        return f"{name}:{host.lower()}" if host else name


def all_bytes(exchanges: Sequence[Exchange]) -> str:
    """The essence of answers that read the same at any time, where any byte of them may be read."""
    return "+".join(exchange.digest for exchange in exchanges)
