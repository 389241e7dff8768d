"""Weibo through the mobile site (m.weibo.cn): the profile first, then the newest page of the timeline.

It must never read "no posts" from an answer that may merely hide them: only a profile that itself counts zero posts,
together with an empty list, is an empty account.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import msgspec
from pydantic import ConfigDict, Field

from mediawatch.adapters.adapter import Adapter, Pace
from mediawatch.adapters.answers import digest_of, is_page, plain, reason_in, refuse, unexpected_page
from mediawatch.adapters.weibo_dates import read_date
from mediawatch.core.model import Blame, Feed, Post, Profile, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.wire import Exchange, Failed, Request, Wire

MAX_BODY = 8 * 1024 * 1024
NOTHING_HERE = "这里还没有内容"
_NOT_PUBLIC = frozenset({1, 2, 3, 4, 6, 10})  # visible.type: only me, friends, groups, fans
_BID = re.compile(r"[0-9A-Za-z]{1,32}")
_COUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)([万亿]?)\+?")
_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}

# What the platform says of an answer without content, in the order in which the words are believed.
_WORDS: tuple[tuple[str, Reason], ...] = (
    ("captcha", Reason.CAPTCHA),
    ("验证码", Reason.CAPTCHA),
    ("passport.weibo", Reason.LOGIN_REQUIRED),
    ("登录", Reason.LOGIN_REQUIRED),
    ("relogin", Reason.LOGIN_REQUIRED),
    ("频繁", Reason.RATE_LIMITED),
    ("系统繁忙", Reason.PLATFORM_DOWN),
    ("用户不存在", Reason.GONE),
    ("(20003)", Reason.GONE),
    ("自行申请关闭", Reason.GONE),
    ("已注销", Reason.GONE),
    ("社区公约", Reason.BLOCKED_ACCOUNT),
    ("账号行为异常", Reason.BLOCKED_ACCOUNT),
)
_CODES = {
    "20003": Reason.GONE,
    "21301": Reason.LOGIN_REQUIRED,
    "21327": Reason.LOGIN_REQUIRED,
    "21332": Reason.LOGIN_REQUIRED,
    "10022": Reason.RATE_LIMITED,
    "10023": Reason.RATE_LIMITED,
    "100005": Reason.RATE_LIMITED,
}


class Address(Value):
    """uid: the account's number, as in https://m.weibo.cn/u/<uid>."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    uid: str = Field(pattern=r"^[0-9]{5,20}$")


# --- the shapes; fields that we do not name are skipped ---------------------------------------------------------------

Number = int | float | str | None
Empty = list[Any] | None  # the platform writes some empty objects as []


class _Answer(msgspec.Struct):
    ok: int | bool | None = None
    msg: str | None = None
    url: str | None = None
    error_type: str | None = None
    errno: int | str | None = None
    error_code: int | str | None = None
    error: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class _UserInfo(msgspec.Struct):
    id: int | str
    screen_name: str | None = None
    statuses_count: Number = None
    followers_count: Number = None
    follow_count: Number = None
    verified: bool | None = None
    verified_type: int | None = None
    verified_reason: str | None = None
    description: str | None = None


class _ProfileData(msgspec.Struct):
    userInfo: _UserInfo


class _Visible(msgspec.Struct):
    type: int | None = None


class _Author(msgspec.Struct):
    id: int | str | None = None


class _Blog(msgspec.Struct):
    id: int | str | None = None
    mid: int | str | None = None
    bid: str | None = None
    created_at: str | None = None
    text: str | None = None
    isTop: int | bool | str | None = None
    mblogtype: int | str | None = None
    title: dict[str, Any] | str | None = None
    visible: _Visible | Empty = None
    user: _Author | Empty = None
    retweeted_status: msgspec.Raw = msgspec.Raw(b"null")


class _GroupCard(msgspec.Struct):
    card_type: int | str | None = None
    profile_type_id: str | None = None
    mblog: _Blog | None = None


class _Card(_GroupCard):
    card_group: list[_GroupCard] | None = None


class _CardListInfo(msgspec.Struct):
    containerid: str | None = None


class _TimelineData(msgspec.Struct):
    cards: list[_Card]
    cardlistInfo: _CardListInfo | Empty = None


_ANSWER = msgspec.json.Decoder(_Answer)
_PROFILE = msgspec.json.Decoder(_ProfileData)
_TIMELINE = msgspec.json.Decoder(_TimelineData)


# --- asking -----------------------------------------------------------------------------------------------------------


