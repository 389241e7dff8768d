"""RSS, Atom and JSON Feed: WeChat bridges, RSSHub and any other feed.

It must never open an address or a file by itself: the bytes come from our wire. It must never take a cut-off document
for a short one, or the channel's own date for a post's.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from pydantic import Field, field_validator

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import digest_of, plain, refuse, unexpected_page, web_address
from mediawatch.core.model import Feed, Post, Profile, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 2 * 1024 * 1024
MOST_ITEMS = 2000
_LONGEST_KEY = 200
_HAS_ZONE = re.compile(
    r"(?:[0-9]:[0-9]{2}|T[0-9]{4})(?::?[0-9]{2})?(?:[.,][0-9]{1,9})? ?"
    r"(?:Z|UTC?|GMT|[ECMP][SD]T|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})(?![0-9A-Za-z])"
)
_BARE_RFC = re.compile(r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_CLOSED = re.compile(rb"</(?:[A-Za-z][A-Za-z0-9_.-]*:)?(?:rss|feed|rdf)\s*>(?:\s+|<!--(?:[^-]|-(?!->))*-->)*+\Z", re.I)
_ITEM = re.compile(rb"<(?:[A-Za-z][A-Za-z0-9_.-]*:)?(?:item|entry)[\s>]", re.I)
_ENTITY = re.compile(rb"<!ENTITY", re.I)
_REPOST_TITLE = " - 转发 @"
_REPOST_BODY = re.compile(r"<blockquote>\s*-?\s*转发")


class Address(Value):
    """url: the feed. zone: the IANA zone of dates that name none; they are read as UTC where it is not given."""

    url: str = Field(pattern=r"^https?://\S+$", max_length=2000)
    zone: str = ""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key if zone else ""
        except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            raise ValueError(f"no such time zone: {zone}") from None


@dataclass(frozen=True)
class Item:
    """One item of any of the formats, before it becomes a post."""

    id: str = ""
    link: str = ""
    title: str = ""
    content: str = ""
    moment: datetime | None = None
    repost: bool = False


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One request."""
    accept = "application/rss+xml, application/atom+xml, application/feed+json, application/xml, text/xml, */*;q=0.5"
    return (await wire.ask(Request(url=address.url, headers=(("Accept", accept),), max_body=MAX_BODY)),)


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """The items with their own dates. A valid feed without items is a blank `Feed`: it saw nothing.

    `complete` is false where an item has no readable date, for that item may be the newest. Raises `Failed` where
    the body is no whole feed.
    """
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    refuse(exchange)
    body = exchange.body
    if len(body) > MAX_BODY:
        raise Failed(Reason.UNREADABLE, f"feed of {len(body)} bytes")
    zone: tzinfo = ZoneInfo(address.zone) if address.zone else UTC
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    name, items = _json_feed(exchange, zone) if start.startswith(b"{") else _xml_feed(exchange, zone)
    posts = _posts(items)
    return Feed(
        profile=Profile(name=plain(name, 200)) if name.strip() else None,
        posts=posts,
        complete=all(post.at is not None for post in posts),
    )


# --- posts ------------------------------------------------------------------------------------------------------------


def _posts(items: list[Item]) -> tuple[Post, ...]:
    """One post for each item, in the feed's order; the newest `MOST_ITEMS` where there are more."""
    names = Counter(name for item in items for name in {clean(item.id, 2000), clean(item.link, 2000)})
    posts: dict[str, Post] = {}
    for item in items:
        # Some generators give every item the channel's own address: such a name is no identity.
        own = (name for name in (clean(item.id, 2000), clean(item.link, 2000)) if name and names[name] == 1)
        post = _post(item, next(own, ""))
        posts.setdefault(post.key, post)
    if len(posts) <= MOST_ITEMS:
        return tuple(posts.values())
    oldest = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(posts.values(), key=lambda post: post.at or oldest, reverse=True)[:MOST_ITEMS])


def _post(item: Item, key: str) -> Post:
    title = plain(item.title, 300)
    if not key or len(key) > _LONGEST_KEY:
        key = hashlib.sha256((key or f"{item.moment}\n{title}").encode("utf-8", "replace")).hexdigest()
    return Post(
        key=key,
        at=item.moment,
        title=title,
        url=web_address(item.link) or web_address(item.id),
        repost=item.repost or _REPOST_TITLE in item.title or _REPOST_BODY.search(item.content[:4096]) is not None,
        digest=digest_of(f"{item.title}\n{item.content[:100_000]}"),
    )


