"""The world as m.weibo.cn answers it: profile, info card, timeline, and Weibo's own ways to refuse. Pure.

Must not import an adapter: that both read the same shapes is what the tests show.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mediawatch.core.calendar import SHANGHAI, day_of, days_between
from mediawatch.sim.definition import Player, WeiboSide
from mediawatch.sim.reply import MONTHS, NOT_FOUND, WEEKDAYS, Reply, begins, json_reply, seen_at, shown_at
from mediawatch.sim.trouble import Mode
from mediawatch.sim.world import Published, Standing, World

_VISITOR = "https://passport.weibo.com/visitor/visitor?entry=miniblog&a=enter&domain=.weibo.com"
_PER_PAGE = 10
_NOTHING: dict[str, Any] = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
_SIGN_IN = "https://passport.weibo.com/sso/signin?entry=wapsso&source=wapssowb&url=https%3A%2F%2Fm.weibo.cn%2F"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def mid(post: Published) -> int:
    """The platform's number of a post: its second, and 22 drawn bits."""
    return (int(post.at.timestamp()) - 515483463) << 22 | post.serial


def bid(number: int) -> str:
    """The short name of a post: its number in base 62, seven digits at a time."""
    groups: list[str] = []
    while number:
        number, group = divmod(number, 10**7)
        digits = ""
        while group or (number and len(digits) < 4):
            group, digit = divmod(group, 62)
            digits = _DIGITS[digit] + digits
        groups.insert(0, digits)
    return "".join(groups)


def whose(world: World, query: Mapping[str, str]) -> Player | None:
    """The account that the request asks for, or `None` where Weibo has no such uid."""
    container = query.get("containerid", "")
    return world.by_uid.get(container[6:].partition("_")[0] if container else query.get("value", ""))


def refused(standing: Standing | None) -> Reply | None:
    """Weibo's own ways to show nothing, or `None`."""
    match standing.mode if standing else None:
        case Mode.LOGIN_WALL:
            return json_reply({"ok": -100, "url": _SIGN_IN})
        case Mode.CAPTCHA:
            return json_reply({"ok": 0, "msg": "请输入验证码", "url": "https://m.weibo.cn/captcha/show?u=m.weibo.cn"})
        case Mode.REDIRECT_TO_PASSPORT:
            return Reply(302, b"", (("Location", _VISITOR),))
        case Mode.BUSY:
            return json_reply({"ok": 0, "msg": "系统繁忙，请稍后再试"})
        case Mode.CHANGED_PAGE:
            return json_reply({"code": 100000, "result": {"profile": {"nick": "", "total": 0}, "stream": {"rows": []}}})
        case Mode.GONE:
            return json_reply(_NOTHING)
        case Mode.BANNED:
            words = "该账号因被投诉违反《微博社区公约》的相关规定，现已无法查看。"
            url = f"https://weibo.com/sorry?usernotexists&msg={words}"
            return json_reply({"ok": 0, "error_type": "link", "url": url})
    return None


def content(
    world: World, path: str, query: Mapping[str, str], player: Player | None, standing: Standing | None, now: datetime
) -> Reply:
    """The answer of m.weibo.cn to a request that it does not refuse."""
    if path == "/api/config":
        return json_reply({"preferQuickapp": 0, "data": {"login": False}, "ok": 1})
    if path != "/api/container/getIndex":
        return NOT_FOUND
    if player is None:
        return json_reply(_NOTHING)
    side = _side(player)
    if standing and standing.mode is Mode.WRONG_ACCOUNT:
        player = _neighbour(world, side)
        side = _side(player)
    container = query.get("containerid", "")
    if container.startswith("107603"):
        if standing and standing.mode is Mode.LIST_REFUSED:
            return json_reply({"ok": -100, "url": _SIGN_IN})
        if standing and standing.mode is Mode.WRONG_LIST:
            player = _neighbour(world, side)
            side = _side(player)
        return json_reply(_Shown(world, player, side, standing, now).timeline(query))
    shown = _Shown(world, player, side, standing, now)
    if container.startswith("230283"):
        return json_reply(shown.info_card())
    return json_reply(shown.profile_page())


def _side(player: Player) -> WeiboSide:
    assert player.weibo is not None, "by_uid holds accounts with a page on Weibo"
    return player.weibo


def _neighbour(world: World, side: WeiboSide) -> Player:
    """The account that is shown in its place where answers are mixed up."""
    uids = sorted(world.by_uid)
    return world.by_uid[uids[(uids.index(side.uid) + 1) % len(uids)]]


