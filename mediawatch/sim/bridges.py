"""The world as feed bridges carry it: RSS 2.0, Atom and JSON Feed 1.1, as RSSHub and we-mp-rss write them. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from mediawatch.core.calendar import SHANGHAI
from mediawatch.sim import wechat, weibo
from mediawatch.sim.definition import Bridge, Player
from mediawatch.sim.reply import MONTHS, WEEKDAYS, Reply, begins, json_reply, page, seen_at, shown_at
from mediawatch.sim.trouble import Mode
from mediawatch.sim.world import Published, Standing, World

_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def feed_path(bridge: Bridge, feed_id: str) -> str:
    """Where on the bridge that feed lies, with its query."""
    if bridge.flavour == "mp_we_rss":
        return f"/feed/{feed_id}.{'xml' if bridge.format == 'rss' else bridge.format}"
    return f"/wechat/ce/{feed_id}" + ("" if bridge.format == "rss" else f"?format={bridge.format}")


def whose(world: World, name: str, path: str) -> Player | None:
    """The account whose feed lies at that path of the bridge, or `None` where it carries no such feed."""
    return world.by_feed.get((name, _feed_id(path)))


def content(
    world: World,
    name: str,
    path: str,
    query: Mapping[str, str],
    player: Player | None,
    standing: Standing | None,
    now: datetime,
) -> Reply:
    """The answer of that bridge to a request that it does not refuse."""
    bridge = world.definition.bridges[name]
    mode = standing.mode if standing else None
    if player is None or mode is Mode.GONE:
        return _no_feed(bridge)
    if mode is Mode.CHANGED_PAGE:
        return page('<div id="app"></div><script src="/static/app.js"></script>', title="Bridge 3.0")
    if mode is Mode.WRONG_ACCOUNT:
        ids = sorted(feed for held_by, feed in world.by_feed if held_by == name)
        player = world.by_feed[(name, ids[(ids.index(_feed_id(path)) + 1) % len(ids)])]
    first = begins(standing)
    posts = world.posts(player.id, seen_at(now, standing, bridge.lag), first + bridge.items)[first:]
    if mode is Mode.EMPTY_SHELL:
        posts = ()
    written = _Written(bridge, player, standing)
    form = query.get("format", bridge.format)
    reply = {"rss": written.rss, "atom": written.atom, "json": written.json_feed}.get(form, written.rss)(posts)
    reply = reply.replaced("ETag", f'"{hashlib.sha256(reply.body).hexdigest()[:32]}"')
    if posts:
        reply = reply.replaced("Last-Modified", _mail_date(posts[0].at.astimezone(UTC)) + " GMT")
    return reply


def _feed_id(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _no_feed(bridge: Bridge) -> Reply:
    if bridge.flavour == "mp_we_rss":
        return json_reply({"code": 50001, "message": "不存在该feed！", "data": None}, 400)
    words = "Looks like something went wrong: NotFoundError"
    return page(words, 404, title="Welcome to RSSHub!")


class _Written:
    """One account's feed in one bridge's handwriting."""

    def __init__(self, bridge: Bridge, player: Player, standing: Standing | None) -> None:
        self.bridge, self.player, self.standing = bridge, player, standing
        hub = bridge.flavour == "rsshub"
        self.generator = "RSSHub" if hub else "Mp-We-Rss"
        self.about = player.description + (" - Powered by RSSHub" if hub else "")
        self.title = f"{player.name}的微博" if hub and player.kind == "weibo" else player.name

    def link(self, post: Published) -> str:
        player = self.player
        if player.weibo and player.kind == "weibo":
            return f"https://weibo.com/{player.weibo.uid}/{weibo.bid(weibo.mid(post))}"
        return wechat.HOST + wechat.article(player, post)

    def mail(self, at: datetime) -> str:
        """A date for RSS."""
        at = shown_at(at, self.standing)
        if self.bridge.zone == "gmt":
            return _mail_date(at.astimezone(UTC)) + " GMT"
        return _mail_date(at.astimezone(SHANGHAI)) + (" +0800" if self.bridge.zone == "offset" else "")

    def iso(self, at: datetime) -> str:
        """A date for Atom and JSON Feed."""
        at = shown_at(at, self.standing)
        if self.bridge.zone == "gmt":
            return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
        return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}" + ("+08:00" if self.bridge.zone == "offset" else "")

    @property
    def dated(self) -> bool:
        return self.standing is None or self.standing.mode is not Mode.NO_DATES

    def rss(self, posts: tuple[Published, ...]) -> Reply:
        lines = [
            f"<title>{escape(self.title)}</title>",
            f"<link>{escape(self.home())}</link>",
            f"<description>{escape(self.about)}</description>",
            f"<generator>{self.generator}</generator>",
        ]
        if self.generator == "RSSHub" and posts:
            lines.append(f"<lastBuildDate>{self.mail(posts[0].at)}</lastBuildDate>")
        lines += [self.item(post) for post in posts]
        body = _XML + '<rss version="2.0"><channel>\n' + "\n".join(lines) + "\n</channel></rss>\n"
        return _reply(body, "rss")

    def item(self, post: Published) -> str:
        link = escape(self.link(post))
        ident = "" if self.generator == "RSSHub" else f"<id>{link.rpartition('/')[2]}</id>"
        date = f"<pubDate>{self.mail(post.at)}</pubDate>" if self.dated else ""
        return (
            f"<item>{ident}<title>{escape(_title(post))}</title><description>{escape(_html(post))}</description>"
            f'<link>{link}</link><guid isPermaLink="false">{link}</guid>{date}</item>'
        )

    def atom(self, posts: tuple[Published, ...]) -> Reply:
        lines = [
            f"<title>{escape(self.title)}</title>",
            f"<link href={quoteattr(self.home())}/>",
            f"<id>{escape(self.home())}</id>",
            f"<subtitle>{escape(self.about)}</subtitle>",
            f"<generator>{self.generator}</generator>",
        ]
        if posts:
            lines.append(f"<updated>{self.iso(posts[0].at)}</updated>")
        lines += [self.entry(post) for post in posts]
        body = _XML + '<feed xmlns="http://www.w3.org/2005/Atom">\n' + "\n".join(lines) + "\n</feed>\n"
        return _reply(body, "atom")

    def entry(self, post: Published) -> str:
        link = self.link(post)
        dates = ""
        if self.dated:
            dates = f"<published>{self.iso(post.at)}</published><updated>{self.iso(post.at)}</updated>"
        return (
            f"<entry><title>{escape(_title(post))}</title><link href={quoteattr(link)}/><id>{escape(link)}</id>"
            f'{dates}<content type="html">{escape(_html(post))}</content></entry>'
        )

    def json_feed(self, posts: tuple[Published, ...]) -> Reply:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title,
            "home_page_url": self.home(),
            "description": self.about,
            "language": "zh-cn",
            "items": [self.json_item(post) for post in posts],
        }
        return _reply(json.dumps(feed, ensure_ascii=False), "json")

    def json_item(self, post: Published) -> dict[str, Any]:
        link = self.link(post)
        item: dict[str, Any] = {"id": link, "url": link, "title": _title(post), "content_html": _html(post)}
        if self.dated:
            item["date_published"] = self.iso(post.at)
        return item | {"authors": [{"name": self.player.name}]}

    def home(self) -> str:
        player = self.player
        return f"https://weibo.com/{player.weibo.uid}/" if player.weibo else f"https://mp.weixin.qq.com/{player.id}"


def _title(post: Published) -> str:
    return f"{post.title} - 转发 @东部气象台: {post.title}" if post.repost else post.title


def _html(post: Published) -> str:
    quote = f"<blockquote>东部气象台: {post.title}</blockquote>" if post.repost else ""
    return f"<p>{post.title}。详情请见正文。</p>{quote}"


def _mail_date(at: datetime) -> str:
    return f"{WEEKDAYS[at.weekday()]}, {at.day:02} {MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S}"


def _reply(body: str, form: str) -> Reply:
    return Reply(200, body.encode(), (("Content-Type", _TYPES[form]),))
