"""What the answers of all of Weibo's channels have in common: envelopes, words and codes, and what one post looks like.

Pure. Words and codes that are not in the tables accuse nobody. What only one channel does is told in its own file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from pydantic import ConfigDict, Field

from mediawatch.adapters.answers import (
    decoded,
    is_page,
    links_in,
    moment,
    plain,
    reason_in,
    refuse,
    told,
    unexpected_page,
)
from mediawatch.adapters.weibo_dates import read_date
from mediawatch.core.model import Blame, Feed, Post, Profile, Reason, Value
from mediawatch.core.text import clean
from mediawatch.core.value import made
from mediawatch.core.wire import Exchange, Failed

MAX_BODY = 8 * 1024 * 1024
_NOT_PUBLIC = frozenset({1, 2, 3, 4, 6, 10})  # visible.type: only me, friends, groups, fans
_BID = re.compile(r"[0-9A-Za-z]{1,32}")
_WHOLE_DATE = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9:]{8} \+0800 [0-9]{4}")
_EPOCH, _BEFORE = 515483463, timedelta(days=2)  # of post numbers; a number may be older than its post, never younger
_SINCE_2011 = re.compile(r"[3-9][0-9]{15}")
_NO_REPOST = (b"null", b"false", b'""')
_PAGE = 10  # posts, about
_COUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)([万亿]?)\+?")
_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}
_OF_THE_ACCOUNT = ("该账号", "该帐号", "该用户", "此账号", "此帐号", "此用户")

# What the platform says of an answer without content, in the order in which the words are believed.
_WORDS: tuple[tuple[str, Reason], ...] = (
    ("captcha", Reason.CAPTCHA),
    ("验证码", Reason.CAPTCHA),
    ("passport.weibo", Reason.LOGIN_REQUIRED),
    ("登录", Reason.LOGIN_REQUIRED),
    ("relogin", Reason.LOGIN_REQUIRED),
    ("您的账号", Reason.LOGIN_REQUIRED),  # ours, not theirs
    ("您的帐号", Reason.LOGIN_REQUIRED),
    ("你的账号", Reason.LOGIN_REQUIRED),
    ("你的帐号", Reason.LOGIN_REQUIRED),
    ("频繁", Reason.RATE_LIMITED),
    ("系统繁忙", Reason.PLATFORM_DOWN),
    ("用户不存在", Reason.GONE),
    ("(20003)", Reason.GONE),
    ("自行申请关闭", Reason.GONE),
    ("已注销", Reason.GONE),
    ("社区公约", Reason.BLOCKED_ACCOUNT),
    ("账号行为异常", Reason.BLOCKED_ACCOUNT),
)
_LOGIN = (10013, 10014, 21301, *range(21311, 21325), 21327, 21332, 21335)
CODES: dict[str, Reason] = {
    **{str(code): Reason.PLATFORM_DOWN for code in (10001, 10002, 10003, 10009, 10010)},
    **{str(code): Reason.RATE_LIMITED for code in (10022, 10023, 10024, 100005)},
    **{str(code): Reason.LOGIN_REQUIRED for code in _LOGIN},
    "10004": Reason.BLOCKED,
    "20003": Reason.GONE,
}


class Address(Value):
    """uid: the account's number, as in https://weibo.com/u/<uid>."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    uid: str = Field(pattern=r"^[0-9]{5,20}$")


# --- the shapes; fields that we do not name are skipped ---------------------------------------------------------------

Number = int | float | str | None
Empty = list[Any] | None  # the platform writes some empty objects as []


class Answer(msgspec.Struct):
    ok: int | bool | None = None
    msg: str | None = None
    message: str | None = None
    url: str | None = None
    error_type: str | None = None
    errno: int | str | None = None
    error_code: int | str | None = None
    error: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def words(self) -> str:
        """What the answer says to people, the message inside its link included."""
        try:
            inside = " ".join(parse_qs(urlsplit(self.url or "").query).get("msg", ()))
        except ValueError:
            inside = ""
        return " ".join(filter(None, (self.msg, self.message, self.error, inside)))


class _Visible(msgspec.Struct):
    type: int | None = None


class _Author(msgspec.Struct):
    id: int | str | None = None


class User(msgspec.Struct):
    """The account itself, as every channel writes it."""

    id: int | str
    screen_name: str | None = None
    statuses_count: Number = None
    followers_count: Number = None
    verified: bool | None = None
    verified_type: int | None = None
    verified_reason: str | None = None
    description: str | None = None


