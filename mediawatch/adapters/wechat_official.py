"""WeChat through the official interface (api.weixin.qq.com), for an account whose owner gave us its app id and secret.

It must never be taken for the whole account: what was mass-sent (群发) is not among what it lists, so that an account
that publishes every day may show nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from pydantic import Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import decoded, digest_of, is_page, moment, plain, refuse, unexpected_page, web_address
from mediawatch.adapters.wechat_article import MAX_BODY, read_article
from mediawatch.adapters.weibo_dates import BEIJING
from mediawatch.core.model import Feed, MenuItem, Post, Profile, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

POSTS = "/cgi-bin/freepublish/batchget"
MENU = "/cgi-bin/get_current_selfmenu_info"
FOLLOWERS = "/datacube/getusercumulate"
COMMENTS = "/cgi-bin/comment/list"
TOKEN = "/cgi-bin/stable_token"
PAGE = 20  # publications in one answer, the most that is given
MOST_LINKS = 5  # menu links that are opened in one look
_QUESTIONS = (("POST", POSTS), ("POST", FOLLOWERS), ("GET", MENU))
NO_MENU = 46003
_MOST_ITEMS = 200  # of a menu; the platform allows 3 × 5
_STALE_TOKEN = frozenset({40001, 40014, 41001, 42001})

# What an error code says. None of them speaks of the account: they are about our login, our place or our haste.
_CODES: dict[int, Reason] = {
    -1: Reason.PLATFORM_DOWN,
    40001: Reason.LOGIN_REQUIRED,
    40002: Reason.LOGIN_REQUIRED,
    40013: Reason.LOGIN_REQUIRED,
    40014: Reason.LOGIN_REQUIRED,
    40125: Reason.LOGIN_REQUIRED,
    40164: Reason.NOT_ALLOWED,
    40243: Reason.LOGIN_REQUIRED,
    41001: Reason.LOGIN_REQUIRED,
    41004: Reason.LOGIN_REQUIRED,
    42001: Reason.LOGIN_REQUIRED,
    45009: Reason.RATE_LIMITED,
    45011: Reason.RATE_LIMITED,
    48001: Reason.LOGIN_REQUIRED,
    50001: Reason.LOGIN_REQUIRED,
    50002: Reason.LOGIN_REQUIRED,
}


class Address(Value):
    """appid: the account's app id; its secret stands in the settings, under `secrets` of the platform, by this id.

    message: the `msg_data_id` of a mass-send that was made through the interface, whose comments are to be looked at:
    the platform lists the comments of no other articles.
    """

    appid: str = Field(pattern=r"^wx[0-9a-z]{8,40}$")
    message: str = Field(default="", pattern=r"^[0-9]{0,20}$")


# --- the shapes; fields that we do not name are skipped ---------------------------------------------------------------


class _News(msgspec.Struct):
    title: str | None = None
    digest: str | None = None
    url: str | None = None
    is_deleted: bool | int | None = None
    need_open_comment: int | bool | None = None


class _Content(msgspec.Struct):
    news_item: list[_News] | None = None


class _Item(msgspec.Struct):
    article_id: str
    update_time: int | None = None
    content: _Content | None = None


class _Published(msgspec.Struct):
    total_count: int
    item: list[_Item]


class _Cumulate(msgspec.Struct):
    ref_date: str = ""
    cumulate_user: int | None = None


class _Followers(msgspec.Struct):
    days: list[_Cumulate] = msgspec.field(name="list")


class _Comments(msgspec.Struct):
    comment: list[msgspec.Raw]
    total: int | None = None
    comment_cnt: int | None = None


_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_PUBLISHED = msgspec.json.Decoder(_Published)
_FOLLOWERS = msgspec.json.Decoder(_Followers)
_COMMENTS = msgspec.json.Decoder(_Comments)


# --- asking -----------------------------------------------------------------------------------------------------------


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """What was published; then the menu with the pages it leads to, and the followers, where those are allowed."""
    query: dict[str, int] = {"offset": 0, "count": PAGE, "no_content": 1}
    await _ask(address, wire, POSTS, query)
    if (code := code_of(wire.exchanges[-1])) is not None and code in _STALE_TOKEN:
        await _renew(address, wire)
        await _ask(address, wire, POSTS, query)
    answer_of(wire.exchanges[-1])
    day = (wire.now.astimezone(BEIJING) - timedelta(days=1)).date().isoformat()
    with suppress(Failed):  # what these do not tell is left open
        await _ask(address, wire, FOLLOWERS, {"begin_date": day, "end_date": day})
        if address.message:
            asked = {"msg_data_id": int(address.message), "index": 0, "begin": 0, "count": 20, "type": 0}
            await _ask(address, wire, COMMENTS, asked, (("comment", ""),))  # how many, and not who said what
        await _ask(address, wire, MENU, None)
        for link in _links(read_menu(wire.exchanges[-1]))[:MOST_LINKS]:
            with suppress(Failed):
                await wire.ask(Request(url=link, max_body=MAX_BODY, aside=True))
    return wire.exchanges


async def _ask(
    address: Address, wire: Wire, path: str, body: dict[str, Any] | None, withhold: tuple[tuple[str, str], ...] = ()
) -> None:
    request = Request(
        method="GET" if body is None else "POST",
        url=f"{wire.base}{path}",
        headers=() if body is None else (("Content-Type", "application/json"),),
        body=b"" if body is None else json.dumps(body).encode(),
        secret_query=(("access_token", _token_name(address)),),
        withhold=withhold,
    )
    try:
        await wire.ask(request)
    except Failed as failed:
        if failed.failure.reason is not Reason.LOGIN_REQUIRED:
            raise
        await _renew(address, wire)  # no token yet
        await wire.ask(request)


async def _renew(address: Address, wire: Wire) -> None:
    """Asks for a token. It is the wire's secret from then on. The stable one: the plain one ends everybody else's."""
    body = {"grant_type": "client_credential", "appid": address.appid}
    answer_of(
        await wire.ask(
            Request(
                method="POST",
                url=f"{wire.base}{TOKEN}",
                headers=(("Content-Type", "application/json"),),
                body=json.dumps(body).encode(),
                secret_json=(("secret", address.appid),),
                withhold=(("access_token", _token_name(address)),),
            )
        )
    )


def _token_name(address: Address) -> str:
    return f"{address.appid}/access_token"


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """What was published without mass-sending, the menu and the followers. Raises `Failed` where the list is not shown.

    An empty list is a blank `Feed`. The list's own number of posts is no number of the account's: it leaves out most.
    """
    published, followers, menu = (_last(exchanges, *question) for question in _QUESTIONS)
    if published is None:
        raise Failed(Reason.UNREADABLE, "no answer")
    posts, complete, comments = read_posts(published)
    listed = _last(exchanges, "POST", COMMENTS)
    if listed is not None and read_comments(listed):
        comments = True
    return Feed(
        profile=Profile(
            uid=address.appid,
            followers=read_followers(followers) if followers is not None else None,
            comments_open=comments,
        ),
        posts=posts,
        complete=complete,
        menu=_opened(read_menu(menu), exchanges) if menu is not None else None,
    )


def _last(exchanges: tuple[Exchange, ...], method: str, path: str) -> Exchange | None:
    """The last answer to that question. A page that the menu leads to is no answer, whatever its address looks like."""
    home = urlsplit(exchanges[0].url)[:2] if exchanges else None
    fitting = (one for one in reversed(exchanges) if one.method == method and urlsplit(one.url)[:2] == home)
    return next((one for one in fitting if one.url.endswith(path)), None)


def read_posts(exchange: Exchange) -> tuple[tuple[Post, ...], bool, bool | None]:
    """The posts, whether that is all, and whether they may be commented on (`None` where it is not said).

    An article that its author deleted is no post; a list of nothing else is not whole.
    """
    answer_of(exchange)
    published: _Published = decoded(_PUBLISHED, exchange.body, "list of publications")
    if published.total_count > 0 and not published.item:
        raise Failed(Reason.UNREADABLE, f"{published.total_count} publications counted, none shown")
    posts: dict[str, Post] = {}
    comments: list[bool] = []
    for item in published.item:
        for index, news in enumerate((item.content.news_item if item.content else None) or ()):
            if news.is_deleted:
                continue
            if news.need_open_comment is not None:
                comments.append(bool(news.need_open_comment))
            key = clean(f"{item.article_id}/{index}", 200)
            posts[key] = Post(
                key=key,
                at=moment(item.update_time),
                title=plain(news.title or "", 300),
                url=web_address(news.url or ""),
                digest=digest_of(f"{news.title or ''}\n{news.digest or ''}"),
            )
    whole = all(post.at is not None for post in posts.values()) and (bool(posts) or not published.item)
    return tuple(posts.values()), whole, any(comments) if comments else None


def read_comments(exchange: Exchange) -> bool:
    """Whether anybody has commented on the article, so that comments are open. No comment, or no answer, says nothing.

    `total` has been seen to be 0 beside a `comment_cnt` of 182.
    """
    try:
        answer_of(exchange)
        told: _Comments = decoded(_COMMENTS, exchange.body, "comments")
    except Failed:
        return False
    return max(told.total or 0, told.comment_cnt or 0, len(told.comment)) > 0


def read_menu(exchange: Exchange) -> tuple[MenuItem, ...] | None:
    """The menu's entries, its tree as paths; none for an account without a menu, `None` where the answer shows none."""
    if code_of(exchange) == NO_MENU:
        return ()
    try:
        data = answer_of(exchange)
    except Failed:
        return None
    tree = data.get("selfmenu_info", data.get("menu"))
    if data.get("is_menu_open") == 0:
        return ()
    return tuple(_entries(tree.get("button"), ""))[:_MOST_ITEMS] if isinstance(tree, dict) else None