def _as_of(world: World, player: Player, side: WeiboSide, now: datetime) -> tuple[Player, WeiboSide]:
    """The account with the changes of its page up to that instant."""
    for change in side.changes:
        if change.at.at(world.starts_at) <= now:
            player = player.model_copy(update={"name": change.name or player.name})
            told = {name: getattr(change, name) for name in ("verified_type", "followers")}
            side = side.model_copy(update={name: value for name, value in told.items() if value is not None})
    return player, side


class _Shown:
    """One account as a visitor sees it at one instant."""

    def __init__(self, world: World, player: Player, side: WeiboSide, standing: Standing | None, now: datetime) -> None:
        self.world = world
        self.player, self.side = _as_of(world, player, side, seen_at(now, standing))
        self.standing, self.mode, self.now = standing, standing.mode if standing else None, now
        self.posts = world.posts(player.id, seen_at(now, standing))
        self.count = player.posts.earlier + len(self.posts)
        if self.mode is Mode.EMPTY_PROFILE:
            self.posts, self.count = (), 0
        if standing and self.mode is Mode.OLD_LIST:
            self.posts = world.posts(player.id, standing.since)
        self.posts = self.posts[begins(standing) :]

    def user(self) -> dict[str, Any]:
        player, side = self.player, self.side
        counted = 0 if self.mode is Mode.COUNT_DROP else self.count
        return {
            **({} if self.mode is Mode.NO_IDENTITY else {"id": int(side.uid)}),
            "screen_name": player.name,
            "profile_image_url": f"https://tvax1.sinaimg.example/crop.0.0.180.180.180/{side.uid}.jpg",
            "profile_url": f"https://m.weibo.cn/u/{side.uid}?uid={side.uid}&luicode=10000011",
            **({} if self.mode is Mode.NOT_COUNTED else {"statuses_count": counted}),
            "verified": side.verified_type >= 0,
            "verified_type": side.verified_type,
            "verified_type_ext": 50,
            "verified_reason": f"{player.name}官方微博" if side.verified_type >= 0 else "",
            "close_blue_v": False,
            "description": player.description,
            "gender": "m",
            "mbtype": 0,
            "urank": 36,
            "mbrank": 0,
            "follow_me": False,
            "following": False,
            "follow_count": side.following,
            "followers_count": _many(side.followers),
            "followers_count_str": str(_many(side.followers)),
        }

    def profile_page(self) -> dict[str, Any]:
        uid = self.side.uid
        tabs = [
            {"id": 1, "tabKey": "profile", "title": "精选", "tab_type": "profile", "containerid": f"230283{uid}"},
            {"id": 2, "tabKey": "weibo", "title": "微博", "tab_type": "weibo", "containerid": f"107603{uid}"},
        ]
        return {
            "ok": 1,
            "data": {
                "isVideoCoverStyle": 1,
                "isStarStyle": 0,
                "userInfo": self.user(),
                "tabsInfo": {"selectedTab": 1, "tabs": tabs},
                "scheme": f"sinaweibo://userinfo?uid={uid}&type=uid&value={uid}",
                "showAppTips": 0,
            },
        }

    def info_card(self) -> dict[str, Any]:
        registered = day_of(self.player.registered.at(self.world.starts_at)).isoformat()
        items = [("昵称", self.player.name), ("所在地", "其他"), ("注册时间", registered)]
        group = [{"card_type": 41, "item_name": name, "item_content": content} for name, content in items]
        cards = [{"card_type": 11, "show_type": 2, "card_group": group}]
        return {"ok": 1, "data": {"cardlistInfo": {}, "cards": cards, "showAppTips": 0}}

    def timeline(self, query: Mapping[str, str]) -> dict[str, Any]:
        if self.mode is Mode.SOFT_EMPTY:
            return {"ok": 0, "msg": "这里还没有内容", "data": {}}
        container = f"107603{self.side.uid}"
        info: dict[str, Any] = {"containerid": container, "v_p": 42, "show_style": 1, "total": self.count}
        tail = {"scheme": f"sinaweibo://cardlist?containerid={container}&v_p=42", "showAppTips": 0}
        if self.mode is Mode.ADS_ONLY:
            cards = [{"card_type": kind, "itemid": f"ad_{kind}", "title": "推广"} for kind in (4, 6, 11)]
            return {"ok": 1, "data": {"cardlistInfo": info, "cards": cards, **tail}}
        if self.mode in (Mode.HIDDEN_POSTS, Mode.NOT_COUNTED):
            return {"ok": 1, "data": {"cardlistInfo": info, "cards": [], **tail}}
        pinned = [post for post in self.posts if post.pinned]
        free = [post for post in self.posts if not post.pinned]
        if self.mode is Mode.PINNED_ONLY:
            pinned, free = (pinned or free[-1:]), []
        ordered = pinned + free
        start = (_number(query.get("page"), 1) - 1) * _PER_PAGE
        if since := _number(query.get("since_id"), 0):
            start = next((at for at, post in enumerate(ordered) if not post.pinned and mid(post) < since), len(ordered))
        cut = ordered[start : start + _PER_PAGE]
        if not cut:
            return _NOTHING
        if len(ordered) > start + _PER_PAGE:
            info["since_id"] = mid(cut[-1])
        user = self.user()
        return {"ok": 1, "data": {"cardlistInfo": info, "cards": [self.card(post, user) for post in cut], **tail}}

    def card(self, post: Published, user: dict[str, Any]) -> dict[str, Any]:
        number = mid(post)
        name = bid(number)
        return {
            "card_type": 9,
            "itemid": f"107603{self.side.uid}_-_{number}",
            "scheme": f"https://m.weibo.cn/status/{name}?mblogid={name}&luicode=10000011",
            "profile_type_id": f"{'proweibotop' if post.pinned else 'proweibo'}_{self.side.uid}_-_{number}",
            "mblog": self.mblog(post, number, name, user),
        }

    def mblog(self, post: Published, number: int, name: str, user: dict[str, Any]) -> dict[str, Any]:
        topic = f'<a href="https://m.weibo.cn/search?containerid=231522" data-hide="">#{self.player.name}#</a>'
        text = f"转发微博 {post.title}" if post.repost else f"{topic} {post.title}<br />详情见链接。"
        blog: dict[str, Any] = {
            "visible": {"type": 0, "list_id": 0},
            "created_at": self.date(post.at),
            "id": str(number),
            "mid": str(number),
            "can_edit": False,
            "text": text,
            "textLength": len(post.title) * 2,
            "source": "微博 weibo.com",
            "favorited": False,
            "pic_ids": [],
            "is_paid": False,
            "mblog_vip_type": 0,
            "user": user,
            "reposts_count": post.serial % 40,
            "comments_count": post.serial % 23,
            "attitudes_count": post.serial % 97,
            "isLongText": False,
            "mblogtype": 2 if post.pinned else 0,
            "content_auth": 0,
            "pic_num": 0,
            "edit_config": {"edited": False},
            "bid": name,
        }
        if self.mode is Mode.NO_DATES:
            del blog["created_at"]
        if post.pinned:
            blog |= {"isTop": 1, "title": {"text": "置顶", "base_color": 1}}
        if post.repost:
            blog |= {"raw_text": f"转发微博 {post.title}", "retweeted_status": self.original(post)}
        return blog

    def original(self, post: Published) -> dict[str, Any]:
        number = mid(post) - (86400 << 22)
        first: dict[str, Any] = {"created_at": self.date(post.at), "id": str(number), "mid": str(number)}
        if post.original_gone:
            return first | {"text": "抱歉，此微博已被作者删除", "user": None}
        author = {"id": 9900099999, "screen_name": "东部气象台", "verified": True, "verified_type": 1}
        return first | {"text": post.title, "user": author, "bid": bid(number)}

    def date(self, at: datetime) -> str:
        at = shown_at(at, self.standing).astimezone(SHANGHAI)
        if self.mode is Mode.RELATIVE_DATES:
            return _relative(at, self.now)
        clock = f"{at:%H:%M:%S}"
        return f"{WEEKDAYS[at.weekday()]} {MONTHS[at.month - 1]} {at.day:02} {clock} +0800 {at.year}"


def _relative(at: datetime, now: datetime) -> str:
    """Weibo's dates to about 2020; `at` in Shanghai time."""
    seconds, days = (now - at).total_seconds(), days_between(at, now)
    if seconds < 60:
        return "刚刚"
    if seconds < 3600:
        return f"{int(seconds // 60)}分钟前"
    if days == 0:
        return f"{int(seconds // 3600)}小时前"
    if days == 1:
        return f"昨天 {at:%H:%M}"
    return f"{at:%m-%d}" if at.year == now.astimezone(SHANGHAI).year else f"{at:%Y-%m-%d}"


def _many(number: int) -> int | str:
    """A number as Weibo shows it: whole to 9999, then in 万, then in 亿."""
    if number < 10_000:
        return number
    if number < 10**8:
        return f"{number / 10_000:.1f}".removesuffix(".0") + "万"
    return f"{number / 10**8:.2f}".rstrip("0").rstrip(".") + "亿"


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else default