class Blog(msgspec.Struct):
    """One post, as every channel writes it."""

    id: int | str | None = None
    mid: int | str | None = None
    bid: str | None = None
    mblogid: str | None = None
    created_at: str | None = None
    text: str | None = None
    isTop: int | bool | str | None = None
    mblogtype: int | str | None = None
    title: dict[str, Any] | str | None = None
    visible: _Visible | Empty = None
    user: _Author | Empty = None
    isAd: Any = None
    deleted: Any = None
    comment_manage_info: Any = None
    retweeted_status: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def author(self) -> str:
        """The uid of the author, empty where the post does not say."""
        return str(self.user.id) if isinstance(self.user, _Author) and self.user.id is not None else ""

    @property
    def public(self) -> bool:
        """Whether everybody may see it."""
        return not isinstance(self.visible, _Visible) or self.visible.type not in _NOT_PUBLIC

    @property
    def pinned(self) -> bool:
        title = self.title.get("text") if isinstance(self.title, dict) else self.title
        return (
            str(self.isTop) in ("1", "True", "true")
            or str(self.mblogtype) == "2"
            or (isinstance(title, str) and title.strip() == "置顶")
        )

    @property
    def may_comment(self) -> int | None:
        """Who may: up to 0 everybody, 1 those whom the author follows, then others; `None` where it is not told."""
        told = self.comment_manage_info if isinstance(self.comment_manage_info, dict) else {}
        kind = told.get("comment_permission_type")
        return kind if isinstance(kind, int) else None


_ANSWER = msgspec.json.Decoder(Answer)


# --- envelopes --------------------------------------------------------------------------------------------------------


def answer_of(exchange: Exchange, readable: Callable[[int], bool] = lambda status: False) -> Answer:
    """The envelope of any answer. Raises `Failed` for a refusal, a page, or bytes that are no whole JSON object.

    readable: the error statuses whose body says more than the status.
    """
    if readable(exchange.status):
        try:
            told: Answer = _ANSWER.decode(exchange.body)
            if reason_of(told) is not None:
                return told
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass  # then the status is all that it says
    refuse(exchange)
    elsewhere = reason_in(exchange.final_url) if exchange.final_url != exchange.url else None
    if elsewhere is not None:
        raise Failed(elsewhere, "sent to another page")
    if is_page(exchange.body) or not exchange.body.strip():
        raise unexpected_page(exchange, "JSON")
    answer: Answer = decoded(_ANSWER, exchange.body, "answer")
    return answer


def reason_of(answer: Answer) -> Reason | None:
    """The reason that the answer's own words or codes name."""
    for code in (answer.errno, answer.error_code):
        if code is not None and str(code) in CODES:
            return CODES[str(code)]
    words = unquote(f"{answer.url or ''} {answer.words}")[:4000].lower()
    said = next((reason for word, reason in _WORDS if word in words), None)
    if said is None and (answer.message or "").strip() == "账号有问题":
        return Reason.BLOCKED_ACCOUNT
    if said is None and answer.error_type == "link" and "usernotexists" in words:
        # The page about accounts that are not shown; any other message on it may be about the page.
        return Reason.BLOCKED_ACCOUNT if any(word in words for word in _OF_THE_ACCOUNT) else None
    return said


def refusal(answer: Answer) -> Failed:
    """Why an answer that is not `ok: 1` shows nothing. Words that we do not know accuse nobody."""
    said = reason_of(answer)
    code = f"{answer.error_code} " if answer.error_code is not None else f"ok={answer.ok} "
    detail = clean(code + answer.words, 160)
    if said is not None:
        return Failed(said, detail)
    if answer.ok == -100:
        return Failed(Reason.LOGIN_REQUIRED, detail)
    if answer.ok == 0 and not answer.words and not answer.error_type:
        return Failed(Reason.RATE_LIMITED, "ok=0 without a word: a soft limit")
    return Failed(Reason.UNREADABLE, detail)


def only_the_profile_blames(failed: Failed) -> Failed:
    """The failure of a timeline. The profile has just shown the account: the same words blame nobody here."""
    if failed.failure.reason.blame is Blame.ACCOUNT:
        return Failed(Reason.UNREADABLE, f"contradiction: profile shown, timeline {failed}")
    return failed


def same_uid(uid: str, found: int | str) -> str:
    """The uid. Raises `Failed(unreadable)` where the answer is about another account."""
    if str(found) != uid:
        raise Failed(Reason.UNREADABLE, f"wrong identity: asked for {uid}, got {clean(str(found), 30)}")
    return uid


# --- the account ------------------------------------------------------------------------------------------------------


def profile_of(uid: str, user: User, following: Number) -> Profile:
    """The account as the platform shows it. Raises `Failed(unreadable)` where it is another's than `uid`'s.

    following: the one count that every channel names in its own way.
    """
    return Profile(
        uid=same_uid(uid, user.id),
        name=clean(user.screen_name or ""),
        posts=count(user.statuses_count),
        followers=count(user.followers_count),
        following=count(following),
        verified=user.verified,
        verified_type=user.verified_type,
        verified_reason=clean(user.verified_reason or ""),
        description=clean(user.description or ""),
    )


def with_posts(profile: Profile, blogs: Sequence[Blog], posts: tuple[Post, ...], exchange: Exchange) -> Feed:
    """The profile beside the posts of its list, at least one. Raises `Failed` where the profile counts none."""
    if profile.posts == 0:
        raise Failed(Reason.UNREADABLE, "contradiction: the profile counts no posts, the timeline shows some")
    # Pinned posts say nothing about the newest, unless the account has no others; nor does a single post where the
    # profile counts more than a page holds.
    alone = len(blogs) == 1 and (profile.posts or 0) > _PAGE
    whole = any(not post.pinned for post in posts) and not alone
    whole = whole or (profile.posts is not None and profile.posts <= len(posts))
    profile = profile.model_copy(update={"comments_open": comments_open(blogs)})
    return Feed(profile=profile, posts=posts, complete=whole)