async def fetch(address: Address, wire: Wire) -> tuple[Exchange, ...]:
    """The profile and, only where it shows the account, the timeline. Raises `Failed` where the profile does not."""
    profile = await wire.ask(_request(wire, address, ""))
    read_profile(address, profile)
    timeline = await wire.ask(_request(wire, address, f"&containerid=107603{address.uid}"))
    return (profile, timeline)


def _request(wire: Wire, address: Address, more: str) -> Request:
    return Request(
        url=f"{wire.base}/api/container/getIndex?type=uid&value={address.uid}{more}",
        headers=(
            ("Accept", "application/json, text/plain, */*"),
            ("MWeibo-Pwa", "1"),
            ("X-Requested-With", "XMLHttpRequest"),
            ("Referer", f"{wire.base}/u/{address.uid}"),
        ),
        max_body=MAX_BODY,
    )


# --- reading ----------------------------------------------------------------------------------------------------------


def parse(address: Address, exchanges: tuple[Exchange, ...]) -> Feed:
    """The profile and the posts. Raises `Failed` where the two answers do not show the account's public list."""
    if not exchanges:
        raise Failed(Reason.UNREADABLE, "no answer")
    profile = read_profile(address, exchanges[0])
    if len(exchanges) < 2:
        raise Failed(Reason.UNREADABLE, "no timeline was asked for")
    posts = read_timeline(address, exchanges[1])
    if not posts:
        if profile.posts == 0:
            return Feed(profile=profile)
        if profile.posts is None:
            raise Failed(Reason.UNREADABLE, "empty timeline, and the profile counts no posts")
        raise Failed(Reason.LOGIN_REQUIRED, f"posts hidden from visitors: the profile counts {profile.posts}")
    if profile.posts == 0:
        raise Failed(Reason.UNREADABLE, "contradiction: the profile counts no posts, the timeline shows some")
    # Pinned posts say nothing about the newest, unless the account has no others.
    whole = any(not post.pinned for post in posts) or (profile.posts is not None and profile.posts <= len(posts))
    return Feed(profile=profile, posts=posts, complete=whole)


def read_profile(address: Address, exchange: Exchange) -> Profile:
    """What the profile call says. Here "nothing here" means that there is no such account."""
    answer = _answer(exchange)
    if answer.ok != 1:
        if (answer.msg or "").strip() == NOTHING_HERE and not _said(answer):
            raise Failed(Reason.GONE, f"profile: {NOTHING_HERE}")
        raise _refusal(answer)
    user = _decoded(_PROFILE, answer.data, "profile").userInfo
    if str(user.id) != address.uid:
        raise Failed(Reason.UNREADABLE, f"wrong identity: asked for {address.uid}, got {clean(str(user.id), 30)}")
    return Profile(
        uid=address.uid,
        name=clean(user.screen_name or ""),
        posts=_count(user.statuses_count),
        followers=_count(user.followers_count),
        following=_count(user.follow_count),
        verified=user.verified,
        verified_type=user.verified_type,
        verified_reason=clean(user.verified_reason or ""),
        description=clean(user.description or ""),
    )


def read_timeline(address: Address, exchange: Exchange) -> tuple[Post, ...]:
    """The public posts of the timeline call, in its order. Empty where it says that it has nothing to show."""
    answer = _answer(exchange)
    if answer.ok != 1:
        if (answer.msg or "").strip() == NOTHING_HERE and not _said(answer):
            return ()
        refusal = _refusal(answer)
        if refusal.failure.reason.blame is Blame.ACCOUNT:  # the profile has just shown the account: only it decides
            raise Failed(Reason.UNREADABLE, f"contradiction: profile shown, timeline {refusal}")
        raise refusal
    data = _decoded(_TIMELINE, answer.data, "timeline")
    container = data.cardlistInfo.containerid if isinstance(data.cardlistInfo, _CardListInfo) else None
    if container and not container.partition("_")[0].endswith(address.uid):
        raise Failed(Reason.UNREADABLE, "wrong identity: the list of another account")
    cards: list[_GroupCard] = []
    for card in data.cards:
        cards += [card, *(card.card_group or ())]
    blogs = [(card, card.mblog) for card in cards if str(card.card_type) == "9" and card.mblog is not None]
    if any(str(card.card_type) == "9" and card.mblog is None for card in cards):
        raise Failed(Reason.UNREADABLE, "a post card without a post")
    own = [(card, blog) for card, blog in blogs if _author(blog) in ("", address.uid)]
    if blogs and not own:
        raise Failed(Reason.UNREADABLE, "wrong identity: only posts of other accounts")
    posts = {post.key: post for card, blog in own if _public(blog) for post in (_post(card, blog, exchange),)}
    return tuple(posts.values())


