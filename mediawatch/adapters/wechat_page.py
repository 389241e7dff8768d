"""Pages of mp.weixin.qq.com: what they show to a reader, and what their scripts say.

Only scripts are searched for facts: whatever an author can write stands outside of them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from mediawatch.adapters.answers import web_address
from mediawatch.adapters.markup import Markup
from mediawatch.adapters.weibo_dates import BEIJING
from mediawatch.core.model import Profile
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange

_MOST_WORDS = 4000  # letters of the visible text; no message page is as long
_UNSEEN = frozenset({"script", "style", "title", "noscript", "template"})
_SECONDS = r"\s{0,9}=\s{0,9}['\"]([0-9]{9,11})['\"]"
_BIZ = r"\s{0,9}=\s{0,9}(?:(?:''|\"\")\s{0,9}\|\|\s{0,9}){0,4}['\"]([A-Za-z0-9+/]{8,24}={0,2})['\"]"
_CLOCK = r"\s{0,9}[=:]\s{0,9}(?:JsDecode\()?['\"]([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2})"
# Fact, the name that a script gives it, and what follows that name. Names are looked for one after the other, because
# scripts of several megabytes have to be searched in a moment.
_FACTS = tuple(
    (fact, name, re.compile(value))
    for fact, name, value in (
        ("at", "var ct", _SECONDS),
        ("at", "window.ct", _SECONDS),
        ("at", "ori_create_time", r"\s{0,9}:\s{0,9}['\"]([0-9]{9,11})['\"]"),
        ("clock", "createTime", _CLOCK),
        ("clock", "create_time", _CLOCK),
        ("name", "var nickname", r"\s{0,9}=\s{0,9}htmlDecode\(\"([^\"]{1,200})\"\)"),
        ("name", "nick_name", r"\s{0,9}:\s{0,9}JsDecode\('([^']{1,200})'\)"),
        ("biz", "var biz", _BIZ),
        ("biz", "window.biz", _BIZ),
        ("target", "transferTargetLink", r"\s{0,9}=\s{0,9}['\"]([^'\"]{1,2000})['\"]"),
        ("province", "provinceName", r"\s{0,9}:\s{0,9}'([^']{1,40})'"),
    )
)
_MOST_TRIES = 200  # places of one name in one script
_REGISTERED = re.compile(r"([0-9]{4})年([0-9]{2})月([0-9]{2})日\s*注册")
_NAME_NOW = re.compile(r"[“\"]([^”\"]{1,60})[”\"]\s*(?:[0-9]{4}年|$)")


class Page(Markup):
    """A page that was read: `words` (what it shows), `ids` (of its elements), `facts` (from its scripts), `items`."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.facts: dict[str, str] = {}
        self.items: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._length = 0
        self._inside = ""
        self._item: dict[str, list[str]] | None = None
        self._part = ""
        self.feed(exchange.body.decode("utf-8", "replace"))
        self.close()
        self._end_item()

    @property
    def words(self) -> str:
        """The visible text, up to some thousand letters, in one line."""
        return clean(" ".join(self._words), _MOST_WORDS)

    @property
    def at(self) -> datetime | None:
        """When the article was published, where its scripts say."""
        if "at" in self.facts:
            return datetime.fromtimestamp(int(self.facts["at"]), UTC)
        try:
            return datetime.strptime(self.facts.get("clock", ""), "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
        except ValueError:
            return None

    @property
    def name(self) -> str:
        """The account's name, where the scripts of an article say."""
        return clean(html.unescape(self.facts.get("name", "")), 200)

    @property
    def target(self) -> str:
        """Where an account that moved says that it went."""
        return web_address(html.unescape(self.facts.get("target", "")))

    # --- what HTMLParser calls ---

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, classes = given.get("id") or "", (given.get("class") or "").split()
        if name and len(self.ids) < 5000:
            self.ids.add(name)
        if tag in _UNSEEN:
            self._inside = tag
        if "item-title" in classes:
            self._end_item()
            self._item, self._part = {"title": [], "desc": []}, "title"
        elif "item-desc" in classes:
            self._part = "desc"
        elif "show_more_btn" in classes or "item-info" in classes or name == "auth-half-dialog":
            self._end_item()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self._search(data)
        elif not self._inside and data.strip():
            if self._length < _MOST_WORDS:
                self._words.append(data[:_MOST_WORDS])
                self._length += len(data)
            if self._item is not None:
                self._item[self._part].append(data)

    def _search(self, script: str) -> None:
        for fact, name, value in _FACTS:
            place = -1
            for _ in range(_MOST_TRIES if fact not in self.facts else 0):
                if (place := script.find(name, place + 1)) < 0:
                    break
                if (found := value.match(script, place + len(name))) is not None:
                    self.facts[fact] = found[1]
                    break

    def _end_item(self) -> None:
        if self._item is not None and len(self.items) < 50:
            title, desc = (clean(" ".join(self._item[part]), 1000) for part in ("title", "desc"))
            self.items.append((title, desc))
        self._item = None


def read_about(exchange: Exchange) -> dict[str, str]:
    """What 关于公众号 (`/mp/aboutbiz`) says of an account: its own titles and words, empty where it is no such page.

    Among them 公众号简介 or 服务号简介, 微信号, 认证类型, 认证主体, 账号类型, 账号主体, 主体类型, 客服电话, 名称记录.
    """
    page = Page(exchange)
    facts = {title: desc for title, desc in page.items if title and desc}
    if facts and "province" in page.facts:
        facts["IP属地"] = clean(page.facts["province"], 40)
    return facts


def about_profile(facts: dict[str, str]) -> Profile | None:
    """The same as a profile; `None` where the page says nothing.

    Verified is who has a 认证主体; an account that is not has an 账号主体 or 主体类型 in its place.
    """
    if not facts:
        return None
    history = facts.get("名称记录", "")
    names = _NAME_NOW.search(history)
    return Profile(
        name=clean(names[1], 60) if names else "",
        verified="认证主体" in facts or (False if {"账号主体", "主体类型"} & facts.keys() else None),
        verified_reason=clean(" ".join(_first(facts, "认证类型", "认证主体")), 200),
        registered_at=_registered(history),
        description=clean(" ".join(_first(facts, "公众号简介", "服务号简介", "订阅号简介")), 500),
    )


def _first(facts: dict[str, str], *titles: str) -> Iterator[str]:
    return (facts[title] for title in titles if title in facts)


def _registered(history: str) -> datetime | None:
    found = _REGISTERED.search(history)
    try:
        return datetime(*(int(part) for part in found.groups()), tzinfo=BEIJING) if found else None  # type: ignore[misc, arg-type]
    except ValueError:
        return None