# --- posts ------------------------------------------------------------------------------------------------------------


def post_of(blog: Blog, exchange: Exchange) -> Post:
    """One post. Raises `Failed(unreadable)` where its date cannot be read: it may be the newest."""
    key = clean(str(blog.mid or blog.id or ""), 64)
    at = read_date(blog.created_at or "", exchange.at)
    if not key or at is None:
        # Better to see nothing than to call the account silent.
        raise Failed(Reason.UNREADABLE, f"a post with date {clean(blog.created_at or '', 40)!r}")
    if (given_out := _given_out(key)) is not None and at < given_out - _BEFORE:
        raise Failed(Reason.UNREADABLE, f"contradiction: a post of {at:%Y-%m-%d} with a number of {given_out:%Y-%m-%d}")
    name = next((name for name in (blog.bid, blog.mblogid) if name and _BID.fullmatch(name)), key)
    repost = bytes(blog.retweeted_status) not in _NO_REPOST
    title, text, digest = told(blog.text or "", 140)
    source, original = _original(bytes(blog.retweeted_status)) if repost else ("", "")
    if original:  # as feeds of these lists have it; its own words are often but 转发微博
        title = f"{title} - 转发 {original}"
    return made(
        Post,
        {
            "key": key,
            "at": at,
            "title": title,
            "url": f"https://m.weibo.cn/status/{name}",
            "pinned": blog.pinned,
            "repost": repost,
            "original": not repost,
            "digest": digest,
            "text": text,
            "links": tuple(map(_outside, links_in(blog.text or ""))),
            "source": source,
        },
    )


def _given_out(key: str) -> datetime | None:
    """When the platform gave out a post's number, which holds the second; `None` for numbers of before 2011."""
    return moment((int(key) >> 22) + _EPOCH) if _SINCE_2011.fullmatch(key) else None


class _Reposted(msgspec.Struct):
    user: User | Empty = None
    text: str | None = None


_REPOSTED = msgspec.json.Decoder(_Reposted)
_GOVERNMENT = 1  # verified_type


def _original(raw: bytes) -> tuple[str, str]:
    """Whose post was repeated, empty for a government body's and where that is not told (the post may be gone); and
    what it begins with, behind its author's name."""
    try:
        one = _REPOSTED.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return "", ""
    text = plain(one.text or "", 140)
    if not isinstance(one.user, User):
        return "", text
    name = clean(one.user.screen_name or "", 60)
    return "" if one.user.verified_type == _GOVERNMENT else name, f"@{name}: {text}" if text else ""


def _outside(link: str) -> str:
    """Where a link through the platform's own door leads in the end (`…/sinaurl?u=`)."""
    if "sinaurl" not in link:
        return link
    try:
        parts = urlsplit(link)
        inner = parse_qs(parts.query).get("u", []) if parts.path.endswith("sinaurl") else []
    except ValueError:
        return link
    return clean(inner[0], 500) if inner else link


def dates_are_whole(blogs: Iterable[Blog]) -> bool:
    """Whether every date is written out, with its year: `5分钟前` reads otherwise with every look."""
    return all(not blog.created_at or _WHOLE_DATE.fullmatch(blog.created_at) for blog in blogs)


def what_is_read(blog: Blog) -> Blog:
    """Of a post that is repeated only its author and its beginning are read, and all else in it moves."""
    repeated = bytes(blog.retweeted_status)
    if repeated in _NO_REPOST:
        return blog
    return msgspec.structs.replace(blog, retweeted_status=msgspec.Raw(msgspec.json.encode(_original(repeated))))


def posts_of(blogs: Iterable[Blog], exchange: Exchange) -> tuple[Post, ...]:
    """The public posts among them, each once. One number with two dates is two posts: else the order would decide."""
    posts: dict[str, Post] = {}
    for blog in blogs:
        if blog.public:
            post = post_of(blog, exchange)
            if post.at is not None and posts.get(post.key, post).at != post.at:
                post = post.model_copy(update={"key": f"{post.key}.{post.at.timestamp():.0f}"})
            posts.setdefault(post.key, post)
    return tuple(posts.values())


def comments_open(blogs: Iterable[Blog]) -> bool | None:
    """Whether everybody may comment on any public post; false where on none but those whom the account follows."""
    told = {blog.may_comment for blog in blogs if blog.public} - {None}
    if any(kind <= 0 for kind in told if kind is not None):
        return True
    return False if told == {1} else None


def count(number: Number) -> int | None:
    """`1553`, `"145.5万"`, `"1.51亿"`, `"100万+"` as a number; `None` where it is no count."""
    match = _COUNT.fullmatch(str(number).replace(",", "").strip()) if number is not None else None
    return round(float(match[1]) * _UNITS[match[2]]) if match is not None else None