# --- RSS and Atom -----------------------------------------------------------------------------------------------------


def _xml_feed(exchange: Exchange, zone: tzinfo) -> tuple[str, list[Item]]:
    import feedparser

    body = exchange.body
    if _ENTITY.search(body):
        raise Failed(Reason.UNREADABLE, "the feed declares entities")
    if not body.strip():
        raise unexpected_page(exchange, "a feed")
    # BytesIO only: feedparser opens a str, and bytes that name a file.
    read = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not read.get("version"):
        raise unexpected_page(exchange, "a feed")
    entries = read["entries"]
    if read.get("bozo"):
        tail = body.replace(b"\0", b"")
        if not _CLOSED.search(tail[-8192:]):
            raise Failed(Reason.UNREADABLE, f"cut-off feed, {len(entries)} items before the cut")
        if not entries or len(_ITEM.findall(tail)) > len(entries):
            raise Failed(Reason.UNREADABLE, "malformed feed: some items cannot be read")
    return str(read["feed"].get("title") or ""), [_entry(entry, zone) for entry in entries]


def _entry(entry: Any, zone: tzinfo) -> Item:
    # dict.get: the mapping's own lookup answers for `updated` with `published`, and the other way round.
    moment = None
    for name in ("published", "created", "updated"):
        if dict.get(entry, name) or dict.get(entry, f"{name}_parsed"):
            moment = _from_struct(dict.get(entry, f"{name}_parsed"), str(dict.get(entry, name) or ""), zone)
            break
    contents = [str(dict.get(entry, "summary") or "")]
    contents += [str(part.get("value") or "") for part in dict.get(entry, "content") or ()]
    return Item(
        id=str(dict.get(entry, "id") or ""),
        link=str(dict.get(entry, "link") or ""),
        title=str(dict.get(entry, "title") or ""),
        content="\n".join(contents),
        moment=moment,
    )


def _from_struct(parsed: Any, raw: str, zone: tzinfo) -> datetime | None:
    """feedparser's UTC time; where the raw text names no zone, the same clock time in the declared zone."""
    if parsed is None and _BARE_RFC.fullmatch(raw.strip()):
        parsed = parsedate(raw)  # feedparser gives up where this form names no zone
    if parsed is None:
        return None
    try:
        year, month, day, hour, minute, second = parsed[:6]
        stated = UTC if _HAS_ZONE.search(raw[:80]) else zone
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=stated).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


# --- JSON Feed --------------------------------------------------------------------------------------------------------


class _Link(msgspec.Struct):
    type: str | None = None


class _Extra(msgspec.Struct):
    links: list[_Link] | None = None


class _JsonItem(msgspec.Struct):
    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    extra: _Extra | None = msgspec.field(default=None, name="_extra")


class _JsonFeed(msgspec.Struct):
    version: str
    items: list[_JsonItem]
    title: str | None = None


_JSON_FEED = msgspec.json.Decoder(_JsonFeed)


def _json_feed(exchange: Exchange, zone: tzinfo) -> tuple[str, list[Item]]:
    try:
        feed = _JSON_FEED.decode(exchange.body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise unexpected_page(exchange, "a JSON Feed") from None
    if "jsonfeed.org/version/" not in feed.version:
        raise Failed(Reason.UNREADABLE, f"no JSON Feed: version {clean(feed.version, 60)!r}")
    return feed.title or "", [_json_item(item, zone) for item in feed.items]


def _json_item(item: _JsonItem, zone: tzinfo) -> Item:
    content = item.content_html or item.content_text or item.summary or ""
    links: Iterable[_Link] = (item.extra.links if item.extra is not None else None) or ()
    return Item(
        id="" if item.id is None else str(item.id),
        link=item.url or item.external_url or "",
        title=item.title or plain(content, 140),
        content=content,
        moment=_from_iso(item.date_published or item.date_modified or "", zone),
        repost=any(link.type in ("quote", "repost") for link in links),
    )


def _from_iso(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


ADAPTER = Adapter(
    kind="feed",
    address=Address,
    fetch=fetch,
    parse=parse,
    covers=frozenset({"posts"}),
    pace=Pace(per_minute=240, at_once=4),
    host_field="url",
    isolate=True,
    max_body=MAX_BODY,
    needs="A feed that some bridge or site serves; what it covers is declared with the target.",
    blind="Whatever the bridge behind it did not see: a stale or empty feed looks the same as a silent account.",
)
