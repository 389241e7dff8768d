"""The world's websites as their servers answer: a home page, columns, links, and the address behind an app. Pure."""

from __future__ import annotations

from datetime import datetime
from html import escape

from mediawatch.core.calendar import SHANGHAI
from mediawatch.sim.definition import ColumnSide, Player, SiteSide
from mediawatch.sim.reply import NOT_FOUND, Reply, page, seen_at
from mediawatch.sim.trouble import Mode
from mediawatch.sim.world import FULL, Standing, World

_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_ON_LIST = 15
_SUBJECTS = (
    "召开重点工作推进会议",
    "发布年度项目安排公告",
    "开展安全生产专项检查",
    "公布民生实事进展情况",
    "征求意见稿反馈情况说明",
)


def whose(world: World, path: str) -> Player | None:
    """The account whose site (or back end) lies under `/<account id>/`, or `None`."""
    player = world.players.get(path.removeprefix("/").partition("/")[0])
    return player if player and (player.site or player.h5) else None


def content(world: World, path: str, player: Player | None, standing: Standing | None, now: datetime) -> Reply:
    """The answer of the site to a request that it does not refuse."""
    if player is None or (standing is not None and standing.mode is Mode.GONE):
        return NOT_FOUND
    inside = "/" + path.removeprefix("/").partition("/")[2]
    if inside.startswith("/h5/"):
        return _back_end(world, player, now)
    site = player.site
    if site is None:
        return NOT_FOUND
    if _is_down(world, player, site, now):
        return page("502 Bad Gateway", 502)  # not 503: that asks to be left alone, in real seconds, and days are not
    seen = seen_at(now, standing)
    if inside == "/":
        return _home(world, player, site, seen)
    column = next((column for column in site.columns if inside == f"/{column.path}/"), None)
    if column is not None:
        return _list(player, column, _items(world, column, seen))
    if inside.startswith("/dead/"):
        return NOT_FOUND
    return page(f"{player.name}：正文", title=player.name) if inside.startswith("/a/") else NOT_FOUND


def _is_down(world: World, player: Player, site: SiteSide, now: datetime) -> bool:
    """Whether the server does not answer in this hour: so often as the outage that is on says."""
    for outage in site.outages:
        since, to = outage.since.at(world.starts_at), outage.to.at(world.starts_at) if outage.to else None
        if since <= now and (to is None or now < to):
            return world.draw(player.id, "hour", int(now.timestamp() // 3600))[0] / FULL < outage.share
    return False


def _back_end(world: World, player: Player, now: datetime) -> Reply:
    side = player.h5
    if side is None:
        return NOT_FOUND
    if side.down is not None and side.down.at(world.starts_at) <= now:
        return page("502 Bad Gateway", 502)
    body = f'<script src="app.js"></script></head><body><div id="app">{escape(player.name)}</div></body></html>'
    head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{escape(player.name)}</title>'
    return Reply(200, (head + body).encode(), _HTML)


def _home(world: World, player: Player, site: SiteSide, now: datetime) -> Reply:
    lines = [
        f'<li><a href="a/{post.serial}.html">{escape(post.title)}</a><span>{_day(post.at)}</span></li>'
        for post in world.posts(player.id, now, _ON_LIST)
    ]
    menu = [f'<a href="{column.path}/">{escape(column.name)}</a>' for column in site.columns]
    friends = [f'<a href="dead/{number}.html">友情链接{number}</a>' for number in range(site.dead_links)]
    notice = ""
    if site.notice is not None and site.notice[0].at(world.starts_at) <= now < site.notice[1].at(world.starts_at):
        notice = f"<p>本网站已迁移至 {escape(site.moves_to or '上级门户')}，请更新收藏。</p>"
    return _page(player, f"<div>{' '.join(menu)}</div>{notice}<ul>{''.join(lines)}</ul><div>{' '.join(friends)}</div>")


def _list(player: Player, column: ColumnSide, items: list[datetime]) -> Reply:
    if not items:
        return _page(player, f"<h1>{escape(column.name)}</h1><p>暂无内容</p>")
    lines = [
        f'<li><a href="../a/{column.path}-{int(at.timestamp())}.html">{escape(player.name + _subject(at))}</a>'
        f"<span>{_day(at)}</span></li>"
        for at in items
    ]
    return _page(player, f"<h1>{escape(column.name)}</h1><ul>{''.join(lines)}</ul>")


def _items(world: World, column: ColumnSide, now: datetime) -> list[datetime]:
    """When the newest items were published, from new to old."""
    first = column.since.at(world.starts_at)
    last = min(now, column.silent_since.at(world.starts_at)) if column.silent_since else now
    if last < first:
        return []
    number = (last - first) // column.every
    return [first + step * column.every for step in range(number, max(-1, number - _ON_LIST), -1)]


def _subject(at: datetime) -> str:
    return _SUBJECTS[at.toordinal() % len(_SUBJECTS)]


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).date().isoformat()


def _page(player: Player, inside: str) -> Reply:
    title = escape(player.name)
    return Reply(
        200,
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{inside}<div>主办：{escape(player.sponsor or player.name)}</div></body></html>\n".encode(),
        _HTML,
    )