def _post(card: _GroupCard, blog: _Blog, exchange: Exchange) -> Post:
    key = clean(str(blog.mid or blog.id or ""), 64)
    at = read_date(blog.created_at or "", exchange.at)
    if not key or at is None:
        # One date that cannot be read may be the newest: better to see nothing than to call the account silent.
        raise Failed(Reason.UNREADABLE, f"a post with date {clean(blog.created_at or '', 40)!r}")
    name = blog.bid if blog.bid and _BID.fullmatch(blog.bid) else key
    repost = bytes(blog.retweeted_status) not in (b"null", b"false", b'""')
    return Post(
        key=key,
        at=at,
        title=plain(blog.text or "", 140),
        url=f"https://m.weibo.cn/status/{name}",
        pinned=_pinned(card, blog),
        repost=repost,
        original=not repost,
        digest=digest_of(blog.text or ""),
    )


def _pinned(card: _GroupCard, blog: _Blog) -> bool:
    title = blog.title.get("text") if isinstance(blog.title, dict) else blog.title
    return (
        str(blog.isTop) in ("1", "True", "true")
        or str(blog.mblogtype) == "2"
        or (isinstance(title, str) and title.strip() == "置顶")
        or (card.profile_type_id or "").startswith("proweibotop")
    )


def _public(blog: _Blog) -> bool:
    return not isinstance(blog.visible, _Visible) or blog.visible.type not in _NOT_PUBLIC


def _author(blog: _Blog) -> str:
    return str(blog.user.id) if isinstance(blog.user, _Author) and blog.user.id is not None else ""


def _answer(exchange: Exchange) -> _Answer:
    """The envelope of any answer. Raises `Failed` for a refusal, a page, or bytes that are no whole JSON object."""
    refuse(exchange)
    elsewhere = reason_in(exchange.final_url) if exchange.final_url != exchange.url else None
    if elsewhere is not None:
        raise Failed(elsewhere, "sent to another page")
    if is_page(exchange.body) or not exchange.body.strip():
        raise unexpected_page(exchange, "JSON")
    answer: _Answer = _decoded(_ANSWER, exchange.body, "answer")
    return answer


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes | msgspec.Raw, what: str) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise Failed(Reason.UNREADABLE, f"{what} of no known shape: {clean(str(problem), 120)}") from None


def _said(answer: _Answer) -> Reason | None:
    """The reason that the answer's own words or codes name."""
    for code in (answer.errno, answer.error_code):
        if code is not None and str(code) in _CODES:
            return _CODES[str(code)]
    words = unquote(" ".join((answer.url or "", answer.msg or "", answer.error or "")))[:4000].lower()
    return next((reason for word, reason in _WORDS if word in words), None)


def _refusal(answer: _Answer) -> Failed:
    """Why an answer that is not `ok: 1` shows nothing. Words that we do not know accuse nobody."""
    said = _said(answer)
    detail = clean(f"ok={answer.ok} {answer.msg or answer.error or ''}", 160)
    if said is not None:
        return Failed(said, detail)
    if answer.ok == -100:
        return Failed(Reason.LOGIN_REQUIRED, detail)
    if answer.ok == 0 and not answer.msg and not answer.error_type:
        return Failed(Reason.RATE_LIMITED, "ok=0 without a word: a soft limit")
    return Failed(Reason.UNREADABLE, detail)


def _count(number: Number) -> int | None:
    """`1553`, `"145.5万"`, `"1.51亿"`, `"100万+"` as a number; `None` where it is no count."""
    match = _COUNT.fullmatch(str(number).replace(",", "").strip()) if number is not None else None
    return round(float(match[1]) * _UNITS[match[2]]) if match is not None else None


ADAPTER = Adapter(
    kind="weibo",
    platform="weibo",
    address=Address,
    fetch=fetch,
    parse=parse,
    kinds=frozenset({"weibo"}),
    covers=frozenset({"posts", "profile"}),
    pace=Pace(per_minute=20, at_once=2),
    base_url="https://m.weibo.cn",
    max_body=MAX_BODY,
    needs="Network access to m.weibo.cn; the platform often refuses callers without a visitor cookie.",
    blind="Posts hidden from visitors, posts shown to fans only, and everything behind the first page of the list.",
)
