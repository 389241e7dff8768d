"""RSS, Atom and JSON Feed: WeChat bridges, RSSHub and any other feed.

It must never open an address or a file by itself: the bytes come from our wire. It must never take a cut-off document
for a short one, or the channel's own date for a post's.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate
from itertools import chain
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from pydantic import Field, field_validator, model_validator

from mediawatch.adapters.adapter import Adapter, Pace, all_bytes
from mediawatch.adapters.answers import links_in, on_the_web, plain, read_text, refuse, unexpected_page
from mediawatch.adapters.feed_usual import Entry, read_usual
from mediawatch.adapters.weibo_dates import BEIJING
from mediawatch.core.model import Feed, Post, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.value import made
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 2 * 1024 * 1024
MOST_ITEMS = 2000
_LONGEST_KEY = 200
_HAS_ZONE = re.compile(
    r"(?:[0-9]:[0-9]{2}|T[0-9]{4})(?::?[0-9]{2})?(?:[.,][0-9]{1,9})? ?"
    r"(?:Z|UTC?|GMT|[ECMP][SD]T|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})(?![0-9A-Za-z])"
)
_BARE_RFC = re.compile(r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_TITLE = re.compile(rb"<(?:[a-z]+:)?title[\s>]")
_CLOSED = re.compile(rb"</(?:[A-Za-z][A-Za-z0-9_.-]*:)?(?:rss|feed|rdf)\s*>(?:\s+|<!--(?:[^-]|-(?!->))*-->)*+\Z", re.I)
_ITEM = re.compile(rb"<(?:[A-Za-z][A-Za-z0-9_.-]*:)?(?:item|entry)[\s>]", re.I)
_COMMENT = rb"<!--(?:[^-]|-(?!->))*+-->"
_BUILT = re.compile(rb"<(lastBuildDate|pubDate|updated|dc:date|ttl)>[^<]{0,80}</\1>|" + _COMMENT)
_ENDS = re.compile(rb"\s*+(?:</channel>\s*+)?</(?:rss|feed)>(?:\s++|" + _COMMENT + rb")*+")
_ENTITY = re.compile(rb"<!ENTITY", re.I)
_REPOST_TITLE = " - 转发 @"
_REPOST_BODY = re.compile(r"<blockquote>\s*-?\s*转发")


class Address(Value):
    """url: the feed. zone: the IANA zone of dates that name none; UTC where it is not given and the bridge is unknown.

    index: the bridge's own list of feeds (`/feeds` of wewe-rss) on the same host. It says when the bridge last read the
    platform: a feed that it does not list, or not any more, proves no silence.
    """

    url: str = Field(pattern=r"^https?://\S+$", max_length=2000)
    zone: str = ""
    index: str = Field(default="", pattern=r"^(https?://\S+)?$", max_length=2000)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            return ZoneInfo(zone).key if zone else ""
        except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            raise ValueError(f"no such time zone: {zone}") from None

    @model_validator(mode="after")
    def _one_bridge(self) -> Self:
        if self.index and urlsplit(self.index)[:2] != urlsplit(self.url)[:2]:
            raise ValueError("`index` must be on the same host as `url`")
        return self


@dataclass(frozen=True, slots=True)
class Item:
    """One item of any of the formats, before it becomes a post."""

    id: str = ""
    link: str = ""
    title: str = ""
    content: str = ""
    moment: datetime | None = None
    repost: bool = False


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The feed, and the bridge's index where the target names one. A bridge without its index is still read."""
    accept = "application/rss+xml, application/atom+xml, application/feed+json, application/xml, text/xml, */*;q=0.5"
    await wire.ask(Request(url=address.url, headers=(("Accept", accept),), max_body=MAX_BODY, later=True))
    if address.index:
        with suppress(Failed):
            await wire.ask(Request(url=address.index, max_body=MAX_BODY, later=True))
    return wire.exchanges


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """The items with their own dates. A valid feed without items is a blank `Feed`: it saw nothing.

    `complete` is false where an item has no readable date, for that item may be the newest, and where the index that
    was asked for does not say when the bridge last looked. Raises `Failed` where the body is no whole feed.
    """
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    exchange = exchanges[0]
    refuse(exchange)
    if len(exchange.body) > MAX_BODY:
        raise Failed(Reason.UNREADABLE, f"feed of {len(exchange.body)} bytes")
    zone = ZoneInfo(address.zone) if address.zone else None
    items = _json_feed(exchange, zone or UTC) if _is_json(exchange.body) else _xml_feed(exchange, zone)
    return _feed(address, exchanges, items)


