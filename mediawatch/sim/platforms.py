"""The world as its platforms answer it, byte for byte: one pure function from a request and an instant to a reply.

Under one base address lie `/weibo`, `/wechat`, `/store`, `/bridge/<name>`, `/packages` and `/site`. The
same world, request and instant give the same bytes, over HTTP and in process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mediawatch.sim import bridges, reply, site, stores, wechat, weibo
from mediawatch.sim.reply import NOT_FOUND, Reply
from mediawatch.sim.trouble import Channel
from mediawatch.sim.world import World


@dataclass(frozen=True)
class Place:
    """Where a path leads: the platform as troubles name it, and the path inside it."""

    platform: str
    path: str


def place(world: World, path: str) -> Place | None:
    """The platform that answers for that path, or `None`."""
    head, _, rest = path.removeprefix("/").partition("/")
    if head in (Channel.WEIBO, Channel.WECHAT, Channel.STORE, Channel.PACKAGES, Channel.SITE):
        return Place(head, "/" + rest)
    name, _, inside = rest.partition("/")
    if head == Channel.BRIDGE and name in world.definition.bridges:
        return Place(name, "/" + inside)
    return None


def answer(
    world: World, path: str, query: Mapping[str, str], now: datetime, headers: Mapping[str, str] | None = None
) -> Reply:
    """What comes back at that instant; `Reply.fate` says where nothing whole does.

    Of the request's headers only `If-None-Match` is looked at: a feed that it names is 304.
    """
    where = place(world, path)
    if where is None:
        return NOT_FOUND
    match where.platform:
        case Channel.WEIBO:
            player = weibo.whose(world, query)
        case Channel.STORE:
            player = stores.whose_listing(world, query)
        case Channel.PACKAGES:
            player = stores.whose_package(world, where.path)
        case Channel.WECHAT:
            player = wechat.whose(world, where.path, query, now)
        case Channel.SITE:
            player = site.whose(world, where.path)
        case name:
            player = bridges.whose(world, name, where.path)
    standing = world.trouble(where.platform, now, player.id if player else "")
    own = weibo.refused(standing) if where.platform == Channel.WEIBO else None
    if where.platform == Channel.WECHAT:
        own = wechat.refused(where.path, standing)
    if (refusal := own or reply.refused(standing)) is not None:
        return refusal
    match where.platform:
        case Channel.WEIBO:
            made = weibo.content(world, where.path, query, player, standing, now)
        case Channel.STORE:
            made = stores.listing(world, where.path, query, player, standing, now)
        case Channel.PACKAGES:
            made = stores.download(world, player, standing, now)
        case Channel.WECHAT:
            made = wechat.content(world, where.path, query, player, standing, now)
        case Channel.SITE:
            made = site.content(world, where.path, player, standing, now)
        case name:
            made = bridges.content(world, name, where.path, query, player, standing, now)
    etag = made.header("ETag")
    if etag and (headers or {}).get("If-None-Match") == etag:
        kept = tuple((name, value) for name, value in made.headers if name != "Content-Type")
        return Reply(304, b"", kept)
    return reply.damaged(made, standing)
