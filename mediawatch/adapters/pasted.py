"""Addresses as people paste them from a browser or a phone → the kind of account, its number, and a channel to it.

A table, tried from top to bottom: the first line that fits decides. Nothing here asks the network: an address that does
not hold the number is refused, with what to do. Add a line here when you add an adapter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from mediawatch.core.rulebook import Words


@dataclass(frozen=True)
class Pasted:
    """One line of the table. fits: a regular expression for host, path and `?query` in one, without the scheme.

    Its groups named as fields of the adapter's address become these fields; the group `id` becomes the platform's own
    id. whole: the field that takes the address as it is. query: fields that stand in the query, by its names.
    advice: for an address that fits and does not tell enough.
    """

    fits: re.Pattern[str]
    kind: str
    adapter: str = ""
    whole: str = ""
    query: dict[str, str] = field(default_factory=dict)
    advice: Words | None = None


@dataclass(frozen=True)
class Recognised:
    """What an address says. adapter: empty where no channel follows from it, and then `advice` says what to do."""

    kind: str
    link: str
    platform_id: str = ""
    adapter: str = ""
    address: dict[str, object] = field(default_factory=dict)
    advice: Words | None = None


class NotRecognised(ValueError):
    """No account follows from the address; `says` tells why, and what to do."""

    def __init__(self, says: Words) -> None:
        super().__init__(says.en)
        self.says = says


def _says(zh: str, en: str) -> Words:
    return Words(zh_CN=zh, en=en)


def _fits(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_DOMAIN_NAME = _says(
    "这是微博个性域名（微号）或昵称，不是 uid。请在 m.weibo.cn 中打开该主页："
    "地址里 /u/ 后的数字即 uid，然后粘贴 https://weibo.com/u/<数字>",
    "this is a custom name (微号) or a nickname, not the uid. Open the page on m.weibo.cn: the number after /u/ is the "
    "uid. Then paste https://weibo.com/u/<number>",
)
_SHORT = _says(
    "这是短链接。请在浏览器中打开，等它跳转后粘贴最终地址",
    "this is a short link. Open it in a browser and paste the address that it leads to",
)
_A_POST = _says(
    "这是一条内容，不是账号。请粘贴账号主页的地址", "this is one post, not the account. Paste the address of its page"
)
_BRIDGE = _says(
    "本平台没有直接渠道：请加上自建 RSSHub 等桥接的订阅地址（--feed），否则只登记、不监测",
    "there is no direct channel for this platform: add the feed of a bridge of your own, such as RSSHub (--feed); "
    "without one it is registered and never judged",
)
_ARTICLE = _says(
    "文章链接只能证明账号是谁，不能证明何时更新：请再加一个渠道（--feed，或在表中填写 wechat.backend）",
    "an article tells whose account it is, and not how often it posts: add a channel (--feed, or wechat.backend in "
    "a table)",
)

TABLE: tuple[Pasted, ...] = (
    # Weibo
    Pasted(_fits(r"(?:www\.|m\.)?weibo\.(?:com|cn)/(?:u|profile)/(?P<uid>\d{5,20})(?![\w])"), "weibo", "weibo"),
    Pasted(_fits(r"(?:www\.|m\.)?weibo\.(?:com|cn)/p/100\d{3}(?P<uid>\d{10})(?!\d)"), "weibo", "weibo"),
    Pasted(_fits(r"m\.weibo\.cn/(?:status|detail)/"), "weibo", advice=_A_POST),
    Pasted(_fits(r"(?:www\.|m\.)?weibo\.(?:com|cn)/(?P<uid>\d{6,20})(?![\w])"), "weibo", "weibo"),
    Pasted(_fits(r"t\.cn/"), "weibo", advice=_SHORT),
    Pasted(_fits(r"(?:www\.|m\.)?weibo\.(?:com|cn)/."), "weibo", advice=_DOMAIN_NAME),
    # WeChat
    Pasted(_fits(r"mp\.weixin\.qq\.com/mp/aboutbiz\?"), "wechat", "wechat.article", whole="about"),
    Pasted(
        _fits(r"mp\.weixin\.qq\.com/mp/(?:profile_ext|homepage)\?.*__biz="),
        "wechat",
        "wechat.backend",
        query={"__biz": "fakeid"},
    ),
    Pasted(_fits(r"mp\.weixin\.qq\.com/s[/?]."), "wechat", "wechat.article", whole="urls", advice=_ARTICLE),
    Pasted(_fits(r"channels\.weixin\.qq\.com/"), "video", advice=_BRIDGE),
    # stores
    Pasted(
        _fits(r"(?:apps|itunes)\.apple\.com/(?:(?P<country>[a-z]{2})/)?app/(?:[^/?]+/)?id(?P<track_id>\d{1,20})"),
        "app",
        "appstore",
    ),
    Pasted(_fits(r"appgallery\d*\.(?:cloud\.)?huawei\.com/(?:.*/)?(?P<app_id>C\d{1,20})"), "app", "huawei"),
    Pasted(_fits(r"sj\.qq\.com/appdetail/(?P<package>[\w.]+)"), "app", "yingyongbao"),
    Pasted(_fits(r"(?:a\.app\.qq\.com)/o/.*[?&]pkgname=(?P<package>[\w.]+)"), "app", "yingyongbao"),
    Pasted(_fits(r"(?:android|sj)\.(?:myapp|qq)\.com/.*[?&]apkName=(?P<package>[\w.]+)"), "app", "yingyongbao"),
    Pasted(_fits(r"(?:m\.)?app\.(?:mi|xiaomi)\.com/details?\?(?:.*&)?id=(?P<package>[\w.]+)"), "app", "xiaomi"),
    # other media
    Pasted(_fits(r"(?:space\.bilibili\.com|m\.bilibili\.com/space)/(?P<mid>[1-9]\d{0,19})"), "bilibili", "bilibili"),
    Pasted(_fits(r"(?:www\.|m\.)?bilibili\.com/(?:video|opus|read)/"), "bilibili", advice=_A_POST),
    Pasted(_fits(r"(?:b23\.tv|v\.douyin\.com|v\.kuaishou\.com|xhslink\.com)/"), "video", advice=_SHORT),
    Pasted(_fits(r"(?:www\.|m\.)?douyin\.com/(?:share/)?user/(?P<id>[\w-]+)"), "video", advice=_BRIDGE),
    Pasted(_fits(r"(?:www\.|m\.|live\.)?kuaishou\.com/(?:profile|u)/(?P<id>[\w-]+)"), "video", advice=_BRIDGE),
    Pasted(_fits(r"(?:www\.)?xiaohongshu\.com/user/profile/(?P<id>\w+)"), "video", advice=_BRIDGE),
    Pasted(_fits(r"(?:www\.|m\.)?toutiao\.com/c/user/(?:token/)?(?P<id>[\w-]+)"), "toutiao", advice=_BRIDGE),
    Pasted(_fits(r"(?:www\.|m\.)?(?:douyin|kuaishou|xiaohongshu|toutiao)\.com/."), "video", advice=_A_POST),
    # anything else on the web
    Pasted(_fits(r"[^?#]+\.apk(?:[?#]|$)"), "app", "apk", whole="url"),
    Pasted(_fits(r"[^?#]+(?:\.(?:xml|rss|atom)|/(?:rss|feed|atom)/?)(?:[?#]|$)"), "feed", "feed", whole="url"),
    Pasted(
        _fits(r"(?:[\w-]+\.)?(?:weibo\.(?:com|cn)|weixin\.qq\.com|bilibili\.com|douyin\.com|toutiao\.com)(?:/|$)"),
        "other",
        advice=_A_POST,
    ),
    Pasted(_fits(r"[^/\s]+\.[^/\s]+(?:/|$)"), "website", "website", whole="url"),
)

_LISTS = frozenset({"urls"})


def recognise(text: str) -> Recognised:
    """What a pasted address says. Raises NotRecognised where no account follows from it."""
    link = text.strip()
    if "://" not in link and "." in link.partition("/")[0]:
        link = f"https://{link}"
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(letter.isspace() for letter in link):
        raise NotRecognised(
            _says("不是网址：请粘贴 https:// 开头的完整地址", "is no address: paste it whole, with https://")
        )
    shown = parts.hostname + parts.path.replace("//", "/") + (f"?{parts.query}" if parts.query else "")
    if parts.fragment.startswith("/"):  # AppGallery: #/app/C…
        shown += parts.fragment
    for line in TABLE:
        if found := line.fits.match(shown):
            return _recognised(line, found, link, parts.query)
    raise NotRecognised(_says("认不出这是哪个平台的账号", "no platform is known that this is an account of"))


def _recognised(line: Pasted, found: re.Match[str], link: str, query: str) -> Recognised:
    told = {name: value for name, value in found.groupdict().items() if value}
    own = told.pop("id", "")
    address: dict[str, object] = dict(told)
    for name, key in line.query.items():
        address[key] = parse_qs(query).get(name, [""])[0].replace(" ", "+")
    if line.whole:
        address[line.whole] = [link] if line.whole in _LISTS else link
    if not line.adapter and not own and line.advice is not None and line.advice is not _BRIDGE:
        raise NotRecognised(line.advice)
    known = own or next((str(address[name]) for name in _IDS if name in address), "")
    if not known and "__biz" in (asked := parse_qs(query)):
        known = asked["__biz"][0].replace(" ", "+")
    return Recognised(line.kind, link, known, line.adapter, address, line.advice)


_IDS = ("uid", "mid", "track_id", "app_id", "package", "fakeid")