def quick(address: Address, exchanges: tuple[Exchange, ...]) -> Feed | None:
    """What `parse` gives for the usual feed, in a fiftieth of the time; `None` for anything else."""
    exchange = exchanges[0] if exchanges else None
    if exchange is None or exchange.status != 200 or len(exchange.body) > MAX_BODY:
        return None
    if _is_json(exchange.body):
        return parse(address, exchanges)  # bounded as it is
    usual = read_usual(exchange.body)
    if not usual:  # whether there really is nothing is for the other reader to say
        return None
    return _feed(address, exchanges, [_usual_item(entry) for entry in usual])


def essence(exchanges: Sequence[Exchange]) -> str:
    """A digest of the feed without what a generator writes anew each time and nobody reads: when it was built, its
    comments ahead of the items and at the end. Of a document of another shape, any byte may be read."""
    body = exchanges[0].body if len(exchanges) == 1 else b""
    first = _ITEM.search(body)
    last = body.rfind(b"</entry>" if first is not None and b"entry" in first[0] else b"</item>")
    if first is None or last < first.start() or _ENDS.fullmatch(body, end := body.index(b">", last) + 1) is None:
        return all_bytes(exchanges)
    head = _BUILT.sub(b"", body[: first.start()])
    digest = hashlib.sha256(b"%d %s" % (len(head), head))
    digest.update(memoryview(body)[first.start() : end])
    return digest.hexdigest()


def _is_json(body: bytes) -> bool:
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def _feed(address: Address, exchanges: tuple[Exchange, ...], items: list[Item]) -> Feed:
    """The list alone, without a profile: the channel's title is the bridge's, and stands there when the account is gone
    or has another name."""
    posts = _posts(items)
    body = exchanges[0].body
    if not posts and len(_TITLE.findall(body)) > 1 + body.count(b"<image"):
        raise Failed(Reason.UNREADABLE, "items under another name than a feed's")
    synced_at = read_index(address.url, exchanges[1]) if address.index and len(exchanges) > 1 else None
    return Feed(
        posts=posts,
        complete=all(post.at is not None for post in posts) and (synced_at is not None or not address.index),
        synced_at=synced_at,
    )


# --- posts ------------------------------------------------------------------------------------------------------------


def _posts(items: list[Item]) -> tuple[Post, ...]:
    """One post for each item, in the feed's order; the newest `MOST_ITEMS` where there are more."""
    named = [(item, clean(item.id, 2000), clean(item.link, 2000)) for item in items]
    met = Counter(chain.from_iterable({id_, link} for _, id_, link in named))
    posts: dict[str, Post] = {}
    for item, id_, link in named:
        # Some generators give every item the channel's own address: such a name is no identity.
        post = _post(item, id_, link, id_ if id_ and met[id_] == 1 else link if met[link] == 1 else "")
        posts.setdefault(post.key, post)
    if len(posts) <= MOST_ITEMS:
        return tuple(posts.values())
    oldest = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(posts.values(), key=lambda post: post.at or oldest, reverse=True)[:MOST_ITEMS])


def _post(item: Item, id_: str, link: str, key: str) -> Post:
    """id_, link: the item's own, cleaned."""
    title = plain(item.title, 300)
    if not key or len(key) > _LONGEST_KEY:
        key = hashlib.sha256((key or f"{item.moment}\n{title}").encode("utf-8", "replace")).hexdigest()
    text, digest = read_text(item.title, item.content)
    return made(
        Post,
        {
            "key": key,
            "at": item.moment,
            "title": title,
            "url": on_the_web(link) or on_the_web(id_),
            "pinned": False,
            "repost": item.repost
            or _REPOST_TITLE in item.title
            or ("<blockquote>" in item.content and _REPOST_BODY.search(item.content[:4096]) is not None),
            "original": None,
            "digest": digest,
            "text": text,
            "links": links_in(item.content),
            "source": "",
        },
    )


