"""The world's WeChat accounts: the backend of a logged-in account, and article pages. Pure.

The backend's answer is JSON in JSON in JSON, as the platform writes it; an article page says in words what
became of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mediawatch.sim.definition import Player
from mediawatch.sim.reply import NOT_FOUND, Reply, json_reply, page, seen_at
from mediawatch.sim.trouble import Mode
from mediawatch.sim.world import Published, Standing, World

HOST = "https://mp.weixin.qq.com"
_REMEMBERED = 60  # of an account's newest articles have a page; older ones are asked for by nobody
_HTML = (("Content-Type", "text/html; charset=UTF-8"),)


def article(player: Player, post: Published) -> str:
    """The path of an article's page: as the platform's own, 22 letters that tell nothing."""
    secret = hashlib.sha256(f"{player.id}/{post.at.isoformat()}/{post.serial}".encode()).digest()
    return f"/s/{base64.urlsafe_b64encode(secret[:16]).decode().rstrip('=')}"


def whose(world: World, path: str, query: Mapping[str, str], now: datetime) -> Player | None:
    """The account that a question to the backend names, or whose article lies at that path."""
    if path.startswith("/s/"):
        found = _find(world, path, now)
        return found[0] if found else None
    return world.by_fakeid.get(query.get("fakeid", ""))


def refused(path: str, standing: Standing | None) -> Reply | None:
    """A login of ours that has ended, or is too hasty: the backend says so in its own code."""
    if standing is None or path.startswith("/s/"):
        return None
    codes = {Mode.LOGIN_WALL: (200003, "invalid session"), Mode.RATE_LIMITED: (200013, "freq control")}
    if standing.mode not in codes:
        return None
    ret, words = codes[standing.mode]
    return json_reply({"base_resp": {"ret": ret, "err_msg": words}})


def content(
    world: World, path: str, query: Mapping[str, str], player: Player | None, standing: Standing | None, now: datetime
) -> Reply:
    """The answer to a question that the platform does not refuse."""
    mode = standing.mode if standing else None
    if path.startswith("/s/"):
        if mode is Mode.GONE:
            return _message("此账号已自主注销，内容无法查看")
        return page("", title="微信公众平台 3.0") if mode is Mode.CHANGED_PAGE else _article(world, path, now)
    if path == "/cgi-bin/searchbiz":
        return _search(world, query.get("query", ""))
    if path != "/cgi-bin/appmsgpublish":
        return NOT_FOUND
    if player is None or mode is Mode.GONE:
        return json_reply({"base_resp": {"ret": 200002, "err_msg": "invalid args"}})
    if mode is Mode.CHANGED_PAGE:
        return json_reply({"base_resp": {"ret": 0, "err_msg": "ok"}, "publish": []})
    posts = world.posts(player.id, seen_at(now, standing), int(query.get("count", "20")))
    return _ok(publish_page=_text({"total_count": len(posts), "publish_list": [_record(player, one) for one in posts]}))


def _record(player: Player, post: Published) -> dict[str, Any]:
    number = 2_650_000_000 + post.serial
    message = {
        "aid": f"{number}_1",
        "title": post.title,
        "link": HOST + article(player, post),
        "digest": "",
        "update_time": int(post.at.timestamp()),
        "appmsgid": number,
        "itemidx": 1,
    }
    sent = {"type": 9, "sent_info": {"time": int(post.at.timestamp())}, "appmsgex": [message]}
    return {"publish_type": 1, "publish_info": _text(sent)}


def _search(world: World, name: str) -> Reply:
    found = [
        {"fakeid": fakeid, "nickname": player.name, "signature": player.description, "verify_status": 2}
        for fakeid, player in world.by_fakeid.items()
        if name and name in player.name
    ]
    return _ok(list=found, total=len(found))


def _article(world: World, path: str, now: datetime) -> Reply:
    found = _find(world, path, now)
    if found is None:
        return _message("参数错误")
    player, post = found
    if post not in world.posts(player.id, now, _REMEMBERED):
        return _message("该内容已被发布者删除")
    fakeid = player.wechat.fakeid if player.wechat else ""
    body = (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><meta property="og:title" content="{post.title}">'
        f'<script>var biz = "{fakeid}"; var nickname = htmlDecode("{player.name}"); '
        f'var ct = "{int(post.at.timestamp())}";</script></head><body><div id="js_article"><h1>{post.title}</h1>'
        f'<div id="js_content"><p>{post.title}。详情请见正文。</p></div></div></body></html>\n'
    )
    return Reply(200, body.encode(), _HTML)


def _find(world: World, path: str, now: datetime) -> tuple[Player, Published] | None:
    """The account and article of that path, deleted or not."""
    for player in world.definition.accounts:
        if player.kind == "wechat":
            for post in world.written(player.id, now, _REMEMBERED):
                if article(player, post) == path:
                    return player, post
    return None


def _message(words: str) -> Reply:
    return Reply(
        200,
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title></title></head><body><div class="weui-msg">'
        f'<div class="weui-msg__title warn">{words}</div></div></body></html>\n'.encode(),
        _HTML,
    )


def _ok(**fields: Any) -> Reply:
    return json_reply({"base_resp": {"ret": 0, "err_msg": "ok"}, **fields})


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