def _entries(buttons: Any, above: str) -> Iterable[MenuItem]:
    """Two levels deep, as the platform has it: a button of the second level has none below it."""
    for button in buttons if isinstance(buttons, list) else ():
        if not isinstance(button, dict):
            continue
        path = f"{above}{clean(str(button.get('name', '')), 60)}"
        below = button.get("sub_button")
        below = below.get("list") if isinstance(below, dict) else below
        if below and not above:
            yield from _entries(below, f"{path}/")
            continue
        url = button.get("url")
        yield MenuItem(
            path=path,
            action=clean(str(button.get("type", "")), 40),
            url=web_address(url) if isinstance(url, str) else "",
        )


def read_followers(exchange: Exchange) -> int | None:
    """How many follow the account as of yesterday; `None` where the platform does not say (yet)."""
    try:
        answer_of(exchange)
        followers: _Followers = decoded(_FOLLOWERS, exchange.body, "number of followers")
    except Failed:
        return None
    return next((day.cumulate_user for day in reversed(followers.days) if day.cumulate_user is not None), None)


def _links(menu: tuple[MenuItem, ...] | None) -> list[str]:
    return list(dict.fromkeys(item.url for item in menu or () if item.url))


def _opened(menu: tuple[MenuItem, ...] | None, exchanges: tuple[Exchange, ...]) -> tuple[MenuItem, ...] | None:
    """The menu with what became of the links that were opened."""
    answers = {exchange.url: exchange for exchange in exchanges}
    return menu and tuple(
        item.model_copy(update={"dead": _dead(answers[item.url])}) if item.url in answers else item for item in menu
    )