# --- RSS and Atom -----------------------------------------------------------------------------------------------------


def _declared(body: bytes) -> bytes:
    """The feed with its XML declaration on a line of its own: feedparser searches the first line again and again."""
    if not body.startswith((b"<?", b"\xef\xbb\xbf<?")):
        return body
    if (end := body.find(b"?>", 0, 1024)) < 0:
        raise Failed(Reason.UNREADABLE, "the XML declaration does not end")
    return body[: end + 2] + b"\n" + body[end + 2 :]


def _xml_feed(exchange: Exchange, zone: tzinfo | None) -> list[Item]:
    import feedparser

    body = exchange.body
    if _ENTITY.search(body):
        raise Failed(Reason.UNREADABLE, "the feed declares entities")
    if not body.strip():
        raise unexpected_page(exchange, "a feed")
    # BytesIO only: feedparser opens a str, and bytes that name a file.
    try:
        read = feedparser.parse(io.BytesIO(_declared(body)), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError) as problem:  # defects of its own
        raise Failed(Reason.UNREADABLE, f"feedparser gave up: {type(problem).__name__}") from None
    if not read.get("version"):
        raise unexpected_page(exchange, "a feed")
    entries = read["entries"]
    if read.get("bozo"):
        tail = body.replace(b"\0", b"")
        if not _CLOSED.search(tail[-8192:]):
            raise Failed(Reason.UNREADABLE, f"cut-off feed, {len(entries)} items before the cut")
        if not entries or len(_ITEM.findall(tail)) > len(entries):
            raise Failed(Reason.UNREADABLE, "malformed feed: some items cannot be read")
    # we-mp-rss writes its own clock's time without a zone.
    usual = BEIJING if str(read["feed"].get("generator") or "").strip() == "Mp-We-Rss" else UTC
    return [_entry(entry, zone or usual) for entry in entries]


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


def _usual_item(entry: Entry) -> Item:
    first = entry.content if entry.summary is None else entry.summary  # as feedparser fills it
    contents = [first or "", *([entry.content] if entry.content is not None else [])]
    return Item(
        id=entry.id,
        link=entry.link,
        title=entry.title,
        content="\n".join(contents),
        moment=_plausible(entry.at) if entry.at is not None else None,
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
        return _plausible(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=stated).astimezone(UTC))
    except (ValueError, OverflowError, TypeError):
        return None


def _plausible(moment: datetime) -> datetime | None:
    """The date, unless it lies before there were feeds: a clock at zero is a generator's fault, no date."""
    return moment if moment.year >= 1997 else None


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


_JSON_FEED = msgspec.json.Decoder(_JsonFeed)


def _json_feed(exchange: Exchange, zone: tzinfo) -> list[Item]:
    try:
        feed = _JSON_FEED.decode(exchange.body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise unexpected_page(exchange, "a JSON Feed") from None
    if "jsonfeed.org/version/" not in feed.version:
        raise Failed(Reason.UNREADABLE, f"no JSON Feed: version {clean(feed.version, 60)!r}")
    return [_json_item(item, zone) for item in feed.items]


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
        return _plausible((moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


# --- the index of a bridge --------------------------------------------------------------------------------------------


class _Listed(msgspec.Struct):
    id: str
    syncTime: int | None = None


_INDEX = msgspec.json.Decoder(list[_Listed])


def read_index(url: str, exchange: Exchange) -> datetime | None:
    """When the bridge last read the account behind this feed's address; `None` where its index does not say."""
    try:
        refuse(exchange)
        listed = _INDEX.decode(exchange.body)
        name = urlsplit(url).path.rstrip("/").rpartition("/")[2].partition(".")[0]
        times = [one.syncTime for one in listed if one.syncTime and name in (one.id, "all")]
        seconds = min(times) if times else None
        return None if seconds is None else datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, UTC)
    except (Failed, msgspec.MsgspecError, ValueError, OverflowError, OSError, RecursionError):
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
    quick=quick,
    essence=essence,
    max_body=MAX_BODY,
    needs="A feed that some bridge or site serves; what it covers is declared with the target.",
    blind="Whatever the bridge behind it did not see; without its `index`, a stale feed looks like a silent account.",
)
