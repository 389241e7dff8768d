"""WeChat articles (mp.weixin.qq.com/s/…) that are known already: what became of them, and of their account.

Every page comes with HTTP 200; only its words tell. It must never take our own blindness (环境异常, a captcha) for a
deletion, or the words of an article for the platform's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import reason_in, refuse
from mediawatch.adapters.wechat_page import Page, about_profile, read_about
from mediawatch.core.model import Article, Articles, Profile, Reason, Value
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 6 * 1024 * 1024  # recorded pages have up to 3
MOST_ARTICLES = 5
_SHORT = 300  # letters that a page with a message shows, its frame included
_NEAR = 150  # letters from the start within which the message stands
_CAPTCHA = "appmsgcaptcha"
_ARTICLE = frozenset({"js_content", "js_article"})

State = Literal["deleted", "violation", "reviewing", "infringing", "moved", "cancelled", "blocked", "bad_link"]
# In the order in which they are believed. The platform writes 帐 and 账 alike; they are compared as 账.
_WORDS: tuple[tuple[str, State], ...] = (
    ("已被发布者删除", "deleted"),
    ("deleted by the author", "deleted"),
    ("因违规无法查看", "violation"),
    ("涉嫌侵权", "infringing"),
    ("已迁移", "moved"),
    ("账号迁移时未将文章", "moved"),
    ("账号已被屏蔽", "blocked"),
    ("账号已冻结", "blocked"),
    ("已自主注销", "cancelled"),
    ("已系统注销", "cancelled"),
    ("已被系统回收", "cancelled"),
    ("deleted by the owner", "cancelled"),
    ("暂时无法查看", "reviewing"),
    ("参数错误", "bad_link"),
)
_PAGE = r"^https?://mp\.weixin\.qq\.com/s[/?][!-~]{1,1000}$"
_ABOUT = r"^(https?://mp\.weixin\.qq\.com/mp/aboutbiz\?[!-~]{1,1000})?$"


class Address(Value):
    """urls: recent articles of the account, at most five; filled up with those that its other channels showed.

    about: its 关于公众号 page, where that is to be read, too.
    """

    urls: tuple[Annotated[str, Field(pattern=_PAGE)], ...] = Field(default=(), max_length=MOST_ARTICLES)
    about: str = Field(default="", pattern=_ABOUT)


def recall(address: Address, links: tuple[str, ...]) -> Address:
    """The address with the newest of the links that are articles, up to five in all.

    A link with a signature (from a search) ends by itself after hours: what became of it says nothing of the article.
    """
    urls = list(address.urls)
    for link in links:
        url = link.partition("#")[0]
        if len(urls) < MOST_ARTICLES and re.match(_PAGE, url) and "signature=" not in url and url not in urls:
            urls.append(url)
    return address.model_copy(update={"urls": tuple(urls)})


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """One request for each page. Ends with `Failed(captcha)` at the first that leads to one."""
    for url in _pages(address):
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        exchange = await wire.ask(Request(url=f"{wire.base}{path}", max_body=MAX_BODY))
        if _CAPTCHA in exchange.final_url or _CAPTCHA in exchange.header("Location"):
            raise Failed(Reason.CAPTCHA, "sent to a captcha")
    return wire.exchanges


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Articles:
    """What became of each article. Pages of no known shape are left out; of no article at all nothing is told.

    Raises `Failed` where any page says that we are not let in, and where none could be read.
    """
    articles: list[Article] = []
    profile: Profile | None = None
    problem = Failed(Reason.UNREADABLE, "no answer")
    for url, exchange in zip(_pages(address), exchanges, strict=False):
        try:
            refuse(exchange)
            if url == address.about:
                facts = about_profile(read_about(exchange))
                if facts is None:
                    raise _unknown(Page(exchange))
                profile = facts.model_copy(update={"uid": profile.uid, "name": profile.name}) if profile else facts
                continue
            page = Page(exchange)
            articles.append(_article(url, page))
            if articles[-1].state == "alive" and profile is None and (page.name or page.facts.get("biz")):
                profile = Profile(name=page.name, uid=page.facts.get("biz", ""))
        except Failed as failed:
            if failed.failure.reason is not Reason.UNREADABLE:
                raise
            problem = failed
    if not articles and profile is None and _pages(address):
        raise problem
    return Articles(profile=profile, articles=tuple(articles))


def read_article(url: str, exchange: Exchange) -> Article:
    """What a page says of its article. Raises `Failed` where it says nothing of it, as a captcha does."""
    return _article(url, Page(exchange))


def _article(url: str, page: Page) -> Article:
    if page.ids & _ARTICLE or page.at is not None:
        return Article(url=url, state="alive", at=_plausible(page.at))
    words = page.words
    if "js_verify" in page.ids or "环境异常" in words:
        raise Failed(Reason.CAPTCHA, "环境异常")
    near = words[:_NEAR].replace("帐", "账")
    state = next((state for word, state in _WORDS if word in near), None) if len(words) <= _SHORT else None
    if state is None:
        raise _unknown(page)
    return Article(url=url, state=state, target=page.target if state == "moved" else "")


def _unknown(page: Page) -> Failed:
    words = page.words[:_SHORT]
    return Failed(reason_in(words) or Reason.UNREADABLE, f"page of no known shape, {len(page.words)} letters")


def _plausible(at: datetime | None) -> datetime | None:
    """An instant of this platform's life; anything else is another number of the page."""
    return at if at is not None and at >= datetime(2011, 1, 1, tzinfo=UTC) else None


def _pages(address: Address) -> tuple[str, ...]:
    return (*address.urls, address.about) if address.about else address.urls


ADAPTER = Adapter(
    kind="wechat.article",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"wechat"}),
    covers=frozenset({"articles", "about"}),
    only_with={"about": "about"},
    recall=recall,
    pace=Pace(per_minute=6, at_once=1),
    base_url="https://mp.weixin.qq.com",
    isolate=True,
    max_body=MAX_BODY,
    needs="Another channel that shows the account's articles, or links of some; no login.",
    blind="New articles: it only sees what became of those that another channel showed.",
)