def _dead(exchange: Exchange) -> bool | None:
    """True where the page is certainly not there, `None` where nothing is certain."""
    if exchange.status in (404, 410):
        return True
    if not 200 <= exchange.status < 300:
        return None
    if urlsplit(exchange.url).hostname != "mp.weixin.qq.com":
        return False
    try:
        return read_article(exchange.url, exchange).state not in ("alive", "reviewing")
    except Failed:
        return None


# --- any answer -------------------------------------------------------------------------------------------------------


def answer_of(exchange: Exchange) -> dict[str, Any]:
    """Any answer's object. Raises `Failed` with what its error code says; a code that we do not know is our fault."""
    refuse(exchange)
    data = _object(exchange)
    code = data.get("errcode", 0)
    if code != 0:
        reason = _CODES.get(code, Reason.UNREADABLE) if isinstance(code, int) else Reason.UNREADABLE
        words = "IP not in whitelist" if code == 40164 else clean(str(data.get("errmsg", "")), 120)
        raise Failed(reason, f"errcode {clean(str(code), 20)}: {words}")
    return data


def code_of(exchange: Exchange) -> int | None:
    """The answer's error code, `None` where it has none."""
    try:
        code = _object(exchange).get("errcode")
    except Failed:
        return None
    return code if isinstance(code, int) else None


def _object(exchange: Exchange) -> dict[str, Any]:
    if is_page(exchange.body) or not exchange.body.strip():
        raise unexpected_page(exchange, "JSON")
    data = decoded(_ANYTHING, exchange.body, "answer")
    if not isinstance(data, dict):
        raise Failed(Reason.UNREADABLE, "answer of no known shape")
    return data


ADAPTER = Adapter(
    kind="wechat.official",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"wechat"}),
    covers=frozenset({"published", "menu"}),
    pace=Pace(per_minute=60, at_once=2),
    base_url="https://api.weixin.qq.com",
    isolate=True,
    max_body=MAX_BODY,
    needs="The account's app id, its secret in the settings, and our address in the account's IP whitelist.",
    blind="Whatever was mass-sent (群发): the platform has no interface that lists it.",
)
